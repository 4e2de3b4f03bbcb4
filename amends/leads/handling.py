"""What a lead does with an incident as a whole: takes it over, adds a note, closes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from amends.conversation import recording
from amends.conversation.forgetting import nothing_waits
from amends.drills import practice
from amends.incidents import completion
from amends.incidents.advice import open_steps_of
from amends.incidents.asked_after import QUESTIONS
from amends.incidents.models import Conversation, Participant
from amends.incidents.record import State
from amends.incidents.trail import Kind
from amends.leads.finishing import NotFinished
from amends.leads.opening import CannotAct, opened, still_open, words_of

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from amends.incidents.actor import Actor
    from amends.incidents.models import Incident
    from amends.settings import Settings


def take_over(session: Session, settings: Settings, incident: Incident, actor: Actor, at: datetime) -> Incident:
    """Lead an open incident from now on; another lead who led it before is named in the record.

    Raises:
        CannotAct: it is closed, it is not for this lead to see, or they lead it already.
    """
    incident = opened(session, incident, actor, at)
    still_open(incident)
    if incident.lead_id == actor.id:
        raise CannotAct(f"You lead {incident.reference} already.")
    before = session.get(Participant, incident.lead_id) if incident.lead_id else None
    incident.lead_id = actor.id
    payload = {"led_before": before.name or before.id} if before else {}
    recording.write(session, settings, incident, Kind.TAKEN_OVER, payload, actor=actor, at=at)
    return incident


def add_note(
    session: Session, settings: Settings, incident: Incident, actor: Actor, text: str, at: datetime
) -> Incident:
    """Write a note into the record, whatever the state of the incident is.

    Raises:
        CannotAct: there are no words, or the incident is not for this lead to see.
    """
    incident = opened(session, incident, actor, at)
    payload = {"text": words_of(text, "The note")}
    recording.write(session, settings, incident, Kind.NOTE_ADDED, payload, actor=actor, at=at)
    return incident


def close(
    session: Session, settings: Settings, incident: Incident, actor: Actor, at: datetime, *, reason: str = ""
) -> list[str]:
    """Close an open incident; one without advice is closed as abandoned.

    Args:
        reason: why it is closed although the conversation with the public is not finished, if it is not.

    Returns:
        The codes of the steps that are still open, as the record names them.

    Raises:
        CannotAct: it is closed already, or not for this lead to see.
        NotFinished: the conversation is not finished, and no reason is given.
    """
    incident = opened(session, incident, actor, at)
    still_open(incident)
    left = [step["code"] for step in open_steps_of(incident)]
    unfinished: dict[str, Any] = {}
    if questions := completion.of(incident).left:
        _say_why(session, settings, incident, actor, questions, reason, at)
        unfinished = {"unfinished": list(questions)}
    if incident.state == State.ADVISED:
        closed = {"open_steps": left, **unfinished}
        recording.write(session, settings, incident, Kind.CLOSED, closed, actor=actor, at=at)
        incident.state = State.CLOSED
    else:
        stopped = {"state": incident.state, "asked": incident.asked, **unfinished}
        recording.write(session, settings, incident, Kind.ABANDONED, stopped, actor=actor, at=at)
        incident.state = State.ABANDONED
    incident.state_number += 1
    incident.closed_at = at
    if incident.drill and (go := practice.of_incident(session, incident)) and go.ended_at is None:
        practice.end(go, at)
    here = Conversation.incident_id == incident.id
    for conversation_id in session.scalars(select(Conversation.id).where(here).order_by(Conversation.id)).all():
        nothing_waits(session, conversation_id)
    session.execute(update(Conversation).where(here).values(incident_id=None))
    return left


def _say_why(
    session: Session,
    settings: Settings,
    incident: Incident,
    actor: Actor,
    unfinished: tuple[str, ...],
    reason: str,
    at: datetime,
) -> None:
    """Keep why it is closed with questions open: an entry of its own, as the lead's words can be erased one day."""
    if not reason.strip():
        raise NotFinished(incident, unfinished)
    payload = {
        "left": [QUESTIONS[code].open for code in unfinished],
        "reason": words_of(reason, "The reason"),
    }
    recording.write(session, settings, incident, Kind.LEFT_UNFINISHED, payload, actor=actor, at=at)
