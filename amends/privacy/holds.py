"""Legal holds: placed on an incident or a person by somebody with a reason, until somebody lifts them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from amends.access.audit import viewed
from amends.incidents import record, trail
from amends.incidents.models import Incident, Involved, TrailEntry
from amends.incidents.trail import Kind
from amends.privacy.orders import CannotErase
from amends.privacy.tables import LegalHold
from amends.register import shelving

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from amends.access.people import SignedIn

LONGEST_REASON = 2_000


def place(
    session: Session,
    by: SignedIn,
    reason: str,
    at: datetime,
    source: str,
    *,
    incident: Incident | None = None,
    participant_id: str | None = None,
) -> LegalHold:
    """Hold an incident, or all that concerns a person: nothing of it is erased until the hold is lifted.

    Args:
        source: where it is done: web, terminal.

    Raises:
        CannotErase: no reason is given.
    """
    words = " ".join(reason.split())[:LONGEST_REASON]
    if not words:
        raise CannotErase("The reason is empty, so nothing is held. Say why it has to be kept.")
    row = LegalHold(
        incident_id=incident.id if incident else None,
        participant_id=participant_id,
        reason=words,
        placed_by=by.id,
        placed_at=at,
    )
    session.add(row)
    session.flush()
    _say(session, row, Kind.HELD, {"reason": words}, by, at, source)
    return row


def lift(session: Session, hold: LegalHold, by: SignedIn, at: datetime, source: str) -> None:
    """Let a hold go; what it held may be erased again.

    Raises:
        CannotErase: it was lifted before.
    """
    if hold.lifted_at is not None:
        raise CannotErase("This hold was lifted before, so nothing was changed.")
    hold.lifted_by, hold.lifted_at = by.id, at
    session.flush()
    _say(session, hold, Kind.RELEASED, {}, by, at, source)


def all_now(session: Session) -> Sequence[LegalHold]:
    """Every hold that stands, the oldest first."""
    return session.scalars(_standing().order_by(LegalHold.id)).all()


def on_incident(session: Session, incident: Incident) -> Sequence[LegalHold]:
    """What holds an incident: a hold on itself, or on somebody who took part in it."""
    acted = select(TrailEntry.actor_id).where(TrailEntry.incident_id == incident.id)
    involved = select(Involved.participant_id).where(Involved.incident_id == incident.id)
    query = _standing().where(
        or_(
            LegalHold.incident_id == incident.id,
            LegalHold.participant_id.in_(acted),
            LegalHold.participant_id.in_(involved),
        )
    )
    return session.scalars(query.order_by(LegalHold.id)).all()


def on_person(session: Session, participant_id: str) -> Sequence[LegalHold]:
    """What holds a person themselves; the incidents that they took part in are asked one by one."""
    query = _standing().where(LegalHold.participant_id == participant_id)
    return session.scalars(query.order_by(LegalHold.id)).all()


def _standing() -> Select[LegalHold]:
    return select(LegalHold).where(LegalHold.lifted_at.is_(None))


def _say(
    session: Session, hold: LegalHold, kind: Kind, payload: dict[str, str], by: SignedIn, at: datetime, source: str
) -> None:
    """An entry of the trail for an incident; of the audit in any case, without the words."""
    reference = ""
    if hold.incident_id is not None:
        record.ensure_participant(session, by.id, by.name, at)
        incident = record.lock(session, hold.incident_id)
        reference = incident.reference
        trail.append(session, incident, kind, payload, actor_id=by.id, source=source, said_at=at, recorded_at=at)
        shelving.changed(session, incident, at)
    details = {"person": hold.participant_id} if hold.participant_id else None
    viewed(session, by, kind, reference, at, details)
