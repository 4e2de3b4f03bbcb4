"""Stop, start over, close: asked first, and nothing that was said is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from amends.conversation import cards, finishing, practising, wording
from amends.conversation.replies import Button, TextReply, press_answer
from amends.incidents import completion
from amends.incidents.record import State
from amends.incidents.trail import Kind

if TYPE_CHECKING:
    from amends.conversation.case import Case
    from amends.conversation.replies import Reply
    from amends.conversation.talk import Talk


def stop(talk: Talk) -> list[Reply]:
    """Stop: asked first, then closed as abandoned; after the advice it is closing."""
    if talk.pending is not None:
        talk.settle()
        return [TextReply(text=wording.GO_ON)] if talk.in_loop else where(talk)
    if talk.case is None:
        return practising.left(talk) or [TextReply(text=wording.NOTHING_OPEN)]
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
    if more := practising.before_close(case):
        return more
    left = [step.label for step in cards.open_steps(case, cards.decision_of(case))]
    if left:
        talk.wait_for("close", open=left)
        return []
    return close_now(talk, case)


def answered(talk: Talk, case: Case, value: str) -> list[Reply]:
    """A pressed answer to what is asked after a public reply; the last one closes, if that was wanted."""
    return finishing.pressed(talk, case, value) or _all_answered(talk, case)


def answered_in_words(talk: Talk, waiting: dict[str, Any]) -> list[Reply] | None:
    """The same, typed; None when it is no answer."""
    case, replies = talk.case, finishing.typed(talk, waiting)
    return _all_answered(talk, case) if case is not None and replies == [] else replies


def _all_answered(talk: Talk, case: Case) -> list[Reply]:
    """It ends as was wanted: closed after the advice, stopped in the middle of the questions."""
    return close_now(talk, case) if case.state is State.ADVISED else abandon(talk, case)


def abandon(talk: Talk, case: Case) -> list[Reply]:
    """Close as abandoned. What is not finished after a public reply is asked first, as when it is closed."""
    if completion.of(case.incident).left:
        return finishing.before_close(talk, case)
    case.write(Kind.ABANDONED, {"state": case.state, "asked": case.incident.asked})
    case.incident.closed_at = talk.at
    case.to(State.ABANDONED)
    return _ended(talk, case, wording.STOPPED)


def close_now(talk: Talk, case: Case) -> list[Reply]:
    """Close; the steps that are open are named in the record. After a public reply, what is not finished is asked."""
    if completion.of(case.incident).left:
        return finishing.before_close(talk, case)
    left = [step.code for step in cards.open_steps(case, cards.decision_of(case))]
    case.write(Kind.CLOSED, {"open_steps": left})
    case.incident.closed_at = talk.at
    case.to(State.CLOSED)
    return _ended(talk, case, wording.CLOSED)


def _ended(talk: Talk, case: Case, text: str) -> list[Reply]:
    look_back = practising.over(case)
    talk.leave()
    lines = [text.format(reference=case.incident.reference)]
    others = talk.open_incidents()
    if others:
        lines.append(wording.STILL_OPEN.format(references=", ".join(i.reference for i in others)))
    buttons = tuple(
        Button(label=f"Go on with {i.reference}", send=press_answer(cards.INCIDENT, i.reference, "-"))
        for i in others[:5]
    )
    return [TextReply(text=" ".join(lines), buttons=buttons), *look_back]


def start_again(case: Case) -> list[Reply]:
    """The questions from the first; what was said before stays in the record."""
    before = {q: cards.raw(a, q) for q, a in case.answers.items()}
    case.write(Kind.WENT_BACK, {"question": None, "to": "the beginning", "before": before})
    case.answers, case.history, case.understood = {}, [], {}
    case.go_on()
    return [TextReply(text=wording.STARTED_OVER.format(reference=case.incident.reference))]


def where(talk: Talk) -> list[Reply]:
    """A word and the way on, when nothing else is to be said."""
    case = talk.case
    if case is None:
        return [TextReply(text=wording.NOTHING_OPEN)]
    if case.state is State.ADVISED:
        show = press_answer(cards.SHOW, "yes", case.state_id)
        return [TextReply(text=wording.GO_ON, buttons=(Button(label=wording.LABEL_ADVICE, send=show),))]
    return [TextReply(text=wording.GO_ON)]
