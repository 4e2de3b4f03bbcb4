"""A lead opens a closed incident again, or says that it is a drill."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from amends.conversation import completing, recording
from amends.incidents import trail
from amends.incidents.models import Conversation
from amends.incidents.record import OPEN_STATES, State
from amends.incidents.references import is_practice
from amends.incidents.trail import Kind
from amends.leads.opening import CannotAct, opened, words_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from amends.incidents.actor import Actor
    from amends.incidents.models import Incident
    from amends.settings import Settings


def reopen(
    session: Session, settings: Settings, incident: Incident, actor: Actor, reason: str, at: datetime
) -> Incident:
    """Open a closed incident again, where it stood; a sign-off is needed anew, and the old one stays in the trail.

    It is talked about again in its conversation, unless that has gone on to another one. What is asked after a public
    reply is asked anew.

    Raises:
        CannotAct: it is open, no reason is given, or it is not for this lead to see.
    """
    incident = opened(session, incident, actor, at)
    if incident.state in OPEN_STATES:
        raise CannotAct(f"{incident.reference} is open, so nothing was changed.")
    payload: dict[str, Any] = {"reason": words_of(reason, "The reason")}
    if incident.signed_off_at is not None:
        payload["after_sign_off"] = True
    ended = _ended(session, incident)
    if incident.state == State.ABANDONED and ended.get("state") in set(OPEN_STATES):
        incident.state = ended["state"]
        incident.asked = ended.get("asked")
    else:
        incident.state = State.ADVISED if incident.decision else State.CONFIRMING
    incident.state_number += 1
    incident.closed_at = incident.signed_off_at = None
    completing.ask_anew(incident, at)
    recording.write(session, settings, incident, Kind.REOPENED, payload, actor=actor, at=at)
    conversation = session.get_one(Conversation, incident.conversation_id)
    if conversation.incident_id is None:
        conversation.incident_id = incident.id
    return incident


def mark_drill(
    session: Session, settings: Settings, incident: Incident, actor: Actor, at: datetime, *, on: bool = True
) -> Incident:
    """Say that an incident is a drill, or with `on` false that it is real after all.

    Raises:
        CannotAct: it is so already, it was begun as practice, or it is not for this lead to see.
    """
    incident = opened(session, incident, actor, at)
    if not on and is_practice(incident.reference):
        raise CannotAct(f"{incident.reference} was begun as practice and stays that. Report what is real anew.")
    if incident.drill == on:
        is_so = "a drill" if on else "a real incident"
        raise CannotAct(f"{incident.reference} is marked as {is_so} already, so nothing was changed.")
    incident.drill = on
    payload = {"now": "a drill" if on else "a real incident"}
    recording.write(session, settings, incident, Kind.DRILL_MARKED, payload, actor=actor, at=at)
    return incident


def _ended(session: Session, incident: Incident) -> Mapping[str, Any]:
    """What was written when it was stopped last: in which state, and what was being asked."""
    for entry in reversed(trail.entries(session, incident)):
        if entry.kind == Kind.ABANDONED:
            return entry.payload or {}
    return {}
