"""What comes from Slack is stored before it is acknowledged: all that waits at one instant in one transaction."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import select

from amends import measures
from amends.incidents.database import RecordUnavailable
from amends.outbox.outgoing import insert
from amends.outbox.tables import Inbound, Place
from amends.slack.logs import log_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sqlalchemy.orm import Session

    from amends.incidents.database import Database
    from amends.slack.arrivals import Arrival
    from amends.slack.journal import Journal

logger = logging.getLogger(__name__)

PATIENCE = 2.5
"""Seconds after which something is left unacknowledged; Slack waits three, and sends again."""
GOODBYE = 1.0
"""Seconds that what is being stored has when the desk stops."""
MOST = 200
"""How much is stored in one transaction."""


class _Waiting(NamedTuple):
    arrivals: Sequence[Arrival]
    stored: asyncio.Future[bool]


class Intake:
    """Stores what arrives, from one thread of its own, so that nothing else in the process can hold it up.

    Args:
        nudge: called when something new is stored.
        now: the clock, for tests.
        journal: where it is stored first, if there is one; `run` moves it into the record.
    """

    def __init__(
        self,
        database: Database,
        nudge: Callable[[], None],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        journal: Journal | None = None,
    ) -> None:
        self._database = database
        self._nudge = nudge
        self._now = now
        self._journal = journal
        self._queue: asyncio.Queue[_Waiting] = asyncio.Queue()
        self._thread = ThreadPoolExecutor(1, "slack-intake")
        self._writing: asyncio.Task[None] | None = None

    async def keep(self, arrivals: Sequence[Arrival]) -> bool:
        """Store what arrived; what is there already is not stored again.

        Returns:
            Whether it is safe to acknowledge it: it is kept now, or does not have to be.
        """
        if not arrivals:
            return True
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())
        waiting, began = _Waiting(arrivals, asyncio.get_running_loop().create_future()), time.perf_counter()
        self._queue.put_nowait(waiting)
        kept = False
        try:
            kept = await asyncio.wait_for(waiting.stored, PATIENCE)
        except TimeoutError:
            logger.warning("Something from Slack was not stored in time; Slack will send it again.")
        measures.ACKNOWLEDGEMENT.labels(str(kept).lower()).observe(time.perf_counter() - began)
        return kept

    async def close(self) -> None:
        """Stop. What is being stored has a second; what was not stored is not acknowledged."""
        if self._writing is not None:
            self._writing.cancel()
            await asyncio.wait({self._writing}, timeout=GOODBYE)
            self._writing = None
        while not self._queue.empty():
            _answer([self._queue.get_nowait()], stored=False)
        self._thread.shutdown(wait=False)
        if self._journal is not None:
            await asyncio.to_thread(self._close, self._journal)

    async def run(self) -> None:
        """Move what stands in the journal into the record, until cancelled."""
        if self._journal is not None:
            await self._journal.move(self._move, self._nudge)

    def _close(self, journal: Journal) -> None:
        self._thread.shutdown()
        journal.close()

    async def _write(self) -> None:
        while True:
            batch = [await self._queue.get()]
            while not self._queue.empty() and len(batch) < MOST:
                batch.append(self._queue.get_nowait())
            storing = asyncio.ensure_future(
                asyncio.get_running_loop().run_in_executor(self._thread, self._store, [each.arrivals for each in batch])
            )
            try:
                await asyncio.shield(storing)
            except asyncio.CancelledError:
                await asyncio.wait({storing})
                raise
            except RecordUnavailable as error:
                logger.warning("What came from Slack could not be stored; Slack will send it again. %s", error)
            except Exception as error:  # noqa: BLE001 - the next ones have to go on
                log_error(logger, error)
            else:
                (self._nudge if self._journal is None else self._journal.more)()
            finally:
                _answer(batch, stored=storing.done() and storing.exception() is None)

    def _store(self, batch: Iterable[Sequence[Arrival]]) -> None:
        arrivals = [each for some in batch for each in some]
        if self._journal is None:
            with self._database.begin(urgent=True) as session:
                _put(session, self._rows(session, arrivals, set()))
            return
        # The journal is read before the record: what is moved meanwhile stands in one of them.
        begun = self._journal.lanes() if any(each.place for each in arrivals) else set()
        with self._database.read() as session:
            rows = self._rows(session, arrivals, begun)
        self._journal.keep(rows)

    def _rows(self, session: Session, arrivals: Iterable[Arrival], begun: set[str]) -> list[dict[str, Any]]:
        """What counts of it, as it stands in the record."""
        now = self._now()
        begun = begun | {each.lane for each in arrivals if not each.place}
        known = begun | _known(session, {each.place for each in arrivals} - begun - {""})
        return [
            {
                "key": each.key,
                "kind": each.kind,
                "lane": each.lane,
                "payload": json.dumps(each.payload),
                "received_at": now,
                "not_before": now,
                "attempts": 0,
                "set_aside": False,
            }
            for each in arrivals
            if not each.place or each.place in known
        ]

    def _move(self, rows: Sequence[dict[str, Any]]) -> None:
        with self._database.begin(urgent=True) as session:
            _put(session, rows)


def _put(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        statement = insert(session)(Inbound).values(rows)
        session.execute(statement.on_conflict_do_nothing(index_elements=["key"]))


def _known(session: Session, conversations: set[str]) -> set[str]:
    """Those conversations that take place, or for which something that may begin them waits."""
    if not conversations:
        return set()
    places = select(Place.conversation_id).where(Place.conversation_id.in_(conversations))
    begun = select(Inbound.lane).where(Inbound.handled_at.is_(None), Inbound.lane.in_(conversations))
    return set(session.scalars(places)) | set(session.scalars(begun))


def _answer(batch: Iterable[_Waiting], *, stored: bool) -> None:
    for each in batch:
        if not each.stored.done():
            each.stored.set_result(stored)
