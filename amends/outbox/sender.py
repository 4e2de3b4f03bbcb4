"""Sends what waits in the outbox: in order for each `to`, several side by side, again when it fails, each once."""

from __future__ import annotations

import asyncio
import logging
import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from amends.incidents.database import RecordUnavailable
from amends.incidents.threads import in_thread
from amends.outbox import outgoing
from amends.outbox.courier import Courier
from amends.outbox.finding import Unsure
from amends.outbox.settling import Failed, Settler
from amends.outbox.wire import Wire, WireError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from amends.incidents.database import Database
    from amends.outbox.courier import Drawing
    from amends.outbox.settling import Result, Then
    from amends.outbox.tables import Outgoing

__all__ = ["Sender", "Wire", "WireError"]

logger = logging.getLogger(__name__)
_chance = random.SystemRandom()

AT_ONCE = 16
"""Messages that are under way side by side."""
POLL = 0.3
"""Seconds between two looks into the outbox when nobody nudges."""
GATHER = 0.02
"""Seconds in which results are gathered, so that one transaction keeps many."""
PATIENCE = 20.0
"""Seconds that one message may take; less than the lease."""
BURST = 3
"""Messages that may go to one channel at once; after them it is the rate."""
SHUT = timedelta(seconds=30)
"""How long nothing is sent after Slack has refused the app."""
AWAY = 1.0
"""Seconds until it is looked again whether the record is there."""
GOODBYE = 1.5
"""Seconds that messages under way still have when the process stops."""


