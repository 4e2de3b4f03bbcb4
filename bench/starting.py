"""How long ours takes from the start until it can answer, and how much memory it holds, against Rasa's starter project.

    python -m bench.starting [--times 3]

Ours is the bot and its action server, started at once as `amends run` does; the starter project is one process. They
are started in turns. Memory is the proportional set size of all their processes, after some conversations.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import uuid
from pathlib import Path

from bench import bots
from bench.report import Part, keep
from bench.triages import Triage
from bench.turns import PLAIN

TALKS = 10
"""Conversations before the memory is read."""


def main() -> None:
    """Measure, print, and keep what was measured."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--times", type=int, default=3)
    asked = parser.parse_args()
    seconds: dict[str, list[float]] = {"ours": [], "stock": []}
    held: dict[str, list[float]] = {"ours": [], "stock": []}
    for _ in range(asked.times):
        with tempfile.TemporaryDirectory() as folder, bots.ours(Path(folder)) as (bot, _servers):
            seconds["ours"].append(bot.ready_after)
            for seed in range(TALKS):
                list(Triage(bot, seed).turns())
            held["ours"].append(bot.memory())
        with tempfile.TemporaryDirectory() as folder, bots.stock(Path(folder)) as bot:
            seconds["stock"].append(bot.ready_after)
            for _ in range(TALKS):
                sender = uuid.uuid4().hex
                for text in PLAIN:
                    bot.says(sender, text)
            held["stock"].append(bot.memory())
    part = Part("starting", "Start and memory", ("seconds until ready", "MB"))
    for name, what in (("ours", "bot and action server"), ("stock", "the starter project, one process")):
        part.row(what, statistics.median(seconds[name]), statistics.median(held[name]))
    part.ratio("start to ready", statistics.median(seconds["ours"]) / statistics.median(seconds["stock"]))
    part.ratio("memory", statistics.median(held["ours"]) / statistics.median(held["stock"]))
    keep(part, f"--times {asked.times}")


if __name__ == "__main__":
    main()
