"""Office hours: written as `Mon-Fri 09:00-17:30`, several with commas between."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
REMIND_AT = time(9, 0)
"""When people are reminded of what has a day and no hour, in the organisation's zone."""

_part = re.compile(
    r"(?P<first>[a-z]{3})[a-z]*(?:\s*-\s*(?P<last>[a-z]{3})[a-z]*)?\s+(?P<opens>\d{1,2}:\d\d)\s*-\s*(?P<closes>\d{1,2}:\d\d)"
)


class HoursError(ValueError):
    """Office hours that cannot be read. The message is a sentence for whoever wrote them."""


@dataclass(frozen=True)
class OfficeHours:
    """When people can be expected to read something: for each weekday, 0 for Monday, from when until when."""

    days: Mapping[int, tuple[tuple[time, time], ...]]

    def is_open(self, at: datetime, zone: ZoneInfo) -> bool:
        """Whether it is within the hours; the opening minute is, the closing minute is not."""
        local = at.astimezone(zone)
        return any(opens <= local.time() < closes for opens, closes in self.days.get(local.weekday(), ()))

    def next_open(self, at: datetime, zone: ZoneInfo) -> datetime:
        """`at` itself when it is within the hours, else when they next begin."""
        if self.is_open(at, zone):
            return at
        local = at.astimezone(zone)
        for ahead in range(8):
            day = local.date() + timedelta(days=ahead)
            begins = [datetime.combine(day, opens, zone) for opens, _ in self.on(day)]
            later = [begin for begin in begins if begin > local]
            if later:
                return min(later).astimezone(at.tzinfo)
        raise AssertionError("there is no day with hours")  # pragma: no cover - parse refuses that

    def on(self, day: date) -> tuple[tuple[time, time], ...]:
        """The hours of a day; none when it is closed."""
        return self.days.get(day.weekday(), ())


@lru_cache
def parse(text: str) -> OfficeHours:
    """Office hours from their text.

    Raises:
        HoursError: they are not written as they have to be.
    """
    days: dict[int, list[tuple[time, time]]] = {}
    for part in text.split(","):
        found = _part.fullmatch(part.strip().lower())
        if found is None:
            raise HoursError(f'"{part.strip()}" are no office hours. Write them like this: Mon-Fri 09:00-17:30.')
        first, last = _day(found["first"]), _day(found["last"] or found["first"])
        opens, closes = clock_time(found["opens"]), clock_time(found["closes"])
        if closes <= opens:
            raise HoursError(f'"{part.strip()}" closes before it opens. Write two parts for hours over midnight.')
        for day in range(first, first + (last - first) % 7 + 1):
            days.setdefault(day % 7, []).append((opens, closes))
    return OfficeHours({day: tuple(sorted(hours)) for day, hours in days.items()})


def clock_time(text: str) -> time:
    """A time of day such as 09:00; 24:00 is the last moment of the day.

    Raises:
        HoursError: it is none.
    """
    found = re.fullmatch(r"(\d{1,2}):(\d\d)", text.strip())
    hour, minute = (int(found[1]), int(found[2])) if found else (99, 99)
    if (hour, minute) == (24, 0):
        return time.max
    if hour > 23 or minute > 59:
        raise HoursError(f'"{text.strip()}" is no time of day. Write it like this: 09:00.')
    return time(hour, minute)


def morning(day: date, zone: ZoneInfo) -> datetime:
    """When people are reminded on a day, UTC."""
    return datetime.combine(day, REMIND_AT, zone).astimezone(UTC)


def _day(name: str) -> int:
    if name not in DAYS:
        raise HoursError(f'"{name}" is no day. Write Mon, Tue, Wed, Thu, Fri, Sat or Sun.')
    return DAYS.index(name)
