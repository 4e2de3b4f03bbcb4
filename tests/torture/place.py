"""Everything that runs while it is tortured: desk, bot, actions, the record, a Slack, and the lines between them."""

import contextlib
import os
import signal

from amends.incidents.database import Database
from amends.ops.train import ensure_model
from amends.settings import ROOT
from tests.conversations.conftest import Servers
from tests.slack.fake import RemoteSlack
from tests.slack.whole.conftest import Whole

from . import clocks
from .disks import Disk
from .line import Line

PROCESSES = ("desk", "bot", "actions")
LONGEST_START = 300
"""Seconds that something may take to be ready; a bot on a busy machine needs more than one minute."""


class Place:
    """Starts everything in a folder.

    Args:
        folder: of the record and the logs.
        seed: names what people do and what befalls them.
        record: a server that keeps the record, see `records`; without one it is a SQLite file, on a disk of its own.
    """

    def __init__(self, folder, seed, record=None):
        self.seed = seed
        self.record = record
        self.disk = None if record else Disk(folder)
        self.slack = RemoteSlack.launch()
        grace = self.slack.add_user("Grace Hopper", "U0GRACE01")
        leads = self.slack.add_channel("comms-leads", [grace], private=True)
        self.servers = Servers(
            folder,
            ensure_model(ROOT, lambda _line: None),
            SLACK_BOT_TOKEN=self.slack.bot_token,
            SLACK_APP_TOKEN=self.slack.app_token,
            SLACK_SIGNING_SECRET=self.slack.signing_secret,
            SLACK_API_URL=self.slack.api_url,
            SLACK_LEADS_CHANNEL=leads,
            SLACK_LEADS=grace,
            SLACK_MODE="socket",
            SANIC_HOST="127.0.0.1",
            OPENBLAS_NUM_THREADS="1",
        )
        servers = self.servers
        self.lines = {"to the bot": Line(servers.bot_port), "to the actions": Line(servers.actions_port)}
        servers.own = {
            "desk": {"BOT_PORT": str(self.lines["to the bot"].port)},
            "actions": {},
            "bot": {"ACTIONS_PORT": str(self.lines["to the actions"].port)},
        }
        if record is not None:
            self.lines["to the record"] = Line(record.socket)
            servers.database_url = record.url
            for name in ("desk", "actions"):
                servers.own[name]["DATABASE_URL"] = record.url_through(self.lines["to the record"].port)
        self.whole = Whole(servers, self.slack, leads, "")

    @property
    def web_port(self):
        return self.servers.desk_port

    @property
    def database(self) -> Database:
        return self.whole.database

    def starts(self):
        self.database.migrate()
        for name in PROCESSES:
            self.servers.spawn(name)
        self._waits()

    def stops(self):
        for name in PROCESSES:
            self.goes_on(name)
        self.servers.kill()
        self.database.dispose()
        for line in self.lines.values():
            line.stop()
        self.slack.stop()
        if self.disk is not None:
            self.disk.stop()

    # -- what can be done to it

    def kills(self, name):
        """Ends a process without a word, and starts it again."""
        self.servers.kill(name)
        self.servers.spawn(name)

    def pauses(self, name):
        self._signals(name, signal.SIGSTOP)

    def goes_on(self, name):
        self._signals(name, signal.SIGCONT)

    def moves_clock(self, name, seconds):
        """Ends a process, and starts it again with a clock that is so much ahead."""
        self.servers.own[name] |= clocks.ahead(seconds)
        self.kills(name)

    def puts_right(self, name):
        """Ends a process, and starts it again with the right clock."""
        for variable in clocks.NAMES:
            del self.servers.own[name][variable]
        self.kills(name)

    def _wrong_clocks(self):
        return [name for name in PROCESSES if "FAKETIME" in self.servers.own[name]]

    def fills(self):
        """The disk of the record, or rather of the tracker and the logs as well, is full."""
        self.disk.fill(self._pids())

    def empties(self):
        self.disk.free(self._pids())

    def _pids(self):
        return [process.pid for process in self.servers.processes.values() if process.poll() is None]

    def _signals(self, name, signal_):
        process = self.servers.processes.get(name)
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal_)

    def mends(self):
        """Nothing goes wrong any more, and everything runs."""
        self.slack.faults.clear()
        for line in self.lines.values():
            line.mend()
        for name in self._wrong_clocks():
            self.puts_right(name)
        if self.disk is not None:
            self.empties()
        for name in PROCESSES:
            self.goes_on(name)
            if self.servers.processes[name].poll() is not None:
                self.servers.spawn(name)
        self._waits()

    def _waits(self):
        for name in PROCESSES:
            self.servers.wait(name, LONGEST_START)
