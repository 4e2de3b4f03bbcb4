"""How much waits: what people said, what came from Slack, what is to be sent, who is to be reminded."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import and_, false, func, select

from amends.incidents.models import Delivery
from amends.outbox.tables import Inbound, Outgoing, Reminder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import InstrumentedAttribute, Session


class Backlog(NamedTuple):
    """One kind of work.

    Attributes:
        name: as figures are named.
        what: what it is, in words.
        waiting: how many pieces of it wait.
        oldest: seconds since the oldest of them could have been done.
        set_aside: how many were given up.
    """

    name: str
    what: str
    waiting: int
    oldest: float
    set_aside: int


def look(session: Session) -> Iterator[Backlog]:
    """What waits now, kind by kind."""
    now = datetime.now(UTC)
    unsent = and_(Outgoing.sent_at.is_(None), Outgoing.dead_at.is_(None), Outgoing.not_before <= now)
    dead = and_(Outgoing.sent_at.is_(None), Outgoing.dead_at.is_not(None))
    late = and_(Reminder.state == "waiting", Reminder.next_at <= now)
    kinds: tuple[tuple[str, str, InstrumentedAttribute[datetime], Any, Any], ...] = (
        ("messages", "Messages to the assistant", Delivery.received_at, Delivery.handled_at.is_(None), false()),
        ("inbound", "Pieces from Slack", Inbound.received_at, Inbound.handled_at.is_(None), Inbound.set_aside),
        ("outgoing", "Messages to Slack", Outgoing.not_before, unsent, dead),
        ("reminders", "Reminders", Reminder.next_at, late, false()),
    )
    for name, what, since, waits, aside in kinds:
        count, first = session.execute(select(func.count(), func.min(since)).where(waits)).one()
        given_up = session.scalar(select(func.count()).select_from(since.class_).where(aside)) or 0
        yield Backlog(name, what, count, (now - first).total_seconds() if first else 0.0, given_up)
