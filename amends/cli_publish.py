"""`amends flow history|publish|show` and the same for policies: what is live, from the command line."""

from __future__ import annotations

from typing import Annotated

import typer

from amends.flows.names import USUAL

flow_app = typer.Typer()
policy_app = typer.Typer()

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Note = Annotated[str, typer.Option("--note", help="What you changed and why; it stands in the history.")]
Author = Annotated[str | None, typer.Option("--author", help="Your name; without it, your name on this machine.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would change and what the checks say.")]
Text = Annotated[bool, typer.Option("--text", help="Print the whole text and nothing else.")]
Version = Annotated[str, typer.Argument(help="The beginning of a version, at least 6 characters.")]
Flow = Annotated[str, typer.Argument(help="The name of a flow, as its file in data/flows is called.")]
Flows = Annotated[
    list[str] | None, typer.Argument(help="Names of files in data/flows, or paths. Without one: all that differ.")
]
Policy = Annotated[str, typer.Argument(help="The name of a policy, as its file in data/policies is called.")]
Policies = Annotated[
    list[str] | None, typer.Argument(help="Names of files in data/policies, or paths. Without one: all that differ.")
]


@flow_app.command("history")
def flow_history(name: Flow = USUAL, as_json: AsJson = False) -> None:
    """List every time a version of a flow went live, newest first."""
    from amends.workshop import commands  # noqa: PLC0415 - the other commands start without the record

    commands.history("flow", name, as_json=as_json)


@flow_app.command("publish")
def flow_publish(names: Flows = None, note: Note = "", author: Author = None, dry_run: DryRun = False) -> None:
    """Check files of data/flows and let them go live for new conversations."""
    from amends.workshop import commands  # noqa: PLC0415

    commands.publish("flow", names or [], note, author, dry_run=dry_run)


@flow_app.command("show")
def flow_show(version: Version, text: Text = False, as_json: AsJson = False) -> None:
    """Show a published version of a flow: who, when, why, and which lines it changed."""
    from amends.workshop import commands  # noqa: PLC0415

    commands.show("flow", version, text=text, as_json=as_json)


@policy_app.command("history")
def policy_history(name: Policy, as_json: AsJson = False) -> None:
    """List every time a version of a policy went live, newest first."""
    from amends.workshop import commands  # noqa: PLC0415

    commands.history("policy", name, as_json=as_json)


@policy_app.command("publish")
def policy_publish(names: Policies = None, note: Note = "", author: Author = None, dry_run: DryRun = False) -> None:
    """Check files of data/policies and let them go live."""
    from amends.workshop import commands  # noqa: PLC0415

    commands.publish("policy", names or [], note, author, dry_run=dry_run)


@policy_app.command("show-version")
def policy_show(version: Version, text: Text = False, as_json: AsJson = False) -> None:
    """Show a published version of a policy: who, when, why, and which lines it changed."""
    from amends.workshop import commands  # noqa: PLC0415

    commands.show("policy", version, text=text, as_json=as_json)
