"""What was practised, in sum: for leads, and without anybody in it.

A figure of a drill is shown once enough different people have practised it; who began a go counts as one person.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from sqlalchemy import select

from amends.drills.tables import Practice
from amends.insights.suppress import FEWEST, portion

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.orm import Session

MOST_READ_OTHERWISE = 3


@dataclass(frozen=True)
class Sum:
    """The goes at one drill, or at all.

    Attributes:
        drill: its id; empty for all.
        goes: how many were finished.
        minutes: how long they took, in the middle.
        as_judged: in how many nothing that was judged a must was left out, and no mistake was made; None when these, or
            the others, are so few that somebody could be recognised.
        otherwise: the questions that were answered most often otherwise than the case was read.
    """

    drill: str
    goes: int
    minutes: int
    as_judged: int | None
    otherwise: tuple[str, ...]


@dataclass(frozen=True)
class Sums:
    """All that can be shown; `too_few` are drills that were practised by too few people."""

    whole: Sum | None
    of_drills: Sequence[Sum]
    too_few: Sequence[str]


def sums(session: Session) -> Sums:
    """The finished goes, in sum. One that was stopped before there was advice is none."""
    query = select(Practice).where(Practice.outcome.is_not(None)).order_by(Practice.id)
    goes: dict[str, list[Practice]] = defaultdict(list)
    for practice in session.scalars(query):
        if not json.loads(practice.outcome or "{}").get("stopped"):
            goes[practice.drill].append(practice)
    shown = [_sum(drill, found) for drill, found in goes.items() if _enough(found)]
    too_few = [drill for drill, found in goes.items() if not _enough(found)]
    # Beside the drills that are shown, the whole would tell what the others were, so it is the whole of these.
    all_shown = [each for drill, found in goes.items() if _enough(found) for each in found]
    return Sums(_sum("", all_shown) if all_shown else None, shown, too_few)


def _enough(goes: Iterable[Practice]) -> bool:
    return len({each.participant_id for each in goes}) >= FEWEST


def _sum(drill: str, goes: Sequence[Practice]) -> Sum:
    outcomes = [json.loads(each.outcome or "{}") for each in goes]
    read = Counter(each["question"] for one in outcomes for each in one["otherwise"])
    often = [question for question, count in read.most_common(MOST_READ_OTHERWISE) if count >= FEWEST]
    return Sum(
        drill,
        len(goes),
        round(median(one["seconds"] for one in outcomes) / 60),
        portion(sum(one["as_judged"] for one in outcomes), len(goes)),
        tuple(often),
    )
