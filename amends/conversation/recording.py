"""What is written into an incident's trail from here on: who did it takes part, and others hear of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from amends.accounts import waking
from amends.incidents import record, trail
from amends.incidents.advice import steps_of
from amends.incidents.trail import Kind
from amends.incidents.visible import Viewer, may_see
from amends.outbox import notices
from amends.register import shelving

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from amends.incidents.actor import Actor
    from amends.incidents.models import Incident
    from amends.settings import Settings


def locked(session: Session, incident: Incident, actor: Actor, at: datetime) -> Incident:
    """The incident, for changing it; the actor is known from now on.

    Raises:
        UnknownIncident: it is restricted, and the actor is not named.
    """
    record.ensure_participant(session, actor.id, actor.name, at)
    incident = record.lock(session, incident.id)
    if incident.restricted and not may_see(session, Viewer(actor.id), incident):
        raise record.UnknownIncident(
            f"{incident.reference} is restricted: only those who are named see it and change it. Nothing was changed."
        )
    return incident


def write(
    session: Session,
    settings: Settings,
    incident: Incident,
    kind: Kind,
    payload: Mapping[str, Any],
    *,
    actor: Actor,
    at: datetime,
) -> None:
    """Add an entry to the trail of a locked incident; the actor takes part in it from now on."""
    trail.append(
        session,
        incident,
        kind,
        payload,
        actor_id=actor.id,
        source=actor.source,
        said_at=actor.said_at,
        recorded_at=at,
    )
    record.involve(session, incident, actor.id, at)
    waking.heard(session, settings, incident, kind, payload, actor.id, at)
    notices.happened(session, settings, incident, kind, at)
    shelving.changed(session, incident, at)


def mark_done(
    session: Session, settings: Settings, incident: Incident, code: str, *, actor: Actor, at: datetime
) -> bool:
    """Mark an advised step of a locked incident as done by somebody, unless it is; whether it was marked now."""
    done = json.loads(incident.done)
    if code in done or code not in {step["code"] for step in steps_of(incident)}:
        return False
    label = record.flow_of(session, incident.flow_version).codes[code].label
    mark = {"who": actor.name or actor.id, "at": actor.said_at.isoformat()}
    incident.done = json.dumps({**done, code: mark}, ensure_ascii=False)
    write(session, settings, incident, Kind.STEP_DONE, {"step": code, "label": label, **mark}, actor=actor, at=at)
    return True
