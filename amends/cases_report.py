"""`amends cases`: what the flow advises in the documented cases, beside what was done and judged right.

It is a report to read before a flow is changed, not a target to tune a flow to.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from amends.cases import Case, CaseError, Verdict, load_cases
from amends.cases_compared import PUBLIC, Compared, Sum, compare, in_sum, with_verdict
from amends.cases_restated import Restated, others, restated
from amends.flows import USUAL, FlowError, load_flow
from amends.flows.problems import either, unknown
from amends.settings import ROOT, Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from amends.known import Held, Known


DATA = ROOT / "data"
_console = Console(highlight=False)
_errors = Console(stderr=True, highlight=False)


def cases(
    case: Annotated[str | None, typer.Option("--case", metavar="ID", help="Show this case alone, in full.")] = None,
    only_wrong: Annotated[
        bool, typer.Option("--only-wrong", help="List only cases where the flow's advice is not what was judged right.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    flow: Annotated[str, typer.Option("--flow", metavar="NAME", help="The flow that is held against them.")] = USUAL,
) -> None:
    """Run a flow over the documented cases: advised, done, judged right."""
    if flow != USUAL:
        with _told():
            _restated(restated(DATA, flow), case, only_wrong=only_wrong, as_json=as_json)
        return
    known, compared = _compared()
    with _told():
        elsewhere = [restated(DATA, name) for name in others(DATA)]
    if case is not None:
        if case not in compared:
            _errors.print(unknown("case", case, known))
            raise typer.Exit(1)
        _show(compared[case], elsewhere, as_json=as_json)
        return
    shown = [one for one in compared.values() if one.flow_mistakes or not only_wrong]
    every = compared.values()
    judged, undisputed = in_sum(every, judged=True), in_sum(every, judged=False)
    asking = in_sum(every, judged=True, asking=True)
    if as_json:
        report = {
            "cases": [one.as_json() for one in shown],
            "judged": judged.as_json(),
            "judged_when_asking_counts": asking.as_json(),
            "best_practice": undisputed.as_json(),
            "other_flows": {one.flow.id: one.as_json() for one in elsewhere},
        }
        print(json.dumps(report, ensure_ascii=False))  # noqa: T201
        return
    _console.print(_table(shown))
    _console.print(_sums(judged, asking, undisputed), soft_wrap=True)
    for one in elsewhere:
        _console.print(one.sentence, soft_wrap=True)


def _compared() -> tuple[Mapping[str, Case], Mapping[str, Compared]]:
    settings = Settings().flow_settings
    with _told():
        flow = load_flow(DATA / "flows" / f"{USUAL}.yml")
        known = load_cases(DATA / "cases", flow)
    return known, {id_: compare(one, flow, settings) for id_, one in known.items()}


@contextmanager
def _told() -> Iterator[None]:
    """Mistakes in files are said, and end the command."""
    try:
        yield
    except (FlowError, CaseError) as error:
        for problem in error.problems:
            _errors.print(str(problem), markup=False)
        raise typer.Exit(1) from error


def _restated(found: Restated, situation: str | None, *, only_wrong: bool, as_json: bool) -> None:
    """The situations of another flow: all, or one."""
    if situation is not None and situation not in found.held:
        _errors.print(unknown("situation", situation, found.held))
        raise typer.Exit(1)
    if as_json:
        wrong = frozenset(id_ for id_, (_, held) in found.held.items() if held.mistakes or not only_wrong)
        shown = frozenset([situation]) if situation is not None else wrong
        print(json.dumps({"flow": found.flow.id, "situations": found.as_json(shown)}, ensure_ascii=False))  # noqa: T201
    elif situation is not None:
        _say_restated(found, {situation: found.held[situation]})
    else:
        _console.print(found.table(only_wrong=only_wrong))
        _console.print(found.sentence, soft_wrap=True)


def _say_restated(found: Restated, some: Mapping[str, tuple[Known, Held]]) -> None:
    for known, held in some.values():
        _console.print(f"{found.flow.id}, {known.title}:", known.what_happened, markup=False, soft_wrap=True)
        said = "; ".join(held.mistakes or ()) or "as expected"
        _console.print(f"  The flow advises: {', '.join(held.advised)} ({held.row}): {said}", soft_wrap=True)
        if known.expected is not None:
            _console.print(f"  Why: {known.expected.why}", markup=False, soft_wrap=True)


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
        groups = ((verdict, with_verdict(case.judgement, verdict)) for verdict in _VERDICTS)
        return "; ".join(f"{verdict}: {', '.join(codes)}" for verdict, codes in groups if codes)
    if case.best_practice_response is None:
        return "disputed"
    return f"best practice: {', '.join(case.best_practice_response)}"


_VERDICTS: tuple[Verdict, ...] = ("must", "fine", "wrong")


def _said(found: tuple[str, ...] | None) -> str:
    if found is None:
        return "cannot tell"
    return "; ".join(found) or "acceptable"


def _sums(judged: Sum, asking: Sum, others: Sum) -> str:
    return (
        f"Of {judged.cases} judged cases, the flow's advice is acceptable in {judged.flow}, "
        f"what the organisations did in {judged.organisations}.\n"
        "Acceptable: no response judged wrong, no must left out; an apology counts as having responded.\n"
        "When a recall or a request to the host (report_platform) counts as taking down, as the judged set means it: "
        f"{asking.flow} and {asking.organisations}.\n"
        f"Of {others.cases} other cases with an undisputed best practice, the flow advises the same "
        f"({either(PUBLIC, 'and')}) in {others.flow}, the organisations did in {others.organisations}."
    )


def _show(one: Compared, elsewhere: Iterable[Restated], *, as_json: bool) -> None:
    if as_json:
        also = {each.flow.id: each.as_json(frozenset(each.of_case(one.case.id))) for each in elsewhere}
        print(json.dumps({**one.case.model_dump(), **one.as_json(), "other_flows": also}, ensure_ascii=False))  # noqa: T201
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
    for each in elsewhere:
        _say_restated(each, each.of_case(case.id))
