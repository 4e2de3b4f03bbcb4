"""After a public reply: four questions are asked, promises in the words are kept, and only then an incident closes."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from amends.conversation import after_card, cards, codes, completing, promises_told, wording
from amends.conversation import wording_after as says
from amends.conversation.finishing_words import TAKEN_FOR, option_said, posted, says_given
from amends.conversation.replies import Button, TextReply, press_answer
from amends.incidents import completion
from amends.incidents.actor import Actor
from amends.incidents.asked_after import UPDATE
from amends.incidents.completion import PUBLIC_REPLIES
from amends.incidents.record import State
from amends.incidents.trail import Kind
from amends.understanding.promises import Promised, in_reply

if TYPE_CHECKING:
    from collections.abc import Collection

    from amends.conversation.case import Case
    from amends.conversation.replies import Reply
    from amends.conversation.talk import Talk

KINDS = ("after", "promised")
"""What is asked beside the triage here."""
SHORT, LONGEST_REPLY = 25, 80
"""A longer text tells of more than a promise; or of more than a reply that was posted. In words."""


def before_close(talk: Talk, case: Case) -> list[Reply]:
    """What still has to be answered before it closes is asked, one question after the other."""
    left = completion.of(case.incident).left
    talk.wait_for("after", question=left[0], closing=True)
    return [TextReply(text=says.before_close(len(left)))]


def pressed(talk: Talk, case: Case, value: str) -> list[Reply]:
    """A pressed answer to one of the four questions, or what became of a promise.

    Nothing is said when somebody wanted to close and all is settled now: the caller closes.
    """
    waiting = talk.pending or {}
    closing_now = waiting.get("kind") == "after" and bool(waiting.get("closing"))
    code, _, option = value.partition(":")
    if code.startswith("promise-"):
        return _end(talk, case, code, kept=option == "kept")
    return _take(talk, case, code, option, closing_now=closing_now)


def typed(talk: Talk, waiting: dict[str, Any]) -> list[Reply] | None:
    """A typed answer to the question that waits, as `pressed`; None when it is none."""
    case, words = talk.case, talk.turn.words
    if case is None:
        return None
    question, closing_now = waiting["question"], bool(waiting.get("closing"))
    yes = talk.understanding.yes_no(words) if words else None
    if yes is None and talk.turn.intent in ("affirm", "deny"):
        yes = talk.turn.intent == "affirm"
    option = option_said(question, words, yes=yes)
    if says_given(words, completion.of(case.incident)):  # whatever was asked
        question, option = UPDATE, "given"
    if option is None:
        talk.settle()
        return None
    return _take(talk, case, question, option, closing_now=closing_now)


def settle(case: Case, waiting: dict[str, Any], value: str) -> list[Reply]:
    """Not now: it stays open, and is asked again. Or whether words that were checked went out with their promise."""
    if waiting["kind"] == "after":
        return [TextReply(text=says.STAYS_OPEN.format(reference=case.incident.reference) + after_card.asks_again(case))]
    if value != "yes":
        return [TextReply(text=says.NO_PROMISE)]
    promised = Promised(waiting["words"], datetime.fromisoformat(waiting["due"]))
    return _promised(case, [promised], "a draft that was checked")


def is_answer(talk: Talk) -> bool:
    """Whether typed words surely answer the question that waits, when Rasa may take them for something else."""
    waiting, words = talk.pending, talk.turn.words
    if waiting is None or waiting["kind"] != "after" or talk.case is None or talk.turn.intent not in TAKEN_FOR:
        return False
    if talk.turn.intent == "action_done" and codes.said(words, talk.case.flow.codes):
        return False
    said = option_said(waiting["question"], words, yes=None)
    return said is not None or says_given(words, completion.of(talk.case.incident))


def is_promise(talk: Talk) -> bool:
    """Whether a short text after the advice tells of a promise, or that it was kept, and of nothing else."""
    case, words = talk.case, talk.turn.words
    if case is None or case.state is not State.ADVISED or talk.pending is not None or not promises_told.is_heard(talk):
        return False
    if len(words.split()) > SHORT or talk.turn.intent == "add_note":
        return False
    if posted.search(words) and codes.said(words, case.flow.codes):  # a step was done: `hear` hears the rest
        return False
    return bool(promises_told.found(talk)) or says_given(words, completion.of(case.incident))


def is_posted(talk: Talk) -> bool:
    """Whether a text after the advice tells that a reply with a promise went out: then a step of it is done."""
    case, words = talk.case, talk.turn.words
    if case is None or case.state is not State.ADVISED or talk.pending is not None or not promises_told.is_heard(talk):
        return False
    replied = posted.search(words) and set(PUBLIC_REPLIES) & set(codes.said(words, case.flow.codes))
    return bool(replied) and len(words.split()) <= LONGEST_REPLY and bool(promises_told.found(talk))


def promise(talk: Talk) -> list[Reply]:
    """Keep the promise that was told of; or that it was kept."""
    case = talk.case
    if case is None:
        return []
    found = promises_told.found(talk)
    if found:
        return _promised(case, found, "what was said")
    return _take(talk, case, UPDATE, "given", closing_now=False)


def hear(talk: Talk, done_before: Collection[str], *, back: bool) -> list[Reply]:
    """After a message was handled: promises in its words, promises of the draft that went out, questions that are due.

    Args:
        done_before: the steps that were done before the message.
        back: whether somebody comes back or asks how it stands, so that it is a time to ask.
    """
    case = talk.case
    if case is None or case.state is not State.ADVISED or talk.pending is not None:
        return []
    known = {one.due for one in completion.of(case.incident).promises}
    found = [one for one in promises_told.found(talk) if one.due not in known] if promises_told.is_heard(talk) else []
    if found:
        return _promised(case, found, "what was said")
    if set(PUBLIC_REPLIES) & (set(case.done) - set(done_before)):
        _ask_about_draft(talk, case)
    elif back and (due := completion.of(case.incident).due(talk.at)):
        talk.wait_for("after", question=due[0])
    return []


def _take(talk: Talk, case: Case, code: str, option: str, *, closing_now: bool) -> list[Reply]:
    try:
        is_new = completing.answer(
            talk.session, talk.tools.settings, case.incident, code, option, actor=_actor(talk), at=talk.at
        )
    except KeyError:
        return [TextReply(text=wording.BUTTON_UNKNOWN)]
    if not is_new and not closing_now:
        if (talk.pending or {}).get("question") == code:
            talk.settle()
        return [TextReply(text=says.SETTLED_BEFORE)]
    talk.settle()
    state = completion.of(case.incident)
    if code in state.left:
        stays = f" {says.STAYS_OPEN.format(reference=case.incident.reference)}" if closing_now else ""
        text = f"{says.RECORDED}{stays} {says.HINTS[code]}{after_card.asks_again(case)}"
        _ask_next(talk, [] if closing_now else state.due(talk.at))
        return [TextReply(text=text)]
    if closing_now:
        if not state.left:
            return []
        _ask_next(talk, state.left, closing_now=True)
        return [TextReply(text=says.RECORDED if is_new else says.SETTLED_BEFORE)]
    if state.left:
        _ask_next(talk, state.due(talk.at))
        return [TextReply(text=says.RECORDED + ("" if talk.pending else after_card.asks_again(case)))]
    return [TextReply(text=says.ALL_FINISHED, buttons=_finish(case))]


def _ask_next(talk: Talk, left: Collection[str], *, closing_now: bool = False) -> None:
    for code in left:
        talk.wait_for("after", question=code, closing=closing_now)
        return


def _end(talk: Talk, case: Case, code: str, *, kept: bool) -> list[Reply]:
    """A promise is kept, or was none."""
    number = code.removeprefix("promise-")
    done = number.isdecimal() and completing.end(
        talk.session, talk.tools.settings, case.incident, int(number), actor=_actor(talk), at=talk.at, kept=kept
    )
    if not done:
        return [TextReply(text=says.SETTLED_BEFORE)]
    text = says.PROMISE_KEPT if kept else says.NO_PROMISE
    left = completion.of(case.incident).left
    return [TextReply(text=text + after_card.asks_again(case), buttons=() if left else _finish(case))]


def _promised(case: Case, found: Collection[Promised], where: str) -> list[Reply]:
    talk = case.talk
    replies: list[Reply] = []
    for one in found:
        new = completing.promise(
            talk.session,
            talk.tools.settings,
            case.incident,
            one.words,
            one.due,
            actor=_actor(talk),
            at=talk.at,
            found_in=where,
        )
        kept = next(each for each in completion.of(case.incident).open_promises if each.due == one.due)
        at = wording.clock(one.due, talk.at, talk.tools.settings.zone)
        text = says.promised(at, one.words, is_new=new)
        replies.append(TextReply(text=text, buttons=after_card.of_promise(case, kept)))
    return replies


def _ask_about_draft(talk: Talk, case: Case) -> None:
    """The reply is out: whether it held the promise of the words that were checked last."""
    entry = case.last_entry(Kind.DRAFT_CHECKED)
    if entry is None or not entry.payload:
        return
    known = {one.due for one in completion.of(case.incident).promises}
    found = in_reply(entry.payload["draft"], entry.said_at, talk.tools.settings.zone)
    for one in found:
        if one.due not in known:
            talk.wait_for("promised", words=one.words, due=one.due.isoformat())
            return


def _finish(case: Case) -> tuple[Button, ...]:
    send = press_answer(cards.CLOSE, "yes", case.state_id)
    return (Button(label=wording.LABEL_FINISH, send=send, style="primary"),)


def _actor(talk: Talk) -> Actor:
    turn = talk.turn
    return Actor(turn.actor_id, turn.actor_name, turn.source, turn.said_at)
