"""Who may see which incident: one predicate, which every list, search, count and page goes through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from amends.incidents.models import Incident
from amends.incidents.record import UnknownIncident

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session


def visible_to(participant_id: str) -> ColumnElement[bool]:
    """The incidents that a person may see: their own."""
    return Incident.reporter_id == participant_id


def incidents_of(session: Session, participant_id: str, states: tuple[str, ...] | None = None) -> list[Incident]:
    """The incidents that a person may see, newest first."""
    query = select(Incident).where(visible_to(participant_id)).order_by(Incident.id.desc())
    if states is not None:
        query = query.where(Incident.state.in_(states))
    return list(session.scalars(query))


def incident_for(session: Session, participant_id: str, reference: str) -> Incident:
    """An incident by its reference, if this person may see it.

    Raises:
        UnknownIncident: there is none, or it is somebody else's; the two are not told apart.
    """
    query = select(Incident).where(visible_to(participant_id), Incident.reference == reference.upper())
    incident = session.scalars(query).first()
    if incident is None:
        raise UnknownIncident(f"There is no incident {reference[:40]} of yours.")
    return incident
