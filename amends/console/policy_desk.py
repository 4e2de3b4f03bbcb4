"""What the pages of the policies do with a policy's text: read its clauses, and say what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amends.console.sheets import Sheet
from amends.policies import PolicyError, clauses_of
from amends.workshop import Report, check
from amends.workshop.checks import usable

if TYPE_CHECKING:
    from amends.flows import Flow
    from amends.flows.problems import Problem
    from amends.policies import Clause


class PolicySheet(Sheet):
    """The text of a policy that is edited."""

    kind = "policy"

    def clauses(self) -> dict[str, Clause]:
        """Its clauses; none while it cannot be read."""
        try:
            return clauses_of(self.text)
        except PolicyError:
            return {}

    def mistakes(self) -> list[Problem]:
        """What keeps it from being read."""
        try:
            clauses_of(self.text)
        except PolicyError as error:
            return list(error.problems)
        return []

    def flows(self) -> list[Flow]:
        """The live flows, whose answers and responses clauses speak of."""
        return usable(self.beside)

    def all_clauses(self) -> dict[str, str]:
        """Every clause of every policy, and its title."""
        found: dict[str, str] = {}
        for name, text in self.beside.having(self.document, self.text).policies:
            try:
                found |= {id_: clause.title for id_, clause in clauses_of(text, name).items()}
            except PolicyError:  # noqa: PERF203 - those that can be read
                continue
        return found

    def cited_by(self, clause: str) -> list[tuple[str, str]]:
        """The rules of live flows that rest on a clause: flow and rule."""
        return [(flow.id, rule) for flow in self.flows() for rule, rests_on in flow.citing if clause in rests_on]

    def named_by(self, clause: str) -> list[str]:
        """The other clauses that say that they go before a clause."""
        found = []
        for name, text in self.beside.having(self.document, self.text).policies:
            try:
                found += [id_ for id_, each in clauses_of(text, name).items() if clause in each.beats]
            except PolicyError:  # noqa: PERF203 - those that can be read
                continue
        return found


def look(sheet: PolicySheet, text: str) -> Report:
    """The quick checks of a text."""
    return check(sheet.document, text, sheet.beside)


def new_mistakes(sheet: PolicySheet, text: str) -> list[str]:
    """What would be wrong with a text and is not wrong already."""
    there = {problem.message for problem in look(sheet, sheet.text).problems}
    return [problem.message for problem in look(sheet, text).problems if problem.message not in there]
