"""What has to be right before anything is started: secrets, settings, ports, flows and policies."""

from __future__ import annotations

import os
import re
import secrets
import socket
from typing import TYPE_CHECKING

from dotenv import dotenv_values
from pydantic import ValidationError

from amends.ops import CannotRun
from amends.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

SECRETS = ("BOT_TOKEN", "SESSION_SECRET", "TRAIL_KEYS")
HIGHEST_PORT = 65535


def ensure_env(root: Path) -> bool:
    """Make `.env` from `.env.example`, or fill in secrets that are empty in it. Tells whether it changed.

    Only its owner may read the file.

    Raises:
        CannotRun: the file cannot be read or written.
    """
    file = root / ".env"
    try:
        file = file.resolve()
        text = (file if file.exists() else root / ".env.example").read_text("utf-8")
        values = dotenv_values(file) if file.exists() else {}
        elsewhere = {"TRAIL_KEYS"} if values.get("TRAIL_KEYS_FILE") else set()
        missing = [name for name in SECRETS if not values.get(name) and name not in elsewhere]
        if not missing:
            return False
        for name in missing:
            text = _with_value(text, name, secrets.token_urlsafe(32))
        _write_private(file, text)
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise CannotRun(f"{file} cannot be used: {reason}.") from error
    return True


def put_in_front(file: Path, key: str, *, name: str = "") -> None:
    """Put a key in front of the keys in a file: in the value of `name`, or on a line of its own.

    Only its owner may read the file.

    Raises:
        CannotRun: the file cannot be read or written.
    """
    try:
        file = file.resolve()
        text = file.read_text("utf-8") if file.exists() else ""
        if name:
            before = dotenv_values(file).get(name) if file.exists() else None
            text = _with_value(text, name, f"{key},{before}" if before else key)
        else:
            text = f"{key}\n{text}"
        _write_private(file, text)
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise CannotRun(f"{file} cannot be used: {reason}.") from error


def _with_value(text: str, name: str, value: str) -> str:
    line = f"{name}={value}"
    text, found = re.subn(rf"^[ \t]*(?:export[ \t]+)?{name}[ \t]*=.*$", line, text, flags=re.MULTILINE)
    if found:
        return text
    if text and not text.endswith("\n"):
        text += "\n"
    return f"{text}{line}\n"


def _write_private(file: Path, text: str) -> None:
    """Replace the file as a whole, so that a full disk never leaves half of it."""
    new = file.with_name(f"{file.name}.{os.getpid()}.new")
    try:
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
        new.replace(file)
    finally:
        new.unlink(missing_ok=True)


def read_settings(root: Path) -> Settings:
    """The settings, with a sentence for each one that cannot be used.

    Raises:
        CannotRun: a setting has a wrong value.
    """
    try:
        settings = Settings(_env_file=root / ".env")  # type: ignore[call-arg]
    except ValidationError as error:
        lines = [
            f"{str(problem['loc'][0]).upper()} cannot be {problem['input']!r}: {problem['msg']}."
            for problem in error.errors()
        ]
        raise CannotRun("\n".join([*lines, "Correct it in .env or in the environment."])) from error
    try:
        _ = settings.zone
    except (ValueError, OSError, KeyError) as error:
        raise CannotRun(
            f"TIMEZONE is {settings.timezone!r}, which is no time zone. Write one such as Europe/London."
        ) from error
    return settings


def check_ports(settings: Settings) -> None:
    """See that the three ports are free.

    Raises:
        CannotRun: a sentence for each port that is not.
    """
    wanted = {
        "BOT_PORT": ("127.0.0.1", settings.bot_port),
        "ACTIONS_PORT": ("127.0.0.1", settings.actions_port),
        "DESK_PORT": (settings.desk_host, settings.desk_port),
    }
    problems = list(_port_problems(wanted))
    if problems:
        raise CannotRun("\n".join(problems))


def _port_problems(wanted: Mapping[str, tuple[str, int]]) -> Iterable[str]:
    seen: dict[int, str] = {}
    for name, (host, port) in wanted.items():
        if not 0 < port <= HIGHEST_PORT:
            yield f"{name} is {port}, which is no port. Set it in .env to a number from 1 to {HIGHEST_PORT}."
        elif port in seen:
            yield f"{name} and {seen[port]} are both {port}. Set one of them in .env to another port."
        elif reason := _not_free(host, port):
            yield (
                f"Port {port} on {host} cannot be used: {reason}. "
                f"Stop the program that has it, or set {name} in .env to another port."
            )
        seen[port] = name


def _not_free(host: str, port: int) -> str | None:
    try:
        family, kind, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            # A port that was closed a moment ago is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        return (error.strerror or str(error)).lower()
    return None


def check_content(root: Path) -> None:
    """See that every flow and every policy can be read.

    Raises:
        CannotRun: all mistakes, a line each, with file, line and column.
    """
    # Imported here: these bring the solver, which the commands that need no flow should not wait for.
    from amends.flows import FlowError, load_flow  # noqa: PLC0415
    from amends.policies import PolicyError, load_library  # noqa: PLC0415

    problems: list[str] = []
    clauses = None
    try:
        clauses = load_library(root / "data" / "policies").clauses
    except PolicyError as error:
        problems += [str(problem) for problem in error.problems]
    flows = sorted((root / "data" / "flows").glob("*.yml"))
    if not flows:
        problems.append(f"There is no flow in {root / 'data' / 'flows'}.")
    for file in flows:
        try:
            load_flow(file, clauses)
        except FlowError as error:  # noqa: PERF203 - all the files' mistakes are said at once
            problems += [str(problem) for problem in error.problems]
    if problems:
        raise CannotRun("\n".join(problems))
