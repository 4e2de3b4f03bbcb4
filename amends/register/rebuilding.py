"""The register made from the record: of what was there before it, of what was made in another way, or of all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Text, cast, func, select, text

from amends.incidents.models import Command, Incident, TrailEntry
from amends.incidents.record import once
from amends.incidents.trail import Kind
from amends.register.marks import ALL, mark
from amends.register.shelving import shelve
from amends.register.tables import Shelved

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from amends.incidents.database import Database

AT_A_TIME = 500
CAUGHT_UP = f"register caught up {ALL[1]}"
MANY = 1_000
"""After so many PostgreSQL counts anew what there is of each value; it would do so by itself, but later."""


def rebuild(database: Database) -> int:
    """Make the register again from the record, a few hundred incidents in one transaction; how many there are."""
    return _made(database, missing=False)


def catch_up(database: Database, at: datetime) -> int:
    """Put those incidents into the register that are not in it as it is made now, once; how many there were.

    Safe to run at every start, and by several at once. If it is stopped half-way, it goes on the next time.
    """
    with database.read() as session:
        if session.get(Command, CAUGHT_UP) is not None:
            return 0
    count = _made(database, missing=True)
    with database.begin() as session:
        once(session, CAUGHT_UP, lambda: count, at)
    return count


def _made(database: Database, *, missing: bool) -> int:
    count = sum(_shelved(database, ids) for ids in _in_parts(database, missing=missing))
    if count >= MANY and database.engine.dialect.name == "postgresql":
        with database.begin() as session:
            session.execute(text("ANALYZE register_place, register_text, register_tag, register_running"))
    return count


def _in_parts(database: Database, *, missing: bool) -> Iterator[list[int]]:
    last = 0
    while True:
        query = select(Incident.id).where(Incident.id > last).order_by(Incident.id).limit(AT_A_TIME)
        if missing:
            made = (Shelved.incident_id == Incident.id, cast(Shelved.marks, Text).contains(str(mark(*ALL))))
            query = query.where(~select(Shelved.place).where(*made).exists())
        with database.read() as session:
            ids = list(session.scalars(query))
        if not ids:
            return
        yield ids
        last = ids[-1]


def _shelved(database: Database, ids: list[int]) -> int:
    with database.begin() as session:
        for incident in session.scalars(select(Incident).where(Incident.id.in_(ids)).with_for_update()).all():
            advised = select(func.max(TrailEntry.recorded_at)).where(
                TrailEntry.incident_id == incident.id, TrailEntry.kind.in_([Kind.RECOMMENDED, Kind.LEAD_DECIDED])
            )
            shelve(session, incident, session.scalar(advised) or incident.reported_at, anew=True)
    return len(ids)
