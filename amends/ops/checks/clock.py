"""Whether this machine's clock is right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amends.ops.checks.finding import fault, off, ok

if TYPE_CHECKING:
    from datetime import datetime

    from amends.ops.checks.finding import Finding

MOST = 60
"""Seconds that the clock may be wrong. Slack's signatures are refused at 300, deadlines are wrong long before."""


def clock(here: datetime, others: dict[str, datetime | None]) -> Finding:
    """Hold the clock of this machine against others.

    Args:
        here: what time it is on this machine.
        others: what time it is where: the first that is known is taken.
    """
    known = next(((whose, time) for whose, time in others.items() if time is not None), None)
    if known is None:
        return off("clock", "There is no other clock to compare with: Slack is off or silent, the database is here.")
    whose, time = known
    seconds = round((here - time).total_seconds())
    if abs(seconds) > MOST:
        said = f"This machine's clock is {abs(seconds)} seconds {'ahead of' if seconds > 0 else 'behind'} {whose}."
        mend = "Set the clock (for example 'timedatectl set-ntp true'): signatures and deadlines go wrong without it."
        return fault("clock", said, mend)
    return ok("clock", f"This machine's clock agrees with {whose}.")
