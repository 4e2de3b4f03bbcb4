"""The figures that are shown: counted, and without those in which somebody could be recognised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from amends.insights import counting, suppress
from amends.insights.columns import ANY, STUMBLED
from amends.insights.facts import Outcome, Span, Stumble

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from amends.insights.counting import Slices
    from amends.insights.scope import Scope

MOST_MONTHS = 36
"""More months than this are put together into years."""
TROUBLE = tuple(str(stumble.name) for stumble in Stumble if stumble in STUMBLED)


@dataclass(frozen=True)
class Part:
    """One part of what is counted. `count` is None when it is not shown."""

    code: str
    count: int | None


@dataclass(frozen=True)
class Parts:
    """Parts in the order to show them. `others` are those not shown, together; None where that is not told either."""

    parts: tuple[Part, ...]
    others: int | None = None
    left_out: bool = False


@dataclass(frozen=True)
class Timed:
    """How long something took, in seconds. What is None is not shown, because too few are known."""

    code: str
    count: int | None
    median: float | None = None
    ninetieth: float | None = None


@dataclass(frozen=True)
class Stumbled:
    """How people got on with a question: in how many incidents it was answered, and how often which trouble came."""

    flow: str
    question: str
    answered: int
    trouble: Mapping[str, int | None]
    any: int | None


@dataclass(frozen=True)
class Side:
    """The incidents of one version of the flow."""

    version: str
    count: int
    advised: int | None
    overridden: int | None
    to_advice: Timed
    questions: float | None
    trouble: Mapping[str, int | None]


@dataclass(frozen=True)
class Figures:
    """All figures of a choice of incidents. `total` is None when there are so few that nothing is shown."""

    total: int | None
    gives_away: bool = False
    months: Parts = Parts(())
    flows: Parts = Parts(())
    levels: Parts = Parts(())
    rows: Parts = Parts(())
    kinds: Parts = Parts(())
    clauses: Parts = Parts(())
    outcomes: Parts = Parts(())
    spans: tuple[Timed, ...] = ()
    split: tuple[Timed, ...] = ()
    questions: tuple[Stumbled, ...] = ()
    before: Side | None = None
    after: Side | None = None


def figures(slices: Slices, scope: Scope, versions: tuple[str, str] | None) -> Figures:
    """The figures of a choice.

    Args:
        slices: the facts that somebody sees.
        scope: what they chose of them.
        versions: two versions of the flow to compare, the earlier first.
    """
    chosen = counting.narrowed(slices, scope)
    outcomes = counting.by(chosen, "outcome")
    total = counting.total(chosen)
    if total < suppress.FEWEST:
        return Figures(None if total else 0)
    for wider in scope.wider():
        if suppress.is_small(counting.total(counting.narrowed(slices, wider)) - total):
            return Figures(None, gives_away=True)
    before, after = _sides(chosen, versions)
    return Figures(
        total,
        months=_in_order(_by_years(counting.by_month(chosen))),
        flows=_largest_first(counting.by(chosen, "flow")),
        levels=_in_order(_whole(dict(sorted(counting.by(chosen, "level").items())), total)),
        rows=_largest_first(_whole(counting.by(chosen, "row"), total)),
        kinds=_each(counting.by(chosen, "kind"), total),
        clauses=_each(counting.by(chosen, "clause"), total),
        outcomes=_in_order({outcome: outcomes.get(outcome, 0) for outcome in Outcome}),
        spans=tuple(timed(span, counting.spans(chosen, span)) for span in Span if span is not Span.REPORT_TO_ADVICE),
        split=_split(chosen, scope),
        questions=_questions(chosen),
        before=before,
        after=after,
    )


def timed(code: str, values: NDArray[np.integer]) -> Timed:
    """The median and the 90th percentile, both between the two values that lie around them."""
    count = len(values)
    if count < suppress.FEWEST:
        return Timed(code, suppress.shown(count))
    wide = count >= suppress.FEWEST_FOR_SPREAD
    ordered = np.sort(values)  # of a million it takes a third of what finding only these two takes
    return Timed(code, count, _at(ordered, 0.5), _at(ordered, 0.9) if wide else None)


def _at(ordered: NDArray[np.integer], part: float) -> float:
    """What lies at a part of the way through."""
    place = (len(ordered) - 1) * part
    below = int(place)
    low, high = float(ordered[below]), float(ordered[min(below + 1, len(ordered) - 1)])
    return low + (high - low) * (place - below)


def _whole(counts: dict[str, int], total: int) -> dict[str, int]:
    """The parts with those that are in none, such as incidents without advice; so that they add up."""
    rest = total - sum(counts.values())
    return {**counts, "": rest} if rest else counts


def _by_years(months: dict[str, int]) -> dict[str, int]:
    if len(months) <= MOST_MONTHS:
        return months
    years: dict[str, int] = {}
    for month, count in months.items():
        years[month[:4]] = years.get(month[:4], 0) + count
    return years


def _in_order(counts: Mapping[str, int]) -> Parts:
    """Parts of a whole, all of them named."""
    shown = suppress.parts(list(counts.values()))
    return Parts(tuple(map(Part, counts, shown)), left_out=None in shown)


def _largest_first(counts: Mapping[str, int]) -> Parts:
    """Parts of a whole; those that are not shown are not named, and only told together."""
    shown = dict(zip(counts, suppress.parts(list(counts.values())), strict=True))
    others = sum(counts[code] for code, count in shown.items() if count is None)
    return Parts(
        _sorted({code: count for code, count in shown.items() if count is not None}), others or None, others > 0
    )


def _each(counts: Mapping[str, int], total: int) -> Parts:
    """Counts that overlap: each stands for itself, and those that are not shown are not named."""
    shown = {code: count for code, count in counts.items() if suppress.portion(count, total) is not None}
    return Parts(_sorted(shown), left_out=len(shown) < len(counts))


def _sorted(counts: Mapping[str, int]) -> tuple[Part, ...]:
    return tuple(Part(code, count) for code, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _split(chosen: Slices, scope: Scope) -> tuple[Timed, ...]:
    groups = counting.spans_by(chosen, scope.span, scope.by)
    lines = [timed(code, values) for code, values in groups.items()]
    if scope.by != "kind":
        # The times of all together are shown beside these, so a group left out could be worked out from the others.
        shown = suppress.parts([len(values) for values in groups.values()])
        lines = [line if count else Timed(line.code, None) for line, count in zip(lines, shown, strict=True)]
    if scope.by in {"level", "month"}:
        return tuple(sorted(lines, key=lambda line: line.code))
    known = [line for line in lines if line.count is not None]
    return tuple(sorted(known, key=lambda line: (-(line.median or 0), line.code)))


def _questions(chosen: Slices) -> tuple[Stumbled, ...]:
    lines = []
    for asked, counts in counting.stumbles(chosen).items():
        flow, _, question = asked.partition(":")
        answered = counts["ANSWERED"]
        if answered >= suppress.FEWEST:
            trouble = {name: suppress.shown(counts[name]) for name in TROUBLE}
            lines.append(Stumbled(flow, question, answered, trouble, suppress.shown(counts[ANY])))
    return tuple(sorted(lines, key=lambda line: (-(line.any or 0) / line.answered, line.flow, line.question)))


def _sides(chosen: Slices, versions: tuple[str, str] | None) -> tuple[Side | None, Side | None]:
    """Both sides of a comparison. As the versions add up to the whole, one can be left out because of another."""
    counts = counting.by(chosen, "version")
    shown = {v for v, count in zip(counts, suppress.parts(list(counts.values())), strict=True) if count}
    before, after = (
        _side(counting.having(chosen, ("version", version)), version) if version in shown else None
        for version in versions or ("", "")
    )
    return before, after


def _side(slices: Slices, version: str) -> Side:
    count = counting.total(slices)
    outcomes = counting.by(slices, "outcome")
    advised = suppress.portion(count - outcomes.get(Outcome.NONE, 0), count)
    overridden = suppress.portion(outcomes.get(Outcome.OVERRIDDEN, 0), advised) if advised else None
    stumbled = counting.stumbled(slices)
    return Side(
        version,
        count,
        advised,
        overridden,
        timed(Span.REPORT_TO_ADVICE, counting.spans(slices, Span.REPORT_TO_ADVICE)),
        timed("questions", counting.answered(slices)).median,
        {name: suppress.portion(stumbled.get(name, 0), count) for name in TROUBLE},
    )
