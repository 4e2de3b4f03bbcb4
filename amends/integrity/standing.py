"""How the record stands: what the last check found, and whether checks are made at all."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from amends.incidents.models import TrailEntry
from amends.integrity.tables import RecordCheck

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

SILENT = timedelta(hours=36)
"""So long after the last check that ended, its silence raises an alarm."""


@dataclass(frozen=True)
class Standing:
    """Whether all is well, and a sentence about it. It names no incident: not everybody may know of each."""

    well: bool
    sentence: str
    checked_at: datetime | None = None


def standing(session: Session, at: datetime) -> Standing:
    """How the record stands, as far as is known at a time."""
    ended = select(RecordCheck).where(RecordCheck.ended_at.is_not(None)).order_by(RecordCheck.ended_at.desc())
    last = session.scalars(ended.limit(1)).first()
    if last is None or last.ended_at is None:
        first = session.scalar(select(TrailEntry.recorded_at).order_by(TrailEntry.id).limit(1))
        if first is None or at - first < SILENT:
            return Standing(True, "The record was not checked yet; it is young.")
        return Standing(False, "The record was never checked. The desk does it each night: see that it runs.")
    when = f"{last.ended_at:%Y-%m-%d %H:%M} UTC"
    found = json.loads(last.damage)
    if found:
        more = f" And {len(found) - 1} more." if len(found) > 1 else ""
        first_found = f"The record does not fit any more, as the check of {when} found: {found[0]['sentence']}{more}"
        return Standing(False, f"{first_found} 'amends trail verify' names the places.", last.ended_at)
    if at - last.ended_at > SILENT:
        sentence = f"The record was not checked since {when}. The desk does it each night: see that it runs."
        return Standing(False, sentence, last.ended_at)
    return Standing(True, f"The record was checked at {when}: {last.entries} entries, nothing wrong.", last.ended_at)
