"""What the trails of incidents, of policy owners and of the audit have in common: each entry holds the one before it.

An entry's hash is the SHA-256 of a JSON array, written without spaces and with characters as they are in UTF-8. What
stands in the array, each trail says for itself; the last is always the hash of the entry before, 64 zeros for the
first.
"""

from __future__ import annotations

import hashlib
from enum import StrEnum
from json import JSONEncoder
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FIRST = "0" * 64
"""What stands for the hash of the entry before the first."""

written = JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
"""JSON as it is hashed and sealed."""


def hash_of(fields: Sequence[object]) -> str:
    """The hash of an entry whose fields are texts, whole numbers and None."""
    return hashlib.sha256(written(fields).encode("utf-8", "surrogatepass")).hexdigest()


class Harm(StrEnum):
    """The kinds of damage to a record."""

    MISSING = "missing"
    """An entry between others is missing."""
    BROKEN = "broken"
    """An entry does not follow the one before it."""
    CHANGED = "changed"
    """An entry is not as it was written."""
    PAYLOAD_MISSING = "payload missing"
    PAYLOAD_CHANGED = "payload changed"
    REWRITTEN = "rewritten"
    """An entry fits its trail, and its seal was made of another."""
    UNSEALED = "unsealed"
    """An entry fits its trail, and nobody sealed it."""
    CUT_OFF = "cut off"
    """The end of a trail is missing."""
    INCIDENT_MISSING = "incident missing"
    TRAIL_MISSING = "trail missing"
    SEAL_MISSING = "seal missing"
    SEAL_CHANGED = "seal changed"
    KEY_MISSING = "key missing"
    TEXT_CHANGED = "text changed"
    """A flow or clause is not as it was used or published."""
    FILE_CHANGED = "file changed"
    """Evidence is missing or not as it was kept."""
    GUARD_MISSING = "guard missing"
    """What keeps the database from changing the record is gone."""
    OLDER = "older"
    """The record ends before, or is another than, what was noted outside of it."""


class Link(NamedTuple):
    """An entry as it stands in a trail.

    Attributes:
        of: the trail: an incident's reference, `policy` or `audit`.
        computed: its hash, computed from what is stored.
        harm: what is wrong with what it rests on, such as its payload.
        erased: sequences of the same trail whose payloads, it says, were erased.
        let_go: up to this sequence, it says, entries of the same trail were let go of.
    """

    of: str
    sequence: int
    previous: str
    hash: str
    computed: str
    harm: Harm | None = None
    erased: frozenset[int] = frozenset()
    let_go: int = 0


def break_of(link: Link, previous: str, place: int) -> Harm | None:
    """What does not fit, if an entry should stand at a place, after one with this hash."""
    if link.sequence != place:
        return Harm.MISSING
    if link.previous != previous:
        return Harm.BROKEN
    return None if link.computed == link.hash else Harm.CHANGED


def first_break(links: Iterable[Link]) -> tuple[int, tuple[int, Link, Harm] | None]:
    """How many entries a trail has, and the first that does not fit: where it should stand, itself, and how.

    A trail may begin later than with 1 when one of its entries says that those before were let go of.
    """
    count = first = let_go = 0
    found: tuple[int, Link, Harm] | None = None
    previous, place = FIRST, 1
    for link in links:
        count += 1
        if count == 1 and link.sequence > 1:
            first, place, previous = link.sequence, link.sequence, link.previous
        let_go = max(let_go, link.let_go)
        harm = None if found else break_of(link, previous, place)
        if harm:
            found = (place, link, harm)
        if first == link.sequence:
            begins = link
        previous, place = link.hash, place + 1
    if first > let_go + 1:
        found = (let_go + 1, begins, Harm.MISSING)
    return count, found


def sentence_of(harm: Harm, sequence: int, place: int) -> str:
    """What is wrong with an entry that does not fit."""
    if harm is Harm.MISSING:
        return f"Entry {place} is missing: the next one there is entry {sequence}."
    if harm is Harm.BROKEN:
        return "It does not follow the entry before it: one was changed, removed, added or put elsewhere."
    return "It was changed after it was written."
