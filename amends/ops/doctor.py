"""`amends doctor`: looks at everything that has to be right, and says how to mend what is not."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from amends.ops import CannotRun
from amends.ops.checks import accounts, clock, desk, drafts, here, record, tokens, trail, workspace
from amends.ops.checks.api import ask
from amends.ops.checks.finding import Finding, fault, off
from amends.ops.setup import read_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator

    from amends.ops.checks.api import Answer
    from amends.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
COLOURS = {"ok": "green", "warning": "yellow", "fault": "red", "off": "dim"}
WIDEST = 13
"""Letters of the longest name of a check."""


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, a list of what was found.")] = False,
) -> None:
    """Look whether everything works, and say how to mend what does not; exit code 1 when something does not."""
    console = Console(highlight=False)
    found = []
    for finding in examine(ROOT):
        found.append(finding)
        if not as_json:
            _print(console, finding)
    faults = [finding for finding in found if finding.status == "fault"]
    if as_json:
        print(json.dumps([asdict(finding) for finding in found], ensure_ascii=False))  # noqa: T201
    else:
        console.print(_verdict(len(faults), sum(finding.status == "warning" for finding in found)))
    if faults:
        raise typer.Exit(1)


def examine(root: Path) -> Iterator[Finding]:
    """What each check found, as soon as it is known."""
    try:
        settings = read_settings(root)
    except CannotRun as error:
        yield fault("settings", " ".join(str(error).splitlines()), "Correct .env, then run 'amends doctor' again.")
        return
    except (OSError, UnicodeError) as error:
        yield fault(
            "settings", f".env cannot be read: {type(error).__name__}.", "See who may read it, and that it is text."
        )
        return
    said = desk.readiness(settings)
    record_fine = yield from _here(root, settings, said)
    yield from _slack(settings, said, record_fine=record_fine)


def _here(root: Path, settings: Settings, said: dict[str, Any] | None) -> Generator[Finding, None, bool]:
    """What is on this machine. Returns whether the record can be read."""
    yield from _each("settings", lambda: here.set_up(settings))
    yield from _each("secrets", lambda: here.secrets(settings))
    yield from _each("mode", lambda: here.mode(settings, root / ".env"))
    (database,) = _each("database", lambda: record.database(settings))
    yield database
    record_fine = database.status == "ok"
    yield from _each("bot", lambda: here.process("bot", settings.bot_port, "/webhooks/amends/"))
    yield from _each("fence", here.fenced)
    yield from _each("actions", lambda: here.process("actions", settings.actions_port, "/health"))
    yield from _each("desk", lambda: desk.ready(settings, said))
    yield from _each("model", lambda: here.model(root))
    yield from _each("pdf", here.pdf)
    yield from _each("drafts", lambda: drafts.files(root, settings))
    if record_fine:
        yield from _each("flow", lambda: here.flow(root, settings))
        yield from _each("trail", lambda: trail.trail(settings, datetime.now(UTC)))
        yield from _each("accounts", lambda: accounts.accounts(settings, datetime.now(UTC)))
    else:
        yield off("flow", "The live flow was not looked at.", "Mend the database first.")
        yield off("trail", "How the record stands was not looked at.", "Mend the database first.")
    return record_fine


def _slack(settings: Settings, said: dict[str, Any] | None, *, record_fine: bool) -> Iterator[Finding]:
    there = {"the database's": record.clock(settings) if record_fine else None}
    yield from _each("slack", lambda: tokens.switched_on(settings))
    shapes = list(_each("tokens", lambda: tokens.shapes(settings)))
    if any(finding.status == "fault" for finding in shapes) or settings.slack_on:
        yield from shapes
    if not settings.slack_on or any(finding.status == "fault" for finding in shapes):
        yield from _each("clock", lambda: clock.clock(datetime.now(UTC), there))
        return
    answer = ask(settings, "auth.test")
    yield from _each("clock", lambda: clock.clock(datetime.now(UTC), {"Slack's": answer.date, **there}))
    yield from _each("bot token", lambda: workspace.bot(answer))
    if answer.error:
        yield off("workspace", "What the bot reaches in Slack was not looked at.", "Mend the bot token first.")
    else:
        yield from _workspace(settings, answer)
    yield from _each("app token", lambda: workspace.socket(settings, str(answer.body.get("bot_id", ""))))
    yield from _each("connection", lambda: desk.connection(settings, said))
    if record_fine:
        yield from _each("what waits", lambda: record.work(settings, datetime.now(UTC)))
    else:
        yield off("what waits", "What waits in the record was not looked at.", "Mend the database first.")


def _workspace(settings: Settings, answer: Answer) -> Iterator[Finding]:
    from amends.slack.manifest import scopes  # noqa: PLC0415 - brings all the handlers

    yield from _each("scopes", lambda: workspace.scopes(answer, scopes()))
    yield from _each("leads channel", lambda: workspace.leads_channel(settings))
    yield from _each("leads", lambda: workspace.leads(settings))
    yield from _each("to be told", lambda: workspace.targets(settings))


def _each(name: str, look: Callable[[], Finding | Iterable[Finding]]) -> Iterator[Finding]:
    """What one check found. A check that breaks is a fault of its own, and does not keep the others from looking."""
    try:
        found = look()
        yield from [found] if isinstance(found, Finding) else found
    except Exception as error:  # noqa: BLE001 - see above
        mend = "This is a mistake in Amends: report it with what you did."
        yield fault(name, f"It could not be looked at: {type(error).__name__}.", mend)


def _print(console: Console, finding: Finding) -> None:
    colour = COLOURS[finding.status]
    console.print(
        f"[{colour}]{finding.status:<7}[/]  {finding.check:<{WIDEST}}  {escape(finding.said)}", soft_wrap=True
    )
    if finding.mend:
        console.print(f"{'':<{7 + 2 + WIDEST}}  {escape(finding.mend)}", soft_wrap=True)


def _verdict(faults: int, warnings: int) -> str:
    if not faults and not warnings:
        return "Nothing is wrong."
    parts = [
        f"{number} {what}{'' if number == 1 else 's'}"
        for number, what in ((faults, "fault"), (warnings, "warning"))
        if number
    ]
    return f"{' and '.join(parts)}. What to do stands below each."
