"""Amends on a server: `amends prepare` once for each version, then `amends serve` for each process."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from amends import production
from amends.ops import CannotRun
from amends.ops.fenced_bot import make_room, tracker_url
from amends.ops.run import migrate, publish_first_time
from amends.ops.services import environment, services
from amends.ops.setup import read_settings
from amends.ops.train import ensure_model, ensure_understanding, model_id

if TYPE_CHECKING:
    from typing import NoReturn

ROOT = Path(__file__).resolve().parents[2]


class Part(StrEnum):
    """A process."""

    BOT = "bot"
    ACTIONS = "actions"
    DESK = "desk"


def prepare() -> None:
    """Make all that the processes share: tables, first flows and policies, the model. Quick when it is there."""
    try:
        settings = read_settings(ROOT)
        production.check(settings)
        migrate(settings)
        publish_first_time(ROOT, settings, _say)
        ensure_understanding(ROOT, _say, settings.database_url)
        _say(f"Ready to serve with {ensure_model(ROOT, _say)}.")
    except (CannotRun, production.Unsafe) as error:
        _stop(error)


def serve(
    part: Annotated[Part, typer.Argument(help="Which process.")],
    port: Annotated[int, typer.Option(help="Where it listens, on this machine.", min=1, max=65535)],
    var: Annotated[
        Path | None, typer.Option("--var", help="Where it writes. By default a folder of its own in var/serve.")
    ] = None,
) -> None:
    """Become one process, one of several of its kind. What it reaches is set: BOT_PORT, ACTIONS_PORT, DATABASE_URL."""
    try:
        command, found = _command(part, port, (var or ROOT / "var" / "serve" / f"{part}-{port}").resolve())
    except (CannotRun, production.Unsafe) as error:
        _stop(error)
    os.chdir(ROOT)
    os.execvpe(command[0], command, found)  # noqa: S606 - no shell


def _command(part: Part, port: int, var: Path) -> tuple[tuple[str, ...], dict[str, str]]:
    """Program and arguments, and what it finds in its environment.

    Raises:
        CannotRun: a setting is wrong, or the model is missing.
        Unsafe: this is production, and what a bot is told is not safe there. The others look at that themselves.
    """
    settings = read_settings(ROOT).model_copy(update={f"{part}_port": port})
    model = ROOT / "var" / "models" / f"{model_id(ROOT)}.tar.gz"
    if part is Part.BOT:
        if not model.exists():
            raise CannotRun("There is no model for these files yet. Run 'amends prepare' first.")
        production.check_bot(settings, tracker_url(ROOT, var, os.environ))
        make_room(var)
    command = next(each.command for each in services(ROOT, var, settings, model) if each.name == part)
    return command, environment(ROOT, settings, var, os.environ) | {f"{part}_port".upper(): str(port)}


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


def _stop(error: Exception) -> NoReturn:
    typer.echo(str(error), err=True)
    raise typer.Exit(1) from None
