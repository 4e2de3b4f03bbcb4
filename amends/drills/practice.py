"""Goes at a drill: begun, found, ended. Each function works inside the caller's transaction."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import and_, or_, select

from amends.drills.tables import Practice
from amends.incidents.models import Incident, Involved, TrailEntry
from amends.incidents.record import OPEN_STATES
from amends.incidents.trail import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from amends.drills.outcome import Outcome

MOST = 50
"""So many goes are listed, the newest."""
WORK = (
    *(Kind.REPORTED, Kind.CONFIRMED, Kind.ANSWERED, Kind.CORRECTED, Kind.WENT_BACK, Kind.EXPLAINED, Kind.STEP_DONE),
    *(Kind.DRAFT_CHECKED, Kind.HANDOVER_REQUESTED, Kind.EVIDENCE_KEPT),
)
"""What only those write who practise; leads write notes and have the story go on, too."""


def running(session: Session, conversation_id: str) -> Practice | None:
    """The go that is under way in a conversation. One whose incident somebody else has closed is over."""
    query = select(Practice).where(Practice.conversation_id == conversation_id).order_by(Practice.id.desc()).limit(1)
    practice = session.scalars(query).first()
    if practice is None or practice.ended_at is not None:
        return None
    incident = session.get(Incident, practice.incident_id) if practice.incident_id else None
    if incident is not None and incident.state not in OPEN_STATES:
        return None
    return practice


def of_incident(session: Session, incident: Incident) -> Practice | None:
    """The go that an incident belongs to."""
    return session.scalars(select(Practice).where(Practice.incident_id == incident.id)).first()


def begin(
    session: Session, drill: str, conversation_id: str, participant_id: str, at: datetime, *, team: bool
) -> Practice:
    """Begin a go; one that was under way in the same conversation is left.

    Args:
        drill: its id.
        team: whether others practise along, and leads may follow.
    """
    if before := running(session, conversation_id):
        before.ended_at = at
    practice = Practice(
        drill=drill, conversation_id=conversation_id, participant_id=participant_id, team=team, began_at=at
    )
    session.add(practice)
    session.flush()
    return practice


def end(practice: Practice, at: datetime, outcome: Outcome | None = None) -> None:
    """End a go; without an outcome it was left."""
    practice.ended_at = at
    practice.outcome = json.dumps(outcome.as_json(), ensure_ascii=False) if outcome else None


def mine(session: Session, participant_id: str) -> Sequence[Practice]:
    """Somebody's own goes that have ended, alone or with others, the newest first.

    Whoever only facilitated one takes part in its incident, too, and did not practise.
    """
    along = select(Involved.incident_id).where(Involved.participant_id == participant_id)
    wrote = select(TrailEntry.id).where(
        TrailEntry.incident_id == Practice.incident_id, TrailEntry.actor_id == participant_id
    )
    worked = or_(~wrote.exists(), wrote.where(TrailEntry.kind.in_(WORK)).exists())
    query = select(Practice).where(
        Practice.ended_at.is_not(None),
        or_(Practice.participant_id == participant_id, and_(Practice.incident_id.in_(along), worked)),
    )
    return session.scalars(query.order_by(Practice.id.desc()).limit(MOST)).all()


def of_teams(session: Session) -> Sequence[Practice]:
    """The goes of teams, the newest first: what a facilitator follows."""
    query = select(Practice).where(Practice.team.is_(True)).order_by(Practice.id.desc()).limit(MOST)
    return session.scalars(query).all()


def cue(practice: Practice, parts: int) -> bool:
    """Have the next part of a story told, whatever its time; whether there was one that was not cued yet."""
    if practice.ended_at is not None or max(practice.told, practice.cued) >= parts:
        return False
    practice.cued = max(practice.told, practice.cued) + 1
    return True
