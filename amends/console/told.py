"""What a page of an incident shows, in words: lines, entries of the trail, steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True)
class Line:
    """One thing that an entry holds."""

    label: str
    text: str


@dataclass(frozen=True)
class Correction:
    """A later entry, as it stands beside the one that it corrects."""

    sequence: int
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Told:
    """A trail entry in words. `kind` is its code."""

    sequence: int
    kind: str
    title: str
    who: str
    source: str
    said_at: datetime
    recorded_at: datetime
    lines: tuple[Line, ...]
    clauses: tuple[str, ...]
    supersedes: int | None
    corrected_by: tuple[Correction, ...]
    erased: bool


@dataclass(frozen=True)
class StepLine:
    """A step of the advice, and who did it."""

    label: str
    how: str
    person: bool
    optional: bool
    who: str | None
    at: datetime | None
