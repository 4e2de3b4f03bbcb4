"""`amends trail key`: the keys that the record is sealed with."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select

from amends.incidents.database import RecordUnavailable, record_at
from amends.incidents.keys import Keys, NoKey, id_of
from amends.incidents.models import Seal
from amends.ops import CannotRun
from amends.ops.setup import put_in_front
from amends.settings import ROOT, Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

key_app = typer.Typer(no_args_is_help=True, help="The keys that the record is sealed with.")
_console = Console(highlight=False)


@key_app.command("list")
def list_() -> None:
    """List the keys by their ids, and what each one sealed. The keys themselves are never shown."""
    settings = Settings()
    sealed = _sealed(settings)
    try:
        keys = list(Keys.of(settings).by_id)
    except NoKey as error:
        typer.echo(str(error), err=True)
        keys = []
    table = Table("Key", "Use", "Entries", "From", "To")
    for place, id_ in enumerate([*keys, *(set(sealed) - set(keys))]):
        here = "seals what is new" if place == 0 and keys else "checks what it sealed"
        count, first, last = sealed.get(id_, (0, "", ""))
        table.add_row(id_, here if id_ in keys else "NOT HERE", str(count), str(first), str(last))
    _console.print(table)
    if lost := set(sealed) - set(keys):
        typer.echo(
            f"{len(lost)} of the keys that sealed entries {'is' if len(lost) == 1 else 'are'} not here, so that those "
            "entries cannot be checked. Put them back into TRAIL_KEYS, behind the first.",
            err=True,
        )
        raise typer.Exit(1)


@key_app.command()
def new(
    show: Annotated[bool, typer.Option("--print", help="Print it instead of storing it.")] = False,
) -> None:
    """Make a key and put it in front of the others: what is new is sealed with it from the next start on."""
    key = secrets.token_urlsafe(32)
    if show:
        typer.echo(key)
        return
    settings = Settings()
    try:
        where = _store(settings, key)
    except (CannotRun, OSError) as error:
        _stop(f"The key could not be stored: {error}")
    typer.echo(f"The new key is {id_of(key)}. It stands first in {where}, before those that were there.")
    typer.echo("Start Amends again, on every machine, and keep a copy of the key where the database cannot be reached.")


def _store(settings: Settings, key: str) -> str:
    if settings.trail_keys_file:
        file = Path(settings.trail_keys_file)
        put_in_front(file, key)
        return str(file)
    if os.environ.get("TRAIL_KEYS"):
        _stop(
            "TRAIL_KEYS comes from the environment. 'amends trail key new --print' makes a key; put it there in front."
        )
    put_in_front(ROOT / ".env", key, name="TRAIL_KEYS")
    return ".env"


def _sealed(settings: Settings) -> Mapping[str, tuple[int, int, int]]:
    try:
        with record_at(settings.database_url) as database, database.read() as session:
            query = select(Seal.key, func.count(), func.min(Seal.number), func.max(Seal.number)).group_by(Seal.key)
            return {key: (count, first, last) for key, count, first, last in session.execute(query)}
    except RecordUnavailable as error:
        _stop(str(error))


def _stop(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(1)
