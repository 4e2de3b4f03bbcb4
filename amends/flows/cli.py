"""`amends decide`, `amends ask` and `amends flow`: the engine from the command line."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from amends.flows import AnswerError, FlowError, load_flow, next_question, parse_answers, recommend
from amends.flows.format import schema as flow_schema
from amends.policies import PolicyError, load_library
from amends.settings import CACHE, ROOT, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from amends.flows import Flow

FLOWS = ROOT / "data" / "flows"
POLICIES = ROOT / "data" / "policies"

app = typer.Typer(no_args_is_help=True, help="Check and look at decision flows.")
_errors = Console(stderr=True, highlight=False)

FlowName = Annotated[str, typer.Argument(help="A flow in data/flows, or the path of a flow file.")]
Lines = Annotated[
    bool,
    typer.Option("--jsonl", help="Read one JSON object of answers a line, write one JSON object a line."),
]


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="The flow file to check.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the mistakes as JSON.")] = False,
) -> None:
    """Say everything that is wrong with a flow file, with line and column, and which phrases are too much alike."""
    from amends.understanding.encoder import load_encoder  # noqa: PLC0415 - the other commands start without it
    from amends.understanding.twins import find_twins  # noqa: PLC0415

    try:
        flow = load_flow(file, load_library(POLICIES).clauses)
    except (FlowError, PolicyError) as error:
        _report(error, as_json=as_json)
        raise typer.Exit(1) from error
    twins = [str(pair) for pair in find_twins(flow, load_encoder(CACHE))]
    if as_json:
        report = {"file": str(file), "version": flow.version, "problems": [], "warnings": twins}
        print(json.dumps(report))  # noqa: T201
    else:
        for pair in twins:
            _errors.print(f"Warning: {pair}", markup=False, soft_wrap=True)
        parts = f"{len(flow.questions)} questions, {len(flow.gates)} gates, {len(flow.rows)} rows"
        Console(highlight=False).print(f"{file}: well formed. {parts}. Version {flow.version[:12]}.")


@app.command()
def schema() -> None:
    """Print the JSON Schema of flow files, which data/flows/schema.json holds for editors."""
    print(json.dumps(flow_schema(), indent=2))  # noqa: T201


def decide(flow: FlowName = "problem_post", jsonl: Lines = False) -> None:
    """Decide for answers on standard input."""
    settings = Settings().flow_settings
    loaded = _load(flow)
    library = load_library(POLICIES)

    def one(raw: Any) -> dict[str, Any]:
        answers = parse_answers(loaded, raw)
        decision = recommend(loaded, answers, settings)
        for rule in decision.refused:
            _errors.print(f"Never-rule {rule} had to overrule the flow. Its owner should look at it.")
        given = {name: _options(answer.value) for name, answer in answers.items()}
        cited = library.for_decision(decision.cites, given, decision.responses)
        return {**decision.as_json(), "clauses": [c.clause.id for c in cited]}

    _each(one, jsonl=jsonl)


def ask(flow: FlowName = "problem_post", jsonl: Lines = False) -> None:
    """Say which question to ask next for answers on standard input; null means that nothing is left."""
    settings = Settings().flow_settings
    loaded = _load(flow)
    _each(lambda raw: {"question": next_question(loaded, parse_answers(loaded, raw), settings)}, jsonl=jsonl)


def _options(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return value if isinstance(value, tuple) else ()


def _load(name: str) -> Flow:
    path = Path(name)
    if not path.suffix:
        path = FLOWS / f"{name}.yml"
    try:
        return load_flow(path)
    except FlowError as error:
        _report(error, as_json=False)
        raise typer.Exit(1) from error


def _report(error: FlowError | PolicyError, *, as_json: bool) -> None:
    problems: Collection[Any] = error.problems
    if as_json:
        rows = [{"file": p.file, "line": p.line, "column": p.column, "message": p.message} for p in problems]
        print(json.dumps({"problems": rows}))  # noqa: T201
        return
    for problem in problems:
        _errors.print(str(problem), markup=False)


def _each(work: Callable[[Any], dict[str, Any]], *, jsonl: bool) -> None:
    """Run `work` on each line of standard input; a line that cannot be used becomes an error line."""
    if not jsonl:
        whole = sys.stdin.buffer.read()
        answer = _safely(work, whole)
        print(json.dumps(answer, indent=2, ensure_ascii=False))  # noqa: T201
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
