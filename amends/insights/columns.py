"""Facts side by side, so that a million of them are counted in a blink.

What an incident is or is not, such as of level 2, is one bit for each incident. Choosing is AND, counting is counting
bits: sixty-four incidents at a time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from amends.insights.facts import Span, Stumble
from amends.insights.scope import month_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from numpy.typing import NDArray

    from amends.insights.facts import Fact

    Bits: TypeAlias = NDArray[np.uint64]
    Flags: TypeAlias = NDArray[np.bool_]

Mark: TypeAlias = tuple[str, str]
"""What an incident can be: of which kind the mark is, and what it says: ("level", "2")."""

UNKNOWN = -1
SPANS = tuple(Span)
STUMBLED = Stumble.NOT_SURE | Stumble.CORRECTED | Stumble.WENT_BACK | Stumble.ASKED_WHY
ANY = "any"
DRILL: Mark = ("drill", "yes")
EVERYWHERE = "trouble"
"""The kind of marks that say that somebody stumbled in some way at any question."""


@dataclass(frozen=True)
class Block:
    """Facts, one a place.

    Attributes:
        ids: of the incidents.
        spans: seconds, a row for each of `SPANS`; `UNKNOWN` where they are not known.
        answered: how many questions were answered.
        marks: for each mark the facts that have it.
    """

    ids: NDArray[np.int64]
    spans: NDArray[np.int32]
    answered: NDArray[np.int16]
    marks: Mapping[Mark, Bits]
    _places: dict[Mark, NDArray[np.int32]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def of(cls, facts: Sequence[Fact], zone: ZoneInfo) -> Block:
        """The facts as columns.

        Args:
            facts: those to put side by side.
            zone: in which months begin.
        """
        places: dict[Mark, list[int]] = {}
        spans = np.full((len(SPANS), len(facts)), UNKNOWN, dtype=np.int32)
        for place, fact in enumerate(facts):
            for mark in _marks(fact, zone):
                places.setdefault(mark, []).append(place)
            for n, span in enumerate(SPANS):
                spans[n, place] = min(fact.spans.get(span, UNKNOWN), np.iinfo(np.int32).max)
        answered = [sum(bool(what & Stumble.ANSWERED) for what in fact.stumbles.values()) for fact in facts]
        return cls(
            np.array([fact.id for fact in facts], dtype=np.int64),
            spans,
            np.array(answered, dtype=np.int16),
            {mark: _at(there, len(facts)) for mark, there in places.items()},
        )

    @classmethod
    def joined(cls, blocks: Sequence[Block]) -> Block:
        """The facts of all blocks, one behind the other."""
        marks: dict[Mark, Bits] = {}
        for mark in dict.fromkeys(mark for block in blocks for mark in block.marks):
            marks[mark] = packed(np.concatenate([unpacked(block.having(mark), len(block)) for block in blocks]))
        return cls(
            np.concatenate([block.ids for block in blocks]),
            np.concatenate([block.spans for block in blocks], axis=1),
            np.concatenate([block.answered for block in blocks]),
            marks,
        )

    def having(self, mark: Mark) -> Bits:
        """The facts that have a mark."""
        found = self.marks.get(mark)
        return np.zeros(-(-len(self) // 64), dtype=np.uint64) if found is None else found

    def places(self, mark: Mark) -> NDArray[np.int32]:
        """Where the facts are that have a mark; kept, because to look through all for each of many marks takes long."""
        if mark not in self._places:
            self._places[mark] = np.flatnonzero(unpacked(self.having(mark), len(self))).astype(np.int32)
        return self._places[mark]

    def kept(self, keep: Flags) -> Block:
        """Only some of the facts."""
        marks = {mark: packed(unpacked(bits, len(self))[keep]) for mark, bits in self.marks.items()}
        return Block(self.ids[keep], self.spans[:, keep], self.answered[keep], marks)


def packed(flags: Flags) -> Bits:
    """Flags as bits; those behind the last are not set."""
    octets = np.packbits(flags, bitorder="little")
    return np.pad(octets, (0, -len(octets) % 8)).view(np.uint64)


def unpacked(bits: Bits, length: int) -> Flags:
    """Bits as so many flags."""
    return np.unpackbits(bits.view(np.uint8), count=length, bitorder="little").view(np.bool_)


def count(bits: Bits) -> int:
    """How many are set."""
    return int(np.bitwise_count(bits).sum(dtype=np.int64))


def _at(places: list[int], length: int) -> Bits:
    flags = np.zeros(length, dtype=np.bool_)
    flags[places] = True
    return packed(flags)


def _marks(fact: Fact, zone: ZoneInfo) -> Iterator[Mark]:
    yield "channel", fact.channel
    yield "flow", fact.flow
    yield "version", fact.flow_version
    yield "outcome", str(fact.outcome)
    yield "month", month_of(fact.reported_at, zone)
    if fact.level is not None:
        yield "level", str(fact.level)
    if fact.row is not None:
        yield "row", fact.row
    if fact.drill:
        yield DRILL
    for kind in fact.kinds:
        yield "kind", kind
    for clause in fact.clauses:
        yield "clause", clause
    met = 0
    for question, what in fact.stumbles.items():
        met |= what
        for stumble in Stumble(what):
            yield str(stumble.name), f"{fact.flow}:{question}"
        if what & STUMBLED:
            yield ANY, f"{fact.flow}:{question}"
    for stumble in Stumble(met):
        yield EVERYWHERE, str(stumble.name)
