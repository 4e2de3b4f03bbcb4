"""Questions beside the triage: stop or not, new or the same, a note, a draft; and what is said to them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from amends.conversation import (
    advising,
    before_posting,
    cards,
    closing,
    digressions,
    drafting,
    drilling,
    finishing,
    keeping,
    other_flow,
    steps,
    wording,
)
from amends.conversation.replies import TextReply
from amends.flows import parse_answers

if TYPE_CHECKING:
    from collections.abc import Callable

    from amends.conversation.case import Case
    from amends.conversation.replies import Reply
    from amends.conversation.talk import Talk

FREE_TEXT = ("draft", "note", "policy")
"""What is waited for is words as they stand, whatever they look like."""
SHORT = 3
SHORT_DRAFTS = ("out_of_scope", "inform", "report_problem", "nlu_fallback", "action_done", "correct_answer", "")
"""What a post of a few words may be taken for, when words are waited for and nothing is open."""

_TYPED: dict[str, Callable[[Talk, dict[str, Any]], list[Reply] | None]] = {
    **dict.fromkeys(before_posting.KINDS, before_posting.answer),
    "which_flow": other_flow.answered,
    "after": closing.answered_in_words,
}
"""What takes the typed answer to a question that has a module of its own."""
_CHOSEN: dict[str, Callable[[Case, dict[str, Any], str], list[Reply]]] = {
    "which_flow": other_flow.picked,
    **dict.fromkeys(finishing.KINDS, finishing.settle),
}
"""What takes what was chosen there, as a value."""

_new = re.compile(r"\b(new|another|different|separate|second|other|real)\b", re.IGNORECASE)
_same = re.compile(r"\b(same|this one|that one|more about|it'?s about that)\b", re.IGNORECASE)


def ask_which(talk: Talk) -> bool:
    """Whether a message may as well mean something else, so that both are offered; not in the middle of questions."""
    turn = talk.turn
    wishes = (turn.intent, turn.rival)
    if talk.in_loop or not turn.words or not all(wish in wording.WISHES for wish in wishes):
        return False
    talk.wait_for("wish", text=turn.words, wishes=wishes)
    return True


def chosen_wish(talk: Talk) -> tuple[str, str] | None:
    """The intent that was picked of two, and the words that it was about."""
    waiting, carried = talk.pending, talk.turn.entities
    if waiting is None or waiting["kind"] != "wish" or carried.get("question") != cards.PENDING:
        return None
    wish = carried.get("value", "")
    return (wish, waiting["text"]) if wish in waiting["wishes"] else None


def press_pending(talk: Talk, value: str, state: str) -> list[Reply]:
    """A pressed answer to a question beside the triage."""
    kind, _, at = state.partition("@")
    waiting = talk.pending
    if waiting is None or waiting["kind"] != kind or at != (talk.case.state_id if talk.case else "-"):
        return keeping.stale(talk)
    return _settle(talk, waiting, value)


def answer_pending(talk: Talk) -> list[Reply] | None:
    """A typed answer to a question beside the triage; None when it is not one, and the triage goes on."""
    waiting = talk.pending
    assert waiting is not None
    typed = talk.turn.words
    if waiting["kind"] in _TYPED:
        return _TYPED[waiting["kind"]](talk, waiting)
    if waiting["kind"] in FREE_TEXT:
        if not typed:
            return []
        if before_posting.never_mind.search(typed) and len(typed.split()) <= SHORT:
            return _settle(talk, waiting, "no")
        if takes_text(talk):
            return _take_text(talk, waiting["kind"], typed)
        talk.settle()
        return None
    if typed and not re.search(r"[^\W_]", typed):
        return [TextReply(text=wording.NOT_READABLE)]
    if waiting["kind"] == "new_or_same":
        if _new.search(typed):
            return _settle(talk, waiting, "new")
        if _same.search(typed) or talk.turn.intent == "affirm":
            return _settle(talk, waiting, "same")
        if talk.turn.intent in ("deny", "not_sure"):
            return []
        talk.settle()
        return None
    yes = _yes_or_no(talk) if waiting["kind"] != "wish" else None
    if yes is None:  # said another way: taken as it stands
        talk.settle()
        return None
    return _settle(talk, waiting, "yes" if yes else "no")


def _yes_or_no(talk: Talk) -> bool | None:
    typed = talk.turn.words
    yes = talk.understanding.yes_no(typed) if typed else None
    if yes is None and talk.turn.intent in ("affirm", "deny", "stop"):
        return talk.turn.intent != "deny"
    return yes


def takes_text(talk: Talk) -> bool:
    """Whether words are waited for as they stand, so that their intent does not matter."""
    waiting = talk.pending
    if waiting is None or waiting["kind"] not in FREE_TEXT:
        return False
    count = len(talk.turn.words.split())
    if waiting["kind"] != "draft" or (talk.case is None and talk.turn.intent in SHORT_DRAFTS):
        return count > 0
    return count >= drafting.SHORTEST_DRAFT


def _new_or_same(talk: Talk, text: str, *, new: bool) -> list[Reply]:
    if new and talk.case is not None and talk.case.incident.drill:
        return drilling.real(talk, text)
    return keeping.new_or_same(talk, text, new=new)


def _settle(talk: Talk, waiting: dict[str, Any], value: str) -> list[Reply]:
    if waiting["kind"] in before_posting.KINDS:
        return before_posting.settle(talk, waiting, value)
    talk.settle()
    kind, case = waiting["kind"], talk.case
    if kind == "new_or_same":
        return _new_or_same(talk, waiting["text"], new=value == "new")
    if kind in FREE_TEXT or case is None:
        return closing.where(talk)
    if kind in _CHOSEN:
        return _CHOSEN[kind](case, waiting, value)
    if kind == "stop" and value == "advise":
        return advising.now(case)
    if kind == "preserve_first":
        return steps.after_preserve(talk, case, waiting, saved=value == "yes")
    if value != "yes":
        if kind == "did_you_mean":
            return [TextReply(text=wording.NOT_UNDERSTOOD)]
        return [TextReply(text=wording.GO_ON)] if case.in_loop else closing.where(talk)
    if kind == "did_you_mean":
        answers = parse_answers(case.flow, {waiting["question"]: waiting["value"]})
        return keeping.store(case, waiting["question"], answers[waiting["question"]], waiting["words"])
    if kind == "stop":
        return closing.abandon(talk, case)
    if kind == "start_over":
        return closing.start_again(case)
    return closing.close_now(talk, case)


def _take_text(talk: Talk, kind: str, text: str) -> list[Reply]:
    talk.settle()
    if kind == "draft":
        return drafting.check(talk, text)
    if kind == "note":
        return digressions.keep_note(talk, text)
    return digressions.search(talk, text)
