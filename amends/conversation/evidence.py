"""Files that are kept for an incident, and those that were refused. What may be kept is settled before."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sqlalchemy import select

from amends.conversation import recording
from amends.incidents.models import Evidence
from amends.incidents.record import OPEN_STATES
from amends.incidents.trail import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from amends.incidents.actor import Actor
    from amends.incidents.models import Incident
    from amends.settings import Settings

MESSAGE = "application/json"
"""What a message is kept as that somebody pointed to. Most tell of the post, so that the post is not saved with it."""


def keep(
    session: Session,
    settings: Settings,
    incident: Incident,
    *,
    key: str,
    name: str,
    media_type: str,
    content: bytes,
    actor: Actor,
    at: datetime,
) -> Evidence:
    """Keep a file, with its SHA-256 in the trail; the same key again returns what was kept the first time.

    Saving the evidence is a step of the advice: with this it is done, if it was not, and if this is no `MESSAGE`.

    Args:
        key: names the file where it came from, at most 200 characters.

    Raises:
        UnknownIncident: the incident is restricted, and the actor is not named.
    """
    incident = recording.locked(session, incident, actor, at)
    before = session.scalars(select(Evidence).where(Evidence.key == key)).first()
    if before is not None:
        return before
    kept = Evidence(
        key=key,
        incident_id=incident.id,
        participant_id=actor.id,
        name=name,
        media_type=media_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
        stored_at=at,
    )
    session.add(kept)
    session.flush()
    payload = {"name": name, "media_type": media_type, "size": kept.size, "sha256": kept.sha256}
    recording.write(session, settings, incident, Kind.EVIDENCE_KEPT, payload, actor=actor, at=at)
    if media_type != MESSAGE and incident.state in OPEN_STATES:
        recording.mark_done(session, settings, incident, "preserve", actor=actor, at=at)
    return kept


def refuse(
    session: Session, settings: Settings, incident: Incident, *, name: str, reason: str, actor: Actor, at: datetime
) -> None:
    """Record that a file was not kept, and why; the step to save the evidence stays open.

    Raises:
        UnknownIncident: the incident is restricted, and the actor is not named.
    """
    incident = recording.locked(session, incident, actor, at)
    payload = {"name": name, "reason": reason}
    recording.write(session, settings, incident, Kind.EVIDENCE_REFUSED, payload, actor=actor, at=at)


def kept_for(session: Session, incident: Incident) -> Sequence[Evidence]:
    """The files that are kept for an incident, oldest first, without their content until it is asked for."""
    return session.scalars(select(Evidence).where(Evidence.incident_id == incident.id).order_by(Evidence.id)).all()


def copies_for(session: Session, incident: Incident) -> Sequence[Evidence]:
    """The files among them that may show the post itself: all but messages that somebody pointed to."""
    return [one for one in kept_for(session, incident) if one.media_type != MESSAGE]
