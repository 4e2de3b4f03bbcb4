"""What pages and programs are shown of the conversation after a public reply."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from amends.incidents import completion
from amends.incidents.asked_after import QUESTIONS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from amends.incidents.asked_after import Option
    from amends.incidents.completion import Promise
    from amends.incidents.models import Incident


@dataclass(frozen=True)
class Asked:
    """One of the four questions with its last answer, if there is one. `options` can be chosen while it is open."""

    code: str
    ask: str
    answer: str | None
    settled: bool
    who: str | None
    at: datetime | None
    options: Sequence[Option]


@dataclass(frozen=True)
class After:
    """How far the conversation is. `look_again_at`: when it is asked again; None when nothing is left to ask."""

    questions: Sequence[Asked]
    promises: Sequence[Promise]
    look_again_at: datetime | None
    finished: bool

    @property
    def open_promises(self) -> Sequence[Promise]:
        """Those that are neither kept nor taken back."""
        return [each for each in self.promises if each.ended is None]


def after_of(incident: Incident) -> After | None:
    """The conversation of an incident; None while there was no public reply and nothing was promised."""
    state = completion.of(incident)
    if state.begun is None and not state.promises:
        return None
    questions = []
    for code, question in QUESTIONS.items():
        given, is_left = state.answers.get(code), code in state.left
        if given is not None or is_left:
            questions.append(
                Asked(
                    code,
                    question.ask,
                    given.option.label if given else None,
                    not is_left,
                    given.who if given else None,
                    given.at if given else None,
                    state.options(code) if is_left else (),
                )
            )
    return After(questions, state.promises, state.next_look, not state.left)
