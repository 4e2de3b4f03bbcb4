"""Conversations side by side in a place that is tortured, and what is left of them."""

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from . import claims, walkers
from .trouble import BETWEEN, Trouble

SETTLING = 240.0
"""Seconds until everything that was begun is ended, once nothing goes wrong any more."""


@dataclass
class Outcome:
    """What a round came to."""

    conversations: int
    messages: int
    entries: int
    seconds: float
    settled: float
    misfortunes: list[str] = field(default_factory=list)
    kinds: Counter = field(default_factory=Counter)
    after: claims.After | None = None

    @property
    def breaches(self):
        return claims.breaches(self.after)


def one_round(place, first, count, side_by_side, seconds, between=BETWEEN, kinds=0):
    """So many conversations, from number `first` on, and as many again until so many kinds of misfortune befell them.

    People leave after `seconds` in any case.
    """
    place.slack.forget()
    place.whole.begins()
    over, calm = threading.Event(), threading.Event()
    trouble = Trouble(place, f"{place.seed} {first}", calm, between)
    began = time.monotonic()
    with ThreadPoolExecutor(side_by_side + 1) as pool:
        raging = pool.submit(trouble.rages)
        talking = []
        try:
            end = began + seconds
            while not talking or (len(trouble.done) < kinds and time.monotonic() < end and not raging.done()):
                numbers = range(first + len(talking), first + len(talking) + count)
                begun = [pool.submit(walkers.goes_through, number, place, over) for number in numbers]
                talking += begun
                for each in begun:
                    while not each.done() and time.monotonic() < end and not raging.done():
                        time.sleep(0.2)
        finally:
            over.set()
            calm.set()
        raging.result()
        people = [each.result() for each in talking]
    took = time.monotonic() - began
    place.mends()
    place.slack.settle(SETTLING)
    settled = _settles(place)
    after = claims.After(place, people)
    return Outcome(
        sum(bool(each.marks.reports) for each in people),
        len(after.deliveries),
        len(after.entries),
        took,
        settled,
        trouble.log,
        trouble.done,
        after,
    )


def _settles(place):
    """Waits until nothing is left to be done; how long that took. What is left after that is a breach."""
    began = time.monotonic()
    while place.whole.looks(place.whole.left) and time.monotonic() < began + SETTLING:
        time.sleep(0.5)
    place.slack.retry_waits = [0.05, 1.0, 3.0]
    return time.monotonic() - began
