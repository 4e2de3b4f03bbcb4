"""What has to be redrawn, announced or planned when something happened in an incident."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeAlias

from sqlalchemy import event, select
from sqlalchemy.orm import Session

from amends.incidents.models import Involved, TrailEntry, TrailPayload
from amends.incidents.trail import Kind
from amends.outbox import outgoing, reminders
from amends.outbox.tables import Outgoing, Posted, SlackUser

if TYPE_CHECKING:
    from datetime import datetime

    from amends.incidents.models import Incident
    from amends.settings import Settings

    _Noted: TypeAlias = dict[int, tuple[Settings, Incident, set[Kind], datetime]]

_HAPPENED = "amends_happened"


def happened(session: Session, settings: Settings, incident: Incident, kind: Kind, at: datetime) -> None:
    """Note that something happened in an incident; called with every trail entry, in its transaction.

    What follows of it is written when the transaction is about to be kept: once for all that happened in it, and
    from the incident as it is then.
    """
    if not settings.slack_on:
        return
    noted: _Noted = session.info.setdefault(_HAPPENED, {})
    noted.setdefault(incident.id, (settings, incident, set(), at))[2].add(kind)


@event.listens_for(Session, "before_commit")
def _before_commit(session: Session) -> None:
    """Write what follows; not yet when only a savepoint ends."""
    if _HAPPENED not in session.info or session.in_nested_transaction():
        return
    noted: _Noted = session.info.pop(_HAPPENED)
    for settings, incident, kinds, at in noted.values():
        _follow(session, settings, incident, kinds, at)


def _follow(session: Session, settings: Settings, incident: Incident, kinds: set[Kind], at: datetime) -> None:
    session.flush()
    reminders.plan(session, settings, incident, at)
    if settings.slack_leads_channel:
        _lead_card(session, settings, incident, kinds, at)
    _cards_that_stand(session, incident, at)
    _homes(session, settings, incident, kinds, at)
    if kinds & {Kind.RESTRICTED, Kind.DRILL_MARKED}:
        _named_accounts(session, incident, at)
    if kinds & {Kind.RECOMMENDED, Kind.LEAD_DECIDED, Kind.RESTRICTED}:
        reminders.redraw(session, incident, at)


def _lead_card(session: Session, settings: Settings, incident: Incident, kinds: set[Kind], at: datetime) -> None:
    slot = f"lead:{incident.id}"
    under_way = _under_way(session, slot)  # looked at first: it may be posted the next moment
    posted = outgoing.stands(session, slot)
    if not (posted or under_way or _deserves_card(session, incident, kinds)):
        return
    from_level = settings.slack_here_from_level
    grave = incident.level is not None and from_level is not None and incident.level >= from_level
    emergency = Kind.HANDOVER_REQUESTED in kinds and _is_emergency(session, incident)
    loud = from_level is not None and (grave or emergency) and not incident.drill
    shown = posted or under_way
    stands = shown.body if shown else None
    called = bool(stands and json.loads(stands).get("here"))
    args = {"incident": incident.id, "here": called or (loud and stands is None)}
    channel = settings.slack_leads_channel
    outgoing.put(
        session,
        outgoing.key_for(slot),
        to=channel,
        action="update",
        draw="lead_card",
        args=args,
        slot=slot,
        incident_id=incident.id,
        at=at,
    )
    if loud and stands is not None and not called:
        # An update calls nobody: the card is answered with a message that does.
        now = f"is now level {incident.level}" if grave else "may put somebody in danger"
        text = f"<!here> {incident.reference} {now}."
        outgoing.put(
            session,
            f"here:{incident.id}",
            to=channel,
            body={"text": text},
            thread=posted.ts if posted else None,
            incident_id=incident.id,
            at=at,
        )


def _under_way(session: Session, slot: str) -> Outgoing | None:
    """The first message of a slot while it is being sent."""
    query = select(Outgoing).where(
        Outgoing.slot == slot, Outgoing.started_at.is_not(None), Outgoing.sent_at.is_(None), Outgoing.dead_at.is_(None)
    )
    return session.scalars(query.order_by(Outgoing.id).limit(1)).first()


def _deserves_card(session: Session, incident: Incident, kinds: set[Kind]) -> bool:
    """Whether leads see an incident at once, and not only in the digest; practice never."""
    if incident.drill:
        return False
    if (incident.level or 0) >= 1 or incident.lead_id or incident.override:
        return True
    return Kind.HANDOVER_REQUESTED in kinds and _is_emergency(session, incident)


def _is_emergency(session: Session, incident: Incident) -> bool:
    bodies = session.scalars(
        select(TrailPayload.body)
        .join(TrailEntry, TrailEntry.id == TrailPayload.entry_id)
        .where(TrailEntry.incident_id == incident.id, TrailEntry.kind == Kind.HANDOVER_REQUESTED)
    )
    return any(json.loads(body).get("role") == "emergency" for body in bodies)


def _cards_that_stand(session: Session, incident: Incident, at: datetime) -> None:
    """The advice, wherever it stands, is drawn again."""
    query = select(Posted).where(Posted.slot.startswith(f"advice:{incident.id}:")).order_by(Posted.slot)
    for posted in session.scalars(query).all():
        outgoing.draw_again(session, posted, "advice", {"slot": posted.slot}, incident.id, at)


def _named_accounts(session: Session, incident: Incident, at: datetime) -> None:
    """What those were told who answer for an official account is drawn again: whether it is theirs to see, and real."""
    query = select(Posted).where(Posted.slot.startswith(f"account:{incident.id}:")).order_by(Posted.slot)
    for posted in session.scalars(query).all():
        outgoing.draw_again(session, posted, "account_named", json.loads(posted.body), incident.id, at)


def _homes(session: Session, settings: Settings, incident: Incident, kinds: set[Kind], at: datetime) -> None:
    """The Home tabs of those involved who have opened theirs; of all, when it was settled anew who is."""
    query = select(Posted).where(Posted.slot.startswith("home:"))
    if Kind.RESTRICTED not in kinds:
        involved = session.scalars(select(Involved.participant_id).where(Involved.incident_id == incident.id))
        query = select(Posted).where(Posted.slot.in_([f"home:{participant}" for participant in involved]))
    # In one order, so that two transactions never wait for each other.
    for posted in session.scalars(query.order_by(Posted.slot)).all():
        if _comes_in(session, settings, posted.channel):
            outgoing.draw_again(session, posted, "home", json.loads(posted.body), incident.id, at)


def _comes_in(session: Session, settings: Settings, user_id: str) -> bool:
    """Whether somebody may still come in, as far as is known: a member can become a guest."""
    user = session.get(SlackUser, user_id)
    return user is None or user.standing == "member" or (user.standing == "guest" and settings.slack_guests)
