"""The process supervisor: supervisord, which starts the processes again that die and keeps their logs."""

from __future__ import annotations

import configparser
import http.client
import os
import shlex
import signal
import subprocess
import sys
import tempfile
import time
import xmlrpc.client
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from supervisor.xmlrpc import SupervisorTransport  # type: ignore[import-untyped]

from amends.ops import CannotRun
from amends.ops.train import last_lines

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from amends.ops.services import Service

LONGEST_SOCKET = 100
"""Systems take socket paths of 104 to 108 bytes."""
SECONDS_TO_STOP = 4
"""How long a process may take to stop before it is killed."""
GIVEN_UP = "FATAL"


@dataclass(frozen=True)
class State:
    """What the supervisor knows of one process. `name` is a supervisord state such as RUNNING."""

    name: str
    pid: int


class Supervisor:
    """One supervisord over the given services.

    Args:
        services: the processes, with their commands.
        root: their working directory.
        var: where the configuration, the socket and the logs go.
        environment: what they find in their environment.
    """

    def __init__(self, services: Sequence[Service], root: Path, var: Path, environment: Mapping[str, str]) -> None:
        self._services = services
        self._root = root
        self._environment = environment
        self._logs = var / "log"
        self._logs.mkdir(parents=True, exist_ok=True)
        self._config = var / "supervisord.conf"
        self._socket_folder: tempfile.TemporaryDirectory[str] | None = None
        self._socket = var / "supervisor.sock"
        if len(os.fsencode(self._socket)) > LONGEST_SOCKET:
            self._socket_folder = tempfile.TemporaryDirectory(prefix="amends-")
            self._socket = Path(self._socket_folder.name, "supervisor.sock")
        self._log_starts = {service.name: _size(self.log(service.name)) for service in services}
        self._process: subprocess.Popen[bytes] | None = None
        self._last: dict[str, State] = {}

    def start(self) -> None:
        """Start supervisord, which starts all the processes at once."""
        stop_left_over(self._config)
        self._socket.unlink(missing_ok=True)
        self._write_config()
        self._process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "supervisor.supervisord", "--configuration", str(self._config)],
            cwd=self._root,
            env=dict(self._environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            # Away from the terminal: Ctrl-C reaches `amends run` alone, which then stops the rest in order.
            start_new_session=True,
        )

    def states(self) -> dict[str, State]:
        """The state of each process by name; empty while supervisord itself is starting.

        Raises:
            CannotRun: supervisord is gone.
        """
        if self._process is not None and self._process.poll() is not None:
            raise CannotRun(
                f"The process supervisor stopped by itself. See {self.log('supervisord')}.\n"
                f"{last_lines(self.log('supervisord'))}"
            )
        try:
            found = _remote(self._socket).supervisor.getAllProcessInfo()
        except (OSError, xmlrpc.client.Error, http.client.HTTPException):
            return {}
        self._last = {one["name"]: State(one["statename"], one["pid"]) for one in found}
        return self._last

    def stop(self) -> None:
        """Stop all the processes and supervisord; kill what does not stop in time."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(SECONDS_TO_STOP + 4)
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        if self._process.returncode != 0:
            # It did not end in order, so nobody has stopped the processes. Each leads a group of its own.
            for state in self._last.values():
                _kill_group(state.pid)
        self._process = None
        self._config.unlink(missing_ok=True)
        self._socket.unlink(missing_ok=True)
        if self._socket_folder is not None:
            self._socket_folder.cleanup()

    def log(self, name: str) -> Path:
        """The log file of a process."""
        return self._logs / f"{name}.log"

    def last_lines(self, name: str) -> str:
        """The end of what a process has written since this start."""
        return last_lines(self.log(name), self._log_starts[name])

    def _write_config(self) -> None:
        parser = configparser.RawConfigParser()
        parser["unix_http_server"] = {"file": _plain(self._socket), "chmod": "0700"}
        parser["rpcinterface:supervisor"] = {
            "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
        }
        parser["supervisord"] = {
            "nodaemon": "true",
            "silent": "true",
            "logfile": _plain(self.log("supervisord")),
            "logfile_maxbytes": "1MB",
            "logfile_backups": "1",
            "pidfile": _plain(self._config.with_suffix(".pid")),
            "childlogdir": _plain(self._logs),
        }
        for service in self._services:
            parser[f"program:{service.name}"] = {
                "command": _plain(shlex.join(service.command)),
                "directory": _plain(self._root),
                "autorestart": "true",
                "startsecs": "1",
                "startretries": "3",
                "stopwaitsecs": str(SECONDS_TO_STOP),
                "stopasgroup": "true",
                "killasgroup": "true",
                "redirect_stderr": "true",
                "stdout_logfile": _plain(self.log(service.name)),
                "stdout_logfile_maxbytes": "10MB",
                "stdout_logfile_backups": "3",
            }
        with self._config.open("w", encoding="utf-8") as stream:
            parser.write(stream)


def stop_left_over(config: Path) -> None:
    """Stop what an earlier start has left behind when it was killed and could not stop it itself."""
    parser = configparser.RawConfigParser()
    try:
        if not parser.read(config):
            return
        socket = Path(parser["unix_http_server"]["file"].replace("%%", "%"))
        remote = _remote(socket)
        remote.supervisor.shutdown()
        ends = time.monotonic() + SECONDS_TO_STOP + 4
        while time.monotonic() < ends:
            remote.supervisor.getState()
            time.sleep(0.2)
    except (OSError, KeyError, configparser.Error, xmlrpc.client.Error, http.client.HTTPException):
        return


def _remote(socket: Path) -> Any:
    # The address is not used: the transport goes to the socket.
    transport = SupervisorTransport(None, None, f"unix://{socket}")
    return xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport)


def _kill_group(pid: int) -> None:
    if pid:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)


def _plain(value: object) -> str:
    """A value of supervisord's configuration, in which a percent sign begins a name."""
    return str(value).replace("%", "%%")


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0
