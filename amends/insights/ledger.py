"""The facts of the whole record, kept in this process and brought up to date from the trail.

Whatever changes an incident writes a trail entry, so the entries that are new name the incidents to read again. On
PostgreSQL an entry can become visible after one with a higher number; so the entries of the last minute are looked at
once more each time, whether there is one among them that was not read.
"""

from __future__ import annotations

import contextlib
import json
import threading
import time
from itertools import groupby
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from sqlalchemy import func, literal, select

from amends.incidents.database import RecordUnavailable
from amends.incidents.models import Incident, TrailEntry, TrailPayload
from amends.incidents.trail import Kind
from amends.insights import snapshot
from amends.insights.columns import Block
from amends.insights.facts import Happened, Recorded, fact_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from sqlalchemy.orm import Session

    from amends.incidents.database import Database
    from amends.insights.columns import Flags
    from amends.insights.facts import Fact

    Parts: TypeAlias = tuple[tuple[Block, Flags], ...]

BATCH = 1_000
"""Incidents that are read at once."""
MOST_IN_TAIL = 2_000
"""Changed facts that are kept apart from the rest, so that the rest need not be copied for each of them."""
LATE_SECONDS = 60.0
"""So much later than others an entry may become visible."""
LATE_ENTRIES = 1_000
"""So many entries are looked at once more after the first reading."""
PATIENCE = 5.0
"""Seconds that somebody waits for the first reading."""
BREATH = 0.02
"""Seconds of rest after each batch, so that the pages that people wait for come in between."""
EVERY = 30.0
"""Seconds between two looks at what is new, also when nobody asks for the figures."""
SECONDS_TO_STOP = 5.0
SPOKEN = (Kind.ANSWERED, Kind.CORRECTED, Kind.CONFIRMED, Kind.WENT_BACK, Kind.EXPLAINED, Kind.FLOW_CHOSEN)
"""Entries whose words count. Of the advice only its time does; its words are long."""


class StillCounting(Exception):  # noqa: N818 - it reads as what it says
    """The record is read for the first time in this process. `so_far` incidents are read."""

    def __init__(self, so_far: int) -> None:
        super().__init__(f"The incidents are being counted: {so_far:,} so far. Come back in a moment.")
        self.so_far = so_far


