"""What the pages of the policies do with the workshop: read a policy's text, check it and save it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from amends.policies import PolicyError, clauses_of
from amends.workshop import Around, Conflict, Document, Draft, Owner, Report, around, check, draft_of, live, save_draft
from amends.workshop.checks import usable

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from amends.flows import Flow
    from amends.flows.problems import Problem
    from amends.incidents.database import Database
    from amends.policies import Clause

MOST_TRIES = 20
"""So often a save begins again on what somebody else saved in the same moment."""


@dataclass(frozen=True)
class Sheet:
    """The text of a policy that is edited: its draft, or what is live while there is none."""

    name: str
    text: str
    draft: Draft | None
    beside: Around

    @property
    def document(self) -> Document:
        """The document that it is the text of."""
        return Document("policy", self.name)

    @property
    def showing(self) -> str:
        """What the page says that it shows."""
        return "draft" if self.draft else "live"

    @property
    def revision(self) -> int:
        """Of the draft, 0 without one."""
        return self.draft.revision if self.draft else 0

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


def read_sheet(session: Session, name: str) -> Sheet:
    """What is edited now.

    Raises:
        UnknownVersion: there is no such policy.
    """
    document = Document("policy", name)
    draft = draft_of(session, document)
    text = draft.text if draft else live(session, document).text
    return Sheet(name, text, draft, around(session))


def save(database: Database, name: str, owner: Owner, edit: Callable[[Sheet], str]) -> Sheet:
    """Save what `edit` makes of the newest text; it is called again when somebody saved in the same moment.

    Raises:
        Conflict: others saved every time.
        UnknownVersion: there is no such policy.
    """
    for tried in range(MOST_TRIES):
        try:
            with database.read() as session:
                sheet = read_sheet(session, name)
            text = edit(sheet)  # outside the transaction, so that others need not wait while it is checked
            if text == sheet.text:
                return sheet
            with database.begin() as session:
                _refuse_if_overtaken(session, sheet)
                now = datetime.now(UTC)
                save_draft(session, sheet.document, text, owner=owner, seen=sheet.revision, now=now)
                return read_sheet(session, name)
        except Conflict:  # noqa: PERF203 - begun again on what is there now
            if tried == MOST_TRIES - 1:
                raise
    raise AssertionError


def _refuse_if_overtaken(session: Session, sheet: Sheet) -> None:
    """Without a draft, what was edited is what is live; another version may have gone live since."""
    if sheet.draft is None and live(session, sheet.document).text != sheet.text:
        raise Conflict(draft_of(session, sheet.document))


def look(sheet: Sheet, text: str) -> Report:
    """The quick checks of a text."""
    return check(sheet.document, text, sheet.beside)


def new_mistakes(sheet: Sheet, text: str) -> list[str]:
    """What would be wrong with a text and is not wrong already."""
    there = {problem.message for problem in look(sheet, sheet.text).problems}
    return [problem.message for problem in look(sheet, text).problems if problem.message not in there]
