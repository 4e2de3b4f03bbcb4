"""What Slack has sent, in a small file beside a record in SQLite, until it stands in the record.

SQLite lets one write at a time, and whoever finds another at work sleeps and tries again. While the assistant works
on many messages an acknowledgement would wait seconds for its turn. The journal is written by the intake alone.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from amends.incidents.database import BUSY_SECONDS, RecordUnavailable
from amends.slack.logs import log_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import URL

    from amends.incidents.database import Database

logger = logging.getLogger(__name__)

MOST = 200
"""How much is moved in one transaction."""
AGAIN = 0.5
"""Seconds until it is tried again, when the record could not be written, or nobody said that there is more."""
TIMES = ("received_at", "not_before")

Row = dict[str, Any]


class Journal:
    """Keeps rows of `Inbound` under their keys, in the order in which they came.

    Several processes may share one file: what two of them move is moved once, because the record knows its key.

    Args:
        path: of the file; it is made if it is not there.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._own = threading.local()
        self._turn = threading.Lock()
        self._open: list[sqlite3.Connection] = []
        self._thread = ThreadPoolExecutor(1, "slack-journal")
        self._more = asyncio.Event()

    @classmethod
    def beside(cls, database: Database) -> Journal | None:
        """The journal of a record in SQLite; None where many can write at once."""
        path = place_of(database.engine.url)
        return cls(path) if path is not None else None

    def keep(self, rows: Sequence[Row]) -> None:
        """Keep rows; when this returns they survive whatever happens to the process.

        Raises:
            RecordUnavailable: they could not be kept.
        """
        with self._writing(durable=True) as connection:
            connection.executemany(
                "INSERT OR IGNORE INTO arrival (key, lane, row) VALUES (?, ?, ?)",
                [(row["key"], row["lane"], json.dumps(row, default=datetime.isoformat)) for row in rows],
            )

    def lanes(self) -> set[str]:
        """The lanes in which something waits to be moved.

        Raises:
            RecordUnavailable: it cannot be read.
        """
        with self._reading() as connection:
            return {str(lane) for (lane,) in connection.execute("SELECT DISTINCT lane FROM arrival")}

    async def move(self, into: Callable[[Sequence[Row]], None], nudge: Callable[[], None]) -> None:
        """Move what is kept into the record, oldest first, until cancelled.

        Args:
            into: puts rows into the record, unless they are there.
            nudge: called when something was moved.
        """
        loop = asyncio.get_running_loop()
        while True:
            self._more.clear()
            moved = 0
            try:
                moved = await loop.run_in_executor(self._thread, self._move, into)
            except RecordUnavailable as error:
                logger.warning("What came from Slack is kept and waits for the record. %s", error)
                await asyncio.sleep(AGAIN)
            except Exception as error:  # noqa: BLE001 - it is kept, and tried again
                log_error(logger, error)
                await asyncio.sleep(AGAIN)
            if moved:
                nudge()
            if moved < MOST:
                try:
                    await asyncio.wait_for(self._more.wait(), AGAIN)
                except TimeoutError:
                    continue

    def more(self) -> None:
        """There is something to move. Inside the running loop."""
        self._more.set()

    def close(self) -> None:
        """Stop; nobody may be using it any more."""
        self._thread.shutdown()
        for connection in self._open:
            connection.close()
        self._open.clear()

    def _move(self, into: Callable[[Sequence[Row]], None]) -> int:
        with self._reading() as connection:
            found = connection.execute("SELECT id, row FROM arrival ORDER BY id LIMIT ?", (MOST,)).fetchall()
        if not found:
            return 0
        into([_read(text) for _, text in found])
        with self._writing(durable=False) as connection:
            connection.executemany("DELETE FROM arrival WHERE id = ?", [(id_,) for id_, _ in found])
        return len(found)

    @contextmanager
    def _writing(self, *, durable: bool) -> Iterator[sqlite3.Connection]:
        """A transaction. What is removed need not be durable: to move it once more changes nothing."""
        with self._turn, self._reading() as connection:
            connection.execute(f"PRAGMA synchronous={'FULL' if durable else 'OFF'}")
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        try:
            yield self._connection()
        except sqlite3.OperationalError as error:
            raise RecordUnavailable("The journal of what Slack sends cannot be used now.") from error

    def _connection(self) -> sqlite3.Connection:
        """The connection of this thread."""
        connection: sqlite3.Connection | None = getattr(self._own, "connection", None)
        if connection is None:
            connection = sqlite3.connect(
                self._path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            self._open.append(connection)
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA secure_delete=ON")
            # AUTOINCREMENT: an id is never used again, so that what is removed is what was moved.
            connection.execute(
                "CREATE TABLE IF NOT EXISTS arrival "
                "(id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT UNIQUE, lane TEXT, row TEXT)"
            )
            self._own.connection = connection
        return connection


def place_of(record: URL) -> Path | None:
    """Where the journal of a record is; None where many can write at once."""
    if record.get_backend_name() != "sqlite" or not record.database:
        return None
    path = Path(record.database)
    return path.with_name(f"{path.stem}-inbound{path.suffix}")


def _read(text: str) -> Row:
    row: Row = json.loads(text)
    return row | {name: datetime.fromisoformat(row[name]) for name in TIMES}
