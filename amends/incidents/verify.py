"""Hold the incidents' trails against their chains and seals, and name what does not fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from amends.incidents import references, stored
from amends.incidents.chain import Harm
from amends.incidents.keys import NoKey
from amends.incidents.models import Incident, ReferenceCounter
from amends.incidents.seals import KEYS
from amends.incidents.walk import INCIDENTS, Damage, Walk, seals_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from amends.incidents.keys import Keys

MOST_NAMED = 100
"""So many damaged incidents, and missing ones of each year, are named to the entry."""


@dataclass(frozen=True)
class Verdict:
    """How much was checked, and what was found: of each incident the first."""

    incidents: int
    entries: int
    damage: tuple[Damage, ...]


def verify(session: Session, reference: str | None = None) -> Verdict:
    """Check the trail of one incident, or of all of them, and that no incident is missing."""
    try:
        keys = session.info[KEYS]()
    except NoKey as error:
        return Verdict(0, 0, (Damage("seals", None, str(error), Harm.KEY_MISSING),))
    if reference is None:
        walk = Walk(keys, {INCIDENTS: stored.links(session)})
        walk.through(session)
        found = named(session, walk)
    else:
        reference = reference.upper()
        walk = _walk_one(session, keys, reference)
        found = tuple(walk.damage.values()) or tuple(_without_trail(session, walk, reference))
    return Verdict(_count(session, reference), walk.entries.get(INCIDENTS, 0), found)


def named(session: Session, walk: Walk) -> tuple[Damage, ...]:
    """What a walk through everything found, with the first bad entry of each incident, and what is missing.

    The walk reads entries as they were added. Where some were put elsewhere, that is another order than the one that
    they now stand in; so damaged incidents are walked through once more, each by itself.
    """
    more = tuple(_missing(session, walk))
    for reference in list(walk.damage.keys() & walk.ends.keys() - {"policy", "audit"})[:MOST_NAMED]:
        walk.damage.update(_walk_one(session, walk.keys, reference).damage)
    return (*walk.damage.values(), *more)


def _walk_one(session: Session, keys: Keys, reference: str) -> Walk:
    walk = Walk(keys, {INCIDENTS: stored.links(session, reference)})
    for seal in list(seals_of(session, reference)):
        walk.meet(seal)
    walk.finish()
    return walk


def _missing(session: Session, walk: Walk) -> Iterator[Damage]:
    """Incidents that are not there, and those that are there without a trail, as far as the walk did not say so."""
    there = set(session.scalars(select(Incident.reference)))
    for reference, found in walk.damage.items():
        if found.kind is Harm.TRAIL_MISSING and reference not in there:
            walk.damage[reference] = Damage(reference, None, "The whole incident is missing.", Harm.INCIDENT_MISSING)
    for reference in sorted(there - walk.ends.keys() - walk.damage.keys()):
        yield _no_trail(reference)
    for counter in session.scalars(select(ReferenceCounter)):
        count = 0
        for number in range(1, counter.last + 1):
            called = {references.reference(counter.year, number, drill=drill) for drill in (False, True)}
            if called.isdisjoint(there) and called.isdisjoint(walk.damage):
                reference = references.reference(counter.year, number)
                yield Damage(reference, None, "The whole incident is missing.", Harm.INCIDENT_MISSING)
                count += 1
                if count == MOST_NAMED:
                    break


def _without_trail(session: Session, walk: Walk, reference: str) -> Iterator[Damage]:
    if not walk.ends and session.scalar(select(Incident.id).where(Incident.reference == reference)) is not None:
        yield _no_trail(reference)


def _no_trail(reference: str) -> Damage:
    return Damage(reference, None, "The incident has no trail at all.", Harm.TRAIL_MISSING)


def _count(session: Session, reference: str | None) -> int:
    query = select(func.count()).select_from(Incident)
    if reference is not None:
        query = query.where(Incident.reference == reference)
    return session.execute(query).scalar_one()
