"""`amends slack`: what an operator needs to set Slack up."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "manifest.yml"

app = typer.Typer(no_args_is_help=True, help="Set Slack up.")


@app.callback()
def _slack() -> None:
    """Keeps `manifest` a command with a name, though it is the only one."""


@app.command()
def manifest(
    write: Annotated[bool, typer.Option("--write", help="Write manifest.yml instead of printing.")] = False,
    http: Annotated[
        str | None, typer.Option("--http", metavar="URL", help="For HTTP: the desk's public address, https://...")
    ] = None,
) -> None:
    """Print the app's manifest, as Slack takes it under 'From an app manifest'."""
    from amends.slack.manifest import manifest_yaml  # noqa: PLC0415 - brings all the handlers

    if http is not None:
        parts = urlsplit(http)
        if parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment:
            typer.echo(
                f"{http} is no address that Slack can reach. Write one such as https://amends.example.org.", err=True
            )
            raise typer.Exit(1)
        if write:
            typer.echo("manifest.yml is for Socket Mode. Leave --write out, and paste what is printed.", err=True)
            raise typer.Exit(1)
    text = manifest_yaml(http)
    if write:
        FILE.write_text(text, "utf-8")
        typer.echo(f"Wrote {FILE.name}.")
    else:
        typer.echo(text, nl=False)
