"""Times as people say them: 'about twenty past nine', 'half nine last night', 'just now'."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import dateparser

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

EXAMPLE = "For example: 'twenty past nine this morning', 'yesterday 14:30' or 'ten minutes ago'."
_SLACK = timedelta(minutes=5)
"""A time this little ahead is a clock that goes fast, not the future."""

_NUMBERS: dict[str, float] = {
    "zero": 0,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
    "thirteen": 13,
    "fourteen": 14,
    "fifteen": 15,
    "sixteen": 16,
    "seventeen": 17,
    "eighteen": 18,
    "nineteen": 19,
    "twenty": 20,
    "twenty five": 25,
    "twenty-five": 25,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "a": 1,
    "an": 1,
    "a few": 5,
    "a couple of": 2,
    "couple of": 2,
    "half an": 0.5,
    "quarter of an": 0.25,
    "a quarter of an": 0.25,
    "three quarters of an": 0.75,
    "one and a half": 1.5,
    "two and a half": 2.5,
    "2 and a half": 2.5,
}
_WORD = "|".join(sorted(map(re.escape, _NUMBERS), key=len, reverse=True))
NUMBER = rf"(?P<n>\d+(?:\.\d+)?|{_WORD})"
UNIT = r"(?P<unit>seconds?|secs?|minutes?|mins?|m|hours?|hrs?|h|days?|weeks?)"
_AGO = re.compile(rf"\b{NUMBER}\s*{UNIT}\s+(?:ago|back|earlier|since)\b")
_ALONE = re.compile(
    rf"^(?:(?:about|around|like|maybe|roughly|some|only|just|the last)\s+)*{NUMBER}\s*{UNIT}(?:\s+maybe)?\W*$"
)
"""A length of time that is the whole answer: so long ago."""
_AHEAD = re.compile(r"\b(?:tomorrow|next (?:week|month|year|\w+day)|in (?:an?|\d+|a few) (?:minute|hour|day|week)s?)\b")
_EARLIEST = 7
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_NOW = re.compile(r"\b(just now|right now|a moment ago|moments? ago|seconds ago|this (very )?(second|minute)|now)\b")
_PAST = re.compile(
    rf"\b(?P<minutes>\d{{1,2}}|half|quarter|{_WORD})\s+(?:minutes?\s+)?(?P<side>past|to)\s+"
    rf"(?P<hour>\d{{1,2}}|{_WORD})\b"
)
_HALF = re.compile(rf"\bhalf\s+(?P<hour>\d{{1,2}}|{_WORD})\b")
_CLOCK = re.compile(
    r"\b(?P<hour>2[0-3]|[01]?\d)(?:[:.h](?P<minutes>[0-5]\d))?\s*(?P<half>am\b|pm\b|a\.m\.|p\.m\.|o['\s]?clock|-?ish\b)?"
)
_FOUR_DIGITS = re.compile(
    r"(?:^|\b(?:at|around|about|since|by|@)\s+)(?P<hour>2[0-3]|[01]\d)(?P<minutes>[0-5]\d)\s*(?:hrs?|hours)?\b"
)
_WORD_CLOCK = re.compile(
    rf"(?:^|\b(?:at|around|about|since|by)\s+)(?P<hour>{_WORD})(?:[ -](?P<minutes>{_WORD}))?"
    r"(?:\s*o['\s]?clock|-?ish)?\W*(?:$|\b)"
)
_PART_HOUR = {
    "midnight": 0,
    "overnight": 3,
    "first thing": 8,
    "breakfast": 8,
    "morning": 9,
    "lunchtime": 12,
    "lunch": 12,
    "noon": 12,
    "midday": 12,
    "afternoon": 15,
    "teatime": 17,
    "evening": 20,
    "tonight": 21,
    "night": 21,
}
_PART = re.compile(rf"\b(?:this |last )?(?P<part>{'|'.join(_PART_HOUR)})\b")
_NO_TIME = re.compile(
    r"\b(?:open|prize|quiz|parents') (?:day|evening|morning|afternoon)\b|\bsame (?:morning|evening|day)\b"
    r"|(?<!\blast )(?<!\bat )(?<!day )\b(?:night|lunch|breakfast)\b"
)
"""In a longer text: what is no time of its own."""
_MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
DAY = re.compile(
    r"\b(today|yesterday|monday|tuesday|wednesday|thursday|friday|saturday|sunday"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}(?:\s+\d{{4}})?|{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?\b"
    r"|the \d{1,2}(?:st|nd|rd|th)|\d{4}-\d{2}-\d{2}|\d{1,2}/\d{1,2}(?:/\d{2,4})?)\b"
)


class TimeError(ValueError):
    """A time that cannot be read, or lies ahead. The message is a sentence with an example."""


def read_time(text: str, now: datetime, zone: ZoneInfo) -> datetime:
    """The time that a text speaks of.

    Args:
        text: as typed; or a time in ISO 8601.
        now: aware; what 'now' and 'ago' count from.
        zone: where people here live.

    Returns:
        An aware time in `zone`, not later than now.

    Raises:
        TimeError: no time can be read in it, or it lies ahead.
    """
    local = now.astimezone(zone)
    try:
        found = _exact(text.strip(), zone) or _spoken(tidied(text), local)
    except (OverflowError, ValueError):  # '99999999999 weeks ago': no calendar has that
        found = None
    if _AHEAD.search(text.lower()):
        raise TimeError(f"That has not come yet. {EXAMPLE}")
    if found is None:
        raise TimeError(f"I could not read a time in that. {EXAMPLE}")
    # Two times of one zone are compared by what their clocks show: in the hour that comes twice, the wrong way round.
    if found.timestamp() > local.timestamp() + _SLACK.total_seconds():
        raise TimeError(f"{found:%H:%M on %d %B} has not come yet. {EXAMPLE}")
    return min(found, local, key=datetime.timestamp)


def find_time(text: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """As `read_time`, for a longer text that may speak of no time at all."""
    tidy = tidied(text)
    tidy = _NO_TIME.sub(" ", tidy)
    speaks = _AGO.search(tidy) or _PAST.search(tidy) or _PART.search(tidy) or "just " in tidy
    clock = re.search(r"\b(at|around|about|since)\s+\d{1,2}([:.]\d\d)?\s*(am|pm)?\b|\b\d{1,2}[:.]\d\d\b", tidy)
    if not speaks and not clock and "yesterday" not in tidy:
        return None
    if re.search(r"\b(just|i've just|i just)\s+(posted|tweeted|sent|put|shared|published|hit|emailed)", tidy):
        return now.astimezone(zone)
    try:
        return read_time(tidy, now, zone)
    except TimeError:
        return None


def length_of(found: re.Match[str]) -> timedelta:
    """The length of time that `NUMBER` and `UNIT` matched."""
    said = found["n"]
    count = float(said) if said[0].isdigit() else _NUMBERS[said]
    return timedelta(seconds=count * _SECONDS[found["unit"][0]])


def moved(local: datetime, length: timedelta) -> datetime:
    """So much later, or earlier with a negative length, also over the hour in which clocks are put forward or back.

    Whole days keep the time of day.
    """
    if length % timedelta(days=1) == timedelta():
        return local + length
    return (local.astimezone(UTC) + length).astimezone(local.tzinfo)


def tidied(text: str) -> str:
    """A text in small letters, with single spaces and plain apostrophes."""
    return re.sub(r"\s+", " ", text.lower().replace("\u2019", "'").replace("mins'", "mins")).strip()


def _exact(text: str, zone: ZoneInfo) -> datetime | None:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return time.replace(tzinfo=zone) if time.tzinfo is None else time.astimezone(zone)


def _spoken(text: str, local: datetime) -> datetime | None:
    if ago := _AGO.search(text) or _ALONE.match(text):
        return moved(local, -length_of(ago))
    if "hour and a half ago" in text:
        return moved(local, -timedelta(minutes=90))
    day = _day(text, local)
    clock = clock_time(text)
    part = _PART.search(text)
    if clock is None and part is None:
        if day is not None and DAY.search(text):
            return min(day.replace(hour=12, minute=0), local) if day.date() != local.date() else None
        return local if _NOW.search(text) else None
    base = day or local
    if part and "last night" in part[0] and not DAY.search(text):
        base = local - timedelta(days=1)
    if clock is None:
        assert part is not None
        hour = _PART_HOUR[part["part"]]
        time = base.replace(hour=hour, minute=0, second=0, microsecond=0)
        return min(time, local) if base.date() == local.date() else time
    hour, minute, fixed = clock
    if not fixed and hour <= 12:
        hour = _half_of_day(hour, minute, part[0] if part else "", base, local)
    time = base.replace(hour=hour % 24, minute=minute, second=0, microsecond=0)
    if part and "last night" in part[0] and hour < 6:
        time += timedelta(days=1)
    yesterday = time - timedelta(days=1)
    if day is None and part is None and time > local + _SLACK and yesterday > local - timedelta(hours=12):
        return yesterday
    return time


def _half_of_day(hour: int, minute: int, part: str, base: datetime, local: datetime) -> int:
    """Morning or evening, for an hour up to twelve: as said, else the nearest one that has passed."""
    if "afternoon" in part or "evening" in part:
        return hour % 12 + 12
    if "night" in part:  # nine at night is the evening, one at night is after midnight
        return hour % 12 + (12 if hour % 12 >= 5 else 0)
    if "morning" in part:
        return hour % 12
    later = hour % 12 + 12
    if base.date() != local.date():  # of another day people tell when they were awake
        return later if hour < _EARLIEST else hour
    if (later, minute) <= (local.hour, local.minute):
        return later
    return hour % 12


def clock_time(text: str) -> tuple[int, int, bool] | None:
    """Hour, minute, and whether the half of the day was said."""
    if past := _PAST.search(text):
        minutes = {"half": 30, "quarter": 15}.get(past["minutes"]) or count_of(past["minutes"])
        hour = count_of(past["hour"])
        fixed = bool(re.search(rf"{re.escape(past['hour'])}\s*(am|pm)", text))
        if fixed:
            hour = hour % 12 + (12 if re.search(rf"{re.escape(past['hour'])}\s*pm", text) else 0)
        return (hour, minutes, fixed) if past["side"] == "past" else ((hour - 1) % 24, 60 - minutes, fixed)
    if half := _HALF.search(text):
        return count_of(half["hour"]), 30, False
    without_dates = DAY.sub(" ", text).strip()
    if digits := _FOUR_DIGITS.search(without_dates):
        return int(digits["hour"]), int(digits["minutes"]), True
    for clock in _CLOCK.finditer(without_dates):
        said = re.search(rf"\b(at|around|about|since|by|@)\s+{clock['hour']}\b", without_dates)
        if clock["minutes"] is None and clock["half"] is None and not said:
            continue
        hour = int(clock["hour"])
        half_ = (clock["half"] or "")[:1]
        if half_ in ("a", "p") and hour <= 12:
            return hour % 12 + (12 if half_ == "p" else 0), int(clock["minutes"] or 0), True
        return hour, int(clock["minutes"] or 0), hour > 12 or clock["hour"].startswith("0")
    if word := _WORD_CLOCK.search(without_dates):
        hour, minutes = count_of(word["hour"]), count_of(word["minutes"] or "zero")
        if 1 <= hour <= 12:
            return hour, minutes, False
    return None


def count_of(word: str) -> int:
    """The number that a word or digits say."""
    return int(word) if word.isdigit() else int(_NUMBERS[word])


def _day(text: str, local: datetime) -> datetime | None:
    found = DAY.search(text)
    if found is None:
        return None
    word = found[0]
    if word == "today":
        return local
    if word == "yesterday":
        return local - timedelta(days=1)
    settings = {"PREFER_DATES_FROM": "past", "RELATIVE_BASE": local.replace(tzinfo=None), "DATE_ORDER": "DMY"}
    parsed = dateparser.parse(word.removeprefix("the ").replace(" of ", " "), languages=["en"], settings=settings)
    if parsed is None:
        return None
    return local.replace(year=parsed.year, month=parsed.month, day=parsed.day)
