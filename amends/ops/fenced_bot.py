"""How the bot is started: behind its fence, with what it needs let through."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from dotenv import dotenv_values
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from amends.ops.train import bot_program

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from amends.settings import Settings

READS = ("config.yml", "credentials.yml", "domain.yml", "endpoints.yml", "data", "amends", "actions", ".venv-bot")
"""What of the project the bot reads. Neither `.env` nor the record is among it."""
DATABASE_PORT = 5432


def own_folder(var: Path) -> Path:
    """The bot's own folder, the only one in which it writes."""
    return var / "bot"


def tracker_url(root: Path, var: Path, base: Mapping[str, str]) -> str:
    """Where Rasa keeps its place in conversations: as it is set, or in the bot's own folder."""
    file = dotenv_values(root / ".env")
    return base.get("TRACKER_URL") or file.get("TRACKER_URL") or f"sqlite:///{own_folder(var) / 'tracker.db'}"


def make_room(var: Path) -> None:
    """Make the bot's own folder, and move the tracker there that earlier versions kept beside the record."""
    own = own_folder(var)
    own.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not (own / "tracker.db").exists():
        for old in sorted(var.glob("tracker.db*")):
            old.replace(own / old.name)


def bot_command(root: Path, var: Path, settings: Settings, model: Path, tracker: str) -> tuple[str, ...]:
    """Program and arguments; they hold no secret.

    Args:
        root: the project's directory.
        var: where the bot has its own folder.
        model: the file of the model.
        tracker: address of Rasa's tracker store.
    """
    port = str(settings.bot_port)
    rasa = bot_program(root)
    files = ("--credentials", "credentials.yml", "--endpoints", "endpoints.yml", "--model", str(model))
    gates = [
        *(("--own", str(own_folder(var))), ("--list", str(root)), ("--read", str(model))),
        *(("--read", str(root / name)) for name in READS),
        *(("--run", str(each)) for each in _interpreter(rasa)),
        *(("--listen", port), ("--connect", str(settings.actions_port))),
        *_tracker(tracker, root),
    ]
    fence = (sys.executable, "-m", "amends.ops.fence", *(word for gate in gates for word in gate), "--")
    return (*fence, str(rasa), "run", *files, "-i", "127.0.0.1", "-p", port)


def _interpreter(rasa: Path) -> Iterator[Path]:
    """The environment of Rasa, and the Python that it was made from."""
    yield rasa.parents[1]
    yield rasa.with_name("python").resolve().parents[1]


def _tracker(address: str, root: Path) -> Iterator[tuple[str, str]]:
    """What the tracker store needs: the folder of its file, or the port of its server."""
    try:
        url = make_url(address)
    except ArgumentError:
        return
    if url.get_backend_name() == "sqlite":
        if url.database:
            yield "--write", str(Path(os.path.abspath(root / url.database)).parent)  # noqa: PTH100 - links stay
    else:
        yield "--connect", str(url.port or DATABASE_PORT)
