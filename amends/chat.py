"""`amends chat`: talk to the assistant in the terminal, or play a file of messages."""

from __future__ import annotations

import asyncio
import getpass
import sys
import uuid
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path  # noqa: TC003 - Typer reads the annotation
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.panel import Panel

from amends.bot import Gateway, stored_replies
from amends.conversation.presses import NoSuchPress, Press, choose, live, presses, said
from amends.conversation.replies import FailureReply, Reply
from amends.incidents import deliveries
from amends.incidents.database import Database, RecordUnavailable
from amends.settings import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_out = Console(highlight=False)
_errors = Console(stderr=True, highlight=False)


class Stop(Exception):  # noqa: N818 - it ends the chat
    """The chat cannot go on. The message is a sentence; the command ends with exit code 1."""


def chat(
    name: Annotated[str, typer.Option(help="Who is talking. The name stands in the record.")] = "",
    conversation: Annotated[str, typer.Option(help="A word that names the conversation, to go on with it later.")] = "",
    script: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="Play a file: a line is typed, '> label' presses what has that label or value, '# ...' is a comment.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print each reply as one line of JSON.")] = False,
) -> None:
    """Talk to the assistant. Type words, or the number of what you want to press; Ctrl-D ends."""
    person = " ".join(name.split()) or login()
    word = conversation.strip() or (uuid.uuid4().hex[:12] if script else "chat")
    try:
        lines = _read(script) if script else None
        asyncio.run(talk(Settings(), person, word, lines, as_json=as_json))
    except (Stop, RecordUnavailable, NoSuchPress) as error:
        _errors.print(str(error), markup=False, soft_wrap=True)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


@dataclass
class Chat:
    """One conversation in the terminal."""

    gateway: Gateway
    person: tuple[str, str]
    conversation_id: str
    as_json: bool
    answered: list[list[Reply]] = field(default_factory=list)

    @property
    def pressable(self) -> tuple[Reply, ...]:
        """The replies that can be pressed now."""
        return live(self.answered)

    @property
    def presses(self) -> list[Press]:
        """What can be pressed now, in the order of its numbers: what was asked last comes first."""
        return [press for reply in reversed(self.pressable) for press in presses(reply)]

    async def say(self, text: str) -> None:
        """Send a message and print what comes back.

        Raises:
            Stop: the assistant did not answer.
        """
        replies = await self.gateway.say(
            self.conversation_id, self.person, text, f"terminal:{uuid.uuid4().hex}", "terminal"
        )
        for reply in replies:
            self.show(reply)
        if any(isinstance(reply, FailureReply) for reply in replies):
            raise Stop("The assistant did not answer. What you said is kept if it says so above.")
        self.answered.append(replies)
        self.offer()

    def echo(self, line: str) -> None:
        """A line of a script, in its transcript."""
        if not self.as_json:
            _out.print(f"\n[bold]you:[/bold] {_safe(line)}")

    def show(self, reply: Reply) -> None:
        """Print a reply."""
        if self.as_json:
            sys.stdout.write(reply.model_dump_json() + "\n")
            sys.stdout.flush()
            return
        _out.print(Panel(_safe(reply.text), title=reply.type.replace("_", " "), title_align="left"))

    def offer(self) -> None:
        """Print what can be pressed, with numbers."""
        if not self.as_json:
            for number, press in enumerate(self.presses, 1):
                _out.print(f"  [bold]{number:>2}[/bold]  {_safe(press.label)}")


async def talk(
    settings: Settings,
    person: str,
    word: str,
    lines: list[str] | None = None,
    *,
    as_json: bool = False,
    first: str = "",
) -> None:
    """Play lines, or talk until somebody ends it.

    Args:
        person: their name.
        word: names the conversation.
        first: what is said before anything is typed.

    Raises:
        Stop: it cannot go on.
    """
    # The login and the name keep people on one machine apart, even when they use the same word.
    id_ = f"terminal:{login()[:20]}/{person.casefold()[:40]}"
    conversation_id = f"{id_}:{word[:40]}"
    async with _open(settings) as (database, gateway):
        chat = Chat(gateway, (id_, person), conversation_id, as_json)
        before = await asyncio.to_thread(deliveries.transcript, database, conversation_id)
        chat.answered = [stored_replies(each) for each in before if each.handled_at is not None]
        if lines is not None:
            await _play(chat, lines)
        else:
            await _interactive(chat, first)


@asynccontextmanager
async def _open(settings: Settings) -> AsyncIterator[tuple[Database, Gateway]]:
    if not settings.bot_token.get_secret_value():
        raise Stop("BOT_TOKEN is empty. Run 'make run' once: it writes .env with fresh secrets.")
    database = Database(settings.database_url)
    gateway = Gateway(settings, database)
    try:
        if not await gateway.ready():
            raise Stop(f"The assistant is not running at {settings.bot_url}. Start it with 'make run' and try again.")
        await asyncio.to_thread(database.migrate)
        yield database, gateway
    finally:
        await gateway.close()
        database.dispose()


async def _play(chat: Chat, lines: list[str]) -> None:
    for line in lines:
        chat.echo(line)
        if line.startswith(">"):
            await chat.say(choose(chat.pressable, line[1:].strip()))
        else:
            await chat.say(line)


async def _interactive(chat: Chat, first: str) -> None:
    if first:
        await chat.say(first)
    elif not chat.as_json:
        _out.print("Tell me what happened. Type words, or a number to press it. Ctrl-D ends.")
        for reply in chat.answered[-1] if chat.answered else ():
            chat.show(reply)
        chat.offer()
    while True:
        try:
            line = (await asyncio.to_thread(input, "" if chat.as_json else "> ")).strip()
        except EOFError:
            return
        if not line:
            continue
        pressed = _numbers(line, chat.presses) or (line[1:].strip() if line.startswith(">") else "")
        if pressed:
            try:
                line = choose(chat.pressable, pressed)
            except NoSuchPress as error:
                _errors.print(str(error), markup=False, soft_wrap=True)
                continue
            chat.echo(said(line, chat.pressable))
        await chat.say(line)


def _numbers(line: str, there: list[Press]) -> str:
    """The values of what is pressed by number, several with commas; nothing when the line is words."""
    parts = [part.strip() for part in line.split(",")]
    if not all(part.isdecimal() and 1 <= int(part) <= len(there) for part in parts):
        return ""
    return ",".join(there[int(part) - 1].value for part in parts)


def _read(script: Path) -> list[str]:
    """The lines of a script that say something."""
    try:
        text = script.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise Stop(f"{script} cannot be read as text in UTF-8.") from None
    lines = [line.strip() for line in text.splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def login() -> str:
    """Whoever uses this machine."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "somebody"


def _safe(text: str) -> str:
    """Text for the terminal: no markup of Rich, no control characters that could move the cursor."""
    shown = "".join(c if c.isprintable() or c == "\n" else " " for c in text)
    return shown.replace("[", r"\[")
