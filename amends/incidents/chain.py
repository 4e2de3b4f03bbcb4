"""What the trails of incidents, of policy owners and of the audit have in common: each entry holds the one before it.

An entry's hash is the SHA-256 of a JSON array, written without spaces and with characters as they are in UTF-8. What
stands in the array, each trail says for itself; the last is always the hash of the entry before, 64 zeros for the
first.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from json import JSONEncoder
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

FIRST = "0" * 64
"""What stands for the hash of the entry before the first."""

written = JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
"""JSON as it is hashed and sealed."""


def hash_of(fields: Sequence[object]) -> str:
    """The hash of an entry whose fields are texts, whole numbers and None."""
    return hashlib.sha256(written(fields).encode()).hexdigest()


class Break(StrEnum):
    """How an entry can fail to fit. The values are sentences."""

    NOT_NEXT = "Entry {place} is missing: the next one there is entry {sequence}."
    NOT_FOLLOWING = "It does not follow the entry before it: one was changed, removed, added or put elsewhere."
    CHANGED = "It was changed after it was written."


@dataclass(frozen=True, slots=True)
class Link:
    """An entry as it stands in a trail.

    Attributes:
        of: the trail: an incident's reference, `policy` or `audit`.
        computed: its hash, computed from what is stored.
    """

    of: str
    sequence: int
    previous: str
    hash: str
    computed: str

    def breaks(self, previous: str, place: int) -> Break | None:
        """What does not fit, if it should be the entry at a place, after one with this hash."""
        if self.sequence != place:
            return Break.NOT_NEXT
        if self.previous != previous:
            return Break.NOT_FOLLOWING
        return None if self.computed == self.hash else Break.CHANGED
