"""Who may see which incident: one predicate, which every list, search, count and page goes through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import or_, select, true

from amends.incidents.models import Incident, Involved
from amends.incidents.record import UnknownIncident

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Viewer:
    """Somebody who looks: their id, whether they look as a comms lead, and whether as an auditor, at everything."""

    id: str
    lead: bool = False
    everything: bool = False


def visible_to(viewer: Viewer) -> ColumnElement[bool]:
    """The incidents that somebody may see.

    Those they are involved in; as a lead all that are not restricted; as an auditor all.
    """
    if viewer.everything:
        return true()
    if viewer.lead:
        # A value for each restricted incident that is met. An EXISTS or IN lets PostgreSQL first gather all that they
        # take part in, tens of thousands.
        mine = (Involved.incident_id == Incident.id, Involved.participant_id == viewer.id)
        takes_part = select(Involved.since).where(*mine).correlate(Incident).scalar_subquery()
        return or_(Incident.restricted.is_(False), takes_part.is_not(None))
    return Incident.id.in_(select(Involved.incident_id).where(Involved.participant_id == viewer.id))


def may_see(session: Session, viewer: Viewer, incident: Incident) -> bool:
    """Whether somebody may see this incident."""
    query = select(Incident.id).where(visible_to(viewer), Incident.id == incident.id)
    return session.scalars(query).first() is not None


def may_be_told(session: Session, incident: Incident, participant_id: str) -> bool:
    """Whether somebody who is no lead may be told of an incident: one that is restricted only if they are named."""
    return not incident.restricted or may_see(session, Viewer(participant_id), incident)


def incidents_of(
    session: Session,
    viewer: Viewer,
    states: tuple[str, ...] | None = None,
    *,
    flow_id: str | None = None,
    before: int | None = None,
    most: int | None = None,
) -> list[Incident]:
    """The incidents that somebody may see, newest first.

    Args:
        states: only those in one of these.
        flow_id: only those under this flow.
        before: only those that are older than the incident with this id.
        most: so many at most.
    """
    query = select(Incident).where(visible_to(viewer)).order_by(Incident.id.desc())
    if states is not None:
        query = query.where(Incident.state.in_(states))
    if flow_id is not None:
        query = query.where(Incident.flow_id == flow_id)
    if before is not None:
        query = query.where(Incident.id < before)
    return list(session.scalars(query.limit(most)))


def incident_for(session: Session, viewer: Viewer, reference: str) -> Incident:
    """An incident by its reference, if this person may see it.

    Raises:
        UnknownIncident: there is none, or it is not for them to see; the two are not told apart.
    """
    wanted = reference.upper().replace("\x00", "\ufffd")  # PostgreSQL takes no NUL, not even to look for it
    query = select(Incident).where(visible_to(viewer), Incident.reference == wanted)
    incident = session.scalars(query).first()
    if incident is None:
        whose = "that you may see" if viewer.lead or viewer.everything else "of yours"
        raise UnknownIncident(f"There is no incident {reference[:40]} {whose}.")
    return incident
