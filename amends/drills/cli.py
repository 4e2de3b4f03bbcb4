"""`amends drill`: a drill in the terminal, with the real assistant."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from amends.chat import Stop, login, talk
from amends.conversation.drilling import AS_TEAM
from amends.conversation.replies import press
from amends.drills.library import DrillError, Drills, load_drills
from amends.flows.problems import unknown
from amends.incidents.database import RecordUnavailable
from amends.settings import ROOT, Settings

CONVERSATION = "drill"
"""Practice in the terminal has its own conversation, so that a real one is never in its way."""

_console = Console(highlight=False)
_errors = Console(stderr=True, highlight=False)


def drill(
    which: Annotated[
        str,
        typer.Argument(help="The number or name of a drill; 'check' looks whether the drills can be read."),
    ] = "",
    team: Annotated[bool, typer.Option("--team", help="As a team: leads can follow along.")] = False,
    name: Annotated[str, typer.Option(help="Who practises. The name stands in the record.")] = "",
) -> None:
    """List the drills, or begin one. The assistant has to run."""
    try:
        drills = load_drills(ROOT / "data")
    except DrillError as error:
        _stop(str(error))
        return
    if which == "check":
        _console.print(f"{len(drills.drills)} drills, and nothing is wrong with them.")
        return
    if not which:
        _list(drills)
        return
    found = drills.find(which)
    if found is None:
        _stop(unknown("drill", which, drills.drills))
        return
    first = press("practise", about=f"{found.id}{AS_TEAM if team else ''}")
    try:
        asyncio.run(talk(Settings(), " ".join(name.split()) or login(), CONVERSATION, first=first))
    except (Stop, RecordUnavailable) as error:
        _stop(str(error))
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def _list(drills: Drills) -> None:
    table = Table("", "Drill", "Grade", "Minutes")
    for each in drills.drills.values():
        table.add_row(str(drills.number(each)), each.title, each.grade, str(each.minutes))
    _console.print(table)
    _console.print("Begin one with its number: amends drill 1")


def _stop(sentence: str) -> None:
    _errors.print(sentence, markup=False, soft_wrap=True)
    raise typer.Exit(1)
