"""`amends decide`, `amends ask` and `amends flow`: the engine from the command line."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from amends.cli_publish import flow_app
from amends.flows import AnswerError, FlowError, load_flow, next_question, parse_answers, recommend
from amends.flows.cli_draw import draw
from amends.flows.cli_files import FLOWS, FlowName, load, path_of, rows_of, say_problems, settings_on, version_of
from amends.flows.cli_scenarios import held_in, known_for, say, scenario_rows
from amends.flows.cli_scenarios import scenarios as scenarios_
from amends.flows.format import schema as flow_schema
from amends.flows.names import USUAL
from amends.policies import PolicyError, load_library

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sqlalchemy.orm import Session

    from amends.flows.replay import Recorded

ROOT = Path(__file__).resolve().parents[2]
EXPECTED = ROOT / "data" / "expected"
POLICIES = ROOT / "data" / "policies"

app = typer.Typer(no_args_is_help=True, help="Check and look at decision flows.")
app.command()(draw)
app.command("scenarios")(scenarios_)
app.add_typer(flow_app)

Lines = Annotated[
    bool,
    typer.Option("--jsonl", help="Read one JSON object of answers a line, write one JSON object a line."),
]


@app.command()
def check(
    files: Annotated[
        list[Path] | None, typer.Argument(help="The flow files to check. Without one: all in data/flows.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the mistakes as JSON.")] = False,
    clauses: Annotated[
        bool, typer.Option("--clauses", help="List clauses that are unused or contradict each other, too.")
    ] = False,
    scenarios: Annotated[
        bool, typer.Option("--scenarios", help="Show which known cases come out as they should, too.")
    ] = False,
) -> None:
    """Say everything that is wrong with flow files, with line and column, and which phrases are too much alike.

    What a flow is expected to advise, in data/expected, is checked with it.
    """
    found = [
        _checked(file, as_json=as_json, clauses=clauses, scenarios=scenarios)
        for file in files or sorted(FLOWS.glob("*.yml"))
    ]
    if not all(found):
        raise typer.Exit(1)


def _checked(file: Path, *, as_json: bool, clauses: bool, scenarios: bool) -> bool:
    """Check one file and say what is wrong with it; whether nothing is."""
    from amends.flows.expected import check_expected  # noqa: PLC0415 - the other commands start without these
    from amends.flows.language import check_language  # noqa: PLC0415
    from amends.understanding.encoder import load_encoder  # noqa: PLC0415
    from amends.understanding.twins import find_twins  # noqa: PLC0415

    try:
        library = load_library(POLICIES)
        flow = load_flow(file, library.clauses)
    except (FlowError, PolicyError) as error:
        say_problems(error, as_json=as_json)
        return False
    language = check_language(flow, str(file))
    beside = EXPECTED / f"{flow.id}.yml"
    situations, differences = check_expected(flow, beside) if beside.exists() else (0, ())
    mistakes = (*language.mistakes, *differences)
    twins = [str(pair) for pair in find_twins(flow, load_encoder(ROOT / "var" / "cache"))]
    options = [f"{name}:{option}" for name, question in flow.questions.items() for option in question.options]
    cited = {clause for _, rests_on in flow.citing for clause in rests_on}
    unused = library.unused(cited, options) if clauses else ()
    against = [(id_, *pair) for id_, rests_on in flow.citing for pair in library.contradicting(rests_on) if clauses]
    if as_json:
        report = {
            "file": str(file),
            "version": flow.version,
            "problems": rows_of(mistakes),
            "notes": rows_of(language.notes),
            "warnings": twins,
        }
        report |= {"unused": unused, "contradicting": against} if clauses else {}
        if scenarios and not mistakes:
            report["scenarios"] = scenario_rows(flow, known_for(flow, None, as_json=True))
        typer.echo(json.dumps(report, ensure_ascii=False))
    else:
        for problem in mistakes:
            typer.echo(str(problem), err=True)
        for note in language.notes:
            typer.echo(f"{note} (A note, not a mistake.)", err=True)
        for pair in twins:
            typer.echo(f"Warning: {pair}", err=True)
        for id_ in unused:
            typer.echo(f"Clause {id_} is not used: no rule cites it, and no answer brings it in.")
        for id_, one, other in against:
            typer.echo(f"{id_} rests on {one} and {other}, which contradict each other, and neither gives way.")
    if mistakes:
        return False
    if not as_json:
        parts = f"{len(flow.questions)} questions, {len(flow.gates)} gates, {len(flow.rows)} rows"
        parts += f", {situations} situations as expected" if situations else ""
        typer.echo(f"{file}: well formed. {parts}. Version {flow.version[:12]}.")
        if scenarios:
            known = known_for(flow, None, as_json=False)
            say(known, held_in(known, flow))
    return True


@app.command()
def prove(
    flow: FlowName = USUAL,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Prove, for every possible set of answers, that a flow is complete and keeps to its own rules."""
    from amends.flows.effect import tags_of  # noqa: PLC0415
    from amends.flows.prove import prove as prove_flow  # noqa: PLC0415

    path = path_of(flow)
    loaded = load(flow)
    clauses = load_library(POLICIES).clauses.values()
    found = prove_flow(loaded, tags_of({clause.id: clause.applies_when for clause in clauses}))
    if as_json:
        rows = [finding.as_json(loaded) for finding in found]
        typer.echo(json.dumps({"file": str(path), "version": loaded.version, "findings": rows}))
    for finding in () if as_json else found:
        typer.echo(f"{path}:{finding.line}:{finding.column}: {finding.sentence}")
        if finding.example is not None:
            typer.echo(f"    For example: {finding.example.told(loaded)}")
            for line in finding.example.trace(loaded):
                typer.echo(f"      {line}")
    if found:
        raise typer.Exit(1)
    if not as_json:
        typer.echo(f"{path}: proved for every set of answers and every setting. Version {loaded.version[:12]}.")


