"""Where an incident stands, in the words that leads and staff read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amends.conversation import wording

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

_STATES = {
    "confirming": "Being confirmed.",
    "asking": "Questions are open.",
    "advised": "Advice given.",
    "closed": "Closed.",
    "abandoned": "Stopped before the advice.",
}


def in_words(state: str) -> str:
    """A state as a short sentence."""
    return _STATES.get(state, f"{state.replace('_', ' ').capitalize()}.")


def due_by(due: datetime | None, now: datetime, zone: ZoneInfo, what: str = "") -> str:
    """When something ends, or that it has ended, and what; nothing for no end."""
    if due is None:
        return ""
    ends = f"{'Due by' if due >= now else 'The time passed at'} {wording.clock(due, now, zone)}"
    return f"{ends}: {what}." if what else f"{ends}."
