"""`amends backup` and `amends restore`."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path  # noqa: TC003 - Typer reads the annotations
from typing import TYPE_CHECKING, Annotated

import typer

from amends.backup import CannotBackUp, making, restoring
from amends.incidents.database import RecordUnavailable
from amends.incidents.keys import NoKey
from amends.settings import ROOT, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

BACKUPS = ROOT / "var" / "backups"


def backup(
    to: Annotated[Path, typer.Option(help="The folder in which the new backup gets a folder of its own.")] = BACKUPS,
) -> None:
    """Copy the record while everything runs. The keys that seal it are not in the copy: keep them apart."""
    at = datetime.now(UTC)
    target = to / f"amends-{at:%Y-%m-%dT%H%M%SZ}"
    with _sentences():
        manifest = making.make(Settings().database_url, target, at)
    held = manifest.contents
    typer.echo(f"Backed up {held.incidents} incidents with {held.entries} entries to {target}")
    typer.echo(f"Check it: amends restore --check {target}")


def restore(
    source: Annotated[Path, typer.Argument(help="The folder of a backup.")],
    check: Annotated[bool, typer.Option("--check", help="Only see whether it could be put back.")] = False,
) -> None:
    """Put a backup where DATABASE_URL says, if there is no record yet, and recompute every chain."""
    settings = Settings()
    with _sentences():
        restored = restoring.check(source, settings) if check else restoring.put_back(source, settings)
    for sentence in restored.damage:
        typer.echo(sentence, err=True)
    held = restored.manifest.contents
    what = "can be put back" if check else "was put back"
    typer.echo(
        f"The backup of {restored.manifest.made_at} {what}: {held.incidents} incidents with {held.entries} entries, "
        f"{len(restored.damage)} damaged."
    )
    if restored.later:
        typer.echo(f"{restored.later} entries were noted outside of the record after that; they are not in it.")
    if restored.damage:
        raise typer.Exit(1)


@contextmanager
def _sentences() -> Iterator[None]:
    """What cannot be done is said in plain words, and the exit code is 1."""
    try:
        yield
    except (CannotBackUp, RecordUnavailable, NoKey) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
