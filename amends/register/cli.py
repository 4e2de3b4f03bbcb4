"""`amends register`: what incidents are found by, from the command line."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console

from amends.incidents.database import RecordUnavailable, record_at
from amends.register import rebuilding
from amends.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Keep what incidents are found by.")
_console = Console(highlight=False)
_errors = Console(stderr=True, highlight=False)


@app.callback()
def _group() -> None:
    pass


@app.command()
def rebuild(
    missing: Annotated[bool, typer.Option("--missing", help="Only those that were there before the register.")] = False,
) -> None:
    """Make the register again from the record, as after words were erased. People can go on working meanwhile."""
    try:
        with record_at(Settings().database_url) as database:
            count = rebuilding.catch_up(database, datetime.now(UTC)) if missing else rebuilding.rebuild(database)
    except RecordUnavailable as error:
        _errors.print(str(error), markup=False)
        raise typer.Exit(1) from None
    _console.print(f"{count:,} {'incident is' if count == 1 else 'incidents are'} in the register anew.")
