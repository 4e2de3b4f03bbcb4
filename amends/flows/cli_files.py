"""Flow files from the command line: found by name, by path or in git, with what is wrong said in sentences."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from amends.flows import FlowError, load_flow, parse_flow

if TYPE_CHECKING:
    from collections.abc import Collection

    from amends.cases import CaseError
    from amends.flows import Flow
    from amends.policies import PolicyError

ROOT = Path(__file__).resolve().parents[2]
FLOWS = ROOT / "data" / "flows"

FlowName = Annotated[str, typer.Argument(help="A flow in data/flows, or the path of a flow file.")]


def path_of(name: str) -> Path:
    """The file of a flow that is named by its path or, in data/flows, by its name."""
    return Path(name) if Path(name).suffix else FLOWS / f"{name}.yml"


def load(name: str) -> Flow:
    """The flow of that name; what is wrong with it is said, and ends the command."""
    try:
        return load_flow(path_of(name))
    except FlowError as error:
        say_problems(error, as_json=False)
        raise typer.Exit(1) from error


def version_of(name: str) -> Flow:
    """The flow in a file, or in a file of git's as REV:path."""
    revision, _, path = name.partition(":")
    if not path or Path(name).exists():
        return load(name)
    shown = subprocess.run(["git", "show", name], capture_output=True, text=True, check=False)  # noqa: S603, S607
    if shown.returncode:
        typer.echo(f"git has no {path} in {revision}: {shown.stderr.strip()}", err=True)
        raise typer.Exit(1)
    try:
        return parse_flow(shown.stdout, name)
    except FlowError as error:
        say_problems(error, as_json=False)
        raise typer.Exit(1) from error


def say_problems(error: FlowError | PolicyError | CaseError, *, as_json: bool) -> None:
    """Say every mistake of a file."""
    problems: Collection[Any] = error.problems
    if as_json:
        typer.echo(json.dumps({"problems": rows_of(problems)}))
        return
    for problem in problems:
        typer.echo(str(problem), err=True)


def rows_of(problems: Collection[Any]) -> list[dict[str, Any]]:
    """Mistakes as JSON."""
    return [{"file": p.file, "line": p.line, "column": p.column, "message": p.message} for p in problems]


def settings_on() -> frozenset[str]:
    """The organisation's yes/no settings that are on."""
    from amends.settings import Settings  # noqa: PLC0415 - a tenth of a second that a check need not wait for

    return Settings().flow_settings
