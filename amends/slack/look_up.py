"""What cards show of an incident, read from the record: names, labels, steps, deadlines, where it is talked about."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from sqlalchemy import func, select

from amends.conversation import wording
from amends.incidents.advice import open_steps_of, override_of, steps_of
from amends.incidents.models import Evidence, Participant, TrailEntry, TrailPayload
from amends.incidents.record import State
from amends.incidents.trail import Kind
from amends.outbox.tables import Place
from amends.slack import ids
from amends.slack.status import labelled, low

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from amends.conversation.shelf import Shelf
    from amends.flows import Flow
    from amends.incidents.models import Incident


@dataclass(frozen=True)
class Deadline:
    """A clock of an incident that has an end. The title says so where nobody has verified it."""

    due: datetime
    title: str


def name_of(session: Session, participant_id: str | None) -> str:
    """What somebody is called; empty for nobody."""
    if not participant_id:
        return ""
    participant = session.get(Participant, participant_id)
    return participant.name if participant is not None and participant.name else participant_id


def flow_of(session: Session, shelf: Shelf, incident: Incident) -> Flow:
    """The flow that an incident began with."""
    return shelf.flow_of(session, incident.flow_version)


def decision_of(incident: Incident) -> dict[str, Any]:
    """The flow's decision as the record keeps it; empty before there is one."""
    decision: dict[str, Any] = json.loads(incident.decision) if incident.decision else {}
    return decision


def label(flow: Flow, code: str) -> str:
    """What a response or role is called."""
    known = flow.codes.get(code)
    return known.label if known is not None else code.replace("_", " ")


def to_do(flow: Flow, code: str) -> str:
    """A step as what one does."""
    return f"bring in {low(label(flow, code))}" if code in flow.people else label(flow, code)


def open_steps(flow: Flow, incident: Incident) -> tuple[str, ...]:
    """What is neither done nor optional, as what one does."""
    return tuple(to_do(flow, step["code"]) for step in open_steps_of(incident))


def advised(flow: Flow, incident: Incident) -> tuple[str, ...]:
    """The labels of the responses that the flow advises."""
    steps = decision_of(incident).get("steps", ())
    return tuple(label(flow, step["code"]) for step in steps if step["kind"] == "response" and not step["optional"])


def decided(flow: Flow, incident: Incident) -> str:
    """What a lead decided instead, and why; empty when nobody did."""
    override = override_of(incident)
    if override is None:
        return ""
    labels = [label(flow, code) for code in override["responses"]]
    return wording.decided_by_lead(override["by"], labels, override["reason"], override["against"])


def deadlines(incident: Incident) -> list[Deadline]:
    """The clocks that have an end, the earliest first."""
    found = [one for one in decision_of(incident).get("deadlines", ()) if one["due"]]
    return sorted((Deadline(datetime.fromisoformat(one["due"]), titled(one)) for one in found), key=lambda one: one.due)


def titled(deadline: Mapping[str, Any]) -> str:
    """The title of a deadline, as the decision has it; with the mark that it carries wherever it is shown."""
    return f"{deadline['title'].rstrip('. ')}{'' if deadline['verified'] else ' (not verified)'}"


def reminded_of(flow: Flow, incident: Incident, kind: str, code: str) -> tuple[str, str]:
    """What a step or deadline is called, and how the step is done in this incident; empty for what is not known."""
    if kind == "deadline":
        clock = next((one for one in decision_of(incident).get("deadlines", ()) if one["id"] == code), None)
        return (titled(clock) if clock else ""), ""
    known = flow.codes.get(code)
    how = next((str(step["how"]) for step in steps_of(incident) if step["code"] == code), known.how if known else "")
    return (to_do(flow, code) if known else ""), how


def next_deadline(incident: Incident, now: datetime) -> Deadline | None:
    """The clock that ends next; when all have ended, the one that ended last."""
    there = deadlines(incident)
    ahead = [one for one in there if one.due >= now]
    return ahead[0] if ahead else there[-1] if there else None


def next_step(flow: Flow, incident: Incident) -> str:
    """What comes next, in a sentence."""
    if incident.state == State.CONFIRMING:
        return "Next: confirm what was understood."
    if incident.state == State.ASKING and incident.asked and incident.asked in flow.questions:
        return f"Next question: {flow.questions[incident.asked].ask}"
    if incident.state == State.ADVISED:
        left = open_steps(flow, incident)
        return f"Next: {labelled(left[0])}." if left else "All steps are done."
    return ""


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
