"""Marks: what an incident is found by, each a kind and a value in one number, so that any database can index them."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from typing import TYPE_CHECKING

from amends.incidents.advice import steps_of
from amends.register.filters import NOBODY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from amends.incidents.models import Incident

ALL = ("all", "3")
"""The mark that every incident has: something to begin with when the rest only leaves out.

Its value goes up when the register is made in another way, so that what was made before is found and made again.
"""
NO_LEVEL = "none"
"""The level of an incident that has no advice yet."""
RAN_OUT = ("ran out", "yes")
"""A step of this incident was done after its time, or not at all. It stays, so that it is known when it is closed."""
SPAN_BITS = 20
SPANS = 1 << 48
"""Behind all other marks: those of spans of 2**20 seconds, twelve days, in which incidents were reported."""


@lru_cache(maxsize=8192)
def mark(kind: str, value: object) -> int:
    """The number of a kind and a value: 48 bits of their hash, so that two alike are not to be expected."""
    return int.from_bytes(hashlib.sha256(f"{kind}\x00{value}".encode()).digest()[:6])


def tags_of(incident: Incident) -> set[tuple[str, str]]:
    """What the advice that stands says: responses, roles to bring in, the row of the flow, clauses."""
    steps = steps_of(incident)
    decision = json.loads(incident.decision) if incident.decision else {}
    tags = {("response", step["code"]) for step in steps if step["kind"] == "response"}
    tags |= {("role", step["code"]) for step in steps if step["kind"] == "person"}
    tags |= {("clause", clause) for clause in decision.get("clauses", ())}
    return tags | ({("row", decision["row"])} if decision.get("row") else set())


def marks_of(
    incident: Incident,
    tags: Iterable[tuple[str, str]],
    involved: Iterable[str],
    *,
    late: bool,
    ran_out: bool = False,
) -> frozenset[int]:
    """All marks of an incident.

    Args:
        tags: as `tags_of` gives them.
        involved: ids of those who take part.
        late: whether a deadline or a step runs late, or, of a closed incident, ran out before it was done.
        ran_out: whether a step ran out before it was done, at any time.
    """
    span = SPANS + (int(incident.reported_at.timestamp()) >> SPAN_BITS)
    ran = [mark(*RAN_OUT)] if ran_out else []
    return frozenset([span, *ran, *(mark(kind, value) for kind, value in _all(incident, tags, involved, late=late))])


def _all(
    incident: Incident, tags: Iterable[tuple[str, str]], involved: Iterable[str], *, late: bool
) -> Iterator[tuple[str, str]]:
    yield ALL
    yield from tags
    yield from (("with", participant) for participant in involved)
    yield "flow", incident.flow_id
    yield "state", incident.state
    yield "channel", incident.channel
    yield "lead", incident.lead_id or NOBODY
    yield "level", NO_LEVEL if incident.level is None else str(incident.level)
    for kind, on in (("restricted", incident.restricted), ("drill", incident.drill), ("late", late)):
        if on:
            yield kind, "yes"
