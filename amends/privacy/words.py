"""Erase the words of one incident. What was decided, when and by which rules stays, and the chain still verifies."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from amends.access.audit import What, viewed
from amends.incidents import completion, record, trail
from amends.incidents.models import Evidence, Incident, TrailEntry, TrailPayload
from amends.incidents.record import OPEN_STATES
from amends.incidents.trail import Kind
from amends.leads.signing import reported_by
from amends.privacy import copies, holds
from amends.privacy.orders import GONE, RETENTION, CannotErase
from amends.privacy.tables import LegalHold
from amends.register import shelving
from amends.review.tables import FollowUp, Review, Story

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from amends.access.people import SignedIn
    from amends.privacy.orders import Order
    from amends.settings import Settings

WORDLESS = frozenset(
    [
        *(Kind.ERASED, Kind.RECOMMENDED, Kind.CLOSED, Kind.ABANDONED, Kind.DRILL_MARKED, Kind.RELEASED),
        *(Kind.LOOKED_AGAIN, Kind.PROMISE_KEPT, Kind.PROMISE_WITHDRAWN),
    ]
)
"""Kinds of entries that hold codes and the flow's own words alone; figures rest on them."""


@dataclass(frozen=True)
class Erased:
    """How much went."""

    entries: int
    files: int


def what_prevents(session: Session, incident: Incident, by: SignedIn) -> str:
    """Why an incident's words may not be erased now, as a sentence; nothing when they may."""
    held = holds.on_incident(session, incident)
    if held:
        why = f"A legal hold of {held[0].placed_at:%d %B %Y} keeps everything in {incident.reference}"
        return f"{why}, so nothing was erased. Whoever is responsible for the hold has to lift it first."
    if incident.state in OPEN_STATES:
        return f"{incident.reference} is still open, so nothing was erased. Close it first."
    unfinished = select(FollowUp.id).where(FollowUp.incident_id == incident.id, FollowUp.done_at.is_(None)).limit(1)
    if session.scalars(unfinished).first() is not None:
        return f"Something is still to be done after {incident.reference}, so nothing was erased. Finish it first."
    if by != RETENTION and reported_by(session, incident, by.id, by.name):
        return f"You reported {incident.reference}, so somebody else has to erase its words."
    return ""


def erase_words(
    session: Session, settings: Settings, incident: Incident, by: SignedIn, order: Order, at: datetime, source: str
) -> Erased:
    """Erase everything that people wrote in an incident, and its files; all of it, or nothing.

    Args:
        incident: one that `by` may see; it is locked here.
        source: where it is done: web, terminal, outbox when it is past its time.

    Raises:
        CannotErase: a hold prevents it, it is open, or something is still to be done; or `by` reported it.
    """
    if by != RETENTION:
        record.ensure_participant(session, by.id, by.name, at)
    incident = record.lock(session, incident.id)
    if sentence := what_prevents(session, incident, by):
        raise CannotErase(sentence)
    spoken = copies.spoken_of(session, incident)
    files = session.scalars(select(Evidence.sha256).where(Evidence.incident_id == incident.id)).all()
    query = (
        select(TrailEntry.sequence)
        .join(TrailPayload, TrailPayload.entry_id == TrailEntry.id)
        .where(TrailEntry.incident_id == incident.id, TrailEntry.kind.not_in(WORDLESS))
    )
    sequences = session.scalars(query.order_by(TrailEntry.sequence)).all()
    if sequences or files or incident.title != GONE:
        let_go(session, incident, sequences, files, by, order, "words", at, source)
    session.execute(delete(Evidence).where(Evidence.incident_id == incident.id))
    _forget_state(incident)
    for table in (Story, Review):
        session.execute(delete(table).where(table.incident_id == incident.id))
    session.execute(
        update(FollowUp).where(FollowUp.incident_id == incident.id).values(what=GONE, owner_name=GONE, done_by=GONE)
    )
    session.execute(update(LegalHold).where(LegalHold.incident_id == incident.id).values(reason=GONE))
    copies.forget_spoken(session, spoken)
    copies.forget_sent(session, settings, incident, spoken, at)
    copies.forget_arrived(session, incident, spoken)
    shelving.shelve(session, incident, at, anew=True)
    return Erased(len(sequences), len(files))


def let_go(
    session: Session,
    incident: Incident,
    sequences: Sequence[int],
    files: Iterable[str],
    by: SignedIn,
    order: Order,
    what: str,
    at: datetime,
    source: str,
) -> None:
    """Write the entry that says what is erased, then delete the payloads that it names. The incident is locked.

    Args:
        files: SHA-256 of the files that the caller deletes.
        what: words, or person.
    """
    gone = list(files)
    payload = {
        "entries": list(sequences),
        "files": gone,
        "what": what,
        "ground": str(order.ground),
        "request": order.request,
    }
    trail.append(session, incident, Kind.ERASED, payload, actor_id=by.id, source=source, said_at=at, recorded_at=at)
    named = select(TrailEntry.id).where(TrailEntry.incident_id == incident.id, TrailEntry.sequence.in_(sequences))
    session.execute(delete(TrailPayload).where(TrailPayload.entry_id.in_(named)))
    details = {"entries": len(sequences), "files": len(gone), "ground": str(order.ground)}
    viewed(
        session,
        by,
        What.ERASED,
        incident.reference,
        at,
        details | ({"request": order.request} if order.request else {}),
    )


def _forget_state(incident: Incident) -> None:
    """Answers, advice and steps are codes, and stay."""
    incident.title = GONE
    incident.understood, incident.history = "{}", "[]"
    if incident.override is not None:
        incident.override = json.dumps({**json.loads(incident.override), "reason": GONE}, ensure_ascii=False)
    completion.forget(incident, GONE)
