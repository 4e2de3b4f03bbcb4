"""`amends policy`: the clause library from the command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from amends.cli_publish import policy_app
from amends.flows import FlowError, load_flow
from amends.flows.problems import unknown
from amends.policies import PolicyError, PolicySearch, load_library
from amends.policies.vocabulary import vocabulary_of
from amends.settings import ROOT
from amends.understanding.encoder import load_encoder

if TYPE_CHECKING:
    from amends.policies import Clause, Library

app = typer.Typer(no_args_is_help=True, help="Search, check and publish the policy clauses.")
app.add_typer(policy_app)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_console = Console(highlight=False)
_errors = Console(stderr=True, highlight=False)


@app.command()
def search(
    text: Annotated[str, typer.Argument(help="A question, in your own words.")], as_json: AsJson = False
) -> None:
    """Find the clauses that answer a question; the best three."""
    found = PolicySearch(_load(), load_encoder(ROOT / "var" / "cache")).search(text)
    if as_json:
        rows = [{**_row(hit.clause), "score": round(hit.score, 3)} for hit in found.hits]
        print(json.dumps({"clauses": rows, "ask": found.ask_owner}, ensure_ascii=False))  # noqa: T201
        return
    if not found.hits:
        _console.print(f"No clause found. Ask: {found.ask_owner}.")
    for hit in found.hits:
        _print(hit.clause)


@app.command()
def show(clause_id: Annotated[str, typer.Argument(help="Such as DP-5.1.")], as_json: AsJson = False) -> None:
    """Show one clause."""
    library = _load()
    clause = library.clauses.get(clause_id.upper())
    if clause is None:
        _errors.print(unknown("clause", clause_id, library.clauses))
        raise typer.Exit(1)
    if as_json:
        print(json.dumps(_row(clause), ensure_ascii=False))  # noqa: T201
    else:
        _print(clause)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List all clauses."""
    clauses = _load().clauses.values()
    if as_json:
        print(json.dumps([_row(clause) for clause in clauses], ensure_ascii=False))  # noqa: T201
        return
    for clause in clauses:
        _console.print(f"{clause.id:8} {clause.title}", markup=False)


@app.command()
def check() -> None:
    """Say everything that is wrong with the policy files."""
    try:
        flows = [load_flow(path) for path in sorted((ROOT / "data" / "flows").glob("*.yml"))]
        library = load_library(ROOT / "data" / "policies", *vocabulary_of(flows))
    except (FlowError, PolicyError) as error:
        _errors.print(str(error), markup=False)
        raise typer.Exit(1) from error
    _console.print(f"data/policies: well formed. {len(library.clauses)} clauses. Version {library.version[:12]}.")


def _load() -> Library:
    try:
        return load_library(ROOT / "data" / "policies")
    except PolicyError as error:
        _errors.print(str(error), markup=False)
        raise typer.Exit(1) from error


def _row(clause: Clause) -> dict[str, Any]:
    texts = {"id": clause.id, "title": clause.title, "text": clause.text, "owner": clause.owner}
    return {
        **texts,
        "legal": clause.legal,
        "mark": clause.mark,
        "verified": clause.verified,
        "note": clause.note,
    }


def _print(clause: Clause) -> None:
    note = f" ({clause.note})" if clause.note else ""
    _console.print(f"[bold]{clause.id}[/bold] {clause.title}")
    _console.print(f"  {clause.text}", markup=False)
    _console.print(f"  Owner: {clause.owner}. Law: {clause.legal}{note}.", markup=False)
