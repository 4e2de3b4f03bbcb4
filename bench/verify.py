"""How long `amends trail verify` takes over a record of a given size.

    python -m bench.verify [--entries 1000000] [--url postgresql+psycopg://...] [--json]

The record is made first, in a folder that is removed afterwards (or in the empty database of the address): incidents
with twelve entries each, with valid chains, payloads of the length that people write, and seals. Limit: 60 s for a
million entries. For comparison, the same entries are read once without any check.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import resource
import secrets
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, text

from amends.incidents import seals, stored
from amends.incidents.chain import FIRST, hash_of
from amends.incidents.database import Database
from amends.incidents.keys import Keys
from amends.incidents.models import Conversation, FlowVersion, Incident, Participant, TrailEntry, TrailPayload, utc_text
from amends.incidents.trail import digest_of
from amends.integrity import whole
from amends.integrity.anchors import AnchorFile

if TYPE_CHECKING:
    from collections.abc import Iterator

LIMIT_SECONDS = 60
EACH = 12
BATCH = 1_000
KINDS = ("reported", "understood", "asked", "answered", "asked", "answered", "recommended", "note_added")
WORDS = "We posted the wrong picture this morning and people have begun to answer, some of them upset about it. "
SOURCE = "A flow that nobody reads here."


def fill(database: Database, keys: Keys, entries: int) -> None:
    """Put in a valid record of so many entries."""
    began = datetime(2024, 1, 1, tzinfo=UTC)
    version = hashlib.sha256(SOURCE.encode()).hexdigest()
    with database.engine.begin() as connection:
        connection.execute(insert(Participant), [{"id": "web:ada", "name": "Ada", "first_seen": began}])
        connection.execute(insert(Conversation), [{"id": "c1", "participant_id": "web:ada", "started_at": began}])
        flow = {"hash": version, "flow_id": "flow", "source": SOURCE, "first_used_at": began}
        connection.execute(insert(FlowVersion), [flow])
    for first in range(1, entries // EACH + 1, BATCH):
        ids = range(first, min(first + BATCH, entries // EACH + 1))
        incidents = [incident(id_, version, began) for id_ in ids]
        trail = [row for one in incidents for row in trail_of(one)]
        with database.engine.begin() as connection:
            connection.execute(insert(Incident), incidents)
            connection.execute(insert(TrailEntry), [entry for entry, _ in trail])
            connection.execute(insert(TrailPayload), [payload for _, payload in trail])
    with database.engine.begin() as connection:
        seals.seal_all(connection, keys)


def incident(id_: int, version: str, began: datetime) -> dict[str, Any]:
    """An incident that is closed."""
    return {
        "id": id_,
        "reference": f"INC-2026-{id_:04d}",
        "conversation_id": "c1",
        "reporter_id": "web:ada",
        "channel": "web",
        "state": "closed",
        "state_number": 9,
        "flow_id": "flow",
        "flow_version": version,
        "title": "A wrong picture",
        "answers": "{}",
        "understood": "{}",
        "history": "[]",
        "done": "{}",
        "restricted": False,
        "drill": False,
        "reported_at": began + timedelta(minutes=id_),
    }


def trail_of(one: dict[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Its entries with their payloads."""
    previous = FIRST
    for sequence in range(1, EACH + 1):
        id_ = (one["id"] - 1) * EACH + sequence
        at = one["reported_at"] + timedelta(seconds=sequence)
        salt, body = secrets.token_hex(32), json.dumps({"text": WORDS * (1 + sequence % 3), "number": id_})
        kind, digest = KINDS[sequence % len(KINDS)], digest_of(salt, body)
        entry = {
            "id": id_,
            "incident_id": one["id"],
            "sequence": sequence,
            "kind": kind,
            "actor_id": "web:ada",
            "source": "web",
            "said_at": at,
            "recorded_at": at,
            "flow_version": one["flow_version"],
            "clauses": "[]",
            "supersedes": None,
            "payload_digest": digest,
            "previous_hash": previous,
        }
        hashed = [entry[name] for name in ("sequence", "kind", "actor_id", "source")]
        hashed += [utc_text(at), utc_text(at), entry["flow_version"], "[]", None, digest, previous]
        previous = hash_of([one["reference"], *hashed])
        yield {**entry, "hash": previous}, {"entry_id": id_, "salt": salt, "body": body}


def measure(database: Database, keys: Keys, folder: Path) -> dict[str, Any]:
    """Seconds of the check, and of reading the same rows without one."""
    start = perf_counter()
    with database.read() as session:
        rows = sum(1 for _ in session.execute(text(stored.ENTRIES).execution_options(yield_per=stored.AT_ONCE)))
    between, busy = perf_counter(), process_time()
    with database.read(still=True) as session:
        found = whole.check(session, keys, AnchorFile(folder / "anchors.jsonl"))
    seconds = perf_counter() - between
    if found.damage:
        sys.exit(f"The record that was made does not verify: {found.damage[0]}")
    return {
        "entries": found.entries,
        "seconds": round(seconds, 1),
        "processor_seconds": round(process_time() - busy, 1),
        "microseconds_an_entry": round(seconds / rows * 1e6, 1),
        "to_reading": round(seconds / (between - start), 2),
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def main() -> None:
    """Measure and print; exit code 1 when a million entries would take longer than the limit."""
    parser = argparse.ArgumentParser(description="How long it takes to verify a record.")
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--url", default="")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    keys = Keys.read(secrets.token_urlsafe(32))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database = Database(options.url or f"sqlite:///{folder / 'record.db'}", keys)
        database.migrate()
        fill(database, keys, options.entries)
        report = measure(database, keys, folder)
        database.dispose()
    lines = (f"{name.replace('_', ' '):24}{value:>12}" for name, value in report.items())
    print(json.dumps(report) if options.json else "\n".join(lines))
    sys.exit(report["microseconds_an_entry"] > LIMIT_SECONDS)


if __name__ == "__main__":
    main()
