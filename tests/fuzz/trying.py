"""How often each part is tried, and what counts as hanging.

In `make test` each part is tried a few dozen times, always with the same inputs. `make fuzz` tries FUZZ_INPUTS of them
in all, from a seed (--hypothesis-seed); each part has a share.
"""

import os
import signal
from collections import Counter
from contextlib import contextmanager

from hypothesis import HealthCheck, Phase, settings

INPUTS = int(os.environ.get("FUZZ_INPUTS", "0"))
PATIENCE = 60
"""Seconds after which an input counts as one that hangs. The slowest right answers take about two."""

tried = Counter()


def often(share, short):
    """How often to try: `share` of a hundred of all inputs in the long form, `short` times in `make test`."""
    return settings(
        max_examples=max(short, INPUTS * share // 100),
        derandomize=not INPUTS,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )


@contextmanager
def one(part):
    """Counts one input, and ends one that hangs."""
    tried[part] += 1

    def give_up(_number, _frame):
        raise TimeoutError(f"An input of {part} took longer than {PATIENCE} s.")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
