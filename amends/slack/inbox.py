"""What came in and waits: claimed lane by lane, oldest first, by one process at a time, and settled once.

The first row of a lane that waits holds back the later ones, also while it waits for its next attempt.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select, update

from amends.incidents.database import RecordUnavailable
from amends.outbox.tables import Inbound
from amends.slack.logs import log_error

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable, Collection, Sequence
    from datetime import datetime

    from sqlalchemy import Select, Update
    from sqlalchemy.orm import Session

    from amends.incidents.database import Database

LEASE = timedelta(seconds=20)
"""How long a row belongs to the process that claimed it, unless that renews it. A process that stops gives its rows
back at once; one that was killed leaves them for so long."""


FURTHEST = timedelta(minutes=2)
"""Nothing waits longer for its next attempt, nor belongs to somebody for longer. A row that says so was written by a
clock that was ahead and was put right since; it would wait for as long as the clock was wrong."""


def _nothing(_session: Session) -> None:
    """Nothing else is recorded."""


@dataclass(frozen=True)
class Outcome:
    """What became of an attempt to handle a row.

    Attributes:
        until: it is tried again then; None: it is handled.
        error: why it is tried again, or was set aside; holds nothing of what somebody wrote.
        counts: whether this was one of the attempts after which it is set aside.
        aside: it is not tried any more, though it was not handled.
        also: what is recorded in the same transaction.
    """

    row: Inbound
    until: datetime | None = None
    error: str | None = None
    counts: bool = True
    aside: bool = False
    also: Callable[[Session], None] = field(default=_nothing, repr=False)


def waits(database: Database, at: datetime) -> bool:
    """Whether there is something to claim; only looked at."""
    with database.read() as session:
        return session.scalars(_due(at).limit(1)).first() is not None


def exchange(
    database: Database,
    outcomes: Sequence[Outcome],
    room: int,
    at: datetime,
    *,
    without: Collection[int] = (),
    log: logging.Logger,
) -> list[Inbound]:
    """Settle what was handled, and claim what is due: the first row of each lane.

    Args:
        room: how many rows at most.
        without: rows that are in hand.

    Raises:
        RecordUnavailable: nothing of it was kept.
    """
    try:
        with database.begin() as session:
            for outcome in outcomes:
                _settle(session, outcome, at)
            return _claim(session, room, at, without)
    except RecordUnavailable:
        raise
    except Exception as error:  # noqa: BLE001 - one that cannot be settled must not hold up the others
        log_error(log, error)
    for outcome in outcomes:
        _settle_alone(database, outcome, at, log)
    with database.begin() as session:
        return _claim(session, room, at, without)


def renew(database: Database, ids: Collection[int], at: datetime) -> None:
    """Keep rows for another lease; not those that were settled meanwhile, which wait for their next attempt."""
    with database.begin() as session:
        session.execute(_held(ids).where(Inbound.claimed_until.is_not(None)).values(claimed_until=at + LEASE))


def release(database: Database, ids: Collection[int]) -> None:
    """Give rows back, for whoever comes next."""
    with database.begin() as session:
        session.execute(_held(ids).values(claimed_until=None))


def _settle_alone(database: Database, outcome: Outcome, at: datetime, log: logging.Logger) -> None:
    try:
        with database.begin() as session:
            _settle(session, outcome, at)
    except RecordUnavailable:
        raise
    except Exception as error:  # noqa: BLE001 - what cannot be recorded beside it is left out
        log_error(log, error)
        with database.begin() as session:
            _settle(session, Outcome(outcome.row, error="not recorded", aside=True), at)


def _settle(session: Session, outcome: Outcome, at: datetime) -> None:
    row = session.get_one(Inbound, outcome.row.id, with_for_update=True)
    if row.handled_at is not None:
        return
    row.claimed_until = None
    row.last_error = outcome.error
    row.attempts += outcome.counts
    row.set_aside = outcome.aside
    if outcome.until is None:
        row.handled_at = at
    else:
        row.not_before = outcome.until
    outcome.also(session)


def _claim(session: Session, room: int, at: datetime, without: Collection[int]) -> list[Inbound]:
    if room <= 0:
        return []
    query = _due(at).where(Inbound.id.not_in(without)).limit(room)
    # A row that somebody else claims at this instant is theirs.
    rows = list(session.scalars(query.with_for_update(skip_locked=True, of=Inbound)))
    for row in rows:
        row.claimed_until = at + LEASE
    return rows


def _due(at: datetime) -> Select[Inbound]:
    first = select(func.min(Inbound.id)).where(Inbound.handled_at.is_(None)).group_by(Inbound.lane)
    free = or_(Inbound.claimed_until.is_(None), Inbound.claimed_until < at, Inbound.claimed_until > at + FURTHEST)
    on_time = or_(Inbound.not_before <= at, Inbound.not_before > at + FURTHEST)
    return (
        select(Inbound).where(Inbound.id.in_(first), Inbound.handled_at.is_(None), on_time, free).order_by(Inbound.id)
    )


def _held(ids: Collection[int]) -> Update:
    return update(Inbound).where(Inbound.id.in_(ids), Inbound.handled_at.is_(None))
