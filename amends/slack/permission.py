"""Who may do what: one check, before every handler. What does not say who may do it, nobody may."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from amends.incidents.models import Incident
from amends.incidents.record import State, UnknownIncident
from amends.incidents.references import SHAPE
from amends.incidents.visible import Viewer, incident_for
from amends.outbox.tables import Outgoing, Reminder
from amends.slack.registry import LEADS, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from amends.settings import Settings
    from amends.slack.people import Person
    from amends.slack.registry import May

GUEST = "Guests of the workspace cannot use this. Ask a colleague at {organisation} to do it, or ring {contact}."
STRANGER = "Only people at {organisation} can use this."
LEADS_ONLY = "Only comms leads can do this. Nothing was done."
NOBODY = "This cannot be done here. Nothing was done."
NO_INCIDENT = "There is no such incident that you can see. Nothing was done."
NOT_NOW: dict[str, str] = {
    State.CONFIRMING: "There is no advice for {reference} yet, so this cannot be done now.",
    State.ASKING: "There is no advice for {reference} yet, so this cannot be done now.",
    State.ADVISED: "{reference} is still open, so this cannot be done now.",
    State.CLOSED: "{reference} is closed, so this cannot be done any more.",
    State.ABANDONED: "{reference} was stopped, so this cannot be done any more.",
}
SILENT = frozenset({"bot", "gone"})
"""Who is not answered at all."""

_reference = re.compile(SHAPE)


def check(session: Session, settings: Settings, may: May | None, person: Person, reference: str) -> None:
    """Let somebody do something, or not.

    Args:
        may: as declared with the handler.
        reference: of the incident that the call names; empty, if it names none.

    Raises:
        Refused: with a sentence for the person. An incident that they may not see and one that does not exist are
            not told apart.
    """
    told = {"organisation": settings.organisation, "contact": settings.emergency_contact}
    if person.role == "guest" and not settings.slack_guests:
        raise Refused(GUEST.format(**told))
    if person.role not in {"staff", "lead", "guest"}:
        raise Refused(STRANGER.format(**told))
    if may is None:
        raise Refused(NOBODY)
    if person.role not in may.roles:
        raise Refused(LEADS_ONLY if may.roles == LEADS else NOBODY)
    if may.incident == "none":
        return
    try:
        incident = incident_for(session, Viewer(person.id, lead=person.lead), reference)
    except UnknownIncident as error:
        raise Refused(NO_INCIDENT) from error
    if may.states is not None and incident.state not in may.states:
        raise Refused(NOT_NOW.get(incident.state, NOBODY).format(reference=incident.reference))


def named(session: Session, value: Mapping[str, Any] | str) -> str:
    """The reference of the incident that a call's value names; empty, if it names none."""
    if isinstance(value, str):
        return value if _reference.fullmatch(value) else ""
    named, state = value.get("incident"), value.get("state")
    if isinstance(named, str):
        return named if _reference.fullmatch(named) else ""
    if isinstance(state, str) and (found := _reference.match(state)):
        return found.group()
    return _by_number(session, value)


def _by_number(session: Session, value: Mapping[str, Any]) -> str:
    """By the number of the incident, or of a reminder or message that belongs to it."""
    query = select(Incident.reference)
    if _is_number(value.get("incident")):
        query = query.where(Incident.id == value["incident"])
    elif _is_number(value.get("reminder")):
        query = query.join(Reminder, Reminder.incident_id == Incident.id).where(Reminder.id == value["reminder"])
    elif _is_number(value.get("outgoing")):
        query = query.join(Outgoing, Outgoing.incident_id == Incident.id).where(Outgoing.id == value["outgoing"])
    else:
        return ""
    return session.scalars(query).first() or ""


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**31
