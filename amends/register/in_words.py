"""A filter said in words, each part so that it can be taken away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from amends.register.filters import Drill, Filter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from amends.register.choices import Choices


@dataclass(frozen=True)
class Condition:
    """One part of a filter: what it says, and the filter without it."""

    part: str
    words: str
    without: Filter


OF_MANY = {
    "flows": "about:",
    "levels": "level",
    "states": "state:",
    "responses": "advice:",
    "roles": "brought in:",
    "rows": "rule",
    "clauses": "clause",
    "channels": "reported",
}


def conditions(filter_: Filter, choices: Choices) -> list[Condition]:
    """What a filter asks for; nothing when it leaves all in."""
    return [Condition(part, words, filter_.without(part)) for part, words in _said(filter_, choices)]


def in_one_sentence(filter_: Filter, choices: Choices) -> str:
    """The whole filter, such as 'Incidents: level 3, grave; led by Grace Hall.' for a list that is taken out."""
    said = "; ".join(each.words for each in conditions(filter_, choices))
    return f"Incidents: {said}." if said else "All incidents, without drills."


def _said(filter_: Filter, choices: Choices) -> Iterator[tuple[str, str]]:
    if filter_.text:
        yield "text", f"with the words \u201c{filter_.text}\u201d"
    if filter_.since:
        yield "since", f"reported on {_day(filter_.since)} or later"
    if filter_.until:
        yield "until", f"reported on {_day(filter_.until)} or earlier"
    for part, name in OF_MANY.items():
        values = getattr(filter_, part)
        if values:
            yield part, f"{name} {' or '.join(choices.name(part, value) for value in values)}"
    if filter_.lead:
        yield "lead", f"led by {choices.name('lead', filter_.lead)}"
    if filter_.restricted is not None:
        yield "restricted", "restricted" if filter_.restricted else "not restricted"
    if filter_.drill is not Drill.LEFT_OUT:
        yield "drill", "drills only" if filter_.drill is Drill.ONLY else "drills too"
    if filter_.late:
        yield "late", "late: something ran out before it was done"


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