class Ledger:
    """The facts of all incidents, whoever may see them.

    Args:
        database: the record.
        zone: in which months begin.
        cache: a file that holds what was counted, so that the next process need not read the whole record.
        clock: seconds that only go forward.
    """

    def __init__(
        self, database: Database, zone: ZoneInfo, cache: Path | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._zone = zone
        self._database = database
        self._cache = cache
        self._clock = clock
        self._lock = threading.Lock()
        self._base = Block.of([], self._zone)
        self._tail: dict[int, Fact] = {}
        self._parts: Parts = ()
        self._seen: list[tuple[float, int]] = []
        self._recent: set[int] = set()
        self._so_far = 0
        self._trouble: RecordUnavailable | None = None
        self._number = 0
        self._closing = threading.Event()
        self._keeper: threading.Thread | None = None

    def start(self) -> None:
        """Read the record from now on, and again and again what is new, so that nobody who looks has to wait for it."""
        self._keeper = threading.Thread(target=self._keep_up, name="insights", daemon=True)
        self._keeper.start()

    def close(self) -> None:
        """Break off what is being read, so that nothing is held open when the desk stops."""
        self._closing.set()
        if self._keeper is not None:
            self._keeper.join(SECONDS_TO_STOP)

    def parts(self, patience: float = PATIENCE) -> tuple[int, Parts]:
        """The facts as they are in the record now, and a number that goes up whenever any of them changed.

        Args:
            patience: how many seconds the first reading of the record is waited for.

        Raises:
            StillCounting: it takes longer; it goes on, and a later call will find it done.
            RecordUnavailable: the record cannot be read.
        """
        if not self._seen:
            reading = threading.Thread(target=self._read_first, daemon=True)
            reading.start()
            reading.join(patience)
            if self._trouble is not None:
                raise self._trouble
            if not self._seen:
                raise StillCounting(self._so_far)
        with self._lock, self._database.read() as session:
            self._catch_up(session)
            return self._number, self._parts

    def _keep_up(self) -> None:
        while not self._closing.is_set():
            with contextlib.suppress(RecordUnavailable, StillCounting):
                self.parts(EVERY)
            self._closing.wait(EVERY)

    def _read_first(self) -> None:
        with self._lock:
            if self._seen:
                return
            now, self._so_far, self._trouble = self._clock(), 0, None
            try:
                with self._database.read() as session:
                    newest = session.scalar(select(func.max(TrailEntry.id))) or 0
                    through = self._take_up(session) or _entry_at(session, newest - LATE_ENTRIES)
                    if not len(self._base):
                        self._base = self._read_all(session)
                        if not self._closing.is_set():
                            self._save(session, through)
            except RecordUnavailable as error:
                self._trouble = error
                return
            if self._closing.is_set():
                return
            self._settle()
            self._seen = [(now, through)]

    def _take_up(self, session: Session) -> int:
        """Go on from what an earlier process counted; the number of the last entry that it read, 0 when none did."""
        found = snapshot.load(self._cache) if self._cache is not None else None
        if found is None or found.zone != str(self._zone) or _hash_of(session, found.through) != found.hash:
            return 0
        self._base = found.block
        return found.through

    def _save(self, session: Session, through: int) -> None:
        """Keep what is counted, which is all that happened up to an entry, and some of what happened since."""
        hash_ = _hash_of(session, through)
        if self._cache is not None and hash_ is not None:
            snapshot.save(self._cache, snapshot.Snapshot(self._base, str(self._zone), through, hash_))

    def _read_all(self, session: Session) -> Block:
        last, blocks = 0, [self._base]
        while not self._closing.is_set() and (facts := list(_facts(session, _batch_after(session, last)))):
            session.rollback()  # one state of the record need not be held for minutes: what changes is read again
            blocks.append(Block.of(facts, self._zone))
            last = facts[-1].id
            self._so_far += len(facts)
            self._closing.wait(BREATH)
        return Block.joined(blocks)

    def _catch_up(self, session: Session) -> None:
        now = self._clock()
        since = self._seen[0][1]
        recent = session.execute(select(TrailEntry.id, TrailEntry.incident_id).where(TrailEntry.id > since)).all()
        changed = sorted({incident for entry, incident in recent if entry not in self._recent})
        fresh = 0
        for begin in range(0, len(changed), BATCH):
            rows = session.execute(_incidents().where(Incident.id.in_(changed[begin : begin + BATCH]))).all()
            for fact in _facts(session, rows):
                if self._tail.get(fact.id) != fact:
                    self._tail[fact.id] = fact
                    fresh += 1
        if fresh and self._settle():
            self._save(session, since)
        self._recent = {entry for entry, _ in recent}  # only now: what could not be read is read the next time
        newest = max(self._recent, default=since)
        early = [seen for seen in self._seen if seen[0] <= now - LATE_SECONDS]
        late = [seen for seen in self._seen if seen[0] > now - LATE_SECONDS]
        self._seen = [*(early[-1:] or self._seen[:1]), *late[0 if early else 1 :], (now, newest)]

    def _settle(self) -> bool:
        """Put together what is known now: each incident counts in one part. Whether all is in the first part."""
        tail = Block.of(list(self._tail.values()), self._zone)
        current = ~np.isin(self._base.ids, tail.ids)
        if len(tail) > MOST_IN_TAIL:
            self._base, self._tail = Block.joined([self._base.kept(current), tail]), {}
            tail, current = Block.of([], self._zone), np.ones(len(self._base), dtype=np.bool_)
        self._parts = ((self._base, current), (tail, np.ones(len(tail), dtype=np.bool_)))
        self._number += 1
        return not len(tail)


def _entry_at(session: Session, most: int) -> int:
    """The last entry up to a number, 0 when there is none."""
    return session.scalar(select(func.max(TrailEntry.id)).where(TrailEntry.id <= most)) or 0


def _hash_of(session: Session, entry: int) -> str | None:
    """The hash of a trail entry, None when there is no such entry."""
    return session.scalar(select(TrailEntry.hash).where(TrailEntry.id == entry))


def _incidents() -> Any:
    # Not the whole row: the history of a conversation and the words of the report do not count.
    row = Incident
    return select(
        row.id,
        row.channel,
        row.state,
        row.flow_id,
        row.flow_version,
        row.answers,
        row.decision,
        row.override,
        row.done,
        row.level,
        row.reported_at,
        row.drill,
    ).order_by(row.id)


def _batch_after(session: Session, last: int) -> Sequence[Any]:
    return session.execute(_incidents().where(Incident.id > last).limit(BATCH)).all()


def _facts(session: Session, rows: Sequence[Any]) -> Iterator[Fact]:
    """The facts of incidents that were read."""
    trails = _trails(session, [row.id for row in rows])
    for row in rows:
        yield fact_of(Recorded(*row), trails.get(row.id, ()))


def _trails(session: Session, ids: Sequence[int]) -> dict[int, Iterable[Happened]]:
    """The entries that count, of each incident."""
    entry = TrailEntry
    query = (
        select(entry.incident_id, entry.sequence, entry.kind, entry.recorded_at)
        .where(entry.incident_id.in_(ids))
        .order_by(entry.incident_id, entry.sequence)
    )
    advised = session.execute(query.where(entry.kind == Kind.RECOMMENDED).add_columns(literal("null"))).all()
    spoken = session.execute(
        query.join(TrailPayload, TrailPayload.entry_id == entry.id, isouter=True)
        .where(entry.kind.in_(SPOKEN))
        .add_columns(func.coalesce(TrailPayload.body, "null"))
    ).all()
    found = sorted((*advised, *spoken), key=lambda row: (row[0], row[1]))
    return {
        incident: [Happened(kind, at, json.loads(body)) for _, _, kind, at, body in rows]
        for incident, rows in groupby(found, key=lambda row: row[0])
    }
