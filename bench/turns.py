"""How long a whole answered question takes, against Rasa's starter project and Rasa's form example, in the same run.

    python -m bench.turns [--rounds 40] [--seed 1] [--ours]

A turn is what the bot's channel takes from a message to its replies. Ours are the answers of triages: half of them
typed in words, half of them pressed; each is understood, decided, and committed to the trail, in a record on disk with
every guarantee on, before it is answered. Those of the starter project are plain replies. Those of the form example are
answers that its action server validated. One after the other speaks, round by round, so that all meet the same machine.
"""

from __future__ import annotations

import argparse
import tempfile
import uuid
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from bench import bots
from bench.report import Part, at, keep
from bench.triages import Triage

if TYPE_CHECKING:
    from bench.bots import Bot

PLAIN = ("hello", "I am feeling very good", "goodbye", "hi there", "super sad", "are you a bot?")
FORM = ("italian", "4", "outside", "a quiet corner please", "it went well")
WARM_UP = 2
"""Rounds that are not counted."""


def main() -> None:
    """Measure, print, and keep what was measured."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=40, help="of each bot; one is a triage, some six turns")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ours", action="store_true", help="ours alone, to look at while it is changed")
    asked = parser.parse_args()
    took: dict[str, list[float]] = {}
    busy: dict[str, float] = {}
    missed = 0
    with tempfile.TemporaryDirectory() as temporary, ExitStack() as stack:
        folder = Path(temporary)
        us, _ = stack.enter_context(bots.ours(folder))
        others = {} if asked.ours else {"stock": bots.stock, "form": bots.form}
        rivals = {name: stack.enter_context(start(folder)) for name, start in others.items()}
        for number in range(asked.rounds + WARM_UP):
            if number == WARM_UP:
                took, missed = {}, 0
                busy = {name: -bot.busy() for name, bot in {**rivals, "ours": us}.items()}
            for name, bot in rivals.items():
                took.setdefault(name, []).extend(_plain(bot) if name == "stock" else _filled(bot))
            for kind, ms, answered in Triage(us, asked.seed + number).turns():
                missed += not answered
                took.setdefault(kind if answered else "not taken", []).append(ms)
        busy = {name: busy[name] + bot.busy() for name, bot in {**rivals, "ours": us}.items()}
    answers = took["typed"] + took["pressed"]
    part = Part("turns", "Turn time, milliseconds", ("median", "95th", "turns"))
    names = {
        "answers": "an answered question, typed or pressed",
        "typed": "… typed in words",
        "pressed": "… pressed",
        "report": "the first message",
        "confirm": "what was understood is confirmed",
        "not taken": "words that were asked about",
        "stock": "the starter project, a plain reply",
        "form": "the form example, an answer",
    }
    for key, what in names.items():
        times = answers if key == "answers" else took.get(key)
        if times:
            part.row(what, at(times, 50), at(times, 95), len(times))
    for key, goal in () if asked.ours else (("stock", 0.5), ("form", 0.3)):
        ratio = at(answers, 95) / at(took[key], 95)
        part.goal(f"an answered question by {names[key]}, 95th percentile", ratio, goal)
        part.ratio("… median by median", at(answers, 50) / at(took[key], 50))
        part.ratio("… typed alone, 95th percentile", at(took["typed"], 95) / at(took[key], 95))
    turns = {
        "ours": sum(map(len, took.values())),
        "stock": len(took.get("stock", ())),
        "form": len(took.get("form", ())),
    }
    turns["ours"] -= turns["stock"] + turns["form"]
    turns["form"] = turns["form"] * (len(FORM) + 1) // len(FORM)
    each = ", ".join(f"{name} {busy[name] / turns[name]:.1f} ms" for name in busy)
    part.note(f"The processor was busy for each turn, of whatever kind: {each}.")
    part.note(f"{missed} of {missed + len(answers)} answers were words that the assistant asked about once more.")
    keep(part, f"--rounds {asked.rounds} --seed {asked.seed}", whole=not asked.ours)


def _plain(bot: Bot) -> list[float]:
    sender = uuid.uuid4().hex
    return [bot.says(sender, text)[0] for text in PLAIN]


def _filled(bot: Bot) -> list[float]:
    sender = uuid.uuid4().hex
    bot.says(sender, "a table please")
    return [bot.says(sender, text)[0] for text in FORM]


if __name__ == "__main__":
    main()
