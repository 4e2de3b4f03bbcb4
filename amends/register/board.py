"""What is open, for one lead: what needs them on top, then what they lead, then the rest; the most urgent first."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from amends.incidents.advice import steps_of
from amends.incidents.models import Incident
from amends.incidents.visible import Viewer, visible_to
from amends.register.shelving import NO_ADVICE
from amends.register.tables import Running, Shelved

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.orm import Session

SHOWN = 25
"""Incidents of a part of the board."""
LOOKED_AT = 5_000
"""So many open incidents are put in order, the most serious ones; more are only counted."""
SOON = timedelta(hours=1)
SERIOUS = 2
"""The level from which somebody has to lead an incident."""


@dataclass(frozen=True)
class Opened:
    """An open incident: what runs in it, the first to run out on top, and why it needs the lead who looks."""

    incident: Incident
    running: Sequence[Running]
    needs: Sequence[str]
    late: bool


@dataclass(frozen=True)
class Part:
    """Some of the open incidents, and how many there are of them in all."""

    shown: Sequence[Opened]
    count: int


@dataclass(frozen=True)
class Board:
    """The open incidents in three parts; `late` counts those in which something has run out."""

    needs_me: Part
    mine: Part
    others: Part
    late: int
    more: bool = False
    """Whether there are so many that not all were looked at."""

    @property
    def count(self) -> int:
        """How many are open."""
        return self.needs_me.count + self.mine.count + self.others.count


@dataclass
class _Row:
    id: int
    lead_id: str | None
    level: int
    due_at: datetime | None
    needs: list[str] = field(default_factory=list)


def open_board(session: Session, viewer: Viewer, now: datetime) -> Board:
    """The open incidents that somebody may see, without drills."""
    query = (
        select(Incident.id, Incident.lead_id, Shelved.open_level, Shelved.due_at)
        .select_from(Shelved)
        .join(Incident, Incident.id == Shelved.incident_id)
        .where(Shelved.open_level >= NO_ADVICE, Incident.drill.is_(False), visible_to(viewer))
        .order_by(Shelved.open_level.desc(), Shelved.due_at.is_(None), Shelved.due_at, Shelved.place)
        .limit(LOOKED_AT + 1)
    )
    rows = [_Row(id_, lead, level or 0, due_at) for id_, lead, level, due_at in session.execute(query)]
    parts: tuple[list[_Row], list[_Row], list[_Row]] = ([], [], [])
    for row in rows[:LOOKED_AT]:
        row.needs = list(_needs(row, viewer, now))
        parts[0 if row.needs else 1 if row.lead_id == viewer.id else 2].append(row)
    parts[0].sort(key=lambda row: (not _late(row, now), -row.level))  # stable: within these by what runs out first
    drawn = _drawn(session, [row for part in parts for row in part[:SHOWN]], now)
    needs_me, mine, others = (Part([drawn[row.id] for row in part[:SHOWN]], len(part)) for part in parts)
    return Board(
        needs_me,
        mine,
        others,
        late=sum(_late(row, now) for row in rows[:LOOKED_AT]),
        more=len(rows) > LOOKED_AT,
    )


def _needs(row: _Row, viewer: Viewer, now: datetime) -> Iterable[str]:
    """Why an incident needs this lead: nobody leads it and somebody should, or they do and time runs out."""
    if row.lead_id is None:
        if _late(row, now):
            yield "Something is late, and nobody leads it."
        elif row.level >= SERIOUS:
            yield "It is serious, and nobody leads it."
    elif row.lead_id == viewer.id and row.due_at is not None:
        if row.due_at < now:
            yield "You lead it, and something is late."
        elif row.due_at < now + SOON:
            yield "You lead it, and something runs out within the hour."


def _late(row: _Row, now: datetime) -> bool:
    return row.due_at is not None and row.due_at < now


def _drawn(session: Session, rows: Sequence[_Row], now: datetime) -> dict[int, Opened]:
    ids = [row.id for row in rows]
    incidents = {one.id: one for one in session.scalars(select(Incident).where(Incident.id.in_(ids)))}
    running: dict[int, list[Running]] = defaultdict(list)
    for one in session.scalars(select(Running).where(Running.incident_id.in_(ids))):
        running[one.incident_id].append(one)
    return {
        row.id: Opened(
            incident=incidents[row.id],
            running=_in_order(incidents[row.id], running[row.id]),
            needs=row.needs,
            late=_late(row, now),
        )
        for row in rows
    }


def _in_order(incident: Incident, running: Iterable[Running]) -> list[Running]:
    """What runs out first comes first; steps that run out together come as the advice has them."""
    steps = {step["code"]: n for n, step in enumerate(steps_of(incident))}
    return sorted(running, key=lambda one: (one.due_at, steps.get(one.code, -1)))
