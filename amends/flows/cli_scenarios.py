"""`amends flow scenarios`: which known situations of a flow come out as they should."""

from __future__ import annotations

from json import dumps
from pathlib import Path  # noqa: TC003 - typer reads the annotations
from typing import TYPE_CHECKING, Annotated, Any

import typer

from amends.flows.cli_files import ROOT, FlowName, load, say_problems, settings_on
from amends.flows.names import USUAL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from amends.flows import Flow
    from amends.known import Held, Known

DATA = ROOT / "data"
FAILED = ("fail", "does not fit")


def scenarios(
    flow: FlowName = USUAL,
    cases: Annotated[
        Path | None,
        typer.Option(help="A folder of case files with what was judged right, instead of what is known here."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the table as JSON.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Fail when a scenario fails.")] = False,
) -> None:
    """Show which known cases come out as they should."""
    loaded = load(flow)
    known = known_for(loaded, cases, as_json=as_json)
    held = held_in(known, loaded)
    if as_json:
        typer.echo(dumps({"scenarios": scenario_rows(loaded, known)}, ensure_ascii=False))
    else:
        say(known, held)
    if strict and any(one.verdict in FAILED for one in held.values()):
        raise typer.Exit(1)


def known_for(flow: Flow, folder: Path | None, *, as_json: bool) -> Mapping[str, Known]:
    """The situations that a flow is held against: those of a folder of cases, or what is known of it here."""
    from amends.cases import CaseError, load_cases  # noqa: PLC0415 - the other commands start without these
    from amends.known import Known, known_of  # noqa: PLC0415

    try:
        if folder is None and (DATA / "expected" / f"{flow.id}.yml").exists():
            return known_of(flow.id, DATA)
        cases = load_cases(folder or DATA / "cases", flow)
    except CaseError as error:
        say_problems(error, as_json=as_json)
        raise typer.Exit(1) from error
    return {id_: Known(id_, case.what_happened, case.facts, case) for id_, case in cases.items()}


def held_in(known: Mapping[str, Known], flow: Flow) -> dict[str, Held]:
    """What a flow makes of situations."""
    from amends.known import hold  # noqa: PLC0415

    settings = settings_on()
    return {id_: hold(one, flow, settings) for id_, one in known.items()}


def say(known: Mapping[str, Known], held: Mapping[str, Held]) -> None:
    """Print a line for each situation: pass, fail with what is wrong, or disputed; then how many."""
    width = max((len(id_) for id_ in known), default=0)
    for id_, one in held.items():
        line = f"{one.verdict:8} {id_:{width}} {one.row or ''}: {', '.join(one.advised)}"
        typer.echo(f"{line} ({'; '.join(one.mistakes)})" if one.mistakes else line)
    verdicts = [one.verdict for one in held.values()]
    counts = [f"{verdicts.count('pass')} pass", f"{sum(verdict in FAILED for verdict in verdicts)} fail"]
    counts.append(f"{verdicts.count('disputed')} disputed")
    typer.echo(f"{len(held)} scenarios: {', '.join(counts)}.")


def scenario_rows(flow: Flow, known: Mapping[str, Known]) -> list[dict[str, Any]]:
    """The situations and what became of them, ready for JSON."""
    settings = settings_on()
    return [_row_of(known[id_], one, flow, settings) for id_, one in held_in(known, flow).items()]


def _row_of(known: Known, held: Held, flow: Flow, settings: frozenset[str]) -> dict[str, Any]:
    if known.expected is None and known.case is not None:
        from amends.cases_compared import compare  # noqa: PLC0415

        return {**compare(known.case, flow, settings).as_json(), "verdict": held.verdict}
    return {
        "id": known.id,
        "case": known.case.id if known.case else None,
        "row": held.row,
        "advised": list(held.advised),
        "flow_mistakes": held.mistakes,
        "verdict": held.verdict,
    }
