"""Small numbers are not shown, so that nobody can be recognised in them.

Figures from 1 to 4 are left out. Where the parts add up to a whole that is shown as well, one part left out could be
worked out from the others; so the next smallest is left out too, until what is left out is at least two parts that
together are 5 or more. Whoever reads cannot tell which of them were small.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

FEWEST = 5
"""The smallest number that is shown, beside none at all."""
FEWEST_FOR_SPREAD = 10
"""Of fewer values than this, the 90th percentile is hardly more than one of them."""


def is_small(count: int) -> bool:
    """Whether a number is too small to be shown."""
    return 0 < count < FEWEST


def shown(count: int) -> int | None:
    """A number that stands for itself, None when it is too small."""
    return None if is_small(count) else count


def parts(counts: Sequence[int]) -> list[int | None]:
    """The parts of a whole that is shown beside them; None for each that is left out."""
    hidden = {n for n, count in enumerate(counts) if is_small(count)}
    if not hidden:
        return list(counts)
    # Those that are none are left out last: that nothing was there is known of most of them anyway.
    rest = sorted((n for n in range(len(counts)) if n not in hidden), key=lambda n: (counts[n] == 0, counts[n]))
    for n in rest:
        if len(hidden) > 1 and sum(counts[each] for each in hidden) >= FEWEST:
            break
        hidden.add(n)
    return [None if n in hidden else count for n, count in enumerate(counts)]


def portion(part: int, whole: int) -> int | None:
    """A part of a whole that is shown: None when the part or the rest is too small."""
    return None if is_small(part) or is_small(whole - part) or is_small(whole) else part
