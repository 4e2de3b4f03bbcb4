"""The trail: what happened, in order, each entry bound to the one before it.

An entry's hash is the SHA-256 of a JSON array, written without spaces and with characters as they are in UTF-8:
reference, sequence, kind, actor, source, said time, recorded time, flow version, clauses, superseded sequence
or null, payload digest, previous hash. Times are in UTC to the microsecond. The first entry's previous hash is
64 zeros. A payload's digest is the SHA-256 of its salt, as text, followed by its body. So a changed, moved,
missing or added entry is noticed (tamper-evident). Against somebody who can rewrite all of it stand the `seals`.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from amends.incidents import chain
from amends.incidents.chain import FIRST
from amends.incidents.models import TrailEntry, TrailPayload, utc_text
from amends.incidents.seals import seal_at_end

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from amends.incidents.models import Incident


class Kind(StrEnum):
    """What can happen in an incident. A new kind needs no migration."""

    REPORTED = "reported"
    SAFE_STEPS_SHOWN = "safe_steps_shown"
    UNDERSTOOD = "understood"
    CONFIRMED = "confirmed"
    ASKED = "asked"
    ANSWERED = "answered"
    CORRECTED = "corrected"
    WENT_BACK = "went_back"
    FLOW_CHOSEN = "flow_chosen"
    """Somebody said what it is about; payload: flow, title, and of another one before: was, was_flow, answers."""
    NOTE_ADDED = "note_added"
    CLAUSE_SHOWN = "clause_shown"
    RECOMMENDED = "recommended"
    EXPLAINED = "explained"
    DRAFT_CHECKED = "draft_checked"
    STEP_DONE = "step_done"
    ACCOUNT_NAMED = "account_named"
    """An official account was named; payload: account, told (who was woken for it), as, because."""
    HANDOVER_REQUESTED = "handover_requested"
    OVERRIDDEN = "overridden"
    ABANDONED = "abandoned"
    RESUMED = "resumed"
    CLOSED = "closed"
    EVIDENCE_KEPT = "evidence_kept"
    EVIDENCE_REFUSED = "evidence_refused"
    TOLD = "told"
    TAKEN_OVER = "taken_over"
    LEAD_DECIDED = "lead_decided"
    RESTRICTED = "restricted"
    SIGNED_OFF = "signed_off"
    REMINDED = "reminded"
    SNOOZED = "snoozed"
    REOPENED = "reopened"
    DRILL_MARKED = "drill_marked"
    DRILL_TOLD = "drill_told"
    """A part of a drill's story was told: `clock`, the time of the story, and `text`."""
    DRILL_ENDED = "drill_ended"
    """What came of a drill, see `amends.drills.outcome`."""
    REVIEWED = "reviewed"
    FOLLOW_UP_SET = "follow_up_set"
    FOLLOW_UP_DONE = "follow_up_done"
    HELD = "held"
    RELEASED = "released"
    LOOKED_AGAIN = "looked_again"
    """One of the four questions after a public reply was answered (see `completion`)."""
    PROMISED = "promised"
    PROMISE_KEPT = "promise_kept"
    PROMISE_WITHDRAWN = "promise_withdrawn"
    LEFT_UNFINISHED = "left_unfinished"
    """A lead says why an incident is closed although the conversation is not finished."""
    ERASED = "erased"
    """payload: entries (sequences whose payloads are gone), files (SHA-256), what, ground, request."""


@dataclass(frozen=True)
class Entry:
    """A trail entry as it is read: with its payload, or None when that was erased."""

    sequence: int
    kind: str
    actor_id: str
    source: str
    said_at: datetime
    recorded_at: datetime
    flow_version: str
    clauses: tuple[str, ...]
    supersedes: int | None
    hash: str
    payload: Mapping[str, Any] | None


def append(
    session: Session,
    incident: Incident,
    kind: Kind,
    payload: Mapping[str, Any],
    *,
    actor_id: str,
    source: str,
    said_at: datetime,
    recorded_at: datetime,
    supersedes: int | None = None,
    clauses: Sequence[str] = (),
) -> TrailEntry:
    """Add an entry at the end of an incident's trail, inside the caller's transaction.

    The incident must have been loaded with `record.lock`, so that no two writers take the same place.

    Args:
        payload: JSON; what was said or shown.
        said_at: when it happened, as the person or their device says.
        recorded_at: now.
        supersedes: the sequence of the entry that this one corrects.
        clauses: the clauses shown, each as `id@version`.
    """
    place = select(TrailEntry.sequence, TrailEntry.hash).where(TrailEntry.incident_id == incident.id)
    last = session.execute(place.order_by(TrailEntry.sequence.desc()).limit(1)).first()
    salt = secrets.token_hex(32)
    body = json.dumps(payload, ensure_ascii=False, sort_keys=True)
    entry = TrailEntry(
        incident_id=incident.id,
        sequence=last.sequence + 1 if last else 1,
        kind=Kind(kind),
        actor_id=actor_id,
        source=source,
        said_at=said_at,
        recorded_at=recorded_at,
        flow_version=incident.flow_version,
        clauses=json.dumps(list(clauses)),
        supersedes=supersedes,
        payload_digest=digest_of(salt, body),
        previous_hash=last.hash if last else FIRST,
    )
    entry.hash = hash_of(entry, incident.reference)
    session.add(entry)
    session.flush()
    session.add(TrailPayload(entry_id=entry.id, salt=salt, body=body))
    session.flush()
    seal_at_end(session, entry, incident.reference, entry.sequence, entry.hash)
    return entry


def entries(session: Session, incident: Incident) -> list[Entry]:
    """The whole trail of an incident, in order."""
    rows = session.execute(_of(incident).order_by(TrailEntry.sequence))
    return [_read(entry, payload) for entry, payload in rows]


def newest(session: Session, incident: Incident, kinds: Sequence[Kind]) -> Entry | None:
    """The last entry of an incident that is of one of these kinds, or of any when there are none."""
    query = _of(incident).order_by(TrailEntry.sequence.desc()).limit(1)
    row = session.execute(query.where(TrailEntry.kind.in_(kinds)) if kinds else query).first()
    return _read(row[0], row[1]) if row else None


def _of(incident: Incident) -> Select[TrailEntry, TrailPayload]:
    joined = select(TrailEntry, TrailPayload).outerjoin(TrailPayload, TrailPayload.entry_id == TrailEntry.id)
    return joined.where(TrailEntry.incident_id == incident.id)


def _read(entry: TrailEntry, payload: TrailPayload | None) -> Entry:
    return Entry(
        sequence=entry.sequence,
        kind=entry.kind,
        actor_id=entry.actor_id,
        source=entry.source,
        said_at=entry.said_at,
        recorded_at=entry.recorded_at,
        flow_version=entry.flow_version,
        clauses=tuple(json.loads(entry.clauses)),
        supersedes=entry.supersedes,
        hash=entry.hash,
        payload=json.loads(payload.body) if payload else None,
    )


def digest_of(salt: str, body: str) -> str:
    """The digest that an entry carries of its payload."""
    return hashlib.sha256((salt + body).encode()).hexdigest()


def hash_of(entry: TrailEntry, reference: str) -> str:
    """The hash of an entry; see the top of this module."""
    return chain.hash_of(
        [
            reference,
            entry.sequence,
            str(entry.kind),
            entry.actor_id,
            entry.source,
            utc_text(entry.said_at),
            utc_text(entry.recorded_at),
            entry.flow_version,
            entry.clauses,
            entry.supersedes,
            entry.payload_digest,
            entry.previous_hash,
        ]
    )