class Sender:
    """Sends what waits. Several may run at once, in one process or in many.

    Args:
        drawings: by name, what draws a message when it is sent: `(session, args, now)` to `{"text", "blocks"}`, or
            None when there is nothing to send any more. `keep` beside them becomes the `body` of `Posted`.
        thens: by name, what is recorded: `(session, row, sent, at)`, in the transaction that settles the row. `sent`
            is false when it was given up, and when there was nothing to send any more.
        now: the clock.
        rate: messages a second that are posted to one channel, after a short burst; `math.inf` in tests.
        jitter: makes a delay somewhat longer or shorter.
    """

    def __init__(
        self,
        database: Database,
        wire: Wire,
        drawings: Mapping[str, Drawing],
        thens: Mapping[str, Then],
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        rate: float = 1.0,
        jitter: Callable[[float], float] = lambda seconds: seconds * _chance.uniform(0.8, 1.2),
    ) -> None:
        self._database = database
        self._courier = Courier(database, wire, drawings, now, self._posting)
        self._settler = Settler(database, thens, jitter)
        self._now = now
        self._apart = timedelta(seconds=1 / rate)
        self._burst = self._apart * (BURST - 1)
        self._free_at: dict[str, datetime] = {}
        """When the last message would have been posted to each channel, had all kept to the rate."""
        self._shut_until = datetime.min.replace(tzinfo=UTC)
        self._results: list[tuple[Outgoing, Result]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._woken = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def nudge(self) -> None:
        """There is something to send now. From any thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._woken.set)

    async def run(self) -> None:
        """Send what waits, for as long as the process lives."""
        self._loop = asyncio.get_running_loop()
        try:
            while True:
                self._woken.clear()
                try:
                    for row in await self._exchange(AT_ONCE - len(self._tasks)):
                        self._start(row)
                except RecordUnavailable as error:
                    logger.warning("The outbox cannot be read or written now: %s", error)
                    await asyncio.sleep(AWAY)
                except Exception as error:  # noqa: BLE001 - one mistake must not end the sending of everything
                    logger.error("A round of sending failed: %s", type(error).__name__)  # noqa: TRY400 - as in settling
                    await asyncio.sleep(AWAY)
                try:
                    async with asyncio.timeout(POLL):
                        await self._woken.wait()
                    await asyncio.sleep(GATHER)
                except TimeoutError:
                    continue
        finally:
            await self._stop()

    async def send_due(self) -> int:
        """Send what is due now, the first message of each `to`; how many these were."""
        rows = await self._exchange(AT_ONCE)
        await asyncio.gather(*(self._carry(row) for row in rows))
        await self._exchange(0)
        return len(rows)

    async def _exchange(self, room: int) -> list[Outgoing]:
        """Keep the results there are, and take what is due: as many rows as there is room for."""
        results, self._results = self._results, []
        work = asyncio.create_task(in_thread(self._keep_and_take, results, room))
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            # The process stops. What was taken and not begun is given back.
            await asyncio.wait({work})
            if work.exception() is not None:
                self._results = [*results, *self._results]
                raise
            for row in work.result():
                stopped = WireError("limited", "stopped", 0.0)
                self._results.append((row, Failed(stopped, sure=not outgoing.may_be_sent(row))))
            raise
        except RecordUnavailable:
            self._results = [*results, *self._results]
            raise

    def _keep_and_take(self, results: list[tuple[Outgoing, Result]], room: int) -> list[Outgoing]:
        at = self._now()
        # What is recorded with a message may wait for an incident; the others do not wait for that.
        for row, result in results:
            if row.then:
                self._settler.settle_alone(row, result, at)
        others = [(row, result) for row, result in results if not row.then]
        if at < self._shut_until <= at + SHUT:
            room = 0
        without = [
            to
            for to, free_at in list(self._free_at.items())
            if self._counts(free_at, at) and free_at - self._burst > at
        ]
        if not others:
            if room <= 0:
                return []
            with self._database.read() as session:
                if not outgoing.is_due(session, at, without):
                    return []
        try:
            with self._database.begin() as session:
                for row, result in others:
                    self._settler.settle(session, row, result, at)
                return outgoing.take(session, at, room, without) if room > 0 else []
        except RecordUnavailable:
            raise
        except Exception as error:
            if not others:
                raise
            # One result that cannot be kept does not take the others with it.
            logger.error("Results could not be kept together: %s", type(error).__name__)  # noqa: TRY400 - as in settling
            for row, result in others:
                self._settler.settle_alone(row, result, at)
            return []

    def _start(self, row: Outgoing) -> None:
        task = asyncio.create_task(self._carry(row))
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._woken.set()

    async def _carry(self, row: Outgoing) -> None:
        result: Result
        try:
            async with asyncio.timeout(PATIENCE):
                result = await self._courier.carry(row)
        except WireError as error:
            result = Failed(error, sure=error.kind != "unknown")
        except Unsure as error:
            result = Failed(error.error, sure=False, ts=error.ts)
        except TimeoutError:
            result = Failed(WireError("unknown", "timeout"), sure=False)
        except Exception as error:  # noqa: BLE001 - a bug on the line must not end the sending
            # Nobody knows how far it came: it is looked for before it is sent again.
            logger.error("A message failed in an unforeseen way: %s, %s", row.key, type(error).__name__)  # noqa: TRY400
            result = Failed(WireError("unknown", type(error).__name__), sure=False)
        if isinstance(result, Failed) and result.error.kind == "closed":
            self._shut(result.error.reason)
        self._results.append((row, result))

    def _shut(self, reason: str) -> None:
        now = self._now()
        if now >= self._shut_until:
            logger.error(
                "Slack takes nothing from this app (%s). What is to be sent is kept; amends doctor helps.", reason
            )
        self._shut_until = now + SHUT

    def _posting(self, to: str) -> None:
        """Something is posted to a channel: the rate counts it."""
        now = self._now()
        self._free_at = {each: free_at for each, free_at in self._free_at.items() if self._counts(free_at, now)}
        self._free_at[to] = max(self._free_at.get(to, now), now) + self._apart

    def _counts(self, free_at: datetime, now: datetime) -> bool:
        """Whether a channel is not free yet. None waits longer than this, unless the clock was put back since."""
        return now < free_at <= now + self._burst + 2 * self._apart

    async def _stop(self) -> None:
        """Let messages under way come to their end, and keep what is known of them."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=GOODBYE)
        for task in self._tasks:
            task.cancel()
        try:
            await self._exchange(0)
        except RecordUnavailable as error:
            logger.warning("What was sent last could not be kept: %s", error)
