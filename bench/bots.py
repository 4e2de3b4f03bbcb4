"""Bots that are measured: ours with its action server, Rasa's starter project, and the form example; and their talk."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from amends.ops.train import bot_program, ensure_model
from amends.settings import ROOT
from bench import peers
from tests.conversations.conftest import TOKEN, Servers
from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever ends a measure ends its bots as well
LONGEST_START = 300
"""Seconds."""


@dataclass
class Bot:
    """A bot that runs.

    Attributes:
        port: where it listens.
        path: of its webhook.
        pids: its processes, the one of Rasa first.
        ready_after: seconds from the start until it could answer.
    """

    port: int
    path: str
    pids: tuple[int, ...]
    ready_after: float
    _connections: dict[int, http.client.HTTPConnection] = field(default_factory=dict)

    def says(self, sender: str, text: str, **more: Any) -> tuple[float, list[dict[str, Any]]]:
        """Milliseconds until a message was answered, and what was answered."""
        body = json.dumps({"sender": sender, "message": text, **more})
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.connect()  # not counted: whoever carries messages keeps connections
        try:
            began = time.perf_counter()
            connection.request("POST", self.path, body, {"Authorization": f"Bearer {TOKEN}"})
            answer = connection.getresponse()
            content = answer.read()
            took = 1000 * (time.perf_counter() - began)
        finally:
            connection.close()
        if answer.status != http.client.OK:
            raise RuntimeError(f"The bot answered {answer.status}.")
        return took, json.loads(content)

    def busy(self) -> float:
        """Milliseconds of the processor that its processes took up to now."""
        return sum(map(_busy, self.pids))

    def memory(self) -> float:
        """MB that its processes hold for themselves."""
        return sum(_private(pid) for pid in self.pids) / 1024


@contextmanager
def ours(folder: Path, **settings: Any) -> Iterator[tuple[Bot, Servers]]:
    """Our bot and action server, with a record in `folder` unless the settings name another."""
    servers = Servers(folder, ensure_model(ROOT), **{**peers.QUIET, **settings})
    servers.database_url = settings.get("DATABASE_URL", servers.database_url)
    try:
        began = time.monotonic()
        servers.start("bot", "actions")
        took = time.monotonic() - began
        pids = tuple(servers.processes[name].pid for name in ("bot", "actions"))
        yield Bot(servers.bot_port, "/webhooks/amends/webhook", pids, took), servers
    finally:
        servers.kill()


@contextmanager
def stock(folder: Path) -> Iterator[Bot]:
    """Rasa's starter project, as it is: its tracker is in memory, and its replies are texts of the domain."""
    where = peers.stock()
    rasa = str(bot_program(ROOT))
    port = free_port()
    more = ("--model", str(peers.model_of(where)), "--credentials", str(_rest(folder)))
    command = [rasa, "run", "-i", "127.0.0.1", "-p", str(port), *more]
    with _running([(command, where, port, "/")], folder / "stock.log", {}) as (pids, took):
        yield Bot(port, "/webhooks/rest/webhook", pids, took)


@contextmanager
def form(folder: Path) -> Iterator[Bot]:
    """The form example, with the action server of Rasa's own SDK and a tracker in SQLite."""
    where = peers.form()
    rasa = bot_program(ROOT)
    port, actions = free_port(), free_port()
    settings = {
        "ACTIONS_PORT": str(actions),
        "TRACKER_URL": f"sqlite:///{folder / 'form-tracker.db'}",
        "SANIC_HOST": "127.0.0.1",
    }
    model = str(peers.model_of(where))
    command = [str(rasa), "run", "-i", "127.0.0.1", "-p", str(port), "--model", model, "--endpoints", "endpoints.yml"]
    acts = [str(rasa.with_name("python")), "-m", "rasa_sdk", "--actions", "actions.actions", "-p", str(actions)]
    both = [(command, where, port, "/"), (acts, where, actions, "/health")]
    with _running(both, folder / "form.log", settings) as (pids, took):
        yield Bot(port, "/webhooks/rest/webhook", pids, took)


def _rest(folder: Path) -> Path:
    """Credentials that open Rasa's own channel."""
    file = folder / "rest.yml"
    file.write_text("rest:\n")
    return file


@contextmanager
def _running(
    parts: list[tuple[list[str], Path, int, str]], log: Path, settings: dict[str, str]
) -> Iterator[tuple[tuple[int, ...], float]]:
    """Processes, each with its folder, its port and what it answers when it is ready; and how long that took."""
    environment = {**os.environ, **peers.QUIET, **settings}
    processes = []
    began = time.monotonic()
    try:
        with log.open("w") as out:
            for command, where, _, _ in parts:
                processes.append(
                    subprocess.Popen(
                        command, cwd=where, env=environment, stdout=out, stderr=out, start_new_session=True
                    )
                )
        for _, _, port, path in parts:
            while not _answers(port, path):
                if any(each.poll() is not None for each in processes) or time.monotonic() - began > LONGEST_START:
                    raise RuntimeError(f"It did not start:\n{log.read_text()[-2000:]}")
                time.sleep(0.1)
        yield tuple(each.pid for each in processes), time.monotonic() - began
    finally:
        for each in processes:
            with suppress(ProcessLookupError):
                os.killpg(each.pid, signal.SIGKILL)
            each.wait()


def _answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _busy(pid: int) -> float:
    total = 0.0
    for each in (pid, *_children(pid)):
        with suppress(OSError):
            user, system = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()[11:13]
            total += 1000 * (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
    return total


def _private(pid: int) -> int:
    """The kB of a process and of those that it started, shared parts counted by share."""
    total = 0
    for each in (pid, *_children(pid)):
        with suppress(OSError):
            rollup = Path(f"/proc/{each}/smaps_rollup").read_text()
            total += next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    return total


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for file in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, file.read_text().split()):
            found += [child, *_children(child)]
    return found
