"""Counting facts: the plain numbers, before any is left out for being small."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from amends.insights.columns import OUTCOMES, SPANS, UNKNOWN
from amends.insights.facts import Stumble
from amends.insights.scope import begins, month_of, next_month

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from zoneinfo import ZoneInfo

    from numpy.typing import NDArray

    from amends.insights.columns import Block, Books, Codes, Mask
    from amends.insights.facts import Span
    from amends.insights.ledger import Parts
    from amends.insights.scope import Scope
    from amends.insights.sight import Sight

    Slices = list[tuple[Block, Mask]]
    Values = NDArray[np.int64]

BITS = 5
STUMBLED = Stumble.NOT_SURE | Stumble.CORRECTED | Stumble.WENT_BACK | Stumble.ASKED_WHY


def seen(parts: Parts, sight: Sight) -> Slices:
    """The facts that somebody sees; drills never count."""
    return [(block, current & ~block.drill & sight.mask(block.ids)) for block, current in parts]


def narrowed(slices: Slices, scope: Scope, books: Books, zone: ZoneInfo) -> Slices:
    """The facts that were chosen."""
    return [(block, mask & _chosen(block, scope, books, zone)) for block, mask in slices]


def total(slices: Slices) -> int:
    """How many there are."""
    return sum(int(np.count_nonzero(mask)) for _, mask in slices)


def by_column(slices: Slices, name: Literal["level", "row", "outcome"], books: Books) -> dict[str, int]:
    """How many there are of each level, row or outcome; those without one are not among them."""
    words = {"level": None, "row": books.rows.words, "outcome": [str(each) for each in OUTCOMES]}[name]
    counts = _sum(getattr(block, name)[mask] for block, mask in slices)
    return {words[n] if words else str(n): int(count) for n, count in enumerate(counts) if count}


def by_many(slices: Slices, name: Literal["kinds", "clauses"], codes: Codes) -> dict[str, int]:
    """How many have each kind, or rest on each clause; one incident can count for several."""
    counts = _sum(getattr(block, name).within(mask) for block, mask in slices)
    return {codes.words[n]: int(count) for n, count in enumerate(counts) if count}


def by_month(slices: Slices, zone: ZoneInfo) -> dict[str, int]:
    """How many were reported in each month, from the first with any to the last."""
    times = [block.reported[mask] for block, mask in slices]
    times = [each for each in times if len(each)]
    if not times:
        return {}
    months = _months(min(int(each.min()) for each in times), max(int(each.max()) for each in times), zone)
    edges = np.array([begins(month, zone) for month in months[1:]], dtype=np.int64)
    counts = _sum(np.searchsorted(edges, each, side="right") for each in times)
    return {month: int(counts[n]) if n < len(counts) else 0 for n, month in enumerate(months)}


def spans(slices: Slices, span: Span) -> Values:
    """All the times that are known, in seconds."""
    row = SPANS.index(span)
    found = [block.spans[row][mask] for block, mask in slices]
    return np.concatenate([values[values != UNKNOWN] for values in found])


def spans_by(slices: Slices, span: Span, by: str, books: Books, zone: ZoneInfo) -> dict[str, Values]:
    """The times that are known, for each level, row, kind or month."""
    if by == "kind":
        groups = ((word, _with_kind(slices, n)) for n, word in enumerate(books.kinds.words))
    elif by == "month":
        groups = ((month, _in_month(slices, month, zone)) for month in by_month(slices, zone))
    else:
        groups = ((code, _with_code(slices, by, code, books)) for code in by_column(slices, _column(by), books))
    found = ((code, spans(chosen, span)) for code, chosen in groups)
    return {code: values for code, values in found if len(values)}


def stumbles(slices: Slices, books: Books) -> dict[str, dict[Stumble, int]]:
    """For each question in how many incidents it was answered, and how often which stumbling happened."""
    counts = _sum(block.questions.within(mask) for block, mask in slices)
    whole = np.zeros(len(books.questions.words) << BITS, dtype=np.int64)
    whole[: len(counts)] = counts
    table = whole.reshape(-1, 1 << BITS)
    marks = np.arange(1 << BITS)
    kinds = (*Stumble, STUMBLED)
    return {
        question: {kind: int(table[n, (marks & int(kind)) != 0].sum()) for kind in kinds}
        for n, question in enumerate(books.questions.words)
        if table[n].any()
    }


def of_version(slices: Slices, version: str, books: Books) -> Slices:
    """Those that began with a version of the flow."""
    number = books.versions.find(version)
    return [(block, mask & (block.version == (-2 if number is None else number))) for block, mask in slices]


@dataclass(frozen=True)
class Talked:
    """What happened in the conversations of some incidents: questions answered in each, and how many stumbled."""

    answered: Values
    stumbled: dict[Stumble, int]


def talked(slices: Slices) -> Talked:
    """How many questions were answered in each incident that got advice, and in how many somebody stumbled."""
    answered, stumbled = [], dict.fromkeys(Stumble, 0)
    for block, mask in slices:
        at, what = block.questions.at, block.questions.what
        each = np.bincount(at[(what & int(Stumble.ANSWERED)) != 0], minlength=len(block))
        answered.append(each[mask & (block.outcome != OUTCOMES.index("none"))])
        for kind in Stumble:
            did = np.zeros(len(block), dtype=np.bool_)
            did[at[(what & int(kind)) != 0]] = True
            stumbled[kind] += int(np.count_nonzero(did & mask))
    return Talked(np.concatenate(answered), stumbled)


def _chosen(block: Block, scope: Scope, books: Books, zone: ZoneInfo) -> Mask:
    mask = np.ones(len(block), dtype=np.bool_)
    if scope.since:
        mask &= block.reported >= begins(scope.since, zone)
    if scope.until:
        mask &= block.reported < begins(next_month(scope.until), zone)
    if scope.level is not None:
        mask &= block.level == scope.level
    for column, word, codes in ((block.row, scope.row, books.rows), (block.channel, scope.channel, books.channels)):
        if word is not None:
            number = codes.find(word)
            mask &= column == (-2 if number is None else number)
    if scope.kind is not None:
        number = books.kinds.find(scope.kind)
        mask &= block.kinds.mask(-2 if number is None else number, len(block))
    return mask


def _with_kind(slices: Slices, kind: int) -> Slices:
    return [(block, mask & block.kinds.mask(kind, len(block))) for block, mask in slices]


def _with_code(slices: Slices, by: str, code: str, books: Books) -> Slices:
    number = int(code) if by == "level" else books.rows.find(code)
    return [(block, mask & (getattr(block, by) == number)) for block, mask in slices]


def _in_month(slices: Slices, month: str, zone: ZoneInfo) -> Slices:
    begin, end = begins(month, zone), begins(next_month(month), zone)
    return [(block, mask & (block.reported >= begin) & (block.reported < end)) for block, mask in slices]


def _column(by: str) -> Literal["level", "row"]:
    return "level" if by == "level" else "row"


def _months(first: int, last: int, zone: ZoneInfo) -> Sequence[str]:
    months = [month_of(first, zone)]
    while months[-1] != month_of(last, zone):
        months.append(next_month(months[-1]))
    return months


def _sum(numbers: Iterable[NDArray[np.integer]]) -> Values:
    """How often each number from 0 on comes, over all blocks."""
    whole = np.zeros(0, dtype=np.int64)
    for each in numbers:
        counts = np.bincount(each[each >= 0])
        if len(counts) < len(whole):
            counts, whole = whole, counts
        counts[: len(whole)] += whole
        whole = counts
    return whole
