"""Stop, start over, close, and the yes-or-no questions beside the triage."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from amends.conversation import advising, answering, cards, digressions, drafting, steps, wording
from amends.conversation.replies import Button, TextReply, press_answer
from amends.flows import parse_answers
from amends.incidents.record import State
from amends.incidents.trail import Kind

if TYPE_CHECKING:
    from amends.conversation.replies import Reply
    from amends.conversation.talk import Case, Talk

FREE_TEXT = ("draft", "note", "policy")
"""What is waited for is words as they stand, whatever they look like."""
SHORT = 3

_never_mind = re.compile(r"^\s*(never ?mind|cancel|forget it|leave it|no( thanks)?|stop|go back)\b", re.IGNORECASE)
_new = re.compile(r"\b(new|another|different|separate|second|other)\b", re.IGNORECASE)
_same = re.compile(r"\b(same|this one|that one|more about|it'?s about that)\b", re.IGNORECASE)


def stop(talk: Talk) -> list[Reply]:
    """Stop: asked first, then closed as abandoned; after the advice it is closing."""
    if talk.pending is not None:
        talk.settle()
        return [TextReply(text=wording.GO_ON)] if talk.in_loop else where(talk)
    if talk.case is None:
        return [TextReply(text=wording.NOTHING_OPEN)]
    if talk.case.state is State.ADVISED:
        return close(talk)
    talk.wait_for("stop")
    return []


def start_over(talk: Talk) -> list[Reply]:
    """Begin the questions again: asked first."""
    if talk.case is None:
        return [TextReply(text=wording.NOTHING_OPEN)]
    talk.wait_for("start_over")
    return []


def close(talk: Talk) -> list[Reply]:
    """Close after the advice; steps that are open are named first."""
    case = talk.case
    if case is None:
        return [TextReply(text=wording.NOTHING_OPEN)]
    if case.state is not State.ADVISED:
        talk.wait_for("stop")
        return []
    left = [step.label for step in cards.open_steps(case, cards.decision_of(case))]
    if left:
        talk.wait_for("close", open=left)
        return []
    return _close(talk, case)


def advise_now(case: Case) -> list[Reply]:
    """Advice with what is known so far: provisional, and it says what is missing."""
    case.understood = {}
    return advising.give(case)


def press_pending(talk: Talk, value: str, state: str) -> list[Reply]:
    """A pressed answer to a question beside the triage."""
    kind, _, at = state.partition("@")
    waiting = talk.pending
    if waiting is None or waiting["kind"] != kind or at != (talk.case.state_id if talk.case else "-"):
        return answering.stale(talk)
    return _settle(talk, waiting, value)


def answer_pending(talk: Talk) -> list[Reply] | None:
    """A typed answer to a question beside the triage; None when it is not one, and the triage goes on."""
    waiting = talk.pending
    assert waiting is not None
    typed = talk.turn.words
    if waiting["kind"] in FREE_TEXT:
        if not typed:
            return []
        if _never_mind.search(typed) and len(typed.split()) <= SHORT:
            return _settle(talk, waiting, "no")
        return _take_text(talk, waiting["kind"], typed)
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
    yes = talk.understanding.yes_no(typed) if typed else None
    if yes is None and talk.turn.intent in ("affirm", "deny", "stop"):
        yes = talk.turn.intent != "deny"
    if yes is None:
        talk.settle()
        return None
    return _settle(talk, waiting, "yes" if yes else "no")


def takes_text(talk: Talk) -> bool:
    """Whether words are waited for as they stand, so that their intent does not matter."""
    waiting = talk.pending
    return waiting is not None and waiting["kind"] in FREE_TEXT and bool(talk.turn.words)


def _settle(talk: Talk, waiting: dict[str, Any], value: str) -> list[Reply]:
    talk.settle()
    kind, case = waiting["kind"], talk.case
    if kind == "new_or_same":
        return answering.new_or_same(talk, waiting["text"], new=value == "new")
    if kind in FREE_TEXT or case is None:
        return where(talk)
    if kind == "stop" and value == "advise":
        return advise_now(case)
    if kind == "preserve_first":
        return steps.after_preserve(talk, case, waiting, saved=value == "yes")
    if value != "yes":
        if kind == "did_you_mean":
            return [TextReply(text=wording.NOT_UNDERSTOOD)]
        return [TextReply(text=wording.GO_ON)] if case.in_loop else where(talk)
    if kind == "did_you_mean":
        answers = parse_answers(case.flow, {waiting["question"]: waiting["value"]})
        return answering.store(case, waiting["question"], answers[waiting["question"]], waiting["words"])
    if kind == "stop":
        return _abandon(talk, case)
    if kind == "start_over":
        return _start_over(case)
    return _close(talk, case)


def _take_text(talk: Talk, kind: str, text: str) -> list[Reply]:
    talk.settle()
    if kind == "draft":
        return drafting.check(talk, text)
    if kind == "note":
        return digressions.keep_note(talk, text)
    return digressions.search(talk, text)


def where(talk: Talk) -> list[Reply]:
    """A word and the way on, when nothing else is to be said."""
    case = talk.case
    if case is None:
        return [TextReply(text=wording.NOTHING_OPEN)]
    if case.state is State.ADVISED:
        show = press_answer(cards.SHOW, "yes", case.state_id)
        return [TextReply(text=wording.GO_ON, buttons=(Button(label=wording.LABEL_ADVICE, send=show),))]
    return [TextReply(text=wording.GO_ON)]


def _abandon(talk: Talk, case: Case) -> list[Reply]:
    case.write(Kind.ABANDONED, {"state": case.state, "asked": case.incident.asked})
    case.incident.closed_at = talk.at
    case.to(State.ABANDONED)
    return _ended(talk, case, wording.STOPPED)


def _close(talk: Talk, case: Case) -> list[Reply]:
    left = [step.code for step in cards.open_steps(case, cards.decision_of(case))]
    case.write(Kind.CLOSED, {"open_steps": left})
    case.incident.closed_at = talk.at
    case.to(State.CLOSED)
    return _ended(talk, case, wording.CLOSED)


def _ended(talk: Talk, case: Case, text: str) -> list[Reply]:
    talk.leave()
    lines = [text.format(reference=case.incident.reference)]
    others = talk.open_incidents()
    if others:
        lines.append(wording.STILL_OPEN.format(references=", ".join(i.reference for i in others)))
    buttons = tuple(
        Button(label=f"Go on with {i.reference}", send=press_answer(cards.INCIDENT, i.reference, "-"))
        for i in others[:5]
    )
    return [TextReply(text=" ".join(lines), buttons=buttons)]


def _start_over(case: Case) -> list[Reply]:
    before = {q: cards.raw(a, q) for q, a in case.answers.items()}
    case.write(Kind.WENT_BACK, {"question": None, "to": "the beginning", "before": before})
    case.answers, case.history, case.understood = {}, [], {}
    case.go_on()
    return [TextReply(text=wording.STARTED_OVER.format(reference=case.incident.reference))]
