"""What was changed in the register of accounts, by whom: written with each change, read on the pages."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, text

from amends.accounts.tables import AccountChange, AccountPerson
from amends.incidents.models import Participant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from amends.accounts.tables import OfficialAccount

_LOCK = 2012
"""PostgreSQL's advisory lock of all who change the register; 2009 to 2011 are others'."""
OPERATOR, OURS = "operator", "amends"
ACTORS = {OPERATOR: "Whoever runs this", OURS: "Amends"}
WHATS = {
    "added": "Added",
    "changed": "Changed",
    "removed": "Taken out of the register",
    "confirmed": "Confirmed: all still right",
    "asked": "Asked to confirm it",
    "person_added": "Added",
    "person_changed": "Changed",
    "key_back": "Key taken back",
}
FIELDS = {
    "owner": "Owner",
    "deputy": "Deputy",
    "keys": "Holds keys",
    "platform": "Platform",
    "handle": "Handle",
    "called": "Also called",
    "two_factor": "Two-factor",
    "checked_on": "Last checked",
    "contact": "How they are reached",
    "left_on": "Left on",
    "away_until": "Away until",
    "to": "Asked",
}
OF_PEOPLE = frozenset({"owner", "deputy", "keys", "to"})
"""Fields whose values are numbers of people."""
GONE = "somebody who was erased"


@dataclass(frozen=True)
class Change:
    """One change, in words. `parts` are its fields: what each is called, before, and after."""

    at: datetime
    who: str
    label: str
    what: str
    parts: tuple[tuple[str, str, str], ...]


def take_turn(session: Session) -> None:
    """Nobody else changes the register before this transaction ends."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))


def note(
    session: Session,
    what: str,
    actor_id: str,
    at: datetime,
    details: Mapping[str, Any],
    *,
    account: OfficialAccount | None = None,
    person: AccountPerson | None = None,
) -> None:
    """Keep a change, in the transaction that makes it.

    Args:
        what: one of `WHATS`.
        details: for each field its value before and after; people by their numbers.
    """
    session.add(
        AccountChange(
            at=at,
            account_id=account.id if account else None,
            person_id=person.id if person else None,
            label=account.label if account else "",
            what=what,
            details=json.dumps(dict(details), ensure_ascii=False, default=str),
            actor_id=actor_id,
        )
    )
    session.flush()


def last_change(session: Session) -> int:
    """The number of the newest change; 0 before there was one."""
    return session.scalar(select(func.max(AccountChange.id))) or 0


def history(
    session: Session, *, account_id: int | None = None, person_id: int | None = None, most: int = 100
) -> list[Change]:
    """The changes, newest first; of one account or person, or of all."""
    query = select(AccountChange).order_by(AccountChange.id.desc()).limit(most)
    if account_id is not None:
        query = query.where(AccountChange.account_id == account_id)
    if person_id is not None:
        query = query.where(AccountChange.person_id == person_id)
    rows = session.scalars(query).all()
    names = {each.id: each.name or GONE for each in session.scalars(select(AccountPerson)).all()}
    actors = {
        each.id: each.name or GONE
        for each in session.scalars(select(Participant).where(Participant.id.in_({row.actor_id for row in rows})))
    }
    return [_change(row, names, {**actors, **ACTORS}) for row in rows]


def _change(row: AccountChange, names: Mapping[int, str], actors: Mapping[str, str]) -> Change:
    label = row.label or (names.get(row.person_id, GONE) if row.person_id is not None else "")
    parts = tuple(_parts(json.loads(row.details), names))
    return Change(row.at, actors.get(row.actor_id, row.actor_id), label, WHATS.get(row.what, row.what), parts)


def _parts(details: Mapping[str, Any], names: Mapping[int, str]) -> Iterator[tuple[str, str, str]]:
    for field, values in details.items():
        shown = [_shown(field, each, names) for each in values]
        before, after = (shown[0], shown[1]) if len(shown) == 2 else ("", "changed")
        yield FIELDS.get(field, field), before, after


def _shown(field: str, value: Any, names: Mapping[int, str]) -> str:
    if field in OF_PEOPLE:
        people = value if isinstance(value, list) else [value] if value is not None else []
        return ", ".join(names.get(each, GONE) for each in people) or "nobody"
    return ", ".join(value) if isinstance(value, list) else str(value or "nothing")
