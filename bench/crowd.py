"""How many triages a second one bot and two bots carry before a turn takes longer than a second.

    python -m bench.crowd [--seconds 20] [--most 64]

People go through triages without a pause, more and more of them side by side, until the 95th percentile of a turn
passes a second. The record and the trackers are in PostgreSQL. With two bots each has its action server, both have the
same record, and a conversation belongs to one bot by its id, as behind nginx.
"""

from __future__ import annotations

import argparse
import itertools
import os
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bench import bots
from bench.report import Part, at, keep
from bench.slack_ack import postgres
from bench.triages import Triage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.bots import Bot

LIMIT_MS = 1_000
STEPS = (1, 2, 4, 8, 12, 16, 24, 32, 48, 64, 96, 128)
"""People side by side."""


class Level(NamedTuple):
    """What so many people at a time got: triages and turns a second, and the percentiles of a turn in ms."""

    people: int
    triages: float
    turns: float
    median: float
    p95: float


def main() -> None:
    """Measure, print, and keep what was measured."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seconds", type=int, default=20, help="of each step")
    parser.add_argument("--most", type=int, default=64, help="people at a time")
    asked = parser.parse_args()
    columns = ("people at a time", "triages a second", "turns a second", "turn, median ms", "turn, 95th ms")
    part = Part("crowd", "Many at a time", columns)
    best = {}
    for count in (1, 2):
        levels = list(_climb(count, asked.seconds, asked.most))
        for level in levels:
            part.row(f"{count} bot{'s' * (count > 1)}", level.people, *level[1:])
        best[count] = max((each.triages for each in levels if each.p95 <= LIMIT_MS), default=0.0)
    if best[1]:
        part.ratio("triages a second, two bots by one", best[2] / best[1])
    cores = len(os.sched_getaffinity(0))
    part.note(
        "Triages a second with the 95th percentile below a second: "
        f"{best[1]:.1f} with one bot, {best[2]:.1f} with two. "
        f"Bots, action servers, database and the people who talk shared {cores} cores."
    )
    keep(part, f"--seconds {asked.seconds} --most {asked.most}")


def _climb(count: int, seconds: int, most: int) -> Iterator[Level]:
    """More people at each step, until a turn takes too long."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        server, url = postgres(folder)
        stack.callback(server.cleanup)
        started = []
        for number in range(count):
            own = folder / str(number)
            own.mkdir()
            tracker = url.replace("+psycopg", "+psycopg2")
            started.append(stack.enter_context(bots.ours(own, DATABASE_URL=url, TRACKER_URL=tracker))[0])
        _together(started, 2, 5)
        for people in (each for each in STEPS if each <= most):
            level = _together(started, people, seconds)
            yield level
            if level.p95 > LIMIT_MS:
                return


def _together(started: Sequence[Bot], people: int, seconds: float) -> Level:
    """So many people go through triages until the time is over; a triage that began then is not counted."""
    end = time.monotonic() + seconds
    numbers = itertools.count()

    def one() -> tuple[int, list[float]]:
        done, took = 0, []
        while time.monotonic() < end:
            number = next(numbers)
            for turn in Triage(started[number % len(started)], number).turns():
                took.append(turn.ms)
                if time.monotonic() > end:
                    break
            else:
                done += 1
        return done, took

    began = time.monotonic()
    with ThreadPoolExecutor(people) as pool:
        results = [each.result() for each in [pool.submit(one) for _ in range(people)]]
    lasted = time.monotonic() - began
    took = [ms for _, times in results for ms in times]
    done = sum(count for count, _ in results)
    return Level(people, done / lasted, len(took) / lasted, at(took, 50), at(took, 95))


if __name__ == "__main__":
    main()
