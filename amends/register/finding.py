"""Incidents found: a page of them by key, or all of them in parts, each only if the viewer may see it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import select

from amends.incidents.models import Incident
from amends.register.filters import LEVELS, BadFilter
from amends.register.inverted import matching, places
from amends.register.marks import NO_LEVEL
from amends.register.wanted import LAST_PLACE, Wanted, wanted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from amends.incidents.visible import Viewer
    from amends.register.filters import Filter

SIZE = 25
"""Incidents of a page."""
COUNTED = 100
"""So many are counted; more are 'more than'."""

_cursor = re.compile(r"(-?)(?:(n|o)|s([0-3-]))\.(\d{1,19})")


class Sort(StrEnum):
    """How a list is ordered; within a level the newest first."""

    NEWEST = "newest"
    OLDEST = "oldest"
    SERIOUS = "serious"


@dataclass(frozen=True)
class Found:
    """A page of incidents, with the place of each, and the cursors of the next page and of the one before."""

    incidents: Sequence[Incident]
    places: Sequence[int]
    next: str
    previous: str = ""


@dataclass(frozen=True)
class _From:
    """Where a page begins: after this place, at this level when sorted by levels; `back`: where it ends, before it."""

    level: str
    place: int | None
    back: bool = False


def sort_of(text: str) -> Sort:
    """The order that an address names; the newest first when it names none.

    Raises:
        BadFilter: there is no such order.
    """
    try:
        return Sort(text) if text else Sort.NEWEST
    except ValueError as error:
        raise BadFilter(f"A list cannot be sorted by '{text[:40]}'. It can by: {', '.join(Sort)}.") from error


def page(
    session: Session,
    filter_: Filter,
    viewer: Viewer,
    now: datetime,
    zone: ZoneInfo,
    *,
    sort: Sort = Sort.NEWEST,
    cursor: str = "",
    size: int = SIZE,
) -> Found:
    """A page of the incidents that a filter leaves in and the viewer may see.

    Args:
        zone: of the days that the filter names.
        cursor: `Found.next` or `Found.previous` of another page, of the same filter and order; empty for the first.

    Raises:
        BadFilter: the cursor is broken, or belongs to another order.
    """
    begin = _begin(cursor, sort)
    asked = wanted(filter_, viewer, now, zone)
    found = _sorted(session, asked, filter_, sort, begin, size + 1)
    kept, more = found[:size], len(found) > size
    if begin.back:
        kept.reverse()
    rows = {one.id: one for one in session.scalars(select(Incident).where(Incident.id.in_([one[1] for one in kept])))}
    return Found(
        [rows[one[1]] for one in kept],
        [one[0] for one in kept],
        next=f"{sort[0]}{kept[-1][2]}.{kept[-1][0]}" if kept and (more or begin.back) else "",
        previous=f"-{sort[0]}{kept[0][2]}.{kept[0][0]}" if kept and (more if begin.back else cursor) else "",
    )


def every(
    session: Session,
    filter_: Filter,
    viewer: Viewer,
    now: datetime,
    zone: ZoneInfo,
    *,
    sort: Sort = Sort.NEWEST,
    at_a_time: int = 500,
) -> Iterator[Incident]:
    """All incidents that a filter leaves in, one after the other; only `at_a_time` of them are held."""
    cursor = ""
    while True:
        part = page(session, filter_, viewer, now, zone, sort=sort, cursor=cursor, size=at_a_time)
        for incident in part.incidents:
            yield incident
            session.expunge(incident)
        cursor = part.next
        if not cursor:
            return


def selected(session: Session, filter_: Filter, viewer: Viewer, now: datetime, zone: ZoneInfo) -> Select[int]:
    """The ids of all incidents that a filter leaves in and the viewer may see: for counting and adding up."""
    return matching(session, wanted(filter_, viewer, now, zone))


def count(session: Session, filter_: Filter, viewer: Viewer, now: datetime, zone: ZoneInfo, most: int = COUNTED) -> int:
    """How many there are; `most` + 1 when there are more."""
    found = places(session, wanted(filter_, viewer, now, zone), most + 1, newest_first=True)
    return len(found)


def _sorted(
    session: Session, asked: Wanted, filter_: Filter, sort: Sort, begin: _From, limit: int
) -> list[tuple[int, int, str]]:
    """Places, ids and levels; the levels are empty unless they are sorted by."""
    if sort is not Sort.SERIOUS:
        newest_first = (sort is Sort.NEWEST) is not begin.back
        if begin.place is not None:
            low, high = (0, begin.place) if newest_first else (begin.place + 1, LAST_PLACE)
            asked = asked.between(low, high)
        return [(*one, "") for one in places(session, asked, limit, newest_first=newest_first)]
    found: list[tuple[int, int, str]] = []
    order = [str(level) for level in reversed(LEVELS) if not filter_.levels or level in filter_.levels]
    signs = [*order, *([] if filter_.levels else ["-"])]
    if begin.back:
        signs.reverse()
    if begin.level in signs:
        signs = signs[signs.index(begin.level) :]
    for sign in signs:
        part = asked.also("level", NO_LEVEL if sign == "-" else sign)
        if begin.place is not None and sign == begin.level:
            part = part.between(begin.place + 1, LAST_PLACE) if begin.back else part.between(0, begin.place)
        found += [(*one, sign) for one in places(session, part, limit - len(found), newest_first=not begin.back)]
        if len(found) >= limit:
            break
    return found


def _begin(cursor: str, sort: Sort) -> _From:
    if not cursor:
        return _From("", None)
    parts = _cursor.fullmatch(cursor)
    if parts is None or cursor.lstrip("-")[0] != sort[0] or int(parts[4]) > LAST_PLACE:
        raise BadFilter("This address of a further page is broken. Go back to the first page of the list.")
    return _From(parts[3] or "", int(parts[4]), back=bool(parts[1]))
