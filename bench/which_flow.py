"""Measure which flow first messages choose, and typed answers to the flows beside the usual one.

Run: `make eval`, or `.venv/bin/python bench/which_flow.py [--show]`. Writes its part of docs/understanding.md.
"""

from __future__ import annotations

import argparse
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from amends.flows import USUAL, load_flow  # noqa: E402 - run as a script, from anywhere
from amends.settings import CACHE  # noqa: E402
from amends.understanding import Understanding, evaluate, load_examples  # noqa: E402
from amends.understanding.choosing import FlowChooser  # noqa: E402
from amends.understanding.encoder import load_encoder  # noqa: E402
from amends.understanding.evaluate import Said  # noqa: E402
from amends.understanding.examples import VAGUE, read_first  # noqa: E402
from bench.understanding import NOW, PAGE, ZONE, row, table  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from amends.flows import Flow
    from amends.understanding.encoder import Encoder
    from amends.understanding.evaluate import Measure
    from amends.understanding.examples import Examples

TEXTS = ROOT / "tests" / "understanding"
BEGIN, END = "<!-- flows: begin -->", "<!-- flows: end -->"


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--show", action="store_true", help="print the texts that count against each measure")
    options = parser.parse_args()
    encoder, examples = load_encoder(CACHE), load_examples(ROOT / "data")
    found = (load_flow(path) for path in (ROOT / "data" / "flows").glob("*.yml"))
    flows = sorted(found, key=lambda flow: (flow.id != USUAL, flow.id))
    sets = sets_of_texts()
    chooser = FlowChooser(flows, encoder, examples, CACHE)
    measured = {name: evaluate.flows(texts, chooser) for name, texts in sets.items()}
    parts = [f"{name}:\n\n{table([row(one) for one in measures])}" for name, measures in measured.items()]
    parts.append(compared(flows, encoder, examples, next(iter(sets.values()))))
    parts.append(answers(flows[1:], encoder, examples))
    text = "\n\n".join(parts)
    print(text)
    if options.show:
        shown: list[Measure] = [one for measures in measured.values() for one in measures[1:]]
        for one in shown:
            print(f"\n## {one.name}", *one.misses, sep="\n  ")
    before = PAGE.read_text("utf-8")
    PAGE.write_text(
        re.sub(f"{BEGIN}.*{END}", lambda _: f"{BEGIN}\n\n{text}\n\n{END}", before, flags=re.DOTALL), "utf-8"
    )


def sets_of_texts() -> dict[str, list[Said]]:
    """The texts to measure with: written for this, written by others before, and those that set the threshold."""
    own = evaluate.read_flows(yaml.safe_load((TEXTS / "held_out" / "flows.yml").read_text("utf-8")))
    first = read_first(yaml.safe_load((TEXTS / "held_out" / "first_messages.yml").read_text("utf-8")))
    shown = evaluate.read_flows(yaml.safe_load((TEXTS / "development" / "flows.yml").read_text("utf-8")))
    return {
        "Texts written for this measure, whose misses were looked at once": own,
        "First messages written by others, before there was more than one flow; their misses were looked at once": [
            Said(message.text, (message.flow,), message.flow) for message in first if message.flow
        ],
        "Development texts, whose misses were looked at, and by which the threshold was set": shown,
    }


def compared(flows: Sequence[Flow], encoder: Encoder, examples: Examples, texts: Sequence[Said]) -> str:
    """What it is learnt from, one by one: on the first set."""
    untold = replace(
        examples,
        first=tuple(replace(message, flow="") for message in examples.first),
        flows={VAGUE: examples.flows[VAGUE]},
    )
    unsaid = [replace(flow, says=(flow.title,)) for flow in flows]
    ways: Mapping[str, FlowChooser] = {
        "the phrases of the flows alone": FlowChooser(flows, encoder, untold, CACHE),
        "first messages alone": FlowChooser(unsaid, encoder, examples, CACHE),
        "both (kept)": FlowChooser(flows, encoder, examples, CACHE),
    }
    lines = ["| learnt from | the right flow at once | a wrong flow at once |", "|---|---|---|"]
    for name, chooser in ways.items():
        right, wrong = evaluate.flows(texts, chooser)[:2]
        lines.append(f"| {name} | {right.share:.3f} | {wrong.share:.3f} |")
    return "What it is learnt from, compared on the first of these sets:\n\n" + "\n".join(lines)


def answers(flows: Sequence[Flow], encoder: Encoder, examples: Examples) -> str:
    """Typed answers to the questions of the other flows."""
    lines = ["| flow | right option | wrong, taken as sure | no answer, taken as one |", "|---|---|---|---|"]
    for flow in flows:
        said = evaluate.read_answers(yaml.safe_load((TEXTS / "held_out" / f"{flow.id}.yml").read_text("utf-8")))
        reader = Understanding(flow, encoder, examples, CACHE)
        measured = evaluate.answers(said, reader, NOW, ZONE)
        cells = " | ".join(f"{one.share:.2f} ({one.count} of {one.of})" for one in measured)
        lines.append(f"| {flow.id} | {cells} |")
    return "Typed answers to the questions of the other flows, held out:\n\n" + "\n".join(lines)


if __name__ == "__main__":
    main()
