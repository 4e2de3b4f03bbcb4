"""What can be loaded into the page that tries a flow: its known cases, and incidents that the visitor may see."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from amends.access.audit import What, viewed
from amends.incidents.record import UnknownIncident
from amends.incidents.visible import Viewer, incident_for, incidents_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from amends.console.visitor import Visitor
    from amends.known import Known

MOST_LISTED = 50
"""So many of one's own incidents are offered in the list; others are found by their reference."""


@dataclass(frozen=True)
class Loaded:
    """Answers as JSON, with the name of where they come from, and the settings that are on there."""

    name: str
    answers: Mapping[str, Any]
    settings: tuple[str, ...] = ()


class NotLoaded(LookupError):  # noqa: N818 - it reads as what it says
    """There is nothing to load. The message is a sentence for the person."""


def load_case(known: Mapping[str, Known], id_: str) -> Loaded:
    """The answers of a known situation.

    Raises:
        NotLoaded: there is none of that name.
    """
    if id_ not in known:
        raise NotLoaded(f"There is no public case called {id_[:60]}. Pick one from the list.")
    expected = known[id_].expected
    return Loaded(id_, known[id_].answers, tuple(expected.settings) if expected else ())


def load_incident(session: Session, visitor: Visitor | None, flow_id: str, reference: str, page: str) -> Loaded:
    """The answers of an incident. That it was looked at goes into the audit, in the caller's transaction.

    Args:
        session: of the record, to write.
        visitor: who asks; they may load what they take part in.
        flow_id: of the flow that is tried.
        reference: of the incident.
        page: the address that asks, for the audit.

    Raises:
        NotLoaded: there is none, it is not for this visitor to see, or it was under another flow.
    """
    if visitor is None:
        raise NotLoaded("Incidents are loaded by those who may see them. Say who you are in the conversation first.")
    try:
        incident = incident_for(session, Viewer(visitor.id), reference.strip())
    except UnknownIncident as error:
        raise NotLoaded(f"{error} Only incidents that you may see can be loaded.") from error
    if incident.flow_id != flow_id:
        raise NotLoaded(f"{incident.reference} was decided by another flow, {incident.flow_id}.")
    viewed(session, visitor, What.VIEWED_INCIDENT, incident.reference, datetime.now(UTC), {"page": page})
    return Loaded(incident.reference, json.loads(incident.answers))


def offered(session: Session, visitor: Visitor | None, flow_id: str) -> list[str]:
    """The references of the visitor's newest incidents under a flow."""
    if visitor is None:
        return []
    mine = incidents_of(session, Viewer(visitor.id), flow_id=flow_id, most=MOST_LISTED)
    return [incident.reference for incident in mine]
