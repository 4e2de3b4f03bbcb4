"""`amends cases`: what the flow advises in the documented cases, beside what was done and judged right.

It is a report to read before a flow is changed, not a target to tune a flow to.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from amends.cases import Case, CaseError, Judged, Verdict, load_cases
from amends.flows import FlowError, decide, load_flow, parse_answers
from amends.flows.problems import either, unknown
from amends.settings import ROOT, Settings

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from amends.flows import Flow

_console = Console(highlight=False)
_errors = Console(stderr=True, highlight=False)


@dataclass(frozen=True)
class Compared:
    """One case: what the flow advises and what was done, each with its mistakes.

    For a judged case a mistake is a response judged wrong, or a must that is left out. For any other it is a
    difference from the best practice, None where that is disputed.
    """

    case: Case
    row: str | None
    advised: tuple[str, ...]
    flow_mistakes: tuple[str, ...] | None
    organisation_mistakes: tuple[str, ...] | None

    def as_json(self) -> dict[str, Any]:
        """The case and both verdicts, ready for JSON."""
        case = self.case.model_dump(include=_SHOWN)
        return {
            **case,
            "row": self.row,
            "advised": list(self.advised),
            "flow_acceptable": _acceptable(self.flow_mistakes),
            "flow_mistakes": self.flow_mistakes,
            "organisation_acceptable": _acceptable(self.organisation_mistakes),
            "organisation_mistakes": self.organisation_mistakes,
        }


_SHOWN = {"id", "year", "organisation", "what_they_did", "judgement", "best_practice_response", "reception"}


def compare(case: Case, flow: Flow, settings: Collection[str] = frozenset()) -> Compared:
    """Hold the flow's advice and the organisation's own doing against what was judged right."""
    decision = decide(flow, parse_answers(flow, case.facts), frozenset(settings))
    advised = tuple(step.code for step in decision.steps)
    return Compared(
        case,
        decision.row,
        advised,
        mistakes(case, advised),
        mistakes(case, case.what_they_did),
    )


def mistakes(case: Case, done: Iterable[str], *, asking: bool = False) -> tuple[str, ...] | None:
    """What is wrong with having done this, in a few words each; None when there is nothing to hold it to.

    An apology counts as having responded: it carries the words. With `asking`, a recall or a request to the
    host (report_platform) counts as taking down, which is what the judged set means by it.
    """
    codes = {"take_down" if asking and code == "report_platform" else code for code in done}
    responded = _responded(codes)
    if case.judgement is not None:
        wrong = [f"{code} is wrong" for code in _with(case.judgement, "wrong") if code in codes]
        left_out = [f"{code} is left out" for code in _with(case.judgement, "must") if code not in responded]
        return (*wrong, *left_out)
    if case.best_practice_response is None:
        return None
    best = _responded(case.best_practice_response)
    more = [f"{code} is not best practice" for code in _PUBLIC if code in responded - best]
    less = [f"{code} is left out" for code in _PUBLIC if code in best - responded]
    return (*more, *less)


_PUBLIC = ("take_down", "respond", "apologise")
"""What a best practice is compared by. A light line is always optional, and roles are seldom reported."""


def _with(judgement: Mapping[Judged, Verdict], verdict: Verdict) -> list[str]:
    return [code for code, given in judgement.items() if given == verdict]


def _responded(codes: Iterable[str]) -> set[str]:
    done = set(codes)
    return done | {"respond"} if "apologise" in done else done


def _acceptable(found: tuple[str, ...] | None) -> bool | None:
    return None if found is None else not found


@dataclass(frozen=True)
class Sum:
    """How many of `cases` were dealt with acceptably, by the flow and by the organisations themselves."""

    cases: int
    flow: int
    organisations: int

    def as_json(self) -> dict[str, int]:
        """The three numbers."""
        return {"cases": self.cases, "flow": self.flow, "organisations": self.organisations}


def in_sum(compared: Iterable[Compared], *, judged: bool, asking: bool = False) -> Sum:
    """The sum over the judged cases, or over the others: those that did the same as an undisputed best practice."""
    counts: Counter[str] = Counter()
    for one in compared:
        flow = mistakes(one.case, one.advised, asking=asking)
        organisation = mistakes(one.case, one.case.what_they_did, asking=asking)
        if flow is None or organisation is None or judged != (one.case.judgement is not None):
            continue
        counts["cases"] += 1
        counts["flow"] += not flow
        counts["organisations"] += not organisation
    return Sum(counts["cases"], counts["flow"], counts["organisations"])


def cases(
    case: Annotated[str | None, typer.Option("--case", metavar="ID", help="Show this case alone, in full.")] = None,
    only_wrong: Annotated[
        bool, typer.Option("--only-wrong", help="List only cases where the flow's advice is not what was judged right.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Run the flow over the documented cases: advised, done, judged right."""
    known, compared = _compared()
    if case is not None:
        if case not in compared:
            _errors.print(unknown("case", case, known))
            raise typer.Exit(1)
        _show(compared[case], as_json=as_json)
        return
    shown = [one for one in compared.values() if one.flow_mistakes or not only_wrong]
    every = compared.values()
    judged, others = in_sum(every, judged=True), in_sum(every, judged=False)
    asking = in_sum(every, judged=True, asking=True)
    if as_json:
        report = {
            "cases": [one.as_json() for one in shown],
            "judged": judged.as_json(),
            "judged_when_asking_counts": asking.as_json(),
            "best_practice": others.as_json(),
        }
        print(json.dumps(report, ensure_ascii=False))  # noqa: T201
        return
    _console.print(_table(shown))
    _console.print(_told(judged, asking, others), soft_wrap=True)


