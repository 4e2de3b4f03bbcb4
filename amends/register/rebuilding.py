"""The register made from the record: once from what was there before it, and again when words were erased."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from amends.incidents.models import Command, Incident, TrailEntry
from amends.incidents.record import once
from amends.incidents.trail import Kind
from amends.register.shelving import shelve
from amends.register.tables import Shelved

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from amends.incidents.database import Database

AT_A_TIME = 500
CAUGHT_UP = "register caught up"


def rebuild(database: Database) -> int:
    """Make the register again from the record, a few hundred incidents in one transaction; how many there are."""
    return sum(_shelved(database, ids) for ids in _in_parts(database, missing=False))


def catch_up(database: Database, at: datetime) -> int:
    """Put those incidents into the register that were there before it, once; how many there were.

    Safe to run at every start, and by several at once. If it is stopped half-way, it goes on the next time.
    """
    with database.read() as session:
        if session.get(Command, CAUGHT_UP) is not None:
            return 0
    count = sum(_shelved(database, ids) for ids in _in_parts(database, missing=True))
    with database.begin() as session:
        once(session, CAUGHT_UP, lambda: count, at)
    return count


def _in_parts(database: Database, *, missing: bool) -> Iterator[list[int]]:
    last = 0
    while True:
        query = select(Incident.id).where(Incident.id > last).order_by(Incident.id).limit(AT_A_TIME)
        if missing:
            query = query.where(~select(Shelved.place).where(Shelved.incident_id == Incident.id).exists())
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
