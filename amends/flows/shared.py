"""What two versions of a flow have in common: the answers that can be given to both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from amends.flows.model import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from amends.flows.encode import Formula, Logic
    from amends.flows.model import Flow, Question

ELSE = " before"
"""Follows the name of a question whose options in the older version have nothing to do with those in the newer."""


@dataclass(frozen=True)
class Shared:
    """The questions of two versions, as they can be answered in both.

    `one` and `many` give the options of each question of that kind that are in both, or all of them where only
    one version has the question; `order` has those with one option first, which keeps diagrams small. `added`,
    `removed` are names of questions; `options_added`, `options_removed` question and option.
    """

    one: Mapping[str, tuple[str, ...]]
    many: Mapping[str, tuple[str, ...]]
    order: tuple[str, ...]
    renamed: frozenset[str]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    options_added: tuple[tuple[str, str], ...]
    options_removed: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, old: Flow, new: Flow) -> Shared:
        """What two versions share."""
        one: dict[str, tuple[str, ...]] = {}
        many: dict[str, tuple[str, ...]] = {}
        renamed = set()
        added, removed = [], []
        for name, question in new.questions.items():
            options = tuple(question.options)
            before = old.questions.get(name)
            if before is not None and _comparable(before, question):
                options = tuple(option for option in options if option in before.options)
            elif before is not None:
                renamed.add(name)
            if before is None or name in renamed:
                added.append(name)
            (many if question.kind == "many" else one)[name] = options
        for name, question in old.questions.items():
            if name in new.questions and name not in renamed:
                continue
            removed.append(name)
            as_ = name + ELSE if name in renamed else name
            (many if question.kind == "many" else one)[as_] = tuple(question.options)
        both = [name for name in new.questions if name in old.questions and name not in renamed]
        return cls(
            one={name: options for name, options in one.items() if options},
            many=many,
            order=tuple(name for name in (*one, *many) if one.get(name) or name in many),
            renamed=frozenset(renamed),
            added=tuple(added),
            removed=tuple(removed),
            options_added=_missing(both, new, old),
            options_removed=_missing(both, old, new),
        )

    def name(self, question: str, *, older: bool) -> str:
        """The name under which a question of one version stands among the shared ones."""
        return question + ELSE if older and question in self.renamed else question

    def answers(self, chosen: Mapping[str, tuple[str, ...]], flow: Flow, *, older: bool) -> dict[str, Answer]:
        """One version's answers out of the options chosen for the shared questions."""
        answers = {}
        for name, question in flow.questions.items():
            options = chosen.get(self.name(name, older=older), ())
            if question.kind == "many":
                answers[name] = Answer(options)
            elif options:
                answers[name] = Answer(options[0])
        return {name: answer for name, answer in answers.items() if answer.value}


class Side:
    """The logic in which one of the two versions is written: its questions are the shared ones."""

    def __init__(self, logic: Logic, shared: Shared, *, older: bool) -> None:
        self._logic = logic
        self._shared = shared
        self._older = older
        self.fixed, self.setting = logic.fixed, logic.setting
        self.every, self.some, self.opposite, self.one_of = logic.every, logic.some, logic.opposite, logic.one_of

    def option(self, question: str, option: str) -> Formula:
        """Whether the option is answered; never, for one that only this version has."""
        shared = self._shared
        name = shared.name(question, older=self._older)
        if option not in shared.one.get(name, shared.many.get(name, ())):
            return self._logic.fixed(False)
        return self._logic.option(name, option)


def _comparable(one: Question, other: Question) -> bool:
    if (one.kind == "many") != (other.kind == "many"):
        return False
    return bool(set(one.options) & set(other.options)) or not (one.options or other.options)


def _missing(questions: list[str], there: Flow, elsewhere: Flow) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name, option)
        for name in questions
        for option in there.questions[name].options
        if option not in elsewhere.questions[name].options
    )
