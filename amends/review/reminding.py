"""Whoever a follow-up is for is reminded of it: from the day before its date, each working day, until it is done."""

from __future__ import annotations

import asyncio
import html
import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from amends.incidents import record, trail
from amends.incidents.database import RecordUnavailable
from amends.incidents.models import Incident
from amends.incidents.trail import Kind
from amends.incidents.visible import may_be_told, visible_to
from amends.outbox import hours, outgoing
from amends.outbox.reminders import OURS
from amends.review.tables import FollowUp

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from sqlalchemy.orm import Session

    from amends.incidents.database import Database
    from amends.incidents.visible import Viewer
    from amends.settings import Settings

logger = logging.getLogger(__name__)

EVERY = 30.0
"""Seconds between two looks."""


def due(session: Session, settings: Settings, at: datetime) -> list[int]:
    """The ids of the follow-ups of which somebody is to be reminded now; none outside office hours, none of drills."""
    if not hours.parse(settings.office_hours).is_open(at, settings.zone):
        return []
    query = select(FollowUp.id).join(Incident, Incident.id == FollowUp.incident_id)
    query = query.where(FollowUp.done_at.is_(None), FollowUp.next_at <= at, Incident.drill.is_(False))
    return list(session.scalars(query.order_by(FollowUp.next_at, FollowUp.id)))


def remind(session: Session, settings: Settings, follow_up_id: int, at: datetime) -> bool:
    """Remind of one follow-up, and say so in the trail; the next reminder comes the next morning.

    Returns:
        Whether it was sent; not when somebody was quicker, or there is nobody to send it to.
    """
    incident = record.lock(session, session.get_one(FollowUp, follow_up_id).incident_id)
    row = session.get_one(FollowUp, follow_up_id, populate_existing=True)
    if row.done_at is not None or row.next_at > at:
        return False
    today = at.astimezone(settings.zone).date()
    row.next_at = hours.morning(today + timedelta(days=1), settings.zone)
    told = []
    for place, to in _places(session, settings, incident, row, today):
        told.append(place)
        body = {"text": _text(settings, incident, row, today)}
        key = f"follow-up:{row.id}:{place}:{today.isoformat()}"
        outgoing.put(session, key, to=to, body=body, incident_id=incident.id, at=at)
    if told:
        row.reminded += 1
        payload = {"kind": "follow_up", "title": row.what, "due": row.due.isoformat(), "told": told}
        trail.append(
            session, incident, Kind.REMINDED, payload, actor_id=OURS, source="outbox", said_at=at, recorded_at=at
        )
    return bool(told)


def waiting(session: Session, viewer: Viewer, until: date | None = None) -> list[tuple[FollowUp, Incident]]:
    """What is still to be done after the incidents that somebody may see, the nearest date first.

    Args:
        until: only what is to be done by then.
    """
    query = (
        select(FollowUp, Incident)
        .join(Incident, Incident.id == FollowUp.incident_id)
        .where(FollowUp.done_at.is_(None), visible_to(viewer))
        .order_by(FollowUp.due, FollowUp.id)
    )
    if until is not None:
        query = query.where(FollowUp.due <= until)
    return [(row.FollowUp, row.Incident) for row in session.execute(query)]


@dataclass(frozen=True)
class Pressing:
    """How many follow-ups somebody should see to now: their own, and as a lead those of others that are overdue."""

    mine: int = 0
    others: int = 0


def pressing(session: Session, viewer: Viewer, today: date) -> Pressing:
    """What the pages remind somebody of, with or without Slack: their own from the day before its date on."""
    there = waiting(session, viewer, until=today + timedelta(days=1))
    found = [(row, incident) for row, incident in there if not incident.drill]
    mine = sum(row.owner_id == viewer.id for row, _ in found)
    return Pressing(mine, sum(row.owner_id != viewer.id and row.due < today for row, _ in found) if viewer.lead else 0)


async def run(database: Database, settings: Settings, every: float = EVERY) -> None:
    """Look again and again whether somebody has to be reminded, for as long as the process lives."""
    while True:
        try:
            await asyncio.to_thread(look, database, settings, datetime.now(UTC))
        except RecordUnavailable as error:
            logger.warning("Follow-ups wait: %s", error)
        await asyncio.sleep(every)


def look(database: Database, settings: Settings, at: datetime) -> int:
    """Remind of all that is due, each in a transaction of its own; how many reminders went out."""
    with database.read() as session:
        ids = due(session, settings, at)
    return sum(_one(database, settings, each, at) for each in ids)


def _one(database: Database, settings: Settings, follow_up_id: int, at: datetime) -> bool:
    try:
        with database.begin() as session:
            return remind(session, settings, follow_up_id, at)
    except RecordUnavailable:
        raise
    except Exception as error:  # noqa: BLE001 - the others are still to be reminded
        # Its text can hold what somebody wrote.
        logger.error("Follow-up %s failed: %s", follow_up_id, type(error).__name__)  # noqa: TRY400
        return False


def _places(
    session: Session, settings: Settings, incident: Incident, row: FollowUp, today: date
) -> Iterable[tuple[str, str]]:
    """Where a reminder goes: to its owner; to the leads when the owner is not in Slack, or it is overdue.

    What is restricted goes only to people who may see it, never to the leads' channel.
    """
    owner = _user(row.owner_id)
    reached = bool(owner) and may_be_told(session, incident, row.owner_id or "")
    if reached:
        yield "owner", owner
    if reached and row.due >= today:
        return
    if not incident.restricted and settings.slack_leads_channel:
        yield "leads", settings.slack_leads_channel
    elif incident.restricted and row.agreed_by != row.owner_id:
        lead = _user(row.agreed_by)
        if lead and may_be_told(session, incident, row.agreed_by):
            yield "lead", lead


def _text(settings: Settings, incident: Incident, row: FollowUp, today: date) -> str:
    what, who = html.escape(row.what, quote=False), html.escape(row.owner_name, quote=False)
    day = f"{row.due:%A} {row.due.day} {row.due:%B}"
    when = f"It was to be done by {day}" if row.due < today else f"To be done by {day}"
    where = f"{settings.address}/follow-ups"
    return f"{what}\n{when}, by {who}. It follows from {incident.reference}. When it is done, say so here: {where}"


def _user(participant_id: str | None) -> str:
    """The Slack user in a participant's id; empty when somebody comes another way."""
    parts = (participant_id or "").split(":")
    return parts[2] if len(parts) == 3 and parts[0] == "slack" else ""
