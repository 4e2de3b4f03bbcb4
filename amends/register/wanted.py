"""A filter and who looks, as what the databases are asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, or_

from amends.incidents.models import Incident
from amends.incidents.record import OPEN_STATES
from amends.incidents.visible import Viewer, visible_to
from amends.register.filters import Drill, Filter
from amends.register.marks import ALL, mark
from amends.register.shelving import first_place
from amends.register.tables import Shelved
from amends.register.words import Sought, sought

if TYPE_CHECKING:
    from datetime import date
    from zoneinfo import ZoneInfo

LAST_PLACE = 2**62


@dataclass(frozen=True)
class Wanted:
    """Of each group one mark, the words, a range of places (the end excluded), and what is looked at in the row.

    `rest` always holds the predicate of who may see it. The marks only narrow what is looked at.
    """

    groups: tuple[tuple[int, ...], ...]
    words: tuple[Sought, ...]
    low: int
    high: int
    rest: tuple[ColumnElement[bool], ...]

    def also(self, kind: str, value: str) -> Wanted:
        """The same with one more mark."""
        return replace(self, groups=(*self.groups, (mark(kind, value),)))

    def between(self, low: int, high: int) -> Wanted:
        """The same within a narrower range."""
        return replace(self, low=max(low, self.low), high=min(high, self.high))


def wanted(filter_: Filter, viewer: Viewer, now: datetime, zone: ZoneInfo) -> Wanted:
    """What is asked for.

    Args:
        zone: of the days that the filter names.
    """
    words = sought(filter_.text)
    groups = list(_groups(filter_, viewer))
    if not groups and words and all(part.left_out for part in words):
        groups = [[mark(*ALL)]]
    rest: list[ColumnElement[bool]] = [visible_to(viewer)]
    if filter_.drill is not Drill.TOO:
        rest.append(Incident.drill.is_(filter_.drill is Drill.ONLY))
    if filter_.restricted is not None:
        rest.append(Incident.restricted.is_(filter_.restricted))
    if filter_.late:
        rest.append(or_(Incident.state.not_in(OPEN_STATES), Shelved.due_at < now))
    return Wanted(
        groups=tuple(tuple(group) for group in groups),
        words=words,
        low=_begins(filter_.since, zone) if filter_.since else 0,
        high=_begins(filter_.until, zone, later=1) if filter_.until else LAST_PLACE,
        rest=tuple(rest),
    )


def _groups(filter_: Filter, viewer: Viewer) -> list[list[int]]:
    parts = {
        "flow": filter_.flows,
        "level": [str(level) for level in filter_.levels],
        "response": filter_.responses,
        "row": filter_.rows,
        "clause": filter_.clauses,
        "role": filter_.roles,
        "channel": filter_.channels,
        "state": filter_.states,
        "lead": [filter_.lead] if filter_.lead else [],
        "drill": ["yes"] if filter_.drill is Drill.ONLY else [],
        "restricted": ["yes"] if filter_.restricted else [],
    }
    groups = [[mark(kind, value) for value in values] for kind, values in parts.items() if values]
    if filter_.late:
        groups.append([mark("late", "yes"), *(mark("state", state) for state in OPEN_STATES)])
    if not viewer.everything and (filter_.restricted or not viewer.lead):
        groups.append([mark("with", viewer.id)])
    return groups


def _begins(day: date, zone: ZoneInfo, later: int = 0) -> int:
    """The first place of a day, or of one that is so many days later; the first or last there can be beyond these."""
    try:
        return max(first_place(datetime.combine(day + timedelta(days=later), time(), zone).astimezone(UTC)), 0)
    except OverflowError:
        return 0 if day.year < 2000 else LAST_PLACE
