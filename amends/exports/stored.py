"""An incident as the bundle carries it: the trail as it is stored, the state, and what the trail rests on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from amends.exports import cells
from amends.incidents import completion
from amends.incidents.advice import override_of
from amends.incidents.models import (
    ClauseVersion,
    Evidence,
    FlowVersion,
    Participant,
    TrailEntry,
    TrailPayload,
    utc_text,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlalchemy.orm import Session

    from amends.incidents.models import Incident

TRAIL_COLUMNS = (
    *("sequence", "kind", "actor_id", "actor_name", "source", "said_at", "recorded_at"),
    *("supersedes", "clauses", "hash", "body"),
)
"""The columns of trail.csv. Their order is kept: others rest on it."""
EVIDENCE_COLUMNS = ("path", "name", "media_type", "size", "sha256", "kept_by_id", "kept_by", "kept_at")


def trail_of(session: Session, incident: Incident) -> list[dict[str, Any]]:
    """Every entry with all that its hash is made of, as it is stored; `body` and `salt` are None when erased."""
    rows = session.execute(
        select(TrailEntry, TrailPayload)
        .outerjoin(TrailPayload, TrailPayload.entry_id == TrailEntry.id)
        .where(TrailEntry.incident_id == incident.id)
        .order_by(TrailEntry.sequence)
    )
    return [
        {
            "sequence": entry.sequence,
            "kind": entry.kind,
            "actor_id": entry.actor_id,
            "source": entry.source,
            "said_at": utc_text(entry.said_at),
            "recorded_at": utc_text(entry.recorded_at),
            "flow_version": entry.flow_version,
            "clauses": entry.clauses,
            "supersedes": entry.supersedes,
            "payload_digest": entry.payload_digest,
            "previous_hash": entry.previous_hash,
            "hash": entry.hash,
            "salt": payload.salt if payload else None,
            "body": payload.body if payload else None,
        }
        for entry, payload in rows
    ]


def trail_table(trail: Iterable[Mapping[str, Any]], names: Mapping[str, str]) -> str:
    """The trail as CSV."""
    rows = ({**entry, "actor_name": names.get(entry["actor_id"], "")} for entry in trail)
    return cells.BOM + cells.lines([TRAIL_COLUMNS, *([row[name] for name in TRAIL_COLUMNS] for row in rows)])


def evidence_table(evidence: Iterable[Mapping[str, Any]]) -> str:
    """The list of the files that are kept, as CSV."""
    return cells.BOM + cells.lines(
        [EVIDENCE_COLUMNS, *([each[name] for name in EVIDENCE_COLUMNS] for each in evidence)]
    )


def names_of(session: Session, incident: Incident, trail: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The names of everybody who did something, by their id, as they are known now."""
    kept_by = select(Evidence.participant_id).where(Evidence.incident_id == incident.id)
    ids = {incident.reporter_id, *(entry["actor_id"] for entry in trail), *session.scalars(kept_by)}
    if incident.lead_id:
        ids.add(incident.lead_id)
    return dict(session.execute(select(Participant.id, Participant.name).where(Participant.id.in_(ids))).all())


def state_of(incident: Incident, names: Mapping[str, str], evidence: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The incident as it stands, as JSON. The chain does not cover it; the manifest does."""
    return {
        "reference": incident.reference,
        "title": incident.title,
        "state": incident.state,
        "level": incident.level,
        "channel": incident.channel,
        "reporter_id": incident.reporter_id,
        "reported_at": utc_text(incident.reported_at),
        "closed_at": utc_text(incident.closed_at) if incident.closed_at else None,
        "signed_off_at": utc_text(incident.signed_off_at) if incident.signed_off_at else None,
        "lead_id": incident.lead_id,
        "restricted": incident.restricted,
        "drill": incident.drill,
        "flow": incident.flow_id,
        "flow_version": incident.flow_version,
        "answers": json.loads(incident.answers),
        "decision": json.loads(incident.decision) if incident.decision else None,
        "decided_by_lead": override_of(incident),
        "done": json.loads(incident.done),
        "after_the_reply": completion.stored(incident),
        "evidence": list(evidence),
        "people": dict(sorted(names.items())),
    }


def rules_of(session: Session, trail: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """The flow versions that the trail names: a path in the bundle and the text."""
    versions = {entry["flow_version"] for entry in trail}
    query = select(FlowVersion).where(FlowVersion.hash.in_(versions)).order_by(FlowVersion.first_used_at)
    for row in session.scalars(query):
        yield f"rules/{row.hash}.yml", row.source


def clauses_of(session: Session, trail: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """The clauses that were shown, as they stood then: a path in the bundle and the text, which is JSON."""
    shown = [clause.partition("@")[2] for entry in trail for clause in json.loads(entry["clauses"])]
    query = select(ClauseVersion).where(ClauseVersion.hash.in_(shown)).order_by(ClauseVersion.clause_id)
    for row in session.scalars(query):
        yield f"clauses/{row.hash}.json", row.body
