"""When the daily digest goes to the comms leads, with the incidents that are small or not finished."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amends.outbox import hours, outgoing

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from amends.settings import Settings


def due(settings: Settings, at: datetime) -> date | None:
    """The day whose digest is due by now; None before the time of day at which it goes out."""
    local = at.astimezone(settings.zone)
    return local.date() if local.time() >= hours.clock_time(settings.digest_at) else None


def put(session: Session, settings: Settings, day: date, at: datetime) -> bool:
    """Have the digest of a day sent to the leads' channel, once; whether it was this call that did it."""
    return outgoing.put(
        session,
        f"digest:{day.isoformat()}",
        to=settings.slack_leads_channel,
        draw="digest",
        args={"day": day.isoformat()},
        at=at,
    )