def _compared() -> tuple[Mapping[str, Case], Mapping[str, Compared]]:
    settings = Settings().flow_settings
    try:
        flow = load_flow(ROOT / "data" / "flows" / "problem_post.yml")
        known = load_cases(ROOT / "data" / "cases", flow)
    except (FlowError, CaseError) as error:
        for problem in error.problems:
            _errors.print(str(problem), markup=False)
        raise typer.Exit(1) from error
    return known, {id_: compare(one, flow, settings) for id_, one in known.items()}


def _table(shown: Iterable[Compared]) -> Table:
    table = Table(show_lines=True)
    for heading in ("case", "the flow advises", "they did", "judged"):
        table.add_column(heading, overflow="fold", ratio=1)
    for one in shown:
        table.add_row(
            f"{one.case.id}\n{one.row}",
            _cell(one.advised, one.flow_mistakes),
            _cell(one.case.what_they_did, one.organisation_mistakes),
            _judged(one.case).replace("; ", "\n"),
        )
    return table


def _cell(codes: Iterable[str], found: tuple[str, ...] | None) -> Text:
    style = "yellow" if found else "green"
    return Text.assemble(", ".join(codes), "\n", (_said(found), style if found is not None else "dim"))


def _judged(case: Case) -> str:
    if case.judgement is not None:
        groups = ((verdict, _with(case.judgement, verdict)) for verdict in _VERDICTS)
        return "; ".join(f"{verdict}: {', '.join(codes)}" for verdict, codes in groups if codes)
    if case.best_practice_response is None:
        return "disputed"
    return f"best practice: {', '.join(case.best_practice_response)}"


_VERDICTS: tuple[Verdict, ...] = ("must", "fine", "wrong")


def _said(found: tuple[str, ...] | None) -> str:
    if found is None:
        return "cannot tell"
    return "; ".join(found) or "acceptable"


def _told(judged: Sum, asking: Sum, others: Sum) -> str:
    return (
        f"Of {judged.cases} judged cases, the flow's advice is acceptable in {judged.flow}, "
        f"what the organisations did in {judged.organisations}.\n"
        "Acceptable: no response judged wrong, no must left out; an apology counts as having responded.\n"
        "When a recall or a request to the host (report_platform) counts as taking down, as the judged set means it: "
        f"{asking.flow} and {asking.organisations}.\n"
        f"Of {others.cases} other cases with an undisputed best practice, the flow advises the same "
        f"({either(_PUBLIC, 'and')}) in {others.flow}, the organisations did in {others.organisations}."
    )


def _show(one: Compared, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps({**one.case.model_dump(), **one.as_json()}, ensure_ascii=False))  # noqa: T201
        return
    case = one.case
    facts = (f"{q}: {a if isinstance(a, str) else ', '.join(a)}" for q, a in case.facts.items())
    lines = {
        f"{case.organisation}, {case.year}, {case.platform}": case.what_happened,
        "How it happened": case.how_it_happened,
        "Facts": "; ".join(facts),
        "The flow advises": f"{', '.join(one.advised)} ({one.row}): {_said(one.flow_mistakes)}",
        "They did": f"{', '.join(case.what_they_did)}: {_said(one.organisation_mistakes)}; reception {case.reception}",
        "Judged": f"{_judged(case)} (by: {case.basis})",
        "Lesson": case.lesson,
        "Source": case.source if isinstance(case.source, str) else "\n  ".join(case.source),
    }
    for name, said in lines.items():
        _console.print(f"{name}:", said, markup=False, soft_wrap=True)
