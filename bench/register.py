"""How long the lists of comms leads take, at any size, on both databases, beside the same with an admin library.

    python -m bench.register make --database sqlite:///var/bench.db --incidents 1000000
    python -m bench.register measure --database sqlite:///var/bench.db [--rounds 40] [--json]

`make` fills an empty database (13 GB for a million). `measure` asks the whole desk in this process, as a lead who is
signed in: what is measured is everything that happens at the server, the audit and the drawing too. Beside it stands
the time of the processor that this process took (on SQLite that is all of it): on a machine that has other work, pages
wait for their turn. `make measuring` installs the admin library; without it that column is left out. Exit code 1 when a
page takes longer than the limit at the 95th percentile.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import statistics
import sys
import warnings
from importlib.util import find_spec
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import SecretStr
from sqlalchemy import func, select
from starlette.testclient import TestClient

from amends.access.people import SignedIn
from amends.access.sessions import Sessions
from amends.console.app import create_app
from amends.incidents.database import Database
from amends.incidents.models import Incident
from amends.register.marks import tags_of
from amends.register.shelving import place_of
from amends.settings import Settings
from bench.decide import percentile
from bench.register_data import Maker, now_to_the_second
from bench.register_load import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LIMIT_MS = 150
LEAD = SignedIn("web:lead3", "Lead Three", frozenset({"staff", "lead"}))


def desk(url: str) -> tuple[TestClient, Database]:
    """A client of the desk that is signed in as a lead."""
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]
        database_url=url,
        bot_token=SecretStr("bench"),
        session_secret=SecretStr("bench"),
        searches_a_minute=10**9,
    )
    database = Database(url)
    client = TestClient(create_app(settings), base_url="http://127.0.0.1")
    client.cookies.set("amends-in", Sessions(database, settings).begin(LEAD, "bench"))
    return client, database


class Asked:
    """Draws what is asked for: each time another page, filter, word or incident."""

    def __init__(self, database: Database) -> None:
        self._random = random.Random(5)
        self._database = database
        with database.read() as session:
            self.count = session.scalar(select(func.max(Incident.id))) or 0
        maker = Maker(1, now_to_the_second())
        self._rare = maker.rare
        self._common = ["account", "posted", "wrong", "picture", "apology", "students", "deleted", "tweet", "email"]

    def some(self) -> Incident:
        """Any incident that is not restricted."""
        with self._database.read() as session:
            query = select(Incident).where(Incident.id >= self._random.randint(1, self.count - 1_000))
            return session.scalars(query.where(Incident.restricted.is_(False)).order_by(Incident.id).limit(1)).one()

    def word(self) -> str:
        """A common word, or a rarer one."""
        rare = self._rare[int(len(self._rare) ** self._random.random()) - 1]
        return rare if self._random.random() < 0.5 else self._random.choice(self._common)

    def filter(self) -> str:
        """One to three parts of a filter, as they occur together in an incident, or as they do not."""
        tags = sorted(tags_of(self.some()))
        chosen = [f"{kind}={value}" for kind, value in self._random.sample(tags, k=min(len(tags), 2))]
        more = [f"level={self._random.randint(0, 3)}", "state=closed", "channel=slack", "late=yes", "lead=web:lead5"]
        more += ["from=2025-01-01&to=2025-03-31", "restricted=yes", "state=open"]
        return "&".join([*chosen[: self._random.randint(0, 2)], self._random.choice(more)])

    def ours(self) -> dict[str, str]:
        """One address of each kind."""
        one = self.some()
        return {
            "open incidents": "/open",
            "all incidents, first page": "/all",
            "a further page": f"/all?cursor=n.{place_of(one)}",
            "filtered": f"/all?{self.filter()}",
            "filtered, most serious first": f"/all?sort=serious&{self.filter()}",
            "searched": f"/all?q={self.word()}",
            "two words and a filter": f"/all?q={self.word()}+{self.word()}&{self.filter()}",
            "an incident": f"/incidents/{one.reference}",
        }


class Taken(NamedTuple):
    """Milliseconds: until the page was there, and of the processor."""

    wall: float
    cpu: float


def timed(client: TestClient, address: str) -> Taken:
    """How long a page takes, which has to come."""
    began, busy = perf_counter(), process_time()
    answer = client.get(address)
    taken = Taken((perf_counter() - began) * 1e3, (process_time() - busy) * 1e3)
    if answer.status_code != 200:
        sys.exit(f"{address}: {answer.status_code}")
    return taken


def rounds(client: TestClient, draw: Callable[[], dict[str, str]], count: int) -> dict[str, list[Taken]]:
    """What was taken by each kind of page. The first round warms up and is not counted."""
    found: dict[str, list[Taken]] = {}
    for number in range(count + 1):
        for name, address in draw().items():
            taken = timed(client, address)
            if number:
                found.setdefault(name, []).append(taken)
            if taken.wall > LIMIT_MS:
                print(f"  {taken.wall:.0f} ms, {taken.cpu:.0f} of them busy: {address}", file=sys.stderr, flush=True)
    return found


def measure(url: str, count: int, peer_rounds: int) -> Iterator[dict[str, Any]]:
    """A line for each kind of page."""
    client, database = desk(url)
    asked = Asked(database)
    gc.collect()
    gc.freeze()  # what this bench holds is not the desk's to look through
    ours = rounds(client, asked.ours, count)
    theirs: dict[str, list[Taken]] = {}
    if find_spec("sqladmin") and peer_rounds:
        from bench import peer_admin  # noqa: PLC0415 - only where the library is installed

        def same() -> dict[str, str]:
            draw = random.Random()
            one = asked.some()
            page = draw.randint(2, asked.count // peer_admin.SIZE)
            return peer_admin.addresses(one.id, draw.choice(peer_admin.CHANNELS)[0], asked.word(), page)

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            theirs = rounds(peer_admin.client(database.engine), same, peer_rounds)
    for name, taken in ours.items():
        walls, busy = [one.wall for one in taken], [one.cpu for one in taken]
        line: dict[str, Any] = {"page": name, "median": statistics.median(walls), "p95": percentile(walls, 95)}
        line["busy_p95"] = percentile(busy, 95)
        if name in theirs:
            line["peer_median"] = statistics.median(one.wall for one in theirs[name])
            line["ratio"] = line["peer_median"] / line["median"]
        yield line
    database.dispose()


def main() -> None:
    """Make a database, or measure one."""
    parser = argparse.ArgumentParser(description="How long the lists of comms leads take.")
    parser.add_argument("what", choices=["make", "measure"])
    parser.add_argument("--database", required=True)
    parser.add_argument("--incidents", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--peer-rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if given.what == "make":
        load(given.database, Maker(given.incidents, now_to_the_second()))
        return
    lines = list(measure(given.database, given.rounds, given.peer_rounds))
    if given.json:
        print(json.dumps(lines))
    else:
        heads = f"{'median':>9}{'p95':>9}{'busy p95':>10}{'sqladmin median':>17}{'times':>8}"
        print(f"{'milliseconds at the server':32}{heads}")
        for line in lines:
            peer = f"{line['peer_median']:17.0f}{line['ratio']:8.1f}" if "ratio" in line else ""
            print(f"{line['page']:32}{line['median']:9.1f}{line['p95']:9.1f}{line['busy_p95']:10.1f}{peer}")
    if any(line["p95"] > LIMIT_MS for line in lines):
        sys.exit(1)


if __name__ == "__main__":
    main()
