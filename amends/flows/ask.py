"""Which question to ask next: the first whose answer can still change the advice. Exact, by a solver.

Two copies of the flow stand side by side. All questions but one are tied to have the same answers in both,
the answers that were given are fixed, and the solver is asked whether the advice can differ. If it cannot,
the one question need not be asked, whatever the others turn out to be.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import replace
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

import z3

from amends.flows.answers import mask_of, situation
from amends.flows.conditions import slots
from amends.flows.decide import decide, is_unsure, label
from amends.flows.encode import Copy, Formulas
from amends.flows.model import Answer

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from amends.flows.answers import Answers
    from amends.flows.decision import Decision
    from amends.flows.model import Flow, Question

_REMEMBERED = 10_000
"""Findings of the solver that are kept: those of a few hundred triages."""


def next_question(
    flow: Flow, answers: Answers, settings: Collection[str] = (), first: Sequence[str] = ()
) -> str | None:
    """The next question to ask, or None when no answer can change the advice any more.

    Args:
        flow: a loaded flow.
        answers: what was answered so far; inferred answers count as answered.
        settings: the organisation's yes/no settings that are on.
        first: questions that are preferred to the flow's order, if they can change the advice.
    """
    return next(iter(_asker(flow, frozenset(settings)).open(answers, at_most=1, first=first)), None)


def recommend(flow: Flow, answers: Answers, settings: Collection[str] = ()) -> Decision:
    """The decision to show: as `decide`, with what is missing told exactly and the confidence settled.

    `missing` has only the questions that can still change the advice. The confidence is lowered when another
    value of an unsure answer would change the responses.
    """
    decision = decide(flow, answers, settings)
    asker = _asker(flow, frozenset(settings))
    missing: tuple[str, ...] = ()
    if decision.missing:
        missing = tuple(q for q in asker.open(answers) if flow.questions[q].when_missing is not None)
    confidence = decision.confidence
    if _hangs_on_unsure(flow, answers, settings, decision):
        confidence = label(flow, confidence.value - flow.confidence.changes)
    return replace(decision, missing=missing, confidence=confidence)


def _hangs_on_unsure(flow: Flow, answers: Answers, settings: Collection[str], decision: Decision) -> bool:
    """Whether another value of an answer that is unsure changes the responses."""
    for name, answer in answers.items():
        question = flow.questions[name]
        if not is_unsure(flow, question, answer):
            continue
        for option in question.options:
            if option in flow.confidence.unsure_options:
                continue
            other = (option,) if question.kind == "many" else option
            if decide(flow, {**answers, name: Answer(other)}, settings).responses != decision.responses:
                return True
    return False


class _Asker:
    """The two copies of one flow, and the solver that compares them. One thread at a time."""

    def __init__(self, flow: Flow, settings: frozenset[str]) -> None:
        self._flow = flow
        self._lock = threading.Lock()
        context = self._context = z3.Context()
        self._solver = z3.SimpleSolver(context)
        self._left = Copy(flow, Formulas("l", context), settings)
        self._right = Copy(flow, Formulas("r", context), settings)
        self._solver.add(*self._left.rules, *self._right.rules)
        self._literals = {
            name: (
                {question.bits[o]: var for o, var in self._left.options[name].items()},
                {question.bits[o]: z3.Not(var) for o, var in self._left.options[name].items()},
            )
            for name, question in flow.questions.items()
        }
        self._tied: dict[str, z3.BoolRef] = {}
        self._asked: dict[str, z3.BoolRef] = {}
        self._unanswered: dict[str, z3.BoolRef] = {}
        for name, question in flow.questions.items():
            self._tie(name, question)
        self._differs = z3.Bool("differs", context)
        pairs = zip(self._left.outcome(), self._right.outcome(), strict=True)
        self._solver.add(z3.Implies(self._differs, z3.Or(*(a != b for a, b in pairs), context)))
        self._wanted: dict[str, z3.BoolRef] = {}
        for name, question in flow.questions.items():
            self._want(name, question)
        self._found: OrderedDict[tuple[object, ...], bool] = OrderedDict()

    def open(self, answers: Answers, at_most: int | None = None, first: Sequence[str] = ()) -> list[str]:
        """The questions that can still matter, `first` before the others; at most as many as asked for."""
        with self._lock:
            return list(islice(self._open(answers, first), at_most))

    def _open(self, answers: Answers, first: Sequence[str]) -> Iterator[str]:
        known = situation(self._flow, answers)
        masks = {name: mask_of(self._flow.questions[name], answer) for name, answer in answers.items()}
        unanswered = [name for name in self._flow.questions if name not in answers]
        for name in sorted(unanswered, key=lambda one: first.index(one) if one in first else len(first)):
            question = self._flow.questions[name]
            if question.implied is not None and self._surely_implied(question, answers, known):
                continue
            if self._matters(question, masks):
                yield name

    def _matters(self, question: Question, masks: dict[str, int]) -> bool:
        """Whether an open question can still matter, after answers with these masks; asked of the solver once."""
        key = (question.id, *sorted(masks.items()))
        if key in self._found:
            self._found.move_to_end(key)
        else:
            self._found[key] = self._solve(question, masks)
            if len(self._found) > _REMEMBERED:
                self._found.popitem(last=False)
        return self._found[key]

    def _given(self, name: str, mask: int) -> list[z3.BoolRef]:
        question = self._flow.questions[name]
        yes, no = self._literals[name]
        fixed = [yes[bit] if bit & mask else no[bit] for bit in question.bits.values()]
        return [*fixed, self._tied[name]]

    def _surely_implied(self, question: Question, answers: Answers, known: list[int]) -> bool:
        """Whether the answers given so far already imply this one; readings of missing ones do not."""
        assert question.implied is not None
        seen = slots(question.implied[1].condition)
        needed = [name for name, other in self._flow.questions.items() if other.index in seen]
        return all(name in answers for name in needed) and question.implied[1].test(known)

    def _solve(self, question: Question, masks: dict[str, int]) -> bool:
        assumed = [literal for name, mask in masks.items() for literal in self._given(name, mask)]
        for other in self._flow.questions:
            if other in masks or other == question.id:
                continue
            assumed.append(self._tied[other])
            if other in self._unanswered:
                assumed.append(self._unanswered[other])
        if question.implied is not None:
            assumed.append(self._asked[question.id])
        if question.id in self._wanted:
            assumed += [self._tied[question.id], self._wanted[question.id]]
        else:
            assumed.append(self._differs)
        # As `Solver.check` does, without looking at the sort of each literal again, which takes longer than solving.
        context, count = self._context.ref(), len(assumed)
        literals = (z3.Ast * count)(*(one.as_ast() for one in assumed))
        found = z3.Z3_solver_check_assumptions(context, self._solver.solver, count, literals)
        return bool(found == z3.Z3_L_TRUE)

    def _tie(self, name: str, question: Question) -> None:
        """A literal that makes both copies answer alike; and, for implied questions, what then follows."""
        tied = z3.Bool(f"tied.{name}", self._context)
        self._tied[name] = tied
        left, right = self._left.options[name], self._right.options[name]
        for option in question.options:
            self._solver.add(z3.Implies(tied, left[option] == right[option]))
        if question.implied is not None:
            unanswered = z3.Bool(f"unanswered.{name}", self._context)
            self._unanswered[name] = unanswered
            self._asked[name] = z3.Not(self._left.implied[name])
            value = next(o for o, bit in question.bits.items() if bit & question.implied[0])
            for copy in (self._left, self._right):
                follows = z3.Implies(copy.implied[name], copy.options[name][value])
                self._solver.add(z3.Implies(unanswered, follows))

    def _want(self, name: str, question: Question) -> None:
        """For questions about doing: a literal that says somebody will need the answer."""
        if question.kind == "times":
            self._wanted[name] = z3.Bool(f"wanted.{name}", self._context)
            self._solver.add(z3.Implies(self._wanted[name], self._left.asks_time))
        elif question.ask_before is not None:
            self._wanted[name] = z3.Bool(f"wanted.{name}", self._context)
            self._solver.add(z3.Implies(self._wanted[name], self._left.responses[question.ask_before]))


@lru_cache(maxsize=8)
def _asker(flow: Flow, settings: frozenset[str]) -> _Asker:
    return _Asker(flow, settings)
