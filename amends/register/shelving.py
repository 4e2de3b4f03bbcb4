"""Keeps the register: what changes in an incident is in it in the same transaction, or neither is kept."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import column, delete, event, insert, select, table, update
from sqlalchemy.orm import Session

from amends.incidents.models import Incident, Involved, Participant, TrailEntry, TrailPayload
from amends.incidents.record import OPEN_STATES
from amends.incidents.trail import Kind
from amends.register.marks import RAN_OUT, mark, marks_of, tags_of
from amends.register.running import is_too_late, keep_running, ran_out
from amends.register.tables import SECOND_BITS, Shelved, ShelvedText, Tag
from amends.register.terms import terms_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


WRITTEN = ("text", "words", "asked", "draft", "reason", "statement", "name", "went_well", "to_change", "follow_up")
"""Parts of a payload that hold what people wrote."""
OURS = frozenset([Kind.EXPLAINED, Kind.RESUMED, Kind.ABANDONED, Kind.REMINDED, Kind.SNOOZED])
"""Kinds of entries whose words are the assistant's."""
NO_ADVICE = -1
STORY_PARTS = ("title", "context")

_CHANGED = "register_changed"
_story = table("story", column("incident_id"), column("introduction"), column("items"))
"""The story of an incident, which `amends.review` keeps; that lies above this package and imports it."""


def place_of(incident: Incident) -> int:
    """Where an incident stands: by the second of its report, and within it by its number."""
    return first_place(incident.reported_at) | (incident.id & ((1 << SECOND_BITS) - 1))


def first_place(time: datetime) -> int:
    """The first place of a second: everything that was reported before stands before it."""
    return int(time.timestamp()) << SECOND_BITS


def changed(session: Session, incident: Incident, at: datetime) -> None:
    """Note that something changed in an incident; called with its trail entries, in their transaction.

    The register is written when the transaction is about to be kept, from the incident as it is then.
    """
    session.info.setdefault(_CHANGED, {})[incident.id] = (incident, at)


@event.listens_for(Session, "before_commit")
def _before_commit(session: Session) -> None:
    if _CHANGED not in session.info or session.in_nested_transaction():
        return
    for incident, at in session.info.pop(_CHANGED).values():
        shelve(session, incident, at)


@event.listens_for(Session, "after_soft_rollback")
def _after_rollback(session: Session, _previous: Any) -> None:
    if not session.in_nested_transaction():
        session.info.pop(_CHANGED, None)


def shelve(session: Session, incident: Incident, at: datetime, *, anew: bool = False) -> None:
    """Put an incident into the register as it is now.

    Args:
        at: now; steps that are new run from here.
        anew: read all its words again, as when something was erased.
    """
    session.flush()
    place = place_of(incident)
    before = session.execute(select(Shelved.through, Shelved.marks).where(Shelved.place == place)).one_or_none()
    tags = tags_of(incident)
    seen = 0 if before is None or anew else before.through
    words, asked_at, through = _written(session, incident, seen)
    due_at, gone = keep_running(session, incident, asked_at, at)
    if before is None or anew:
        too_late = ran_out(incident, at)
    else:
        too_late = mark(*RAN_OUT) in before.marks or any(is_too_late(incident, row, at) for row in gone)
    _keep_tags(session, incident, tags)
    names = session.scalars(select(Involved.participant_id).where(Involved.incident_id == incident.id))
    late = _was_late(incident, due_at, at) or (too_late and incident.closed_at is not None)
    marks = marks_of(incident, tags, names, late=late, ran_out=too_late)
    values = {
        "marks": marks,
        "open_level": _open_level(incident),
        "due_at": due_at,
        "through": through,
    }
    if before is None:
        session.execute(insert(Shelved).values(place=place, incident_id=incident.id, **values))
    else:
        session.execute(update(Shelved).where(Shelved.place == place).values(**values))
    _keep_text(session, incident, place, words, marks, after=seen, is_new=before is None)


