"""What runs out in an incident: promises, deadlines, when to look again, and the steps that wait to be done.

The reminders and the board both go by it, so that nobody is reminded of what the board does not show.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from amends.incidents import completion
from amends.incidents.advice import EVERY, open_steps_of
from amends.incidents.record import OPEN_STATES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from amends.incidents.models import Incident

DEADLINE, STEP = "deadline", "step"
PROMISE = "promise"
"""An update that was promised in public. It runs while there is no advice, too: the public knows nothing of that."""
LOOK = "look"
"""The questions after a public reply are asked again."""


class Clock(NamedTuple):
    """Something that runs out: what it is, and when."""

    kind: str
    code: str
    title: str
    due_at: datetime


def clocks_of(incident: Incident, at: datetime) -> Iterator[Clock]:
    """What runs in an open incident; nothing in one that has ended.

    Args:
        at: now; the steps that are open run from here.
    """
    if incident.state not in OPEN_STATES:
        return
    after = completion.of(incident)
    for promise in after.open_promises:
        yield Clock(PROMISE, promise.code, "the promised update", promise.due)
    if incident.decision is None:
        return
    for one in json.loads(incident.decision)["deadlines"]:
        if one["due"] is not None:
            yield Clock(DEADLINE, one["id"], one["title"], datetime.fromisoformat(one["due"]))
    if after.next_look is not None:
        yield Clock(LOOK, LOOK, "look again", after.next_look)
    due_at = at + time_for_a_step(incident)
    for step in open_steps_of(incident):
        yield Clock(STEP, step["code"], step["code"].replace("_", " "), due_at)


def time_for_a_step(incident: Incident) -> timedelta:
    """How long a step may take at the level of an incident."""
    return EVERY[min(max(incident.level or 0, 0), 3)]
