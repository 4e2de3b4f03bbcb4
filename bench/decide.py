"""How long a decision takes, over the known situations of each flow, beside two things that people know.

    python -m bench.decide [--calls 10000] [--json]

The time of each call, with the garbage collector on. `make measuring` installs the rule library; without it that line
is left out.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from importlib.util import find_spec
from itertools import cycle, islice
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any

from amends.flows import USUAL, Flow, decide, load_flow, parse_answers
from amends.known import known_of
from amends.settings import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

LIMIT_US = 100


def times(work: Callable[[Any], object], inputs: Sequence[Any], calls: int) -> list[float]:
    """Microseconds of each of `calls` calls, going round the inputs, after one round to warm up."""
    for one in inputs:
        work(one)
    taken = []
    for one in islice(cycle(inputs), calls):
        start = perf_counter_ns()
        work(one)
        taken.append((perf_counter_ns() - start) / 1000)
    return taken


def percentile(taken: Sequence[float], percent: int) -> float:
    """The value that `percent` of the sorted times do not pass."""
    ordered = sorted(taken)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def of_flow(name: str) -> tuple[Flow, list[Mapping[str, Any]]]:
    """A flow of this repository, and the answers in its known situations."""
    flow = load_flow(ROOT / "data" / "flows" / f"{name}.yml")
    return flow, [known.answers for known in known_of(name, ROOT / "data").values()]


def others() -> list[str]:
    """The flows beside the usual one."""
    return [file.stem for file in sorted((ROOT / "data" / "flows").glob("*.yml")) if file.stem != USUAL]


def measured(calls: int) -> dict[str, list[float]]:
    """What was measured: name -> microseconds of each call."""
    flow, facts = of_flow(USUAL)
    answers = [parse_answers(flow, one) for one in facts]
    decisions = [decide(flow, one).as_json() for one in answers]
    found = {
        "decide": times(lambda one: decide(flow, one), answers, calls),
        "parse answers, decide, as JSON": times(
            lambda one: json.dumps(decide(flow, parse_answers(flow, one)).as_json()), facts, calls
        ),
        "the decision through json and back": times(lambda one: json.loads(json.dumps(one)), decisions, calls),
    }
    for name in others():
        other, its_facts = of_flow(name)
        found[f"decide, {name}"] = times(
            lambda one, other=other: decide(other, one), [parse_answers(other, one) for one in its_facts], calls
        )
    if find_spec("rule_engine"):
        from bench import peer_rules  # noqa: PLC0415 - only where the library is installed

        ready = [peer_rules.prepared(one) for one in facts]
        for one, peer in zip(answers, ready, strict=True):
            if decide(flow, one).row != peer_rules.first_row(peer):
                sys.exit("The rule library finds another row than the flow: the comparison is not fair.")
        found["rule-engine, first of the 30 rows only"] = times(peer_rules.first_row, ready, calls)
    return found


def main() -> None:
    """Measure and print a table; exit code 1 when the limit for a decision is passed."""
    parser = argparse.ArgumentParser(description="How long a decision takes.")
    parser.add_argument("--calls", type=int, default=10_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = measured(options.calls)
    base = statistics.median(found["decide"])
    rows = [
        {
            "what": name,
            "median_us": round(statistics.median(taken), 1),
            "p95_us": round(percentile(taken, 95), 1),
            "times_decide": round(statistics.median(taken) / base, 2),
        }
        for name, taken in found.items()
    ]
    if options.json:
        print(json.dumps(rows))
    else:
        print(f"{options.calls} calls each, microseconds")
        print(f"{'':42}{'median':>9}{'p95':>9}{'x decide':>10}")
        for row in rows:
            print(f"{row['what']:42}{row['median_us']:9}{row['p95_us']:9}{row['times_decide']:10}")
        print(f"Limit: {LIMIT_US} microseconds a decision.")
    sys.exit(base > LIMIT_US)


if __name__ == "__main__":
    main()
