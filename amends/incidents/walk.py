"""Goes through trails and seals side by side, and names what does not fit.

Entries and seals are read in the order in which they were written, one of each at a time. Where several wrote at once
the two orders differ a little, so that what has not met its other half yet is kept until it does.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import text

from amends.incidents.chain import FIRST, Harm, Link, break_of, sentence_of
from amends.incidents.seals import mac

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sqlalchemy.orm import Session

    from amends.incidents.keys import Keys

INCIDENTS = ""
"""The stream of links of all incidents."""
EVERY = 10_000
"""After so many seals it is told how far it is."""


@dataclass(frozen=True)
class Damage:
    """The first entry of a trail that does not fit, and what is wrong with it.

    `reference` is the incident's, or names the trail or the part of the record.
    """

    reference: str
    sequence: int | None
    sentence: str
    kind: Harm


class Seal(NamedTuple):
    """A seal with the one before it."""

    number: int
    of: str
    entry: int
    key: str
    seal: str
    previous: str


def seals_of(session: Session, reference: str) -> Iterator[Seal]:
    """The seals of one incident."""
    query = text(
        'SELECT s.number, s."of", s.entry, s.key, s.seal, b.seal FROM seal s '
        'LEFT JOIN seal b ON b.number = s.number - 1 WHERE s."of" = :of ORDER BY s.number'
    )
    for number, of, entry, key, seal, before in session.execute(query, {"of": reference}):
        yield Seal(number, of, entry, key, seal, before or FIRST)


@dataclass
class Walk:
    """One walk through a record.

    Args:
        keys: what the seals are checked with.
        streams: the links of the trails `policy` and `audit` under their names, those of the incidents under "". The
            seals of a trail that is not among them are passed over.
    """

    keys: Keys
    streams: Mapping[str, Iterator[Link]]
    entries: dict[str, int] = field(default_factory=dict)
    """How many there are in each stream."""
    damage: dict[str, Damage] = field(default_factory=dict)
    """The first of each trail."""
    number: int = 0
    last: str = FIRST
    ends: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Where each trail ends: sequence and hash."""
    _unsealed: dict[tuple[str, int], Link] = field(default_factory=dict)
    _alone: dict[tuple[str, int], Seal] = field(default_factory=dict)
    _payloads: dict[str, set[int]] = field(default_factory=dict)
    _begins: dict[str, int] = field(default_factory=dict)
    _let_go: dict[str, int] = field(default_factory=dict)

    def through(self, session: Session, progress: Callable[[int], None] = lambda _: None) -> None:
        """Walk through all seals and all the streams."""
        query = text('SELECT number, "of", entry, key, seal FROM seal ORDER BY number')
        for number, of, entry, key, seal in session.execute(query.execution_options(yield_per=2_000)):
            if number != self.number + 1:
                sentence = f"Seal {self.number + 1} is missing: the next one there is seal {number}."
                self._found("seals", None, Harm.SEAL_MISSING, sentence)
            self.meet(Seal(number, of, entry, key, seal, self.last))
            self.number, self.last = number, seal
            if number % EVERY == 0:
                progress(number)
        self.finish()

    def meet(self, seal: Seal) -> None:
        """The next seal."""
        stream = seal.of if seal.of in {"policy", "audit"} else INCIDENTS
        if stream not in self.streams:
            return
        key = (seal.of, seal.entry)
        link = self._unsealed.pop(key, None)
        if link is None:
            link = self._read(stream)
            if link is None or link.sequence != seal.entry or link.of != seal.of:
                self._alone[key] = seal
                if link is not None:
                    self._settle(link)
                return
        self._compare(link, seal)

    def finish(self) -> None:
        """Read what is left, and name what met nothing."""
        for stream in self.streams:
            while (link := self._read(stream)) is not None:
                self._settle(link)
        for of, sequences in self._payloads.items():
            if sequences:
                self._found(of, min(sequences), Harm.PAYLOAD_MISSING, "What was said in it is missing.")
        for of, begin in self._begins.items():
            if begin > self._let_go.get(of, 0) + 1:
                place = self._let_go.get(of, 0) + 1
                self._found(of, begin, Harm.MISSING, sentence_of(Harm.MISSING, begin, place))
        for of, sequence in sorted(self._unsealed):
            sentence = "It has no seal: it was added by somebody who does not have the key."
            self._found(of, sequence, Harm.UNSEALED, sentence)
        for (of, entry), seal in sorted(self._alone.items()):
            if entry > self._let_go.get(of, 0):
                self._cut(seal)

    def _read(self, stream: str) -> Link | None:
        """The next entry of a stream; it is held against the one before it in its trail."""
        link = next(self.streams[stream], None)
        if link is None:
            return None
        self.entries[stream] = self.entries.get(stream, 0) + 1
        of, sequence = link.of, link.sequence
        before = self.ends.get(of)
        if before is None:
            if sequence > 1 and stream:
                self._begins[of] = sequence
                before = (sequence - 1, link.previous)
            else:
                before = (0, FIRST)
        place = before[0] + 1
        harm = break_of(link, before[1], place)
        if harm is not None:
            self._found(of, sequence, harm, sentence_of(harm, sequence, place))
        self.ends[of] = (sequence, link.hash)
        if link.harm is Harm.PAYLOAD_MISSING:
            self._payloads.setdefault(of, set()).add(sequence)
        elif link.harm is not None:
            self._found(of, sequence, link.harm, "What was said in it was changed or exchanged.")
        if link.erased and of in self._payloads:
            self._payloads[of] -= {each for each in link.erased if each < sequence}
        if link.let_go:
            self._let_go[of] = max(self._let_go.get(of, 0), min(link.let_go, sequence - 1))
        return link

    def _settle(self, link: Link) -> None:
        """An entry that was read before its seal, or after it."""
        key = (link.of, link.sequence)
        seal = self._alone.pop(key, None)
        if seal is None:
            self._unsealed[key] = link
        else:
            self._compare(link, seal)

    def _compare(self, link: Link, seal: Seal) -> None:
        key = self.keys.by_id.get(seal.key)
        if key is None:
            sentence = f"It was sealed with the key {seal.key}, which is not here. Put it into TRAIL_KEYS as well."
            self._found(link.of, link.sequence, Harm.KEY_MISSING, sentence)
        elif mac(key, seal.number, seal.of, seal.entry, link.computed, seal.key, seal.previous) != seal.seal:
            sentence = "Its seal was not made for it: it was written anew by somebody who does not have the key."
            self._found(link.of, link.sequence, Harm.REWRITTEN, sentence)

    def _cut(self, seal: Seal) -> None:
        end = self.ends.get(seal.of)
        if end is None:
            # Whether the incident itself is there, only whoever has the list of them can say.
            self._found(seal.of, None, Harm.TRAIL_MISSING, "The incident has no trail at all.")
            return
        sentence = f"It was removed: the trail ends with entry {end[0]}, and the seal of entry {seal.entry} is there."
        if seal.entry <= end[0]:
            sentence = "It was removed: only its seal is there."
        self._found(seal.of, seal.entry, Harm.CUT_OFF, sentence)

    def _found(self, of: str, sequence: int | None, kind: Harm, sentence: str) -> None:
        if of not in self.damage:
            self.damage[of] = Damage(of, sequence, sentence, kind)
