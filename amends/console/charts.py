"""Charts as SVG: where each mark stands. Widths are in per cent and heights in lines, so they fit any screen and text.

A chart is a picture of the table beside it: whoever does not see it loses nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

LONGEST_LABEL = 38
WIDEST = 82.0
"""Per cent that the longest bar takes; its number stands behind it."""
TALLEST = 8.0
"""Lines that the tallest column takes."""
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
TICKS = (
    (_MINUTE, "1 minute"),
    (10 * _MINUTE, "10 minutes"),
    (_HOUR, "1 hour"),
    (6 * _HOUR, "6 hours"),
    (_DAY, "1 day"),
    (7 * _DAY, "1 week"),
    (30 * _DAY, "30 days"),
    (365 * _DAY, "1 year"),
)
MOST_TICKS = 4


@dataclass(frozen=True)
class Bar:
    """A bar that lies. `width` is None when its number is not shown."""

    label: str
    value: str
    width: float | None


@dataclass(frozen=True)
class Column:
    """A bar that stands: from the left, its width, and its height in lines; None when its number is not shown."""

    left: float
    width: float
    height: float | None


@dataclass(frozen=True)
class Range:
    """A line from the median to the 90th percentile, in per cent from the left; None when it is not shown."""

    label: str
    middle: float | None
    end: float | None


@dataclass(frozen=True)
class Tick:
    """A mark of the scale."""

    left: float
    label: str


def bars(values: Sequence[tuple[str, int | None]], unseen: str) -> list[Bar]:
    """Bars for numbers.

    Args:
        values: label and number.
        unseen: what stands instead of a number that is not shown.
    """
    most = max((count for _, count in values if count), default=1)
    return [
        Bar(short(label), unseen if count is None else f"{count:,}", None if count is None else WIDEST * count / most)
        for label, count in values
    ]


def columns(counts: Sequence[int | None]) -> list[Column]:
    """Columns for numbers in order."""
    most = max((count for count in counts if count), default=1)
    slot = 100 / max(len(counts), 1)
    return [
        Column(slot * (n + 0.1), slot * 0.8, None if count is None else TALLEST * count / most)
        for n, count in enumerate(counts)
    ]


def ranges(values: Sequence[tuple[str, float | None, float | None]]) -> tuple[list[Range], list[Tick]]:
    """Lines for times, on a scale where each step is a multiple of the one before, and the marks of that scale.

    Args:
        values: label, median and 90th percentile in seconds.
    """
    longest = max((s for _, median, ninetieth in values for s in (median, ninetieth) if s is not None), default=0.0)
    end = max(longest, 10 * _MINUTE) * 1.2

    def left(seconds: float | None) -> float | None:
        return None if seconds is None else 98 * math.log1p(seconds / _MINUTE) / math.log1p(end / _MINUTE) + 1

    lines = [Range(short(label), left(median), left(ninetieth)) for label, median, ninetieth in values]
    ticks = [(seconds, label) for seconds, label in TICKS if seconds < end]
    every = math.ceil(len(ticks) / MOST_TICKS)
    return lines, [Tick(left(seconds) or 0.0, label) for seconds, label in ticks[::every]]


def short(label: str) -> str:
    """A label that fits beside a bar; the table has all of it."""
    return label if len(label) <= LONGEST_LABEL else f"{label[: LONGEST_LABEL - 1].rstrip()}\u2026"


def took(seconds: float) -> str:
    """A length of time in words, as exact as one would say it: '4 minutes', '3 hours 20 minutes', '2 days 5 hours'."""
    if round(seconds) < _MINUTE:
        return _some(round(seconds), "second")
    if round(seconds / _MINUTE) < _MINUTE:
        return _some(round(seconds / _MINUTE), "minute")
    large, small = (_HOUR, _MINUTE) if round(seconds / _MINUTE) * _MINUTE < _DAY else (_DAY, _HOUR)
    first, rest = divmod(round(seconds / small) * small, large)
    words = _some(first, _UNITS[large])
    return f"{words} {_some(rest // small, _UNITS[small])}" if rest else words


_UNITS = {_MINUTE: "minute", _HOUR: "hour", _DAY: "day"}


def _some(count: int, unit: str) -> str:
    return f"{count:,} {unit}" if count == 1 else f"{count:,} {unit}s"
