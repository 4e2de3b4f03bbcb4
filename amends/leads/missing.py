"""What a record still lacks when it is to be signed off, each in a sentence that the lead has to explain."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from amends.flows import FlowError
from amends.incidents import record
from amends.incidents.advice import open_steps_of
from amends.incidents.models import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.orm import Session

    from amends.flows import Flow
    from amends.incidents.models import Incident


@dataclass(frozen=True)
class Missing:
    """One piece that is missing. `code` names it in a form, `sentence` says it to a person."""

    code: str
    sentence: str


def missing_pieces(session: Session, incident: Incident, at: datetime) -> tuple[Missing, ...]:
    """What is missing from an incident's record: evidence, the time of the post, steps, deadlines that passed.

    A deadline counts as passed when the incident was closed after it; of one that is open, when it is over now.
    """
    return tuple(_missing(session, incident, incident.closed_at or at))


def _missing(session: Session, incident: Incident, end: datetime) -> Iterable[Missing]:
    flow = _flow(session, incident)
    if session.scalars(select(Evidence.id).where(Evidence.incident_id == incident.id).limit(1)).first() is None:
        yield Missing("evidence", "No file is kept as evidence.")
    if flow is None or not _post_was_timed(flow, incident):
        yield Missing("time", "Nobody said when it was posted.")
    left = [_label(flow, step["code"]) for step in open_steps_of(incident)]
    if left:
        yield Missing("steps", f"Not done: {'; '.join(left)}.")
    decision = json.loads(incident.decision) if incident.decision else {"deadlines": ()}
    for deadline in decision["deadlines"]:
        if deadline["due"] is not None and datetime.fromisoformat(deadline["due"]) < end:
            yield Missing(f"deadline:{deadline['id']}", f"The deadline passed before the close: {deadline['title']}.")


def _flow(session: Session, incident: Incident) -> Flow | None:
    try:
        return record.flow_of(session, incident.flow_version)
    except FlowError:
        return None


def _post_was_timed(flow: Flow, incident: Incident) -> bool:
    answers = json.loads(incident.answers)
    for name, question in flow.questions.items():
        given = answers.get(name)
        if question.kind == "times" and isinstance(given, dict):
            times = given.get("value", given)
            if isinstance(times, dict) and times.get("posted"):
                return True
    return False


def _label(flow: Flow | None, code: str) -> str:
    return flow.codes[code].label if flow is not None and code in flow.codes else code.replace("_", " ")
