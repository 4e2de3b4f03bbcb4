"""The four questions that are asked after a public reply, and their answers: the decision model's look again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

UPDATE = "update"
"""The question that promises belong to."""


@dataclass(frozen=True)
class Option:
    """An answer to one of the four questions; one that does not settle it has it asked again."""

    code: str
    label: str
    settles: bool


@dataclass(frozen=True)
class Question:
    """One of the four. `open` says in a few words what is not settled while it is not."""

    code: str
    ask: str
    open: str
    options: tuple[Option, ...]


QUESTIONS: Mapping[str, Question] = {
    one.code: one
    for one in (
        Question(
            "unanswered",
            "Are there questions that nobody has answered?",
            "questions that nobody has answered",
            (Option("none", "No, all are answered", settles=True), Option("some", "Yes, some are open", settles=False)),
        ),
        Question(
            "quiet",
            "Has it died down?",
            "whether it has died down",
            (Option("yes", "Yes, it is quiet", settles=True), Option("no", "Not yet", settles=False)),
        ),
        Question(
            "pinned",
            "Is there a correction to pin, where people see it first?",
            "a correction to pin",
            (
                Option("none", "No, there is none to pin", settles=True),
                Option("pinned", "It is pinned", settles=True),
                Option("open", "Yes, and it is not pinned yet", settles=False),
            ),
        ),
        Question(
            UPDATE,
            "Was the update given that was promised?",
            "the update that was promised",
            (
                Option("given", "Yes, it was given", settles=True),
                Option("none", "None was promised", settles=True),
                Option("open", "Not yet", settles=False),
            ),
        ),
    )
}
