"""The command line: `amends`.

Each command is imported when it is used, so that help is quick and one that is broken does not break the
others.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, NoReturn, cast

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parent.parent


class Place(NamedTuple):
    """Where a command is: a module, a function or Typer app in it, and its line in the help."""

    module: str
    name: str
    help: str


ELSEWHERE = {
    "chat": Place("amends.chat", "chat", "Talk to the assistant in this terminal."),
    "decide": Place("amends.flows.cli", "decide", "Decide for answers on standard input."),
    "ask": Place("amends.flows.cli", "ask", "Say which question to ask next for answers on standard input."),
    "flow": Place("amends.flows.cli", "app", "Check and look at decision flows."),
    "policy": Place("amends.policies.cli", "app", "Search and check the policy clauses."),
    "understand": Place("amends.understanding.cli", "understand", "Show what is understood from a text."),
    "draft": Place("amends.drafts.cli", "app", "Check words before you post them."),
    "drill": Place("amends.drills.cli", "drill", "Practise with a known case, against the clock."),
    "accounts": Place("amends.accounts.cli", "app", "Keep the register of official accounts."),
    "cases": Place("amends.cases_report", "cases", "Hold the flows against the known public cases."),
    "incidents": Place("amends.incidents.cli", "incidents_app", "Look at the recorded incidents."),
    "trail": Place("amends.integrity.cli", "trail_app", "Check that the record was not changed, and keep its keys."),
    "access": Place("amends.access.cli", "app", "Say who may come in to the pages."),
    "export": Place("amends.exports.cli", "app", "Take the record out as files, and check what was taken out."),
    "backup": Place("amends.backup.cli", "backup", "Copy the record while everything runs."),
    "restore": Place("amends.backup.cli", "restore", "Put a copy of the record back, or see whether it could be."),
    "register": Place("amends.register.cli", "app", "Keep what incidents are found by."),
    "privacy": Place("amends.privacy.cli", "app", "Erase, hold and give out what is kept of people."),
    "retention": Place("amends.privacy.cli", "let_go", "Say what is past its time; the desk lets it go every night."),
    "slack": Place("amends.slack.cli", "app", "Set Slack up."),
    "prepare": Place("amends.ops.serve", "prepare", "Make what the processes of a server share."),
    "serve": Place("amends.ops.serve", "serve", "Become one process of a server."),
    "doctor": Place("amends.ops.doctor", "doctor", "Look whether everything works, and say how to mend what does not."),
}


class LazyGroup(TyperGroup):
    """A group that knows its commands by name and imports the one that is called."""

    def list_commands(self, ctx: Any) -> list[str]:
        """All the names, those of this file first."""
        return [*super().list_commands(ctx), *ELSEWHERE]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command, or for one that is elsewhere its line in the help."""
        if cmd_name in ELSEWHERE:
            return TyperCommand(cmd_name, help=ELSEWHERE[cmd_name].help)
        return super().get_command(ctx, cmd_name)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The command that is called, imported."""
        name, command, rest = super().resolve_command(ctx, args)
        if name in ELSEWHERE:
            command = _load(name)
        return name, command, rest


def _load(name: str) -> Any:
    place = ELSEWHERE[name]
    try:
        found = getattr(import_module(place.module), place.name)
    except (ImportError, AttributeError, SyntaxError) as error:
        _stop(
            f"The command '{name}' cannot be loaded: {error}. Run 'make setup', and if that does not help "
            "restore the files from the repository."
        )
    holder = typer.Typer(add_completion=False)
    holder.callback()(_nothing)
    if isinstance(found, typer.Typer):
        holder.add_typer(found, name=name)
    else:
        holder.command(name)(found)
    return cast("TyperGroup", get_command(holder)).commands[name]


def _nothing() -> None:
    """Makes a Typer app a group, even with one command."""


app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Amends: what to do in the first ten minutes after a post has gone wrong.",
)


@app.command()
def run(
    var: Annotated[Path, typer.Option("--var", help="Where the logs and the embedded databases are kept.")] = ROOT
    / "var",
) -> None:
    """Start the bot, the actions and the desk, and keep them running until Ctrl-C."""
    from amends.ops.run import run as run_all  # noqa: PLC0415

    _with_sentences(lambda: run_all(ROOT, var.resolve(), _say))


@app.command()
def train(
    force: Annotated[bool, typer.Option("--force", help="Train even if nothing has changed.")] = False,
) -> None:
    """Train the assistant if its files have changed, and print where the model is."""
    from amends.ops.train import ensure_model, ensure_understanding  # noqa: PLC0415

    _with_sentences(lambda: _say(str(ensure_model(ROOT, _say, force=force))))
    _with_sentences(lambda: ensure_understanding(ROOT, _say))


@app.command()
def adapt() -> None:
    """Let the sentence encoder learn from the texts in data/ anew; a quarter of an hour, after many new texts."""
    from amends.ops.train import adapt_encoder  # noqa: PLC0415

    _with_sentences(lambda: adapt_encoder(ROOT, _say))


@app.command()
def migrate() -> None:
    """Bring the record's database to the newest version."""
    from amends.ops.run import migrate as migrate_record  # noqa: PLC0415
    from amends.ops.setup import read_settings  # noqa: PLC0415

    _with_sentences(lambda: migrate_record(read_settings(ROOT)))
    _say("The record is at the newest version.")


def _with_sentences(work: Callable[[], object]) -> None:
    """Do `work`; what keeps it from being done is said in plain words, and the exit code is 1."""
    from amends.ops import CannotRun  # noqa: PLC0415

    try:
        work()
    except CannotRun as error:
        _stop(str(error))
    except KeyboardInterrupt:
        _stop("Stopped.")


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


def _stop(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(1)


def main() -> None:
    """The entry point of `amends`."""
    app(prog_name="amends")


if __name__ == "__main__":
    main()
