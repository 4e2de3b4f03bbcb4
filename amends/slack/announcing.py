"""What those who talk about an incident are told when a lead acts on it, and what becomes of their cards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from amends.outbox import outgoing
from amends.outbox.tables import Outgoing, Place
from amends.slack import hints, ids
from amends.slack.settling import live_card

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from amends.incidents.models import Incident
    from amends.settings import Settings
    from amends.slack.registry import Call

MOST = 500
"""So many messages of a thread are hidden."""


def announce(session: Session, incident: Incident, key: str, text: str, at: datetime) -> None:
    """Say something where an incident is talked about, if that is in Slack."""
    place = session.get(Place, incident.conversation_id)
    if place is not None:
        hints.post(session, ids.Where(place.team, place.channel, place.thread), f"announce:{key}", text, at)


def end_cards(session: Session, conversation_id: str, key: str, text: str, at: datetime) -> None:
    """What is being asked in a conversation is not asked any more."""
    place = session.get(Place, conversation_id)
    if place is None:
        return
    for kind in ("question", "aside"):
        slot = f"{kind}:{conversation_id}"
        if live_card(session, slot) is not None:
            body = hints.message(text)
            outgoing.put(
                session,
                f"end:{kind}:{key}",
                to=place.channel,
                thread=place.thread,
                action="update",
                body=body,
                slot=slot,
                at=at,
            )


def hide_thread(session: Session, place: Place, key: str, text: str, at: datetime) -> None:
    """Take everything of ours out of a thread, but for one message that says where it goes on."""
    query = select(Outgoing).where(
        Outgoing.to == place.channel,
        Outgoing.thread == place.thread,
        Outgoing.ts.is_not(None),
        Outgoing.action.in_(("post", "update", "replace")),
    )
    # What waits to be sent there says what others must not read either; it counts as sent.
    waits = (Outgoing.to == place.channel, Outgoing.thread == place.thread, Outgoing.started_at.is_(None))
    unsent = (Outgoing.sent_at.is_(None), Outgoing.dead_at.is_(None))
    session.execute(update(Outgoing).where(*waits, *unsent).values(sent_at=at))
    there = dict.fromkeys(row.ts for row in session.scalars(query.order_by(Outgoing.id).limit(MOST)) if row.ts)
    for n, ts in enumerate(there):
        slot = f"hidden:{place.channel}:{ts}"
        outgoing.stand(session, slot, channel=place.channel, ts=ts, thread=place.thread, body="{}", at=at)
        outgoing.put(
            session,
            f"hide:{key}:{n}",
            to=place.channel,
            thread=place.thread,
            action="delete",
            slot=slot,
            at=at,
        )
    where = ids.Where(place.team, place.channel, place.thread)
    hints.post(session, where, f"hidden:{key}", text, at)


def draw_lead_card(session: Session, settings: Settings, incident: Incident, call: Call) -> None:
    """Draw an incident's card for leads again as things stand, where there is one."""
    slot = f"lead:{incident.id}"
    posted = outgoing.stands(session, slot)
    if posted is not None and settings.slack_leads_channel:
        outgoing.put(
            session,
            f"stale:{call.key}",
            to=posted.channel,
            action="update",
            draw="lead_card",
            args={"incident": incident.id, "here": False},
            slot=slot,
            incident_id=incident.id,
            at=call.at,
        )


def draw_home(session: Session, call: Call) -> None:
    """Draw somebody's Home tab as things stand."""
    outgoing.put(
        session,
        f"home:{call.key}",
        to=call.person.user,
        action="home",
        draw="home",
        args={"participant": call.person.id, "lead": call.person.lead},
        slot=f"home:{call.person.id}",
        at=call.at,
    )
