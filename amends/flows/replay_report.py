"""What a replay found, to read and to take along."""

from __future__ import annotations

import csv
import io
from collections import Counter
from typing import TYPE_CHECKING

from amends.flows.problems import either

if TYPE_CHECKING:
    from collections.abc import Sequence

    from amends.flows.model import Flow
    from amends.flows.replay import Outcome

COLUMNS = ("reference", "verdict", "before", "after", "lost", "gained", "question", "reason")
SHOWN = 20


def as_csv(outcomes: Sequence[tuple[str, Outcome]]) -> str:
    """One line for each incident; several codes in a field are parted by spaces."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for reference, outcome in outcomes:
        lost, gained = ("; ".join(" ".join(key) for key in keys) for keys in (outcome.lost, outcome.gained))
        writer.writerow(
            (
                reference,
                outcome.verdict,
                " ".join(outcome.before),
                " ".join(outcome.after),
                lost,
                gained,
                outcome.question or "",
                outcome.reason,
            )
        )
    return text.getvalue()


def summary(flow: Flow, outcomes: Sequence[tuple[str, Outcome]]) -> list[str]:
    """Lines to read: how many of each, the first that differ side by side, and what was not asked."""
    counts = Counter(outcome.verdict for _, outcome in outcomes)
    lines = [
        (
            f"{len(outcomes):,} incidents: {counts['same']:,} same, {counts['different']:,} different, "
            f"{counts['cannot tell']:,} cannot tell."
        )
    ]
    different = [(reference, outcome) for reference, outcome in outcomes if outcome.verdict == "different"]
    for reference, outcome in different[:SHOWN]:
        before, after = (", ".join(steps) or "nothing" for steps in (outcome.before, outcome.after))
        lines += [f"- {reference}", f"  then: {before}", f"  now:  {after}"]
        others = [" ".join(key) for key in (*outcome.lost, *outcome.gained) if key[0] not in ("response", "person")]
        if others:
            lines.append(f"  also different: {either(others, 'and')}")
        lines.append(f"  {outcome.reason}")
    if len(different) > SHOWN:
        lines.append(f"... and {len(different) - SHOWN:,} more; --csv FILE has them all.")
    reasons = Counter(outcome.reason for _, outcome in outcomes if outcome.verdict == "cannot tell")
    for reason, count in reasons.most_common(SHOWN):
        lines.append(f"- {count:,} cannot tell: {reason}")
    lines.append(f"Version {flow.version[:12]}.")
    return lines
