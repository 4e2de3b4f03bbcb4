"""What only one process may do at a time, where several share a record: work on one conversation, a nightly job.

Whoever takes a hold has it for a few seconds and renews it while they work. A process that was killed renews nothing,
so that another goes on soon. All times are the database's: the clocks of several machines need not agree.
"""

from __future__ import annotations

import asyncio
import secrets
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from amends.incidents.database import RecordUnavailable
from amends.incidents.threads import in_thread

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy import TextClause

    from amends.incidents.database import Database

LEASE = 10.0
"""Seconds until another may go on with what a killed process held."""
SOON, LATER = 0.02, 0.25
"""Seconds between two looks whether a hold is free: at first, and after a while."""

_CLOCK = {
    "postgresql": "extract(epoch FROM clock_timestamp())",
    "sqlite": "((julianday('now') - 2440587.5) * 86400.0)",
}
# A hold that is lost with a crash has lapsed anyway: nobody has to wait until it is on the disk.
_QUICK = {
    "postgresql": "(SELECT set_config('synchronous_commit', 'off', true) AS setting) AS quick",
    "sqlite": "(SELECT 1 AS setting) AS quick",
}
_TAKE = """
INSERT INTO hold (name, holder, until) SELECT :name, :holder, {clock} + :seconds FROM {quick} WHERE true
ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
WHERE hold.holder = excluded.holder OR hold.until < {clock}
RETURNING name
"""
# Not taken anew: a renewal that comes after the hold was given back changes nothing.
_RENEW = "UPDATE hold SET until = {clock} + :seconds WHERE name = :name AND holder = :holder RETURNING name"
_RELEASE = (
    "DELETE FROM hold WHERE name = :name AND holder = :holder AND EXISTS (SELECT setting FROM {quick}) RETURNING name"
)


class Holds:
    """The holds of one process.

    Args:
        database: of the record.
        lease: seconds that a hold lasts unless it is renewed.
    """

    def __init__(self, database: Database, lease: float = LEASE) -> None:
        self._database = database
        self._lease = lease
        self._holder = secrets.token_hex(16)
        dialect = database.engine.dialect.name
        words = {"clock": _CLOCK[dialect], "quick": _QUICK[dialect]}
        self._take = text(_TAKE.format(**words))
        self._renewal = text(_RENEW.format(**words))
        self._release = text(_RELEASE.format(**words))

    def take(self, name: str) -> bool:
        """Take a hold; False while another has it.

        Raises:
            RecordUnavailable: it cannot be known.
        """
        return self._do(self._take, name=name, seconds=self._lease)

    def release(self, name: str) -> None:
        """Give a hold back.

        Raises:
            RecordUnavailable: it lapses by itself.
        """
        self._do(self._release, name=name)

    @asynccontextmanager
    async def held(self, name: str, patience: float = 0.0) -> AsyncIterator[bool]:
        """Hold something as long as the block lasts; the block is told whether that is so.

        Args:
            name: what is held.
            patience: seconds to wait while another has it.

        Raises:
            RecordUnavailable: it cannot be known.
        """
        if not await self._taken(name, patience):
            yield False
            return
        renewing = asyncio.create_task(self._renew(name))
        try:
            yield True
        finally:
            renewing.cancel()
            await asyncio.gather(renewing, return_exceptions=True)
            with suppress(RecordUnavailable):
                await in_thread(self.release, name)

    async def _taken(self, name: str, patience: float) -> bool:
        loop = asyncio.get_running_loop()
        end, pause = loop.time() + patience, SOON
        while not await in_thread(self.take, name):
            if loop.time() >= end:
                return False
            await asyncio.sleep(pause)
            pause = min(2 * pause, LATER)
        return True

    async def _renew(self, name: str) -> None:
        while True:
            await asyncio.sleep(self._lease / 3)
            with suppress(RecordUnavailable):
                await in_thread(self._do, self._renewal, name=name, seconds=self._lease)

    def _do(self, statement: TextClause, **values: Any) -> bool:
        return self._database.change(statement, {"holder": self._holder, **values})