@app.command()
def diff(
    old: Annotated[str, typer.Argument(help="The version before: a file, or REV:path in git.")],
    new: Annotated[str, typer.Argument(help="The version after: a file, or REV:path in git.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the differences as JSON.")] = False,
) -> None:
    """Say what a new version changes for the people who are advised, and in how many situations."""
    from amends.flows.diff import diff as compare  # noqa: PLC0415

    found = compare(version_of(old), version_of(new), settings_on())
    shared = found.shared
    if as_json:
        report = {
            "exact": found.exact,
            "advice": vars(found.advice) if found.advice else None,
            "questions_added": shared.added,
            "questions_removed": shared.removed,
            "options_added": shared.options_added,
            "options_removed": shared.options_removed,
            "changes": [change.as_json() for change in found.changes],
        }
        typer.echo(json.dumps(report, ensure_ascii=False))
        return
    typer.echo("\n".join(found.told()))


@app.command()
def replay(
    new: Annotated[str, typer.Argument(help="The edited version: a file, or REV:path in git.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print each incident with its outcome as JSON.")] = False,
    csv: Annotated[Path | None, typer.Option("--csv", help="Write the outcomes to this file.")] = None,
) -> None:
    """Say what an edited flow would have advised in the recorded incidents."""
    from amends.flows import replay as replaying  # noqa: PLC0415
    from amends.flows.replay_report import as_csv, summary  # noqa: PLC0415

    flow = version_of(new)
    with _recorded(flow.id) as (total, incidents):
        watched = _with_progress(incidents, total)
        outcomes = list(replaying.replay(flow, watched, settings_on()))
    if csv is not None:
        csv.write_text(as_csv(outcomes), encoding="utf-8")
    if as_json:
        rows = [{"reference": reference, **outcome.as_json()} for reference, outcome in outcomes]
        typer.echo(json.dumps({"version": flow.version, "incidents": rows}, ensure_ascii=False))
        return
    typer.echo("\n".join(summary(flow, outcomes)))


