"""Which questions and options make no difference to anything that a person or the record is told.

Two copies of the flow are compared whose answers differ in one place. What is compared is wider than the
advice that decides about asking (`Copy.outcome`): every rule that is told as having applied, with its clauses,
every step's words, every wording rule, and what follows without being asked.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import z3

from amends.flows.encode import Copy, Formulas, context_of
from amends.flows.solver import Solver

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from amends.flows.model import Question

EFFORT = 3_000_000_000
"""z3's count of work for all comparisons, times the rows of the flow, for each unit takes longer in a large one: some
3 s. What is left then counts as making a difference. The shipped flow needs 2 % of it, one with 250 rows half."""

Tags = dict[tuple[str, str], frozenset[str]]
"""Question and option -> the clauses outside the flow that are shown when it is answered."""


def told(copy: Copy) -> list[z3.BoolRef]:
    """Everything that is told of a decision, as formulas: equal in two copies, it reads the same in both."""
    flow, logic = copy.flow, copy.logic
    parts = [
        *copy.outcome(),
        *copy.rows.values(),
        *copy.gates.values(),
        *copy.moved.values(),
        *copy.offers.values(),
        *copy.refused.values(),
        *copy.broken.values(),
        *(copy.refuses[rule.id] for rule in flow.never if rule.refuse and not rule.without),
        *copy.implied.values(),
    ]
    return parts + _step_words(copy) + [logic.some(sources) for sources in wording_lines(copy).values()]


def _step_words(copy: Copy) -> list[z3.BoolRef]:
    """Which steps a row recommends, in which order and in which words."""
    flow, logic = copy.flow, copy.logic
    recommended = defaultdict(list)
    words = defaultdict(list)
    order = defaultdict(list)
    for row, steps in copy.step_lists():
        for n, (applies, step) in enumerate(steps):
            recommended[step.code].append(applies)
            words[step.code, step.how or flow.codes[step.code].how].append(applies)
            for later, other in steps[n + 1 :]:
                order[row, step.code, other.code].append(logic.every((applies, later)))
    final = {**copy.responses, **copy.people}
    parts = [logic.some(sources) for sources in recommended.values()]
    for (code, how), sources in words.items():
        if how != flow.codes[code].how:
            light = copy.offers.get(code, logic.fixed(False))
            parts.append(logic.every((logic.some(sources), final[code], logic.opposite(light))))
    parts += [logic.some(both) for (row, a, b), both in order.items() if (row, b, a) in order]
    return parts


def wording_lines(copy: Copy) -> dict[str, list[z3.BoolRef]]:
    """Each line of wording with whatever brings it in."""
    flow = copy.flow
    lines = defaultdict(list)
    for rules, fires in ((flow.rows, copy.rows), (flow.gates, copy.gates)):
        for name, rule in rules.items():
            for line in rule.wording:
                lines[line].append(fires[name])
    for floor in flow.floors:
        for line in floor.wording:
            lines[line].append(copy.floors[floor.id])
    for wording in flow.wording:
        lines[wording.says].append(copy.wording[wording.id])
    return lines


class Effects:
    """A copy of a flow beside another one, and a solver that compares them."""

    def __init__(self, copy: Copy, tags: Tags) -> None:
        flow = copy.flow
        self._flow = flow
        self._tags = tags
        context = context_of(copy)
        self._left, self._right = copy, Copy(flow, Formulas("other", context))
        self._solver = Solver((*self._left.rules, *self._right.rules), context)
        pairs = zip(told(self._left), told(self._right), strict=True)
        self._solver.add(z3.Or(*(a != b for a, b in pairs if not a.eq(b)), context))
        self._before, self._given_up = self._solver.spent, 0
        self._tied: dict[str, list[z3.BoolRef]] = {}
        for name, question in flow.questions.items():
            self._tied[name] = [z3.Bool(f"tied.{name}.{option}", context) for option in question.options]
            for literal, option in zip(self._tied[name], question.options, strict=True):
                same = self._left.options[name][option] == self._right.options[name][option]
                self._solver.add(z3.Implies(literal, same))

    def without_effect(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Each question with options that change nothing: all of them if the question itself has no effect.

        For a question of which one option is answered, options without effect are those that no rule tells
        apart; for many options, those that change nothing wherever they are added. What is marked as being for
        the record alone, and questions about doing or about times, are left out.
        """
        for name, question in self._flow.questions.items():
            if question.for_the_record or question.ask_before is not None or question.kind == "times":
                continue
            groups = self._added(question) if question.kind == "many" else self._alike(question)
            whole = sum(map(len, groups)) == len(question.options) and (question.kind == "many" or len(groups) == 1)
            for group in [tuple(question.options)] if whole else groups:
                open_ = [option for option in group if not question.options[option].for_the_record]
                if whole or len(open_) > (question.kind != "many"):
                    yield name, tuple(group)

    def _alike(self, question: Question) -> list[tuple[str, ...]]:
        """The groups, of two or more, of options that nothing tells apart."""
        groups: list[list[str]] = []
        for option in question.options:
            same = next((group for group in groups if not self._differ(question, group[0], option)), None)
            if same is None:
                groups.append([option])
            else:
                same.append(option)
        return [tuple(group) for group in groups if len(group) > 1]

    def _differ(self, question: Question, one: str, other: str) -> bool:
        if self._beside(question, one) != self._beside(question, other):
            return True
        left, right = self._left.options[question.id], self._right.options[question.id]
        return self._compare(question.id, [left[one], right[other]])

    def _added(self, question: Question) -> list[tuple[str, ...]]:
        """The options, one by one, that change nothing when they are added to others or stand for one alone."""
        alone = [option for option, bit in question.bits.items() if bit & question.alone]
        free = [option for option in question.options if option not in alone]
        found: list[tuple[str, ...]] = []
        for option in question.options:
            swapped = [o for o in (question.options if option in alone else alone) if o != option]
            if not (
                any(self._beside(question, option))
                or (option in free and self._adding_changes(question, option))
                or any(self._swapping_changes(question, option, other) for other in swapped)
            ):
                found.append((option,))
        return found

    def _adding_changes(self, question: Question, option: str) -> bool:
        left, right = self._left.options[question.id], self._right.options[question.id]
        others = [
            literal for literal, other in zip(self._tied[question.id], question.options, strict=True) if other != option
        ]
        return self._compare(question.id, [left[option], z3.Not(right[option]), *others])

    def _swapping_changes(self, question: Question, one: str, other: str) -> bool:
        chosen = []
        for copy, option in ((self._left, one), (self._right, other)):
            chosen += [var if o == option else z3.Not(var) for o, var in copy.options[question.id].items()]
        return self._compare(question.id, chosen)

    def _compare(self, question: str, fixed: list[z3.BoolRef]) -> bool:
        """Whether the two copies can differ when all but this question is tied and the rest is so fixed."""
        if (self._solver.spent - self._before) * len(self._flow.rows) > EFFORT:
            self._given_up += 1
            return True
        tied = [literal for name, literals in self._tied.items() if name != question for literal in literals]
        return self._solver.possible(*fixed, *tied)

    @property
    def undecided(self) -> int:
        """How many questions to the solver took too long, or were not asked for that reason."""
        return self._solver.undecided + self._given_up

    def _beside(self, question: Question, option: str) -> tuple[bool, AbstractSet[str]]:
        """What an option changes beside the rules: the confidence, and clauses that fit the answers."""
        unsure = option in self._flow.confidence.unsure_options
        return unsure, self._tags.get((question.id, option), frozenset())


def tags_of(clauses: Mapping[str, tuple[str, ...]]) -> Tags:
    """The options that clauses name. `clauses`: clause -> its tags, as in 'issue:slip+harm:none'."""
    named: dict[tuple[str, str], set[str]] = defaultdict(set)
    for clause, tags in clauses.items():
        for tag in tags:
            for part in tag.split("+"):
                question, _, option = part.partition(":")
                named[question, option].add(f"{clause} {tag}".replace(part, question))
    return {key: frozenset(names) for key, names in named.items()}
