"""How the record stands: what the last check found, and whether checks are made at all."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from sqlalchemy import select

from amends.incidents.models import TrailEntry
from amends.integrity.tables import RecordCheck

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

SILENT = timedelta(hours=36)
"""So long after the last check that ended, its silence raises an alarm."""


AGAIN = timedelta(minutes=30)
"""So long after a check broke off it is made again."""


@dataclass(frozen=True)
class Standing:
    """Why there is an alarm, if there is one, and a sentence. It names no incident: not everybody may know of each."""

    alarm: Literal["", "damage", "silence", "broken-off"]
    sentence: str
    checked_at: datetime | None = None

    @property
    def well(self) -> bool:
        """Whether nothing has to be done."""
        return not self.alarm


@dataclass(frozen=True)
class BrokenOff:
    """That the check of a day came to no end, when and why; the words hold nothing of the record."""

    at: datetime
    why: str

    def as_json(self) -> str:
        """As it stands in `RecordCheck.damage` until the check ends."""
        return json.dumps({"at": self.at.isoformat(), "why": self.why})

    @classmethod
    def of(cls, row: RecordCheck) -> BrokenOff | None:
        """What is noted with a check; None when it ended, or did not break off."""
        if row.ended_at is not None or row.damage == "[]":
            return None
        said = json.loads(row.damage)
        return cls(datetime.fromisoformat(said["at"]), said["why"])


def standing(session: Session, at: datetime) -> Standing:
    """How the record stands, as far as is known at a time."""
    ended = select(RecordCheck).where(RecordCheck.ended_at.is_not(None)).order_by(RecordCheck.ended_at.desc())
    last = session.scalars(ended.limit(1)).first()
    checked_at = last.ended_at if last else None
    when = _time(checked_at) if checked_at else ""
    found = json.loads(last.damage) if last else []
    if found:
        more = f" And {len(found) - 1} more." if len(found) > 1 else ""
        first_found = f"The record does not fit any more, as the check of {when} found: {found[0]['sentence']}{more}"
        return Standing("damage", f"{first_found} 'amends trail verify' names the places.", checked_at)
    begun = select(RecordCheck).where(RecordCheck.ended_at.is_(None)).order_by(RecordCheck.day.desc())
    newest = session.scalars(begun.limit(1)).first()
    broken = BrokenOff.of(newest) if newest else None
    if broken and (checked_at is None or broken.at > checked_at):
        sentence = (
            f"The check of the record broke off at {_time(broken.at)} ({broken.why}), so nobody knows whether it fits. "
            f"It is tried again every {AGAIN.seconds // 60} minutes; docs/record.md says what to look at."
        )
        return Standing("broken-off", sentence, checked_at)
    if last is None or checked_at is None:
        first = session.scalar(select(TrailEntry.recorded_at).order_by(TrailEntry.id).limit(1))
        if first is None or at - first < SILENT:
            return Standing("", "The record was not checked yet; it is young.")
        return Standing("silence", "The record was never checked. The desk does it each night: see that it runs.")
    if at - checked_at > SILENT:
        sentence = f"The record was not checked since {when}. The desk does it each night: see that it runs."
        return Standing("silence", sentence, checked_at)
    return Standing("", f"The record was checked at {when}: {last.entries} entries, nothing wrong.", checked_at)


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
