"""The four questions after a public reply, and what is not finished, as cards show them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from amends.conversation import wording
from amends.conversation import wording_after as says
from amends.conversation.replies import Button, Clock, TextReply, press_answer
from amends.incidents import completion
from amends.incidents.asked_after import QUESTIONS, UPDATE
from amends.incidents.record import State

if TYPE_CHECKING:
    from collections.abc import Callable

    from amends.conversation.case import Case
    from amends.incidents.completion import Promise

AFTER = "_after"
"""The question that presses of these answers name; their value is `QUESTION:OPTION`, or `promise-N:kept`."""


def question(case: Case, code: str) -> tuple[str, list[Button]]:
    """One of the four questions, and its answers as buttons."""
    state = completion.of(case.incident)
    due = [wording.clock(one.due, case.look.at, case.look.tools.settings.zone) for one in state.open_promises]
    buttons = [
        Button(label=one.label, send=press_answer(AFTER, f"{code}:{one.code}", case.state_id))
        for one in state.options(code)
    ]
    return says.question(QUESTIONS[code].ask, due if code == UPDATE else ()), buttons


def of_promise(case: Case, promise: Promise) -> tuple[Button, ...]:
    """What can become of a promise, as buttons."""
    return tuple(
        Button(label=label, send=press_answer(AFTER, f"{promise.code}:{what}", case.state_id))
        for label, what in ((says.LABEL_UPDATE_OUT, "kept"), (says.LABEL_NO_PROMISE, "withdrawn"))
    )


def clocks(case: Case) -> tuple[Clock, ...]:
    """The promises that are open, as deadlines."""
    if case.state is not State.ADVISED:
        return ()
    return tuple(
        Clock(
            id=one.code,
            title=says.PROMISE_TITLE,
            limit=f'"{one.words}"',
            due=one.due,
            starts="",
            reference=f"kept by {one.who}",
            verified=True,
        )
        for one in completion.of(case.incident).open_promises
    )


def clock_lines(case: Case) -> list[str]:
    """The same in words."""
    zone, now = case.look.tools.settings.zone, case.look.at
    return [
        f"Clock: {one.title}. By {wording.clock(one.due, now, zone)}: {one.limit}" for one in clocks(case) if one.due
    ]


def unfinished(case: Case) -> str:
    """What is not finished after a public reply, and when it is asked again; nothing when nothing is left."""
    left = completion.of(case.incident).open if case.state is State.ADVISED else ()
    return f"{says.not_finished(left)}{asks_again(case)}" if left else ""


def asks_again(case: Case) -> str:
    """When it is asked again, in a sentence that follows another; nothing when there is nothing to ask."""
    at = completion.of(case.incident).next_look
    return f" {says.asks_again(wording.clock(at, case.look.at, case.look.tools.settings.zone))}" if at else ""


def asked(case: Case, kind: str, wait: dict[str, Any], button: Callable[..., Button]) -> TextReply:
    """What is asked beside the triage after a public reply: one of the four, or whether a promise of a draft went out.

    Args:
        kind: after, or promised.
        button: makes the button of an answer out of its label, its value and its style.
    """
    if kind == "after":
        text, buttons = question(case, wait["question"])
        return TextReply(text=text, buttons=(*buttons, button(says.LABEL_LATER, "no")))
    at = wording.clock(datetime.fromisoformat(wait["due"]), case.look.at, case.look.tools.settings.zone)
    return TextReply(
        text=says.ASK_PROMISE.format(words=wait["words"], at=at),
        buttons=(button(says.LABEL_SO_POSTED, "yes", "primary"), button(says.LABEL_NOT_POSTED, "no")),
    )
