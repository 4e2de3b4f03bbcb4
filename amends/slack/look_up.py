"""What cards show of an incident, read from the record: names, labels, steps, deadlines, where it is talked about."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from sqlalchemy import func, select

from amends.conversation import progress, wording
from amends.conversation.wording_after import PROMISE_TITLE
from amends.incidents.advice import override_of, steps_of
from amends.incidents.models import Evidence, Participant, TrailEntry, TrailPayload
from amends.incidents.trail import Kind
from amends.outbox.tables import Place
from amends.slack import ids

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from amends.conversation.shelf import Shelf
    from amends.flows import Flow
    from amends.incidents.models import Incident


def name_of(session: Session, participant_id: str | None) -> str:
    """What somebody is called; empty for nobody."""
    if not participant_id:
        return ""
    participant = session.get(Participant, participant_id)
    return participant.name if participant is not None and participant.name else participant_id


def flow_of(session: Session, shelf: Shelf, incident: Incident) -> Flow:
    """The flow that an incident began with."""
    return shelf.flow_of(session, incident.flow_version)


def advised(flow: Flow, incident: Incident) -> tuple[str, ...]:
    """The labels of the responses that the flow advises."""
    steps = progress.decision_of(incident).get("steps", ())
    return tuple(
        progress.label(flow, step["code"]) for step in steps if step["kind"] == "response" and not step["optional"]
    )


def decided(flow: Flow, incident: Incident) -> str:
    """What a lead decided instead, and why; empty when nobody did."""
    override = override_of(incident)
    if override is None:
        return ""
    labels = [progress.label(flow, code) for code in override["responses"]]
    return wording.decided_by_lead(override["by"], labels, override["reason"], override["against"])


def reminded_of(flow: Flow, incident: Incident, kind: str, code: str) -> tuple[str, str]:
    """What a step or deadline is called, and how the step is done in this incident; empty for what is not known."""
    if kind == "deadline":
        clock = next((one for one in progress.decision_of(incident).get("deadlines", ()) if one["id"] == code), None)
        return (progress.titled(clock) if clock else ""), ""
    if kind in ("promise", "look"):
        return (PROMISE_TITLE if kind == "promise" else ""), ""
    known = flow.codes.get(code)
    how = next((str(step["how"]) for step in steps_of(incident) if step["code"] == code), known.how if known else "")
    return (progress.to_do(flow, code) if known else ""), how


def evidence_count(session: Session, incident: Incident) -> int:
    """How many files are kept for an incident."""
    query = select(func.count()).select_from(Evidence).where(Evidence.incident_id == incident.id)
    count: int = session.execute(query).scalar_one()
    return count


def roles_asked_for(session: Session, incident: Incident) -> tuple[str, ...]:
    """The roles that somebody asked to take over; `emergency` when somebody may be in danger."""
    query = (
        select(TrailPayload.body)
        .join(TrailEntry, TrailEntry.id == TrailPayload.entry_id)
        .where(TrailEntry.incident_id == incident.id, TrailEntry.kind == Kind.HANDOVER_REQUESTED)
        .order_by(TrailEntry.sequence)
    )
    return tuple(dict.fromkeys(str(json.loads(body).get("role", "")) for body in session.scalars(query)))


def signed_off_by(session: Session, incident: Incident) -> str:
    """Who accepted the record; empty while nobody did."""
    if incident.signed_off_at is None:
        return ""
    query = select(TrailEntry.actor_id).where(TrailEntry.incident_id == incident.id, TrailEntry.kind == Kind.SIGNED_OFF)
    return name_of(session, session.scalars(query.limit(1)).first())


def place_of(session: Session, incident: Incident) -> tuple[str, str]:
    """Where an incident is talked about, in words, and the address of its thread, if it has one."""
    place = session.get(Place, incident.conversation_id)
    if place is None:
        return {"web": "In the web chat", "terminal": "In the terminal"}.get(incident.channel, "Not in Slack"), ""
    if place.thread is None or ids.is_direct(place.channel):
        return "In a direct message", ""
    there = urlencode({"team": place.team, "channel": place.channel, "message_ts": place.thread})
    return "Open the thread", f"https://slack.com/app_redirect?{there}"
