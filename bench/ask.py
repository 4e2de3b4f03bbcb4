"""How long the next question takes, and how many are asked, walking the known situations of each flow from nothing.

    python -m bench.ask [--json]

Each walk asks, answers from the case's facts, and goes on until nothing more can change the advice. (`evidence` is
answered `saved`, `noticed_at` with two times.) For comparison, every eighth case with its last four questions open is
also dealt with by listing every way to complete the answers, which is hopeless from nothing: the number of ways is
printed.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any

from amends.flows import USUAL, next_question, parse_answers
from bench.decide import of_flow, others, percentile
from tests.flows.brute import next_by_listing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from amends.flows import Answer, Flow

LIMIT_MS = 15
LEFT_OPEN = ("fault", "history", "target", "mood")
NEVER_PUBLIC = {
    "evidence": "saved",
    "noticed_at": {"posted": "2026-11-25T09:00:00+00:00", "noticed": "2026-11-25T09:20:00+00:00"},
}


def facts_of(name: str) -> tuple[Flow, list[dict[str, Any]]]:
    """A flow, and for each of its known situations an answer to every question.

    A situation leaves out what changes nothing there; it can be asked on the way, and gets its first option.
    """
    flow, told = of_flow(name)
    first = {question.id: next(iter(question.options)) for question in flow.questions.values() if question.options}
    never = {question: answer for question, answer in NEVER_PUBLIC.items() if question in flow.questions}
    return flow, [{**first, **one, **never} for one in told]


def all_others() -> dict[str, tuple[Flow, list[dict[str, Any]]]]:
    """The same for the flows beside the usual one."""
    return {name: facts_of(name) for name in others()}


def walk(flow: Flow, facts: Mapping[str, Any], ask: Callable[..., str | None]) -> list[float]:
    """Milliseconds of each call on the way from no answer to nothing left to ask."""
    known = parse_answers(flow, facts)
    answers: dict[str, Answer] = {}
    taken = []
    while True:
        start = perf_counter_ns()
        question = ask(flow, answers)
        taken.append((perf_counter_ns() - start) / 1e6)
        if question is None:
            return taken
        answers[question] = known[question]


def beside_listing(flow: Flow, facts: Sequence[Mapping[str, Any]]) -> tuple[list[float], list[float]]:
    """Milliseconds of the solver and of the listing, with four questions open; both must ask the same."""
    solver, listing = [], []
    for one in facts:
        answers = parse_answers(flow, {name: answer for name, answer in one.items() if name not in LEFT_OPEN})
        start = perf_counter_ns()
        exact = next_question(flow, answers)
        between = perf_counter_ns()
        listed = next_by_listing(flow, answers)
        solver.append((between - start) / 1e6)
        listing.append((perf_counter_ns() - between) / 1e6)
        if exact != listed:
            sys.exit(f"The solver asks {exact}, the listing {listed}: one of them is wrong.")
    return solver, listing


def ways(flow: Flow) -> float:
    """How many complete answer sets a flow has, as a power of ten."""
    counted = 0.0
    for question in flow.questions.values():
        if question.kind == "many":
            counted += math.log10(2 ** len(question.options) - 1)
        elif question.kind != "times":
            counted += math.log10(len(question.options))
    return counted


def main() -> None:
    """Measure and print a table; exit code 1 when the limit at the 95th percentile is passed."""
    parser = argparse.ArgumentParser(description="How long the next question takes.")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    flow, facts = facts_of(USUAL)
    start = perf_counter_ns()
    next_question(flow, {})
    first = (perf_counter_ns() - start) / 1e6
    walks = [walk(flow, one, next_question) for one in facts]
    asked = [len(taken) - 1 for taken in walks]
    every = [ms for taken in walks for ms in taken]
    solver, listing = beside_listing(flow, facts[::8])
    elsewhere = {
        name: [walk(other, one, next_question) for one in told] for name, (other, told) in all_others().items()
    }
    p95 = max(percentile([ms for taken in some for ms in taken], 95) for some in (walks, *elsewhere.values()))
    report = {
        "calls": len(every),
        "median_ms": round(statistics.median(every), 2),
        "p95_ms": round(percentile(every, 95), 2),
        "largest_ms": round(max(every), 2),
        "first_call_ms": round(first, 1),
        "asked_median": statistics.median(asked),
        "asked_most": max(asked),
        "questions": len(flow.questions),
        "ways_to_answer": f"10^{ways(flow):.0f}",
        "four_open_solver_mean_ms": round(statistics.mean(solver), 2),
        "four_open_listing_mean_ms": round(statistics.mean(listing), 2),
        "four_open_listing_to_solver": round(statistics.mean(listing) / statistics.mean(solver), 1),
    }
    for name, some in elsewhere.items():
        report[f"{name}_p95_ms"] = round(percentile([ms for taken in some for ms in taken], 95), 2)
        report[f"{name}_asked_median"] = statistics.median(len(taken) - 1 for taken in some)
    if options.json:
        print(json.dumps(report))
    else:
        for name, value in report.items():
            print(f"{name.replace('_', ' '):34}{value:>12}")
        print(f"Limit: {LIMIT_MS} ms at the 95th percentile.")
    sys.exit(p95 > LIMIT_MS)


if __name__ == "__main__":
    main()