@contextmanager
def _recorded(flow_id: str) -> Iterator[tuple[int, Iterator[Recorded]]]:
    """How many incidents of a flow there are in the record, and the incidents."""
    from amends.flows.replay import Recorded  # noqa: PLC0415
    from amends.incidents import record  # noqa: PLC0415
    from amends.incidents.database import RecordUnavailable, record_at  # noqa: PLC0415
    from amends.settings import Settings  # noqa: PLC0415

    def read(session: Session) -> Iterator[Recorded]:
        for reference, answers, decision in record.advised(session, flow_id):
            yield Recorded(reference, json.loads(answers), json.loads(decision) if decision else None)

    try:
        with record_at(Settings().database_url) as database, database.read() as session:
            yield record.count_of(session, flow_id), read(session)
    except RecordUnavailable as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


def _with_progress(incidents: Iterable[Recorded], total: int) -> Iterator[Recorded]:
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import track  # noqa: PLC0415

    yield from track(incidents, "Replaying", total, console=Console(stderr=True))


@app.command("try")
def try_(
    flow: FlowName = USUAL,
    of_version: Annotated[
        str, typer.Option("--version", help="'draft', 'live' or the beginning of a version, instead of the file.")
    ] = "",
    begin_with: Annotated[str, typer.Option("--load", help="A public case or an incident to begin with.")] = "",
) -> None:
    """Step through a flow and see the advice live; 'help' says what can be typed. Nothing is recorded."""
    from amends.trying import try_flow  # noqa: PLC0415 - the other commands start without it

    try_flow(flow, of_version, begin_with)


@app.command()
def schema() -> None:
    """Print the JSON Schema of flow files, which data/flows/schema.json holds for editors."""
    typer.echo(json.dumps(flow_schema(), indent=2))


def decide(flow: FlowName = USUAL, jsonl: Lines = False) -> None:
    """Decide for answers on standard input."""
    settings = settings_on()
    loaded = load(flow)
    library = load_library(POLICIES)

    def one(raw: Any) -> dict[str, Any]:
        answers = parse_answers(loaded, raw)
        decision = recommend(loaded, answers, settings)
        for rule in decision.refused:
            typer.echo(f"Never-rule {rule} had to overrule the flow. Its owner should look at it.", err=True)
        given = {name: _options(answer.value) for name, answer in answers.items()}
        cited = library.for_decision(decision.cites, given, decision.responses)
        return {**decision.as_json(), "clauses": [c.clause.id for c in cited]}

    _each(one, jsonl=jsonl)


def ask(flow: FlowName = USUAL, jsonl: Lines = False) -> None:
    """Say which question to ask next for answers on standard input; null means that nothing is left."""
    settings = settings_on()
    loaded = load(flow)
    _each(lambda raw: {"question": next_question(loaded, parse_answers(loaded, raw), settings)}, jsonl=jsonl)


def _options(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return value if isinstance(value, tuple) else ()


def _each(work: Callable[[Any], dict[str, Any]], *, jsonl: bool) -> None:
    """Run `work` on each line of standard input; a line that cannot be used becomes an error line."""
    if not jsonl:
        whole = sys.stdin.buffer.read()
        answer = _safely(work, whole)
        typer.echo(json.dumps(answer, indent=2, ensure_ascii=False))
        if "error" in answer:
            raise typer.Exit(1)
        return
    for line in sys.stdin.buffer:
        if line.strip():
            sys.stdout.write(json.dumps(_safely(work, line), ensure_ascii=False) + "\n")
            sys.stdout.flush()


def _safely(work: Callable[[Any], dict[str, Any]], line: bytes) -> dict[str, Any]:
    try:
        return work(json.loads(line))
    except AnswerError as error:
        return {"error": str(error)}
    except (ValueError, RecursionError):
        return {"error": "This line is not a JSON object of answers."}
