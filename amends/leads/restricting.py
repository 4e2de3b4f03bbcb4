"""An incident that only those who are named see, and the move of its conversation to where nobody else reads along."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from amends.conversation import recording
from amends.conversation.forgetting import nothing_waits
from amends.incidents import record
from amends.incidents.models import Conversation, Involved, Participant, TrailEntry
from amends.incidents.trail import Kind
from amends.leads.opening import CannotAct, opened

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from amends.incidents.actor import Actor
    from amends.incidents.models import Incident
    from amends.settings import Settings


def restrict(
    session: Session,
    settings: Settings,
    incident: Incident,
    actor: Actor,
    named: Iterable[str],
    at: datetime,
    *,
    on: bool = True,
) -> Incident:
    """Let only those who are named see an incident, or, with `on` false, all who took part and all leads.

    The acting lead and who reported it are always among the named. Naming others again replaces the names.
    A lead who led it and is not named leads it no more; the acting lead does.

    Args:
        named: ids of participants; one who never spoke is known from now on.

    Raises:
        CannotAct: it is not for this lead to see, or it is not restricted and is to be so no more.
    """
    people = {actor.id, incident.reporter_id, *named}
    for participant_id in sorted(people):  # before the incident is locked, as everybody does who speaks
        record.ensure_participant(session, participant_id, "", at)
    incident = opened(session, incident, actor, at)
    if not on and not incident.restricted:
        raise CannotAct(f"{incident.reference} is not restricted, so nothing was changed.")
    incident.restricted = on
    if on:
        payload = _only(session, incident, actor, people, at)
    else:
        payload = {"now": "seen by all who took part and by all leads"}
        for participant_id in _took_part(session, incident):
            record.involve(session, incident, participant_id, at)
    recording.write(session, settings, incident, Kind.RESTRICTED, payload, actor=actor, at=at)
    return incident


def move_to(session: Session, incident: Incident, conversation_id: str) -> None:
    """Go on with an incident in another conversation, which exists; its cards there are drawn by whoever moves it.

    The conversation it came from keeps pointing to it: while it is restricted, who speaks there is told that it is,
    and nothing they say goes into it.
    """
    incident = record.lock(session, incident.id)
    before = incident.conversation_id
    incident.conversation_id = conversation_id
    for each in (before, conversation_id):
        nothing_waits(session, each)
    session.execute(update(Conversation).where(Conversation.id == conversation_id).values(incident_id=incident.id))


def _only(session: Session, incident: Incident, actor: Actor, named: set[str], at: datetime) -> dict[str, object]:
    """Involve those who are named and nobody else; what the record says of it."""
    for participant_id in sorted(named):
        record.involve(session, incident, participant_id, at)
    session.execute(delete(Involved).where(Involved.incident_id == incident.id, Involved.participant_id.not_in(named)))
    payload: dict[str, object] = {"now": "seen only by those who are named"}
    if incident.lead_id is not None and incident.lead_id not in named:
        incident.lead_id = actor.id
        payload["led_by"] = actor.name or actor.id
    people = session.scalars(select(Participant).where(Participant.id.in_(named)).order_by(Participant.id)).all()
    return {**payload, "named": [person.name or person.id for person in people], "named_ids": [p.id for p in people]}


def _took_part(session: Session, incident: Incident) -> list[str]:
    """Everybody who has an entry in the trail, and is a person."""
    acted = select(TrailEntry.actor_id).where(TrailEntry.incident_id == incident.id)
    return list(session.scalars(select(Participant.id).where(Participant.id.in_(acted)).order_by(Participant.id)))