def _open_level(incident: Incident) -> int | None:
    if incident.state not in OPEN_STATES:
        return None
    return NO_ADVICE if incident.level is None else incident.level


def _keep_tags(session: Session, incident: Incident, tags: set[tuple[str, str]]) -> None:
    rows = session.execute(select(Tag.kind, Tag.value).where(Tag.incident_id == incident.id))
    known = {(kind, value) for kind, value in rows}
    for kind, value in known - tags:
        session.execute(delete(Tag).where(Tag.kind == kind, Tag.value == value, Tag.incident_id == incident.id))
    if fresh := tags - known:
        session.execute(
            insert(Tag), [{"kind": kind, "value": value, "incident_id": incident.id} for kind, value in sorted(fresh)]
        )


def _was_late(incident: Incident, due_at: datetime | None, at: datetime) -> bool:
    """Whether something ran out: of an open incident up to now, of a closed one a deadline before it was closed."""
    if incident.closed_at is None:
        return due_at is not None and due_at < at
    decision: Mapping[str, Any] = json.loads(incident.decision) if incident.decision else {}
    dues = [datetime.fromisoformat(one["due"]) for one in decision.get("deadlines", ()) if one["due"]]
    return any(due < incident.closed_at for due in dues)


def _written(session: Session, incident: Incident, after: int) -> tuple[list[str], datetime | None, int]:
    """What people wrote in the entries after one; when they asked for a human there; and the last entry there is."""
    rows = session.execute(
        select(TrailEntry.sequence, TrailEntry.kind, TrailEntry.recorded_at, TrailPayload.body)
        .outerjoin(TrailPayload, TrailPayload.entry_id == TrailEntry.id)
        .where(TrailEntry.incident_id == incident.id, TrailEntry.sequence > after)
        .order_by(TrailEntry.sequence)
    )
    words: list[str] = []
    asked_at = None
    for sequence, kind, recorded_at, body in rows:
        after = sequence
        if kind == Kind.HANDOVER_REQUESTED:
            asked_at = recorded_at
        if body is not None and kind not in OURS:
            payload = json.loads(body)
            words += [payload[part].strip() for part in WRITTEN if isinstance(payload.get(part), str)]
    return [each for each in words if each], asked_at, after


def _keep_text(
    session: Session,
    incident: Incident,
    place: int,
    words: list[str],
    marks: frozenset[int],
    *,
    after: int,
    is_new: bool,
) -> None:
    text = None if is_new else session.execute(select(ShelvedText).where(ShelvedText.place == place)).scalar_one()
    whole = "\n".join([*([text.words] if text is not None and after and text.words else ()), *words])
    about = _about(session, incident)
    if text is not None and (text.words, text.about, text.marks) == (whole, about, marks):
        return
    values: dict[str, Any] = {"words": whole, "about": about, "marks": marks}
    if session.get_bind().dialect.name == "postgresql":
        values["terms"] = terms_of(f"{whole}\n{about}")
    if is_new:
        session.execute(insert(ShelvedText).values(place=place, **values))
    else:
        session.execute(update(ShelvedText).where(ShelvedText.place == place).values(**values))


def _about(session: Session, incident: Incident) -> str:
    """What an incident is known by: its reference, who reported it, who leads it, and the words of its story."""
    people = [session.get(Participant, id_) for id_ in (incident.reporter_id, incident.lead_id) if id_]
    names = " ".join([incident.reference, *(one.name for one in people if one is not None and one.name)])
    return "\n".join([names, *_told(session, incident)])


def _told(session: Session, incident: Incident) -> Iterator[str]:
    story = session.execute(select(_story.c.introduction, _story.c["items"]).where(_story.c.incident_id == incident.id))
    for introduction, items in story:
        yield from filter(None, [introduction, *(each[part] for each in json.loads(items) for part in STORY_PARTS)])
