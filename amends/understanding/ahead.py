"""Times that lie ahead, as people promise them: 'at 15:00', 'by noon', 'within two hours', 'tomorrow morning'."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import dateparser

from amends.understanding.times import DAY, NUMBER, UNIT, clock_time, length_of, moved, tidied

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

JUST_PASSED = timedelta(hours=3)
"""A clock time of today that passed no longer ago than this is meant, and is over; an older one is tomorrow's."""
BY = {
    "first thing": 9,
    "morning": 12,
    "lunchtime": 12,
    "lunch": 12,
    "noon": 12,
    "midday": 12,
    "end of the day": 17,
    "end of day": 17,
    "end of today": 17,
    "end of play": 17,
    "close of play": 17,
    "close of business": 17,
    "afternoon": 17,
    "evening": 21,
    "tonight": 21,
    "midnight": 24,
}
"""The hour by which a promise for a part of the day has to be kept."""
END_OF_DAY = 17
WAKING = range(7, 22)
"""The hours that are meant when nobody says which half of the day."""

_part = re.compile(rf"\b(?P<part>{'|'.join(BY)})\b")
_in = re.compile(rf"\b(?:in|within)\s+(?:about\s+|around\s+|the next\s+|another\s+)?{NUMBER}\s*{UNIT}\b")
_within = re.compile(r"\b(?:within|in) the (?:next )?(?P<unit>hour|half[- ]hour)\b")
_day_ahead = re.compile(r"\b(?:tomorrow|the next day)\b")
_money = re.compile(r"[\u00a3$\u20ac]\s?\d[\d.,]*|\d[\d.,]*\s?(?:%|pounds|euros?|dollars)")


def read_ahead(text: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """The time that a text promises something for; None when it names none.

    Args:
        now: aware; what 'in two hours' counts from.
        zone: where people here live.

    Returns:
        An aware time in `zone`. One that has just passed is given as it is: the promise is late.
    """
    try:
        return _read(text, now, zone)
    except (OverflowError, ValueError):  # 'in 99999999999 weeks': no calendar has that
        return None


def _read(text: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    local = now.astimezone(zone).replace(second=0, microsecond=0)
    text = re.sub(r"\b(?:before|until|till)\b", "by", _money.sub(" ", tidied(text)))
    if within := _within.search(text):
        return moved(local, timedelta(hours=1 if within["unit"] == "hour" else 0.5))
    if length := _in.search(text):
        return moved(local, length_of(length))
    day = _day(text, local)
    clock = clock_time(text)
    part = _part.search(text)
    if clock is not None:
        return _at_clock(clock, part["part"] if part else "", day, local)
    if part is not None:
        due = _at(day or local, BY[part["part"]])
        return due if day is not None or due > local else due + timedelta(days=1)
    return _at(day, END_OF_DAY) if day is not None else None


def _at_clock(clock: tuple[int, int, bool], part: str, day: datetime | None, local: datetime) -> datetime:
    hour, minute, fixed = clock
    if part in {"afternoon", "evening", "tonight"} and hour < 12:
        hour, fixed = hour + 12, True
    hours = [hour] if fixed or hour > 12 else sorted((hour % 12, hour % 12 + 12), key=lambda one: one not in WAKING)
    if day is not None:
        return _at(day, hours[0], minute)
    if len(hours) == 1:
        today = _at(local, hours[0], minute)
        return today if today > local - JUST_PASSED else today + timedelta(days=1)
    coming = [_at(local + timedelta(days=days), one, minute) for days in (0, 1) for one in hours]
    return min((time for time in coming if time > local), key=lambda time: (time.hour not in WAKING, time))


def _at(day: datetime, hour: int, minute: int = 0) -> datetime:
    """A clock time of a day; hour 24 is the midnight that ends it."""
    return day.replace(hour=hour % 24, minute=minute) + timedelta(days=hour // 24)


def _day(text: str, local: datetime) -> datetime | None:
    """The day that a text names, today or ahead."""
    if _day_ahead.search(text):
        return local + timedelta(days=1)
    found = DAY.search(text)
    if found is None or found[0] == "yesterday":
        return None
    if found[0] == "today":
        return local
    settings = {"PREFER_DATES_FROM": "future", "RELATIVE_BASE": local.replace(tzinfo=None), "DATE_ORDER": "DMY"}
    word = found[0].removeprefix("the ").replace(" of ", " ")
    parsed = dateparser.parse(word, languages=["en"], settings=settings)
    return local.replace(year=parsed.year, month=parsed.month, day=parsed.day) if parsed is not None else None
