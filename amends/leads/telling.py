"""Somebody was told: what is recorded once the message to them went out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amends.conversation import recording
from amends.incidents import record
from amends.incidents.trail import Kind
from amends.leads.opening import opened

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from amends.incidents.actor import Actor
    from amends.incidents.models import Incident
    from amends.settings import Settings


def told(
    session: Session, settings: Settings, incident: Incident, role: str, who: str, actor: Actor, at: datetime
) -> None:
    """Record that a role was told, and that the step to bring it in is done; also when the incident was closed since.

    Args:
        role: the code of a role: legal, dpo, comms.
        who: who or what was told, in words: a name, a channel, a group.
        actor: who pressed the button.

    Raises:
        CannotAct: the incident was restricted since, and the actor is not named.
    """
    incident = opened(session, incident, actor, at)
    code = record.flow_of(session, incident.flow_version).codes.get(role)
    payload = {"role": role, "label": code.label if code else role, "told": who}
    recording.write(session, settings, incident, Kind.TOLD, payload, actor=actor, at=at)
    recording.mark_done(session, settings, incident, role, actor=actor, at=at)
