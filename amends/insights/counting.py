"""Counting facts: the plain numbers, before any is left out for being small."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from amends.insights.columns import ANY, DRILL, EVERYWHERE, SPANS, UNKNOWN, count, packed, unpacked
from amends.insights.facts import Outcome, Stumble
from amends.insights.scope import next_month

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from amends.insights.columns import Bits, Block, Mark
    from amends.insights.facts import Span
    from amends.insights.ledger import Parts
    from amends.insights.scope import Scope
    from amends.insights.sight import Sight

    Slices: TypeAlias = list[tuple[Block, Bits]]
    """Blocks of facts, and which of them count."""
    Values: TypeAlias = NDArray[np.integer]

CHOSEN = ("flow", "level", "row", "kind", "channel")
"""Parts of a choice that are marks."""


def seen(parts: Parts, sight: Sight) -> Slices:
    """The facts that somebody sees; drills never count."""
    return [(block, packed(current & sight.mask(block.ids)) & ~block.having(DRILL)) for block, current in parts]


def narrowed(slices: Slices, scope: Scope) -> Slices:
    """The facts that were chosen."""
    for kind in CHOSEN:
        value = getattr(scope, kind)
        if value is not None:
            slices = having(slices, (kind, str(value)))
    if scope.since or scope.until:
        first, last = scope.since or "", scope.until or "9999"
        slices = [(block, bits & _months(block, first, last)) for block, bits in slices]
    return slices


def having(slices: Slices, mark: Mark) -> Slices:
    """Those of the facts that have a mark."""
    return [(block, bits & block.having(mark)) for block, bits in slices]


def total(slices: Slices) -> int:
    """How many there are."""
    return sum(count(bits) for _, bits in slices)


def by(slices: Slices, kind: str) -> dict[str, int]:
    """How many have each mark of a kind; those that nothing has are not among them."""
    counts: dict[str, int] = {}
    for block, bits in slices:
        for (of, value), have in block.marks.items():
            if of == kind and (found := count(bits & have)):
                counts[value] = counts.get(value, 0) + found
    return counts


def by_month(slices: Slices) -> dict[str, int]:
    """How many were reported in each month, from the first with any to the last."""
    counts = by(slices, "month")
    if not counts:
        return {}
    months = [min(counts)]
    while months[-1] != max(counts):
        months.append(next_month(months[-1]))
    return {month: counts.get(month, 0) for month in months}


def spans(slices: Slices, span: Span) -> Values:
    """All the times that are known, in seconds."""
    row = SPANS.index(span)
    found = [block.spans[row][unpacked(bits, len(block))] for block, bits in slices]
    return np.concatenate([values[values != UNKNOWN] for values in found])


def spans_by(slices: Slices, span: Span, kind: str) -> dict[str, Values]:
    """The times that are known, for each level, row, kind or month."""
    row = SPANS.index(span)
    known = [(block, unpacked(bits, len(block)) & (block.spans[row] != UNKNOWN)) for block, bits in slices]
    found: dict[str, Values] = {}
    for value in by(slices, kind):
        parts = [(block.spans[row], block.places((kind, value)), which) for block, which in known]
        found[value] = np.concatenate([values[places[which[places]]] for values, places, which in parts])
    return {value: values for value, values in found.items() if len(values)}


def stumbles(slices: Slices) -> dict[str, dict[str, int]]:
    """For each FLOW:QUESTION in how many incidents it was answered, how often which stumbling happened, and any."""
    counts = {name: by(slices, name) for name in (*(str(stumble.name) for stumble in Stumble), ANY)}
    questions = sorted({question for found in counts.values() for question in found})
    return {question: {name: found.get(question, 0) for name, found in counts.items()} for question in questions}


def stumbled(slices: Slices) -> dict[str, int]:
    """In how many incidents somebody stumbled in each way, at whatever question."""
    return by(slices, EVERYWHERE)


def answered(slices: Slices) -> Values:
    """How many questions were answered in each incident that got advice."""
    left = [(block, bits & ~block.having(("outcome", str(Outcome.NONE)))) for block, bits in slices]
    return np.concatenate([block.answered[unpacked(bits, len(block))] for block, bits in left])


def _months(block: Block, first: str, last: str) -> Bits:
    """The facts of some months."""
    found = block.having(("month", ""))
    for (kind, month), have in block.marks.items():
        if kind == "month" and first <= month <= last:
            found = found | have
    return found
