"""What is drawn of drafts when it is sent: for whoever is to read one first, and for whoever wrote it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from amends.conversation.draft_check import NoCheck
from amends.drafts import Draft
from amends.outbox import readings
from amends.outbox.tables import DraftReading
from amends.slack import draft_views

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from amends.conversation.shelf import Shelf
    from amends.settings import Settings
    from amends.slack.blocks import Message
    from amends.slack.drawings import Drawing


def make(settings: Settings, shelf: Shelf) -> dict[str, Drawing]:
    """The drawings, by the names that the outbox knows them by. Their arguments: `{"reading"}`."""

    def asked(session: Session, args: Mapping[str, Any], now: datetime) -> Message | None:
        return _asked(session, args, now, settings, shelf)

    def unanswered(session: Session, args: Mapping[str, Any], now: datetime) -> Message | None:
        del now
        row = _without_answer(session, args)
        return draft_views.unanswered(row.role, settings.contact_of(row.role), row.text) if row else None

    return {
        readings.ASKED: asked,
        readings.ANSWERED: _answered,
        readings.WAITS: _waits,
        readings.UNANSWERED: unanswered,
    }


def _asked(
    session: Session, args: Mapping[str, Any], now: datetime, settings: Settings, shelf: Shelf
) -> Message | None:
    """A draft for whoever is to read it first, and what they answered; None when it went before it was sent."""
    del now
    row = session.get(DraftReading, args["reading"])
    if row is None:
        return draft_views.taken_back() if readings.stands(session, args["reading"]) else None
    try:
        looked = shelf.drafts.look(Draft(row.text, official=not row.own), settings, row.kept_at)
    except NoCheck:
        looked = None
    reader = readings.name_of(session, row.answered_by)
    fine = "read it: fine as it is." if row.answer == "fine" else f"asked for a change: {row.note}"
    model = draft_views.AskedModel(
        id=row.id,
        role=row.role,
        by=readings.name_of(session, row.owner_id),
        account=row.account,
        own=row.own,
        text=row.text,
        found=tuple(part.title for part in looked.parts) if looked else (),
        answered=f"{reader or 'Somebody'} {fine}" if row.answer else "",
    )
    return draft_views.asked(model)


def _waits(session: Session, args: Mapping[str, Any], now: datetime) -> Message | None:
    """That a draft still waits for whoever was asked to read it; nothing of its words, which may be taken back."""
    del now
    row = _without_answer(session, args)
    return draft_views.waits(readings.name_of(session, row.owner_id)) if row else None


def _without_answer(session: Session, args: Mapping[str, Any]) -> DraftReading | None:
    """The draft, if it reached whoever was asked, is still there, and nobody has answered."""
    row = session.get(DraftReading, args["reading"])
    return row if row is not None and not row.answer and readings.stands(session, row.id) else None


def _answered(session: Session, args: Mapping[str, Any], now: datetime) -> Message | None:
    """The answer about a draft, for whoever wrote it."""
    del now
    row = session.get(DraftReading, args["reading"])
    if row is None:
        return None
    reader = readings.name_of(session, row.answered_by) or "Somebody"
    ends = ": fine as it is." if row.answer == "fine" else ", and asks you to change it."
    return draft_views.answered(f"{reader} has read your draft{ends}", row.text, row.note)
