"""The advice that stands in an incident, as the record keeps it: the flow's, or what a lead decided instead."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from amends.incidents.models import Incident

EVERY = {3: timedelta(minutes=10), 2: timedelta(minutes=30), 1: timedelta(hours=2), 0: timedelta(days=1)}
"""After how long somebody is first reminded of an open step, by level; then after twice that, and twice that."""


def override_of(incident: Incident) -> Mapping[str, Any] | None:
    """What a comms lead decided instead of the flow's advice; None when nobody did.

    It has `by`, `by_id`, `at`, `responses`, `reason`, `against` (sentences of the flow that it goes against) and
    `steps`, as a decision has them.
    """
    return json.loads(incident.override) if incident.override else None


def steps_of(incident: Incident) -> list[dict[str, Any]]:
    """The steps to do, in order, each with `code`, `kind`, `how`, `optional` and `clear_first`; none before advice."""
    override = override_of(incident)
    if override is not None:
        return list(override["steps"])
    return list(json.loads(incident.decision)["steps"]) if incident.decision else []


def open_steps_of(incident: Incident) -> list[dict[str, Any]]:
    """The steps that are neither done nor optional."""
    return left_of(steps_of(incident), incident)


def left_of(steps: Iterable[dict[str, Any]], incident: Incident) -> list[dict[str, Any]]:
    """Of steps that were read already, those that are neither done nor optional."""
    done = json.loads(incident.done)
    return [step for step in steps if step["code"] not in done and not step["optional"]]
