"""The three processes: how each is started, and how it says that it is ready."""

from __future__ import annotations

import http.client
import json
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from amends.ops.fenced_bot import bot_command, tracker_url

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from amends.settings import Settings

GIVES_WAY = ("nice", "-n", "5")
"""Before the command of what computes much: Slack and people wait for the desk."""
_HTTP_OK = 200


@dataclass(frozen=True)
class Service:
    """One process.

    Attributes:
        name: as the operator sees it.
        command: program and arguments.
        host: where it listens.
        port: where it listens.
        path: answers 200 when the process is ready.
        needs: what `path` has to call true in its JSON; then its status does not matter. The desk is of use without
            Slack, and a wrong token must not keep everything from starting.
    """

    name: str
    command: tuple[str, ...]
    host: str
    port: int
    path: str
    needs: tuple[str, ...] = ()

    def is_ready(self) -> bool:
        """Whether the process answers that it is ready."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=2)
        try:
            connection.request("GET", self.path)
            answer = connection.getresponse()
            if not self.needs:
                return answer.status == _HTTP_OK
            said = json.loads(answer.read())
            return all(said.get(part) is True for part in self.needs)
        except (OSError, http.client.HTTPException, ValueError, AttributeError):
            return False
        finally:
            connection.close()


def services(root: Path, var: Path, settings: Settings, model: Path) -> tuple[Service, ...]:
    """The three processes for these settings. The bot, which takes longest, comes first."""
    bot = bot_command(root, var, settings, model, tracker_url(root, var, os.environ))
    actions = (sys.executable, "-m", "actions")
    desk = (sys.executable, "-m", "amends.console.app")
    # `nice` and the fence replace themselves with the program, so that the supervisor watches the program.
    loopback = "127.0.0.1"
    return (
        Service("bot", (*GIVES_WAY, *bot), loopback, settings.bot_port, "/webhooks/amends/"),
        Service("actions", (*GIVES_WAY, *actions), loopback, settings.actions_port, "/health"),
        Service("desk", desk, _reachable(settings.desk_host), settings.desk_port, "/readyz", ("bot", "database")),
    )


def desk_url(settings: Settings) -> str:
    """Where people find the desk."""
    host = _reachable(settings.desk_host)
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.desk_port}"


def environment(root: Path, settings: Settings, var: Path, base: Mapping[str, str]) -> dict[str, str]:
    """What the processes find in their environment.

    Args:
        root: the project's directory.
        settings: the settings in force.
        var: where the databases are, unless a setting names others.
        base: the environment of this process.
    """
    path = os.pathsep.join([str(root), *filter(None, [base.get("PYTHONPATH")])])
    return {
        **base,
        "BOT_TOKEN": settings.bot_token.get_secret_value(),
        "BOT_PORT": str(settings.bot_port),
        "ACTIONS_PORT": str(settings.actions_port),
        "TRACKER_URL": tracker_url(root, var, base),
        "DATABASE_URL": settings.database_url,
        # The action server checks no token and would listen everywhere.
        "SANIC_HOST": "127.0.0.1",
        "RASA_TELEMETRY_ENABLED": "false",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        # Several threads for one sentence gain little, and on a busy machine they wait for each other: 15 s
        # became 225 s.
        "OPENBLAS_NUM_THREADS": "1",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": path,
    }


def _reachable(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104
