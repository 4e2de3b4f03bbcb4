"""How check, prove, diff and replay grow with the flow. Run: .venv/bin/python bench/flows.py [--json].

Generated flows, the same each time. Each time is beside that of something known: reading the YAML alone for
check, listing every set of answers for the small ones for prove and diff, deciding alone for replay.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path
from time import perf_counter
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from amends.flows import USUAL, decide, parse_answers, parse_flow  # noqa: E402
from amends.flows.diff import diff  # noqa: E402
from amends.flows.prove import prove  # noqa: E402
from amends.flows.replay import Recorded, replay  # noqa: E402

SIZES = [(4, 10), (6, 20), (10, 30), (25, 100), (50, 250), (100, 500), (200, 1_000)]
"""Questions and rows."""
REPLAYED = [10_000, 100_000]
MOST_LISTED = 5_000
CODES = ["take_down", "respond", "apologise", "hold"]


def generated(questions: int, rows: int, seed: int = 1) -> dict[str, Any]:
    """A flow whose rows look at two or three questions each; the last row catches the rest."""
    rng = random.Random(seed)
    asked: dict[str, Any] = {}
    for n in range(questions):
        asked[f"q{n}"] = {
            "topic": f"topic {n}",
            "ask": f"Question {n}?",
            "options": {f"o{k}": f"Answer {k} to {n}" for k in range(4)},
            "why": "It decides.",
            "when_missing": "o0",
        }
    names = list(asked)

    def condition() -> dict[str, list[str]]:
        picked = rng.sample(names, min(len(names), rng.choice((2, 3))))
        return {name: sorted(rng.sample(list(asked[name]["options"]), 2)) for name in picked}

    rule = {"title": "A rule", "reason": "It has a reason."}
    level = {"decider": "Somebody", "first_public_line": "Soon.", "look_again": "tomorrow"}
    table = {
        f"R{n}": {**rule, "when": condition(), "do": rng.sample(CODES, 2), "confidence": "medium"} for n in range(rows)
    }
    return {
        "flow": "generated",
        "title": "Generated",
        "about": "For the bench.",
        "safe_steps": [{"says": "Save it."}],
        "questions": asked,
        "responses": {code: {"label": code, "how": "Do it."} for code in CODES},
        "people": {"legal": {"label": "legal services", "how": "Tell them."}},
        "gates": {f"G{n}": {**rule, "when": condition(), "add": ["legal"]} for n in range(max(1, rows // 10))},
        "rows": {**table, "last": {**rule, "when": {}, "do": ["hold"], "confidence": "low"}},
        "never": {"N0": {**rule, "never_empty": "hold"}},
        "levels": [
            {"level": 1, "name": "one", "when": condition(), **level},
            {"level": 0, "name": "none", "when": {}, **level},
        ],
        "confidence": {
            "high": 0.9,
            "medium": 0.75,
            "low": 0.6,
            "inferred": 0.1,
            "unsure": 0.15,
            "changes": 0.15,
            "unsure_options": [],
            "show_high_from": 0.8,
            "show_medium_from": 0.65,
        },
    }


@dataclass
class Timed:
    """Seconds of something and of what it is held against, where that was measured."""

    what: str
    size: str
    seconds: float
    beside: str = ""
    beside_seconds: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """How many times as long."""
        return self.seconds / self.beside_seconds if self.beside_seconds else None


def timed(work: Any) -> tuple[float, Any]:
    """Seconds and result."""
    start = perf_counter()
    result = work()
    return perf_counter() - start, result


def grown(questions: int, rows: int) -> list[Timed]:
    """Check, prove and diff at one size."""
    size = f"{questions} questions, {rows} rows"
    raw = generated(questions, rows)
    text = yaml.safe_dump(raw, sort_keys=False)
    edited = {**raw, "rows": {**raw["rows"], "R0": {**raw["rows"]["R0"], "do": ["apologise"]}}}
    reading, _ = timed(lambda: yaml.load(text, Loader=yaml.CSafeLoader))
    checking, flow = timed(lambda: parse_flow(text))
    newer = parse_flow(yaml.safe_dump(edited, sort_keys=False))
    proving, found = timed(lambda: prove(flow))
    comparing, difference = timed(lambda: diff(flow, newer))
    listing = None
    if 4**questions <= MOST_LISTED:
        listing, _ = timed(lambda: [decide(flow, answers) for answers in every(flow)])
    told = "exact" if difference.exact else "estimated"
    return [
        Timed("check", size, checking, "yaml alone", reading),
        Timed("prove", size, proving, "listing", listing, f"{len(found)} findings"),
        Timed("diff", size, comparing, "listing twice", listing and 2 * listing, told),
    ]


def every(flow: Any) -> Any:
    """All answers to a small flow."""
    names = list(flow.questions)
    for options in product(*(flow.questions[name].options for name in names)):
        yield parse_answers(flow, dict(zip(names, options, strict=True)))


def replayed(count: int) -> list[Timed]:
    """Replay so many different incidents of the shipped flow, a third of them with questions open."""
    from tests.flows.random_answers import random_answers  # noqa: PLC0415

    text = (ROOT / "data" / "flows" / f"{USUAL}.yml").read_text(encoding="utf-8")
    old, new = parse_flow(text), parse_flow(text.replace("harm: {at_most: annoyance}", "harm: none", 1))
    incidents = [
        Recorded(str(n), raw, decide(old, parse_answers(old, raw)).as_json())
        for n, raw in enumerate(random_answers(count, 1))
    ]
    deciding, _ = timed(lambda: [decide(new, parse_answers(new, one.answers)) for one in incidents])
    seconds, _ = timed(lambda: list(replay(new, incidents)))
    return [Timed("replay", f"{count:,} incidents", seconds, "deciding alone", deciding)]


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description="How check, prove, diff and replay grow.")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    results = []
    for work in [*(partial(grown, *size) for size in SIZES), *(partial(replayed, count) for count in REPLAYED)]:
        for one in work():
            results.append(one)
            if not options.json:
                ratio = f"{one.ratio:8.2f} x {one.beside}" if one.ratio else ""
                print(f"{one.what:7} {one.size:26} {one.seconds:8.3f} s {ratio:28} {one.note}", flush=True)
    if options.json:
        print(json.dumps([{**vars(one), "ratio": one.ratio} for one in results]))


if __name__ == "__main__":
    main()
