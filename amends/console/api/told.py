"""The record as the API says it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from amends.access.permissions import Permission
from amends.console.book import Book
from amends.console.lead_book import clauses_as_they_stood, people_of, sign_off_of
from amends.exports import lists
from amends.incidents.models import utc_text

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from amends.access.people import SignedIn
    from amends.incidents.models import Evidence, Incident
    from amends.register.board import Board, Part
    from amends.review.story import Account
    from amends.review.tables import FollowUp


def incident_of(session: Session, incident: Incident, person: SignedIn) -> dict[str, Any]:
    """One incident, as its page shows it."""
    book = Book(session, incident, utc_text)
    page = book.page()
    involved = None
    if person.may(Permission.SEE_ALL):
        involved = [{"id": id_, "name": name} for id_, name, _ in people_of(session, incident, book)]
    return {
        **lists.rows(session, [incident])[0],
        "flow_version": incident.flow_version,
        "entries": len(book.entries),
        "head": book.entries[-1].hash,
        "decision": page["decision"],
        "override": page["override"],
        "steps": [
            {**_of(step, "label", "how", "person", "optional"), "done_by": step.who, "done_at": step.at}
            for step in page["steps"]
        ],
        "deadlines": list(page["deadlines"]),
        "after_the_reply": page["finishing"],
        "not_to_do": [{"label": label, "why": why} for label, why in page["refusals"]],
        "sign_off": sign_off_of(book),
        "cited": clauses_as_they_stood(session, book.entries),
        "involved": involved,
    }


def trail_of(session: Session, incident: Incident, person: SignedIn) -> dict[str, Any]:
    """The trail, each entry in words and, for those who see all incidents, as it is stored."""
    book = Book(session, incident, utc_text)
    sees_payload = person.may(Permission.SEE_ALL)
    entries = [
        {
            **_of(told, "sequence", "kind", "title", "said_at", "recorded_at", "supersedes", "erased", "lines"),
            **_of(entry, "source", "flow_version", "clauses", "hash"),
            "actor": {"id": entry.actor_id, "name": told.who},
            "payload": entry.payload if sees_payload else None,
        }
        for entry, told in zip(book.entries, book.page()["trail"], strict=True)
    ]
    return {"reference": incident.reference, "head": book.entries[-1].hash, "entries": entries}


def files_of(session: Session, incident: Incident) -> dict[str, Any]:
    """The files that are kept."""
    kept = Book(session, incident, utc_text).page()["evidence"]
    return {"reference": incident.reference, "files": [_file(one, name) for one, name in kept]}


def board_of(session: Session, board: Board) -> dict[str, Any]:
    """What is open."""
    return {
        **{name: _part(session, getattr(board, name)) for name in ("needs_me", "mine", "others")},
        "late": board.late,
        "more": board.more,
    }


def story_told(session: Session, incident: Incident, story: Account) -> dict[str, Any]:
    """A story; a chapter without a title has that of its entry."""
    titles = {each.sequence: each.title for each in Book(session, incident, utc_text).page()["trail"]}
    chapters = [
        {"entry": each.entry, "title": each.title or titles[each.entry], "context": each.context}
        for each in story.chapters
        if each.entry in titles
    ]
    return {
        "reference": incident.reference,
        **_of(story, "revision", "introduction", "saved_at"),
        "chapters": chapters,
        "saved_by": story.saved_by or None,
    }


def follow_up(row: FollowUp, incident: Incident, today: date) -> dict[str, Any]:
    """Something that is to be done."""
    return {
        "number": row.id,
        "reference": incident.reference,
        "owner": row.owner_name,
        **_of(row, "what", "owner_id", "due", "agreed_at", "done_at", "done_by"),
        "overdue": row.done_at is None and row.due < today,
    }


def _file(one: Evidence, name: str) -> dict[str, Any]:
    return {
        "number": one.id,
        **_of(one, "name", "media_type", "size", "sha256"),
        "kept_by": {"id": one.participant_id, "name": name},
        "kept_at": one.stored_at,
    }


def _part(session: Session, part: Part) -> dict[str, Any]:
    rows = lists.rows(session, [each.incident for each in part.shown])
    incidents = [
        {**row, "running": list(each.running), "needs": list(each.needs), "late": each.late}
        for row, each in zip(rows, part.shown, strict=True)
    ]
    return {"count": part.count, "incidents": incidents}


def _of(thing: object, *names: str) -> dict[str, Any]:
    return {name: getattr(thing, name) for name in names}
