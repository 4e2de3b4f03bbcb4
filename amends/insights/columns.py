"""Facts side by side in columns, so that a million of them are counted in a blink."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from amends.insights.facts import Outcome, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from amends.insights.facts import Fact

    Ints = NDArray[np.int32]
    Mask = NDArray[np.bool_]

UNKNOWN = -1
OUTCOMES = tuple(Outcome)
SPANS = tuple(Span)


class Codes:
    """Words that are numbers in a column; a new one gets the next number."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self._numbers: dict[str, int] = {}

    def number(self, word: str | None) -> int:
        """The number of a word, `UNKNOWN` for none."""
        if word is None:
            return UNKNOWN
        if word not in self._numbers:
            self._numbers[word] = len(self.words)
            self.words.append(word)
        return self._numbers[word]

    def find(self, word: str) -> int | None:
        """The number of a word that was met, None for another."""
        return self._numbers.get(word)


@dataclass(frozen=True)
class Books:
    """The words of all columns."""

    channels: Codes = field(default_factory=Codes)
    versions: Codes = field(default_factory=Codes)
    rows: Codes = field(default_factory=Codes)
    kinds: Codes = field(default_factory=Codes)
    clauses: Codes = field(default_factory=Codes)
    questions: Codes = field(default_factory=Codes)


@dataclass(frozen=True)
class Pairs:
    """What a fact can have several of: at `at` stands the place of the fact, at `what` one of its things."""

    at: Ints
    what: Ints

    def within(self, mask: Mask) -> Ints:
        """The things of the facts in a mask."""
        return self.what if mask.all() else self.what[mask[self.at]]

    def mask(self, what: int, length: int) -> Mask:
        """The facts that have a thing."""
        found = np.zeros(length, dtype=np.bool_)
        found[self.at[self.what == what]] = True
        return found

    def kept(self, keep: Mask) -> Pairs:
        """Those of the facts that are kept, at their new places."""
        new = np.cumsum(keep, dtype=np.int32) - 1
        here = keep[self.at]
        return Pairs(new[self.at[here]].astype(np.int32), self.what[here])

    def then(self, other: Pairs, length: int) -> Pairs:
        """These, and others whose facts stand behind `length` of these."""
        return Pairs(np.concatenate((self.at, other.at + np.int32(length))), np.concatenate((self.what, other.what)))


@dataclass(frozen=True)
class Block:
    """Facts, one a place. `questions` holds the number of a question and, in its last five bits, what happened."""

    ids: NDArray[np.int64]
    reported: NDArray[np.int64]
    channel: Ints
    version: Ints
    level: Ints
    row: Ints
    outcome: Ints
    drill: Mask
    spans: NDArray[np.int64]
    kinds: Pairs
    clauses: Pairs
    questions: Pairs

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def of(cls, facts: Sequence[Fact], books: Books) -> Block:
        """The facts as columns; spans that are not known are `UNKNOWN`."""

        def column(value: Callable[[Fact], int]) -> Ints:
            return np.fromiter(map(value, facts), dtype=np.int32, count=len(facts))

        spans = np.full((len(SPANS), len(facts)), UNKNOWN, dtype=np.int64)
        for place, fact in enumerate(facts):
            for n, span in enumerate(SPANS):
                spans[n, place] = fact.spans.get(span, UNKNOWN)
        return cls(
            ids=np.array([fact.id for fact in facts], dtype=np.int64),
            reported=np.array([fact.reported_at for fact in facts], dtype=np.int64),
            channel=column(lambda fact: books.channels.number(fact.channel)),
            version=column(lambda fact: books.versions.number(fact.flow_version)),
            level=column(lambda fact: UNKNOWN if fact.level is None else fact.level),
            row=column(lambda fact: books.rows.number(fact.row)),
            outcome=column(lambda fact: OUTCOMES.index(fact.outcome)),
            drill=np.array([fact.drill for fact in facts], dtype=np.bool_),
            spans=spans,
            kinds=_pairs((n, books.kinds.number(kind)) for n, fact in enumerate(facts) for kind in fact.kinds),
            clauses=_pairs((n, books.clauses.number(one)) for n, fact in enumerate(facts) for one in fact.clauses),
            questions=_pairs(
                (n, books.questions.number(question) << 5 | what)
                for n, fact in enumerate(facts)
                for question, what in fact.stumbles.items()
            ),
        )

    def kept(self, keep: Mask) -> Block:
        """Only the facts in a mask."""
        plain: dict[str, Any] = {name: getattr(self, name)[keep] for name in _PLAIN}
        many: dict[str, Any] = {name: getattr(self, name).kept(keep) for name in _MANY}
        return Block(**plain, spans=self.spans[:, keep], **many)

    def then(self, other: Block) -> Block:
        """These facts and others behind them."""
        plain: dict[str, Any] = {n: np.concatenate((getattr(self, n), getattr(other, n))) for n in _PLAIN}
        many: dict[str, Any] = {n: getattr(self, n).then(getattr(other, n), len(self)) for n in _MANY}
        return Block(**plain, spans=np.concatenate((self.spans, other.spans), axis=1), **many)


_PLAIN = ("ids", "reported", "channel", "version", "level", "row", "outcome", "drill")
_MANY = ("kinds", "clauses", "questions")


def _pairs(pairs: Iterable[tuple[int, int]]) -> Pairs:
    both = np.array(list(pairs), dtype=np.int32).reshape(-1, 2)
    return Pairs(both[:, 0].copy(), both[:, 1].copy())
