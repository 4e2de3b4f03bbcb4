"""Times and codes in the words that people use."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta
    from zoneinfo import ZoneInfo

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def clock(time: datetime, now: datetime, zone: ZoneInfo) -> str:
    """A time as people say it: 'today at 09:20', 'yesterday at 21:05', 'Friday 27 November 2026 at 10:00'."""
    local, today = time.astimezone(zone), now.astimezone(zone).date()
    days = (local.date() - today).days
    day = {0: "today", -1: "yesterday", 1: "tomorrow"}.get(days)
    if day is None:
        day = f"{local:%A} {local.day} {local:%B %Y}"
    return f"{day} at {local:%H:%M}"


def left(due: datetime, now: datetime) -> str:
    """How long is left until a time, or for how long it has passed."""
    gap = due - now
    return f"in {_length(gap)}" if gap.total_seconds() >= 0 else f"passed {_length(-gap)} ago"


def cap(text: str) -> str:
    """A label at the beginning of a line."""
    return text[:1].upper() + text[1:]


def bare(text: str) -> str:
    """A text without its full stop, for the middle of a sentence."""
    return text.rstrip(". ")


def intro(text: str, lines: Sequence[str]) -> str:
    """What a reply says before the lines that its card draws itself."""
    before: list[str] = []
    for line in text.split("\n"):
        if any(drawn in line for drawn in lines):
            break
        before.append(line)
    return "\n".join(before)


def plain(code: str) -> str:
    """A code as words, for those that have no label: 'take_down' as 'Take down'."""
    return code.replace("_", " ").capitalize()


def _length(gap: timedelta) -> str:
    seconds = gap.total_seconds()
    for unit, name in ((_DAY, "day"), (_HOUR, "hour"), (_MINUTE, "minute")):
        if seconds >= (2 * unit if unit != _MINUTE else unit):
            count = round(seconds / unit)
            return f"{count} {name}" if count == 1 else f"{count} {name}s"
    return "less than a minute"
