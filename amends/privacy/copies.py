"""Copies of what was said, beside the trail: messages as they came and went, commands, cards, rows from Slack."""

from __future__ import annotations

import json
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, func, or_, select, update

from amends.incidents.models import Command, Conversation, Delivery, Incident, TrailEntry
from amends.outbox import outgoing
from amends.outbox.tables import Inbound, Outgoing, Place, Posted
from amends.privacy.orders import GONE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from amends.settings import Settings

HASHED_KEY = len("turn ") + 64


@dataclass(frozen=True)
class Spoken:
    """What was said about an incident: the messages, in which conversation, up to when."""

    conversation_id: str
    deliveries: Sequence[Delivery]
    first: datetime
    last: datetime


def spoken_of(session: Session, incident: Incident) -> Spoken:
    """The messages that wrote into an incident's trail, and those before them that belong to no other incident.

    Chatter between two messages of an incident is about it, and so is the message behind "is this a new incident?".
    """
    times = _times(session, [incident.id])
    others = select(Incident.id).where(
        Incident.id != incident.id,
        or_(Incident.conversation_id == incident.conversation_id, Incident.reporter_id == incident.reporter_id),
    )
    theirs = _times(session, list(session.scalars(others)))
    query = select(Delivery).where(
        Delivery.conversation_id == incident.conversation_id,
        Delivery.received_at <= times[-1],
        Delivery.handled_at.is_not(None),
    )
    found = [each for each in session.scalars(query.order_by(Delivery.id)) if not _wrote(each, theirs)]
    last = max((each.handled_at for each in found if each.handled_at and _wrote(each, times)), default=times[-1])
    return Spoken(incident.conversation_id, found, times[0], max(last, times[-1]))


def forget_spoken(session: Session, spoken: Spoken) -> None:
    """Take the words out of messages, answers and results of commands; the keys stay, so that nothing is done twice."""
    for each in spoken.deliveries:
        each.text = GONE
        each.replies = "[]"
    named = Command.key.startswith(f"turn {spoken.conversation_id} ", autoescape=True)
    hashed = and_(func.length(Command.key) == HASHED_KEY, Command.done_at >= spoken.first)
    session.execute(
        update(Command)
        .where(Command.key.startswith("turn "), or_(named, hashed), Command.done_at <= spoken.last)
        .values(result="[]")
    )
    session.execute(
        update(Conversation)
        .where(Conversation.id == spoken.conversation_id, Conversation.incident_id.is_(None))
        .values(pending=None)
    )


def forget_sent(session: Session, settings: Settings, incident: Incident, spoken: Spoken, at: datetime) -> None:
    """Take the words out of what was sent to Slack, drop what waits, and take our cards with words off the screen."""
    place = session.get(Place, spoken.conversation_id)
    there = Outgoing.incident_id == incident.id
    if place is not None:
        thread = Outgoing.thread == place.thread if place.thread else Outgoing.thread.is_(None)
        there = or_(there, and_(Outgoing.to == place.channel, thread, Outgoing.incident_id.is_(None)))
    mine = and_(there, Outgoing.created_at <= spoken.last)
    waits = and_(Outgoing.sent_at.is_(None), Outgoing.dead_at.is_(None))
    shown_anew = Outgoing.draw.in_(("lead_card", "home"))
    session.execute(update(Outgoing).where(mine, waits, ~func.coalesce(shown_anew, False)).values(dead_at=at))
    session.execute(update(Outgoing).where(mine, ~waits).values(body="{}"))
    _take_down(session, settings, incident, spoken, at)


def forget_arrived(session: Session, incident: Incident, spoken: Spoken) -> None:
    """Take the words out of what came from Slack and was handled."""
    pressed = Inbound.payload.contains(incident.reference, autoescape=True)
    session.execute(
        update(Inbound)
        .where(
            Inbound.handled_at.is_not(None),
            Inbound.received_at <= spoken.last,
            or_(Inbound.lane == spoken.conversation_id, pressed),
        )
        .values(payload="{}")
    )


def _take_down(session: Session, settings: Settings, incident: Incident, spoken: Spoken, at: datetime) -> None:
    """Delete the cards that hold the words, in Slack too; draw the leads' card again, which names the title."""
    id_ = spoken.conversation_id
    slots = or_(
        Posted.slot.startswith(f"advice:{incident.id}:"),
        and_(Posted.slot.in_((f"question:{id_}", f"aside:{id_}")), Posted.updated_at <= spoken.last),
    )
    for posted in session.scalars(select(Posted).where(slots).order_by(Posted.slot)).all():
        posted.body = "{}"
        if settings.slack_on:
            key = outgoing.key_for(posted.slot)
            outgoing.put(session, key, to=posted.channel, action="delete", slot=posted.slot, at=at)
    session.flush()
    if not settings.slack_on:
        session.execute(delete(Posted).where(slots))
    card = outgoing.stands(session, f"lead:{incident.id}")
    if card is not None:
        args = {"incident": incident.id, "here": bool(json.loads(card.body).get("here"))}
        outgoing.draw_again(session, card, "lead_card", args, incident.id, at)


def _times(session: Session, ids: Sequence[int]) -> list[datetime]:
    query = select(TrailEntry.recorded_at).where(TrailEntry.incident_id.in_(ids))
    return sorted(session.scalars(query))


def _wrote(delivery: Delivery, times: Sequence[datetime]) -> bool:
    """Whether an entry was recorded while a message was handled."""
    if delivery.handled_at is None:
        return False
    first = bisect_left(times, delivery.received_at)
    return first < len(times) and times[first] <= delivery.handled_at
