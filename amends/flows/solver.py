"""The solver, with an end to its patience that does not depend on the clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

import z3

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PATIENCE = 2_000_000
"""z3's own count of work for one question, about half a second; the shipped flow needs less than a hundredth."""
MOST_UNDECIDED = 8
"""After so many questions without an answer no more are asked: the flow is too large."""
MOST_CULPRITS = 12
"""More than these are not named one by one, so that which of them are needless does not matter."""


class Solver:
    """Whether formulas can hold together. What takes too long counts as possible, and is counted in `undecided`.

    Args:
        rules: what always holds.
        context: the one that all the formulas are made in.
    """

    def __init__(self, rules: Iterable[z3.BoolRef], context: z3.Context) -> None:
        self.undecided = 0
        self._solver = z3.SimpleSolver(context)
        self._solver.set("rlimit", PATIENCE)
        self._solver.add(*rules)

    def add(self, *rules: z3.BoolRef) -> None:
        """More that always holds."""
        self._solver.add(*rules)

    def possible(self, *formulas: z3.BoolRef) -> bool:
        """Whether all of them can hold together."""
        return self.check(*formulas) is not False

    def check(self, *formulas: z3.BoolRef) -> bool | None:
        """Whether all of them can hold together; None when that takes too long."""
        if self.undecided >= MOST_UNDECIDED:
            return None
        found = self._solver.check(*formulas)
        if found == z3.unknown:
            self.undecided += 1
            return None
        return bool(found == z3.sat)

    @property
    def spent(self) -> int:
        """The work done so far in the solver's context, in z3's own count."""
        statistics = self._solver.statistics()
        return int(statistics.get_key_value("rlimit count")) if "rlimit count" in statistics.keys() else 0  # noqa: SIM118

    def model(self) -> z3.ModelRef:
        """The values with which the last formulas hold."""
        return self._solver.model()

    def culprits(self, goal: z3.BoolRef, others: Mapping[str, z3.BoolRef]) -> list[str]:
        """The others that together make the goal impossible, none if they do not; if they are few, none needlessly."""
        if self.check(goal, *others.values()) is not False:
            return []
        core = {part.get_id() for part in self._solver.unsat_core()}
        left = {name: formula for name, formula in others.items() if formula.get_id() in core}
        for name in list(left) if len(left) <= MOST_CULPRITS else ():
            without = {other: formula for other, formula in left.items() if other != name}
            if self.check(goal, *without.values()) is False:
                left = without
        return list(left)
