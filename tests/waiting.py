"""Waiting for what another task, thread or process does: it is looked for again and again, and no time is guessed."""

import asyncio
import time

LONGEST = 60.0
"""Seconds until something is taken not to come at all, on a machine that has much else to do."""


async def until(true):
    """What was seen as soon as there was something to see."""
    async with asyncio.timeout(LONGEST):
        while not (seen := true()):  # noqa: ASYNC110 - what is waited for is seen in the record, and tells nobody
            await asyncio.sleep(0.01)
        return seen


def at_last(true):
    """The same where there is no event loop."""
    end = time.monotonic() + LONGEST
    while not (seen := true()):
        assert time.monotonic() < end, f"It did not come in {LONGEST:.0f} s."
        time.sleep(0.01)
    return seen
