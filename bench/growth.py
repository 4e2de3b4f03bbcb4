"""What an append, a verification, a list and a search cost as the record grows.

    python -m bench.growth [--entries 1000,10000,100000,1000000,12000000] [--rounds 40]

A record of each size is made first, with valid chains and seals, in SQLite on this disk (13 GB for the largest), and
removed afterwards. Appending is a whole transaction, committed with every guarantee on, its seal and its place in the
register with it. Verifying is divided by the number of entries. Lists and searches are pages of the desk, as a lead
sees them, from 50 incidents on, which fill a page.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import secrets
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from amends.incidents import record, seals, trail
from amends.incidents.chain import FIRST, hash_of
from amends.incidents.database import Database
from amends.incidents.keys import Keys
from amends.incidents.models import Incident, utc_text
from amends.integrity import whole
from amends.integrity.anchors import AnchorFile
from amends.register import shelving
from amends.settings import ROOT
from bench.register import Asked, desk, timed
from bench.register_data import ENTRIES, Maker, now_to_the_second
from bench.register_load import load
from bench.report import Part, at, keep

if TYPE_CHECKING:
    from bench.register_data import Batch

SIZES = "1000,10000,100000,1000000,12000000"
FLAT = 1.5
COLUMNS = ("append, ms", "verify, µs an entry", "list, ms", "search, ms")


class SoundMaker(Maker):
    """Makes incidents whose trails verify."""

    def _trail(self, batch: Batch, one: Incident, words: list[str]) -> None:
        left, previous = iter(words), FIRST
        for n, kind in enumerate(ENTRIES):
            id_, when = (one.id - 1) * len(ENTRIES) + n + 1, utc_text(one.reported_at + timedelta(minutes=n))
            spoken = kind in {"reported", "note_added", "draft_checked"} or n == 5
            body = json.dumps({"text": next(left)} if spoken else {"question": "origin", "value": "own_post"})
            salt = hashlib.sha256(b"%d" % id_).hexdigest()
            shared = (n + 1, kind, one.reporter_id, one.channel, when, when, self.flow.version, "[]")
            digest = trail.digest_of(salt, body)
            hash_ = hash_of([one.reference, *shared, None, digest, previous])
            batch.add("trail_entry", id_, one.id, *shared, digest, previous, hash_)
            batch.add("trail_payload", id_, salt, body)
            previous = hash_


def main() -> None:
    """Measure, print, and keep what was measured."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--entries", default=SIZES, help="sizes, smallest first")
    parser.add_argument("--rounds", type=int, default=40)
    asked = parser.parse_args()
    sizes = [int(each) for each in asked.entries.split(",")]
    os.environ["TRAIL_KEYS"] = secrets.token_urlsafe(32)
    part = Part("growth", "As the record grows", COLUMNS)
    costs = []
    for entries in sizes:
        with tempfile.TemporaryDirectory(dir=ROOT / "var") as folder:
            costs.append(_cost(Path(folder), entries, asked.rounds))
        part.row(f"{entries:,} entries", *costs[-1])
        print(part.rows[-1], flush=True)
    for what, first, last in zip(COLUMNS, costs[0], costs[-1], strict=True):
        part.goal(f"{what.partition(',')[0]}, with {sizes[-1]:,} entries by {sizes[0]:,}", last / first, FLAT)
    keep(part, f"--entries {asked.entries} --rounds {asked.rounds}")


def _cost(folder: Path, entries: int, rounds: int) -> tuple[float, ...]:
    """What each costs in a record of this size: medians of append, list and search, and the share of one entry."""
    url = f"sqlite:///{folder / 'record.db'}"
    load(url, SoundMaker(max(entries // len(ENTRIES), 50), now_to_the_second()))
    keys = Keys.read(os.environ["TRAIL_KEYS"])
    database = Database(url, keys)
    with database.engine.begin() as connection:
        sealed = seals.seal_all(connection, keys)
    began = perf_counter()
    with database.read(still=True) as session:
        found = whole.check(session, keys, AnchorFile(folder / "anchors.jsonl"))
    verified = perf_counter() - began
    if found.damage:
        raise RuntimeError(f"The record that was made does not verify: {found.damage[0]}")
    appended = _appended(database, rounds)
    database.dispose()
    client, database = desk(url)
    words = Asked(database)
    pages: dict[str, list[float]] = {"/all": [], "/all?q=": []}
    for number in range(rounds + 1):
        for kind, times in pages.items():
            took = timed(client, kind + (words.word() if kind.endswith("=") else ""))
            times.extend([took.wall] if number else [])
    database.dispose()
    return at(appended, 50), verified / sealed * 1e6, *(at(times, 50) for times in pages.values())


def _appended(database: Database, rounds: int) -> list[float]:
    """Milliseconds of transactions that each append a note to an open incident."""
    took = []
    with database.read() as session:
        query = select(Incident.id).where(Incident.state.in_(record.OPEN_STATES)).limit(rounds)
        ids = list(session.scalars(query)) or [1]
    for number in range(rounds):
        now = datetime.now(UTC)
        who: dict[str, Any] = {"actor_id": "web:staff1", "source": "web", "said_at": now, "recorded_at": now}
        began = perf_counter()
        with database.begin() as session:
            incident = record.lock(session, ids[number % len(ids)])
            trail.append(session, incident, trail.Kind.NOTE_ADDED, {"text": f"A note, number {number}."}, **who)
            shelving.changed(session, incident, now)
        took.append(1000 * (perf_counter() - began))
    return took


if __name__ == "__main__":
    main()
