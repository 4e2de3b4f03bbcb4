"""`amends draft`: words looked at before they are posted. Nothing is kept, nothing is posted."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.console import Console

from amends.drafts import MOST_CHARACTERS, Draft, DraftsError, check, load_knowledge
from amends.drafts.shown import MORE, NOTHING, ROLES, level, read_first, shown
from amends.policies import PolicyError, load_library
from amends.settings import CACHE, ROOT, Settings
from amends.understanding.encoder import EncoderError, load_encoder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from amends.drafts import Report
    from amends.policies import Clause

app = typer.Typer(no_args_is_help=True, help="Check words before you post them.")
_console = Console(highlight=False, soft_wrap=True)


@app.callback()
def _group() -> None:
    """Makes it a group, even with one command."""


@app.command("check")
def check_(
    file: Annotated[str, typer.Argument(help="A text file; without it, standard input.")] = "-",
    account: Annotated[str, typer.Option(help="The account it is for, such as @example.")] = "",
    own: Annotated[bool, typer.Option("--own", help="It is a person's own account, not an official one.")] = False,
    picture: Annotated[bool, typer.Option("--picture", help="A picture goes with it.")] = False,
    on: Annotated[str, typer.Option(help="The day it goes out, year-month-day. Today if left out.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say what could go wrong with a draft: the words, why, the clause, and a safe way to say it."""
    settings = Settings()
    now = _time(on, settings)
    text = _read(file)
    try:
        clauses = load_library(ROOT / "data" / "policies").clauses
        own_file = ROOT / settings.drafts_file if settings.drafts_file else None
        knowledge = load_knowledge(ROOT / "data" / "drafts", load_encoder(CACHE), CACHE, own_file, clauses)
    except (DraftsError, PolicyError, EncoderError) as error:
        _stop(str(error))
    report = check(Draft(text, official=not own, picture=picture), knowledge, now)
    if as_json:
        found = [{**asdict(finding), "role": ROLES.get(finding.read_first, "")} for finding in report.findings]
        row = {"account": account, "level": report.level, "read_first": report.read_first, "findings": found}
        print(json.dumps(row, ensure_ascii=False))  # noqa: T201
        return
    _show(report, account, clauses, settings)


def _show(report: Report, account: str, clauses: Mapping[str, Clause], settings: Settings) -> None:
    if account:
        _console.print(f"For {account}:", markup=False)
    if not report.findings:
        _console.print(NOTHING)
        return
    for n, part in enumerate(shown(report, clauses), 1):
        _console.print(f"{n}. {part.title}", markup=False, style="bold")
        for line in (*part.places, part.could, f"Instead: {part.instead}", *part.clauses):
            _console.print(f"   {line}", markup=False)
    _console.print(level(report), markup=False)
    for role in report.read_first:
        _console.print(read_first(role, getattr(settings, f"contact_{role}")), markup=False)
    _console.print(f"{MORE} Nothing was kept, and nothing is posted.")


def _read(file: str) -> str:
    try:
        raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError:
        _stop(f"The file {file} cannot be read. Check its name, or give the words on standard input.")
    try:
        text = raw.decode("utf-8").strip()
    except UnicodeDecodeError:
        _stop("The draft is not text in UTF-8. Save it as plain text and try again.")
    if not text:
        _stop("There are no words in the draft. Give a file that has some, or type them and end with Ctrl-D.")
    if len(text) > MOST_CHARACTERS:
        _stop(f"The draft has {len(text):,} characters; at most {MOST_CHARACTERS:,} are read. Check it in parts.")
    return text


def _time(on: str, settings: Settings) -> datetime:
    if not on:
        return datetime.now(settings.zone)
    try:
        return datetime.combine(date.fromisoformat(on), time(12), settings.zone)
    except ValueError:
        _stop(f"{on} is no day. Write it as year-month-day, such as 2026-11-09.")


def _stop(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(1)
