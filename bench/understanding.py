"""Measure how well messages are understood on the held-out files, and write docs/understanding.md.

Run: `make eval`, or `.venv/bin/python bench/understanding.py [--model FILE] [--show] [--no-intents]`.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import yaml

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from amends.cases import load_cases  # noqa: E402 - run as a script, from anywhere
from amends.flows import USUAL, load_flow, next_question, parse_answers  # noqa: E402
from amends.ops.train import ensure_model  # noqa: E402
from amends.settings import CACHE  # noqa: E402
from amends.understanding import Understanding, evaluate, load_examples  # noqa: E402
from amends.understanding.encoder import load_encoder  # noqa: E402
from amends.understanding.examples import FirstMessage, read_first  # noqa: E402
from amends.understanding.texts import clean  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from amends.flows import Answer, Flow
    from amends.understanding.evaluate import Measure, Said

ZONE = ZoneInfo("Europe/London")
NOW = datetime(2026, 11, 25, 14, 0, tzinfo=ZONE)
PAGE = ROOT / "docs" / "understanding.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", help="a trained Rasa model; without it the current one, trained if need be")
    parser.add_argument("--show", action="store_true", help="print the texts that count against each measure")
    parser.add_argument("--no-intents", action="store_true", help="leave Rasa out; writes nothing")
    options = parser.parse_args()

    flow = load_flow(ROOT / "data" / "flows" / f"{USUAL}.yml")
    reader = Understanding(flow, load_encoder(CACHE), load_examples(ROOT / "data"), CACHE)
    sets = {name: load(ROOT / "tests" / "understanding" / name) for name in ("held_out", "development")}
    intents: dict[str, list[str]] = {}
    if not options.no_intents:
        texts = [one.text for texts in sets.values() for one in texts.intents]
        got = iter(ask_rasa(texts, options.model or str(ensure_model(ROOT))))
        intents = {name: [next(got) for _ in texts.intents] for name, texts in sets.items()}
    measured = {name: measure(texts, reader, intents.get(name)) for name, texts in sets.items()}
    texts = sets["held_out"]
    turns = turns_to_advice(flow, reader)
    slow = percentile(reader, [*(one.text for one in texts.first), *texts.harmless])
    rows = [row(one) for one in measured["held_out"]]
    rows.append(("turns until the advice, median of every fifth case", f"{turns:g}", "at most 4", turns <= 4))
    rows.append(("time to read one message, 95th percentile", f"{slow:.0f} ms", "at most 40 ms", slow <= 40))
    page = ["The held-out texts:", table(rows), by_question(texts.answers, reader)]
    if intents:
        page.insert(2, by_stratum(texts.intents, intents["held_out"]))
    page += ["The development texts:", table([row(one) for one in measured["development"]])]
    text = "\n\n".join(page)
    print(text)
    if options.show:
        for one in measured["development"]:
            print(f"\n## {one.name}", *one.misses, sep="\n  ")
    if intents:
        before = PAGE.read_text("utf-8")
        PAGE.write_text(
            re.sub(f"{BEGIN}.*{END}", lambda _: f"{BEGIN}\n\n{text}\n\n{END}", before, flags=re.DOTALL), "utf-8"
        )


@dataclass(frozen=True)
class Texts:
    """One set of texts to measure with."""

    intents: list[Said]
    answers: list[Said]
    first: list[FirstMessage]
    danger: list[str]
    harmless: list[str]


def load(folder: Path) -> Texts:
    """The set in a folder."""
    document = {file.stem: yaml.safe_load(file.read_text("utf-8")) for file in folder.glob("*.yml")}
    return Texts(
        evaluate.read_intents(document["intents"]),
        evaluate.read_answers(document["answers"]),
        read_first(document["first_messages"]),
        document["emergencies"]["emergencies"].splitlines(),
        document["emergencies"]["harmless"].splitlines(),
    )


def measure(texts: Texts, reader: Understanding, intents: Sequence[str] | None) -> list[Measure]:
    """All measures of a set; without intents, those of Rasa are left out."""
    measures = evaluate.intents(texts.intents, intents) if intents is not None else []
    measures += evaluate.answers(texts.answers, reader, NOW, ZONE)
    measures += evaluate.facts(texts.first, reader, NOW, ZONE)
    return measures + evaluate.emergencies(texts.danger, texts.harmless, reader, NOW, ZONE)


def ask_rasa(texts: Sequence[str], model: str) -> list[str]:
    """Rasa's intents for the texts, from one process in Rasa's own environment."""
    lines = "".join(json.dumps(clean(text) or " ") + "\n" for text in texts)
    python = str(ROOT / ".venv-bot" / "bin" / "python")
    command = [python, "-m", "amends.rasa.intents", model]
    run = subprocess.run(command, cwd=ROOT, input=lines, capture_output=True, text=True, check=True)
    return [json.loads(line)["intent"] for line in run.stdout.splitlines()]


def turns_to_advice(flow: Flow, reader: Understanding) -> float:
    """The turns after a first message: the confirmation card, and the questions left once it is confirmed.

    The first message is the account of a public case; what is read from it is set right by the case's own
    facts, as a reporter sets the card right, and those facts tick the boxes and answer the questions.
    """
    counts = []
    for case in list(load_cases(ROOT / "data" / "cases", flow).values())[::5]:
        truth = parse_answers(flow, case.facts)
        read = reader.facts(f"{case.what_happened} {case.how_it_happened}", NOW, ZONE).facts
        known: dict[str, Answer] = {name: truth[name] for name in read if name in truth}
        turns = 1
        if known:
            known |= _ticked(flow, truth, known)
        while (question := next_question(flow, known, frozenset())) is not None:
            if question not in truth:  # only times are not told of the cases
                known[question] = parse_answers(flow, _any_answer(flow, question))[question]
            else:
                known[question] = truth[question]
            turns += 1
        counts.append(turns)
    return statistics.median(counts)


def _ticked(flow: Flow, truth: Mapping[str, Answer], known: Mapping[str, Answer]) -> dict[str, Answer]:
    """What the boxes beside the confirmation card settle."""
    answers = {}
    for name, question in flow.questions.items():
        value = truth[name].value if name in truth else None
        said = value[0] if isinstance(value, tuple) and len(value) == 1 else value
        if question.tick and name not in known and said is not None and said in (question.tick.no, question.tick.yes):
            answers[name] = truth[name]
    return answers


def _any_answer(flow: Flow, question: str) -> Mapping[str, Any]:
    kind = flow.questions[question].kind
    if kind == "times":
        return {question: {"posted": NOW.isoformat(), "noticed": NOW.isoformat()}}
    code: str = list(flow.questions[question].options)[-1]
    return {question: [code] if kind == "many" else code}


def percentile(reader: Understanding, texts: Sequence[str]) -> float:
    """Milliseconds for one message, 95 in 100 are faster."""
    times = []
    for text in texts:
        began = time.perf_counter()
        reader.facts(text, NOW, ZONE)
        times.append((time.perf_counter() - began) * 1000)
    return statistics.quantiles(times, n=20)[-1]


def row(measure: Measure) -> tuple[str, str, str, bool]:
    """A measure as a row of the table."""
    bound = "at least" if measure.better == "more" else "at most"
    name = f"{measure.name} ({measure.count} of {measure.of})"
    return name, f"{measure.share:.3f}", f"{bound} {measure.goal:g}", measure.met


def table(rows: Sequence[tuple[str, str, str, bool]]) -> str:
    """The table of all measures."""
    lines = ["| measure | measured | goal | |", "|---|---|---|---|"]
    lines += [f"| {name} | {value} | {goal} | {'met' if met else 'missed'} |" for name, value, goal, met in rows]
    return "\n".join(lines)


def by_stratum(said: Sequence[Said], got: Sequence[str]) -> str:
    """Intent measures of each stratum."""
    lines = ["| stratum | intent right, in scope | out of scope turned away |", "|---|---|---|"]
    for stratum in dict.fromkeys(one.stratum for one in said):
        pairs = [(one, intent) for one, intent in zip(said, got, strict=True) if one.stratum == stratum]
        accuracy, away, _ = evaluate.intents([one for one, _ in pairs], [intent for _, intent in pairs])
        numbers = [f"{m.share:.3f} ({m.count} of {m.of})" for m in (accuracy, away)]
        lines.append(f"| {stratum.replace('_', ' ')} | {numbers[0]} | {numbers[1]} |")
    return "\n".join(lines)


def by_question(answers: Sequence[Said], reader: Understanding) -> str:
    """Answer measures of each question."""
    lines = ["| question | right option | wrong, taken as sure | no answer, taken as one |", "|---|---|---|---|"]
    for question in dict.fromkeys(one.stratum for one in answers):
        measured = evaluate.answers([one for one in answers if one.stratum == question], reader, NOW, ZONE)
        lines.append(f"| {question} | " + " | ".join(f"{m.share:.2f} ({m.count} of {m.of})" for m in measured) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
