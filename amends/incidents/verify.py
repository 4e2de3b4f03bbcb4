"""Recompute the trail from what is stored, and name what does not fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from amends.incidents.chain import FIRST
from amends.incidents.models import Incident, ReferenceCounter, TrailEntry, TrailPayload
from amends.incidents.trail import digest_of, hash_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Damage:
    """The first entry of an incident that does not fit, and what is wrong with it."""

    reference: str
    sequence: int | None
    sentence: str


@dataclass(frozen=True)
class Verdict:
    """How much was checked, and what was found."""

    incidents: int
    entries: int
    damage: tuple[Damage, ...]


def verify(session: Session, reference: str | None = None) -> Verdict:
    """Check the chain of one incident, or of all of them, and that no reference is missing."""
    query = select(Incident).order_by(Incident.id)
    if reference is not None:
        query = query.where(Incident.reference == reference.upper())
    damage: list[Damage] = []
    incidents = entries = 0
    for incident in session.scalars(query):
        incidents += 1
        count, found = _check(session, incident)
        entries += count
        damage += found[:1]
    if reference is None:
        damage += _missing(session)
    return Verdict(incidents, entries, tuple(damage))


def _check(session: Session, incident: Incident) -> tuple[int, list[Damage]]:
    rows = session.execute(
        select(TrailEntry, TrailPayload)
        .outerjoin(TrailPayload, TrailPayload.entry_id == TrailEntry.id)
        .where(TrailEntry.incident_id == incident.id)
        .order_by(TrailEntry.sequence)
    ).all()
    found: list[Damage] = []
    previous = FIRST
    for place, (entry, payload) in enumerate(rows, start=1):
        problem = _problem(entry, payload, incident.reference, previous, place)
        if problem:
            found.append(Damage(incident.reference, entry.sequence, problem))
            break
        previous = entry.hash
    if not rows:
        found.append(Damage(incident.reference, None, "The incident has no trail at all."))
    return len(rows), found


def _problem(entry: TrailEntry, payload: TrailPayload | None, reference: str, previous: str, place: int) -> str:
    if entry.sequence != place:
        return f"Entry {place} is missing: the next one there is entry {entry.sequence}."
    if entry.previous_hash != previous:
        return "It does not follow the entry before it: one was changed, removed, added or put elsewhere."
    if hash_of(entry, reference) != entry.hash:
        return "It was changed after it was written."
    if payload is None:
        return "What was said in it is missing."
    if digest_of(payload.salt, payload.body) != entry.payload_digest:
        return "What was said in it was changed or exchanged."
    return ""


def _missing(session: Session) -> Iterator[Damage]:
    """References that were given out and are not there."""
    there = set(session.scalars(select(Incident.reference)))
    for counter in session.scalars(select(ReferenceCounter)):
        for number in range(1, counter.last + 1):
            reference = f"INC-{counter.year}-{number:04d}"
            if reference not in there:
                yield Damage(reference, None, "The whole incident is missing.")
