"""Two versions of a flow side by side: where they say something different, and how much that is.

`Counted` knows it exactly, by decision diagrams. `Estimated` is for flows too large for that: the solver looks
for every change, leaving out what takes it too long, and random answers give its share.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

import z3

from amends.flows.decide import decide
from amends.flows.diagrams import ALWAYS, NEVER, Diagrams
from amends.flows.effect import wording_lines
from amends.flows.encode import Copy, Formulas
from amends.flows.shared import Side
from amends.flows.situations import plain
from amends.flows.solver import Solver

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from amends.flows.decision import Decision
    from amends.flows.encode import Formula
    from amends.flows.model import Flow
    from amends.flows.shared import Shared

Kind = Literal["response", "person", "ruled out", "level", "deadline", "wording", "clause"]
Key = tuple[Kind, str]
"""One thing that a decision says: its kind, and a code, id, number or line."""
Chosen = dict[str, tuple[str, ...]]

ADVICE: tuple[Kind, ...] = ("response", "person", "ruled out", "level", "deadline")
USUAL = 3
"""People seldom choose more options than this where they may choose many; nearly all possible sets have more."""
SAMPLES = 2_000
MOST_NAMED = 3


@dataclass(frozen=True)
class Amount:
    """How many situations a change touches.

    `count` of `of` ways to answer the questions it hangs on, and `share` of all situations; `usual_share` of
    those with at most three options to a question. An estimate has no counts, and a `margin` for the shares at
    95 % confidence.
    """

    share: float
    usual_share: float
    count: int | None = None
    of: int | None = None
    margin: float = 0.0


def outputs(decision: Decision) -> frozenset[Key]:
    """What a decision says, key by key."""
    said: list[tuple[Kind, Sequence[str]]] = [
        ("response", decision.responses),
        ("person", decision.people),
        ("ruled out", list(decision.forbidden)),
        ("level", [str(decision.level)]),
        ("deadline", [deadline.id for deadline in decision.deadlines]),
        ("wording", decision.wording),
        ("clause", decision.cites),
    ]
    return frozenset((kind, code) for kind, codes in said for code in codes)


def _outputs(copy: Copy) -> dict[Key, Formula]:
    """The same as formulas."""
    flow, logic = copy.flow, copy.logic
    parts: list[tuple[Kind, Mapping[str, Formula]]] = [
        ("response", copy.responses),
        ("person", copy.people),
        ("ruled out", copy.forbidden),
        ("level", {str(rule.level): f for rule, f in zip(flow.levels, copy.levels, strict=True)}),
        ("deadline", copy.deadlines),
        ("wording", {line: logic.some(sources) for line, sources in wording_lines(copy).items()}),
        ("clause", {clause: logic.some(sources) for clause, sources in copy.cites().items()}),
    ]
    return {(kind, code): formula for kind, formulas in parts for code, formula in formulas.items()}


class Engine(Protocol):
    """Two versions side by side."""

    old: Flow
    new: Flow
    shared: Shared
    settings: AbstractSet[str]
    before: dict[Key, Formula]
    after: dict[Key, Formula]

    def changes(self, lost: Key | None, gained: Key | None) -> Formula | None:
        """Where this change happens; None when nowhere."""

    def amount(self, lost: Key | None, gained: Key | None, where: Formula) -> Amount:
        """How much that is."""

    def advice(self) -> Amount | None:
        """How much of the advice is different; None when none is."""

    def example(self, where: Formula) -> Chosen:
        """One plain situation in which it happens."""

    def hangs_on(self, where: Formula, chosen: Chosen) -> AbstractSet[str]:
        """The questions that decide about it."""

    def always(self, where: Formula) -> Chosen:
        """See `Change.always`."""


class Counted:
    """By decision diagrams: exact, with counts."""

    def __init__(self, old: Flow, new: Flow, shared: Shared, settings: AbstractSet[str]) -> None:
        self.old, self.new, self.shared, self.settings = old, new, shared, settings
        self._diagrams = Diagrams(shared.one, shared.many, shared.order)
        on = frozenset(settings)
        copy = Copy(old, Side(self._diagrams, shared, older=True), on)
        self._newer = Copy(new, Side(self._diagrams, shared, older=False), on)
        self.before, self.after = _outputs(copy), _outputs(self._newer)
        self._rules: dict[str, int] = {}
        for rule in (*copy.rules, *self._newer.rules):
            for name in self._diagrams.questions_of(rule):
                self._rules[name] = self._diagrams.every((self._rules.get(name, ALWAYS), rule))
        self._whole = self._diagrams.every(self._rules.values())

    def changes(self, lost: Key | None, gained: Key | None) -> int | None:
        """See `Engine`; also below."""
        logic = self._diagrams
        if lost is not None and gained is not None:
            where = logic.every((self.before.get(lost, NEVER), self.after.get(gained, NEVER)))
        else:
            key = lost or gained
            assert key is not None
            one, other = self.before.get(key, NEVER), self.after.get(key, NEVER)
            where = logic.every((one, logic.opposite(other)) if lost else (other, logic.opposite(one)))
        return None if logic.every((where, self._whole)) == NEVER else where

    def amount(self, lost: Key | None, gained: Key | None, where: int) -> Amount:
        """The exact one."""
        del lost, gained
        logic = self._diagrams
        over = logic.questions_of(where)
        rules = logic.every(rule for name, rule in self._rules.items() if name in over)
        usual = logic.every((rules, *(logic.at_most(name, USUAL) for name in over if name in self.shared.many)))
        count, of = logic.count(logic.every((where, rules)), over), logic.count(rules, over)
        of_usual = logic.count(usual, over)
        usual_share = logic.count(logic.every((where, usual)), over) / of_usual if of_usual else 0.0
        return Amount(count / of, usual_share, count, of)

    def advice(self) -> Amount | None:
        """See `Engine`."""
        logic = self._diagrams
        keys = [key for key in {**self.before, **self.after} if key[0] in ADVICE]
        where = logic.some(logic.differ(self.before.get(key, NEVER), self.after.get(key, NEVER)) for key in keys)
        if logic.every((where, self._whole)) == NEVER:
            return None
        return self.amount(None, None, where)

    def example(self, where: int) -> Chosen:
        """See `Engine`."""
        logic = self._diagrams
        found = logic.every((where, self._whole))
        for wish in plain(self._newer):
            found = logic.every((found, wish)) or found
        return logic.answers(found)

    def hangs_on(self, where: int, chosen: Chosen) -> AbstractSet[str]:
        """See `Engine`."""
        del chosen
        return self._diagrams.questions_of(where)

    def always(self, where: int) -> Chosen:
        """See `Engine`."""
        logic = self._diagrams
        found: Chosen = {}
        here = logic.every((where, self._whole))
        for name in logic.questions_of(where):
            if name in self.shared.many:
                options = self.shared.many[name]
                needed = tuple(
                    o for o in options if logic.every((here, logic.opposite(logic.option(name, o)))) == NEVER
                )
                if needed:
                    found[name] = needed
            else:
                options = self.shared.one[name]
                only = tuple(o for o in options if logic.every((here, logic.option(name, o))) != NEVER)
                if len(only) < len(options) and len(only) <= MOST_NAMED:
                    found[name] = only
        return {name: found[name] for name in self.shared.order if name in found}


class Estimated:
    """By the solver and by random answers, for flows too large to count; what takes the solver too long is left out."""

    def __init__(self, old: Flow, new: Flow, shared: Shared, settings: AbstractSet[str]) -> None:
        self.old, self.new, self.shared, self.settings = old, new, shared, settings
        on = frozenset(settings)
        formulas = Formulas("a", z3.Context())
        copy = Copy(old, Side(formulas, shared, older=True), on)
        self._newer = Copy(new, Side(formulas, shared, older=False), on)
        self.before, self.after = _outputs(copy), _outputs(self._newer)
        self._formulas = formulas
        self._solver = Solver((*copy.rules, *self._newer.rules), formulas.context)
        self._alone: dict[str, frozenset[str]] = {}
        for flow, older in ((old, True), (new, False)):
            for name, question in flow.questions.items():
                alone = frozenset(option for option, bit in question.bits.items() if bit & question.alone)
                as_ = shared.name(name, older=older)
                self._alone[as_] = self._alone.get(as_, frozenset()) | alone
        self._sample = [*self._said(most=0), *self._said(most=USUAL)]

    def changes(self, lost: Key | None, gained: Key | None) -> z3.BoolRef | None:
        """See `Engine`; also below."""
        never = self._formulas.fixed(False)
        if lost is not None and gained is not None:
            where = z3.And(self.before.get(lost, never), self.after.get(gained, never))
        else:
            key = lost or gained
            assert key is not None
            one, other = self.before.get(key, never), self.after.get(key, never)
            where = z3.And(one, z3.Not(other)) if lost else z3.And(other, z3.Not(one))
        return where if self._solver.check(where) else None

    def amount(self, lost: Key | None, gained: Key | None, where: z3.BoolRef) -> Amount:
        """From the sample."""
        del where
        hits = [
            (lost is None or (lost in before and lost not in after))
            and (gained is None or (gained in after and gained not in before))
            for before, after in self._sample
        ]
        return _estimate(hits)

    def advice(self) -> Amount | None:
        """See `Engine`."""
        never = self._formulas.fixed(False)
        keys = [key for key in {**self.before, **self.after} if key[0] in ADVICE]
        different = self._formulas.some(self.before.get(key, never) != self.after.get(key, never) for key in keys)
        if not self._solver.check(different):
            return None
        return _estimate([_advice(before) != _advice(after) for before, after in self._sample])

    def example(self, where: z3.BoolRef) -> Chosen:
        """See `Engine`."""
        self._solver.check(where)
        model = self._solver.model()
        return {
            name: tuple(
                option for option in options if z3.is_true(model.eval(self._formulas.option(name, option), True))
            )
            for name, options in {**self.shared.one, **self.shared.many}.items()
        }

    def hangs_on(self, where: z3.BoolRef, chosen: Chosen) -> AbstractSet[str]:
        """Those whose answers in this example are enough."""
        fixed = {
            name: self._formulas.every(
                self._formulas.option(name, option) == self._formulas.fixed(option in chosen[name])
                for option in self.shared.one.get(name, self.shared.many.get(name, ()))
            )
            for name in chosen
        }
        return set(self._solver.culprits(z3.Not(where), fixed))

    def always(self, where: z3.BoolRef) -> Chosen:
        """Not looked for: it would take too long."""
        del where
        return {}

    def _said(self, most: int) -> list[tuple[frozenset[Key], frozenset[Key]]]:
        rng = random.Random(0)  # noqa: S311 - the same sample each time
        said: list[tuple[frozenset[Key], frozenset[Key]]] = []
        while len(said) < SAMPLES:
            chosen: Chosen = {name: (rng.choice(options),) for name, options in self.shared.one.items()}
            chosen |= {name: self._some(rng, name, options, most) for name, options in self.shared.many.items()}
            before = self.shared.answers(chosen, self.old, older=True)
            after = self.shared.answers(chosen, self.new, older=False)
            decisions = decide(self.old, before, self.settings), decide(self.new, after, self.settings)
            said.append((outputs(decisions[0]), outputs(decisions[1])))
        return said

    def _some(self, rng: random.Random, name: str, options: Sequence[str], most: int) -> tuple[str, ...]:
        """Some options, each well-formed set as likely as any other; at most so many, or any number with 0."""
        alone = self._alone.get(name, frozenset())
        sizes = range(1, (min(most, len(options)) if most else len(options)) + 1)
        weights = [math.comb(len(options), n) for n in sizes]
        while True:
            picked = set(rng.sample(options, rng.choices(sizes, weights)[0]))
            if len(picked) == 1 or not picked & alone:
                return tuple(option for option in options if option in picked)


def _advice(said: frozenset[Key]) -> set[Key]:
    return {key for key in said if key[0] in ADVICE}


def _estimate(hits: Sequence[bool]) -> Amount:
    """Shares in both halves of the sample, with the wider of their margins (Wilson, 95 %)."""
    shares = [sum(half) / SAMPLES for half in (hits[:SAMPLES], hits[SAMPLES:])]
    z = 1.96
    margins = [
        z / (1 + z * z / SAMPLES) * math.sqrt(p * (1 - p) / SAMPLES + z * z / (4 * SAMPLES * SAMPLES)) for p in shares
    ]
    return Amount(shares[0], shares[1], margin=max(margins))
