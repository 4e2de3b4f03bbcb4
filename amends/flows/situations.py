"""Concrete situations out of the solver: one set of answers for which something holds, told as a person would."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import z3

from amends.flows.answers import mask_of, options_of
from amends.flows.decide import decide
from amends.flows.encode import Copy, Formulas
from amends.flows.model import Answer
from amends.flows.problems import either
from amends.flows.solver import Solver

if TYPE_CHECKING:
    from collections.abc import Mapping

    from amends.flows.answers import Answers
    from amends.flows.decision import Decision
    from amends.flows.encode import Formula
    from amends.flows.model import Flow

_DID = {
    "recommends": "recommends",
    "adds": "adds",
    "forbids": "rules out",
    "applies": "applies",
    "drops": "leaves out",
    "offers": "offers",
    "refuses": "refuses",
}


MOST_WISHES = 150
"""An example is made plain with so many tries; the shipped flow needs about a hundred."""


@dataclass(frozen=True)
class Situation:
    """A complete set of answers.

    `needed` are the questions whose answers are enough for what it is an example of, whatever the others are;
    `settings` the settings that are on; `needed_settings` those of which it matters whether they are on.
    """

    answers: Mapping[str, Answer]
    settings: frozenset[str]
    needed: tuple[str, ...]
    needed_settings: tuple[str, ...] = ()

    def decision(self, flow: Flow) -> Decision:
        """What the flow advises here."""
        return decide(flow, self.answers, self.settings)

    def told(self, flow: Flow) -> str:
        """The answers that matter, in the words of the file: 'who could be hurt: Nobody; ...'."""
        said = [said_of(flow, self.answers, name) for name in flow.questions if name in self.needed]
        said += [f"setting {name}: {'on' if name in self.settings else 'off'}" for name in self.needed_settings]
        return "; ".join(said) or "any answers"

    def trace(self, flow: Flow) -> tuple[str, ...]:
        """What the rules of the flow do here, one sentence each, in their order."""
        lines = []
        for traced in self.decision(flow).trace:
            if traced.did == "does not offer":
                continue
            names = either([flow.codes[code].label for code in traced.codes], "and")
            lines.append(f"{traced.rule} ({traced.title}) {_DID[traced.did]}{': ' if names else ''}{names}.")
        return tuple(lines)


def said_of(flow: Flow, answers: Answers, name: str) -> str:
    """One answer in the words of the file: 'who could be hurt: Nobody'."""
    question = flow.questions[name]
    options = options_of(question, mask_of(question, answers[name])) if name in answers else ()
    return f"{question.topic}: {either([question.options[o].label for o in options], 'and') or 'not answered'}"


class Search:
    """One copy of the flow with a solver: whether something is possible, and an example of it.

    The answers and the organisation's settings are unknown; answers are complete and well formed.
    """

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.context = z3.Context()
        self.copy = Copy(flow, Formulas("a", self.context))
        self._solver = Solver(self.copy.rules, self.context)
        self.possible = self._solver.possible
        self.culprits = self._solver.culprits

    @property
    def undecided(self) -> int:
        """How many questions to the solver took too long."""
        return self._solver.undecided

    def example(self, goal: z3.BoolRef) -> Situation | None:
        """A plain situation in which the goal holds: answers that fit together, settings off, few options."""
        if not self._solver.check(goal):
            return None
        fixed = [goal]
        for wish in plain(self.copy)[:MOST_WISHES]:
            if self._solver.check(*fixed, wish):
                fixed.append(wish)
        if not self._solver.check(*fixed):
            return None
        model = self._solver.model()
        literals: dict[str, z3.BoolRef] = {}
        answers = {}
        for name, question in self.flow.questions.items():
            options = self.copy.options[name]
            chosen = [o for o, var in options.items() if z3.is_true(model.eval(var, True))]
            if question.kind == "many":
                answers[name] = Answer(tuple(chosen))
                picked = [var if o in chosen else z3.Not(var) for o, var in options.items()]
                literals[name] = z3.And(*picked, self.context)
            elif chosen:
                answers[name] = Answer(chosen[0])
                literals[name] = options[chosen[0]]
        on = {n: z3.is_true(model.eval(var, True)) for n, var in self.copy.settings.items()}
        switches = {name: var if on[name] else z3.Not(var) for name, var in self.copy.settings.items()}
        enough = self.culprits(z3.Not(goal), {**literals, **switches})
        needed = tuple(name for name in enough if name in answers)
        needed_settings = tuple(name for name in enough if name in switches)
        return Situation(answers, frozenset(name for name in on if on[name]), needed, needed_settings)


def plain(copy: Copy) -> list[Formula]:
    """What makes a situation plain to read, the most wanted first: answers that fit together, settings off, calm."""
    logic = copy.logic
    wishes = [logic.opposite(var) for var in copy.settings.values()]
    for name, question in copy.flow.questions.items():
        options = copy.options[name]
        if question.implied is not None:
            value = options_of(question, question.implied[0])[0]
            wishes.append(logic.some((logic.opposite(copy.implied[name]), options[value])))
        if question.kind == "many":
            wishes += [var for option, var in options.items() if question.bits[option] & question.alone]
            wishes += [logic.opposite(var) for var in options.values()]
        else:
            wishes += options.values()
    return wishes
