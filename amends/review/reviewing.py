"""The review after an incident: what went well, what to change, and what follows, with an owner and a date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from amends.conversation import recording
from amends.incidents import record
from amends.incidents.models import Participant
from amends.incidents.trail import Kind
from amends.incidents.visible import may_be_told
from amends.leads.opening import CannotAct, opened, words_of
from amends.outbox.hours import morning
from amends.review.saving import SavedMeanwhile, text_of
from amends.review.tables import FollowUp, Review

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from amends.incidents.actor import Actor
    from amends.incidents.models import Incident
    from amends.settings import Settings

BEFORE = timedelta(days=1)
"""How long before its date somebody is first reminded."""
LONGEST_NAME = 80


@dataclass(frozen=True)
class Reviewed:
    """A review as it stands. `revision` is 0 before it was saved for the first time."""

    revision: int
    went_well: str
    to_change: str
    saved_by: str
    saved_at: datetime | None


def review_of(session: Session, incident: Incident) -> Reviewed:
    """The review of an incident; empty when nobody has written one."""
    row = session.get(Review, incident.id, populate_existing=True)
    if row is None:
        return Reviewed(0, "", "", "", None)
    who = session.get_one(Participant, row.saved_by)
    return Reviewed(row.revision, row.went_well, row.to_change, who.name or who.id, row.saved_at)


def save_review(
    session: Session,
    settings: Settings,
    incident: Incident,
    actor: Actor,
    went_well: str,
    to_change: str,
    seen: int,
    at: datetime,
) -> Reviewed:
    """Keep a review in the place of the one that stands; every version is in the trail.

    Args:
        seen: the revision that it was made from.

    Raises:
        CannotAct: there are no words, or the incident is not for this lead to see.
        SavedMeanwhile: somebody saved another revision since.
    """
    incident = opened(session, incident, actor, at)
    before = review_of(session, incident)
    if before.revision != seen:
        raise SavedMeanwhile("the review", before.saved_by)
    well, change = text_of(went_well), text_of(to_change)
    words_of(well + change, "The review")
    row = session.get(Review, incident.id)
    if row is None:
        row = Review(incident_id=incident.id)
        session.add(row)
    row.revision, row.went_well, row.to_change, row.saved_by, row.saved_at = seen + 1, well, change, actor.id, at
    payload = {"went_well": well, "to_change": change}
    recording.write(session, settings, incident, Kind.REVIEWED, payload, actor=actor, at=at)
    session.flush()
    return review_of(session, incident)


def follow_ups_of(session: Session, incident: Incident) -> Sequence[FollowUp]:
    """What follows from an incident: what is open first, by date."""
    query = select(FollowUp).where(FollowUp.incident_id == incident.id)
    return session.scalars(query.order_by(FollowUp.done_at.is_not(None), FollowUp.due, FollowUp.id)).all()


def agree(
    session: Session,
    settings: Settings,
    incident: Incident,
    actor: Actor,
    what: str,
    owner: Participant | str,
    due: date,
    at: datetime,
) -> FollowUp:
    """Agree on something to do, who does it and by when. An owner who is known takes part from now on.

    Args:
        owner: a participant who may see the incident, or somebody's name.

    Raises:
        CannotAct: there are no words or no owner, or the incident is not for the actor or the owner to see.
    """
    incident = opened(session, incident, actor, at)
    words = words_of(what, "What is to be done")
    if isinstance(owner, Participant) and not may_be_told(session, incident, owner.id):
        raise CannotAct(f"{owner.name or owner.id} may not see {incident.reference}, so they cannot be reminded of it.")
    name = (owner.name or owner.id) if isinstance(owner, Participant) else " ".join(owner.split())[:LONGEST_NAME]
    if not name:
        raise CannotAct("Say who does it: choose somebody, or write a name.")
    row = FollowUp(
        incident_id=incident.id,
        what=words,
        owner_name=name,
        owner_id=owner.id if isinstance(owner, Participant) else None,
        due=due,
        revision=1,
        agreed_by=actor.id,
        agreed_at=at,
        next_at=max(morning(due, settings.zone) - BEFORE, at),
        reminded=0,
    )
    session.add(row)
    if row.owner_id is not None:
        record.involve(session, incident, row.owner_id, at)
    payload = {"follow_up": words, "owner": name, "due": due.isoformat()}
    recording.write(session, settings, incident, Kind.FOLLOW_UP_SET, payload, actor=actor, at=at)
    session.flush()
    return row


def move(session: Session, settings: Settings, row: FollowUp, actor: Actor, due: date, seen: int, at: datetime) -> None:
    """Agree on another date.

    Raises:
        CannotAct: it is done, the date is as it was, or it is not for this lead to see.
        SavedMeanwhile: somebody changed it since.
    """
    incident, row = _opened(session, row, actor, seen, at)
    if row.due == due:
        raise CannotAct("The date is as it was, so nothing was changed.")
    payload = {
        "follow_up": row.what,
        "owner": row.owner_name,
        "due": due.isoformat(),
        "due_before": row.due.isoformat(),
    }
    row.due, row.next_at, row.revision = due, max(morning(due, settings.zone) - BEFORE, at), row.revision + 1
    recording.write(session, settings, incident, Kind.FOLLOW_UP_SET, payload, actor=actor, at=at)


def finish(session: Session, settings: Settings, row: FollowUp, actor: Actor, seen: int, at: datetime) -> None:
    """Say that it is done; nobody is reminded of it any more.

    Raises:
        CannotAct: it is done already, or it is not for this lead to see.
        SavedMeanwhile: somebody changed it since.
    """
    incident, row = _opened(session, row, actor, seen, at)
    row.done_at, row.done_by, row.revision = at, actor.name or actor.id, row.revision + 1
    payload = {"follow_up": row.what, "owner": row.owner_name}
    recording.write(session, settings, incident, Kind.FOLLOW_UP_DONE, payload, actor=actor, at=at)


def _opened(session: Session, row: FollowUp, actor: Actor, seen: int, at: datetime) -> tuple[Incident, FollowUp]:
    incident = opened(session, record.lock(session, row.incident_id), actor, at)
    row = session.get_one(FollowUp, row.id, populate_existing=True)
    if row.done_at is not None:
        raise CannotAct(f"{row.done_by} said before that this is done, so nothing was changed.")
    if row.revision != seen:
        raise SavedMeanwhile("this follow-up", "Somebody")
    return incident, row
