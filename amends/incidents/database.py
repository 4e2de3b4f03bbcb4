"""The database: transactions that hold, on SQLite and on PostgreSQL, and plain words when they cannot."""

from __future__ import annotations

import threading
from collections import deque
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError
from sqlalchemy.orm import Session

from amends.incidents.keys import Keys, NoKey
from amends.incidents.seals import KEYS, keep_sealed
from amends.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Connection, TextClause
    from sqlalchemy.pool import ConnectionPoolEntry

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
BUSY_SECONDS = 3
"""How long a writer waits for another before it says that the record is busy."""


class RecordUnavailable(Exception):  # noqa: N818 - it reads as what it says
    """The record cannot be read or written now. The message is a sentence for the person."""


class Database:
    """The record's database.

    Args:
        url: SQLAlchemy address; sqlite:///... or postgresql+psycopg://...
        keys: what the record is sealed with; without them, those of the settings, read when they are needed first.

    Raises:
        RecordUnavailable: the address is not one of these.
    """

    def __init__(self, url: str, keys: Keys | None = None) -> None:
        try:
            address = make_url(url)
            if address.get_backend_name() == "sqlite" and address.database:
                Path(address.database).parent.mkdir(parents=True, exist_ok=True)
            self.engine = create_engine(address, pool_pre_ping=address.get_backend_name() != "sqlite")
        except (ArgumentError, NoSuchModuleError) as error:
            raise RecordUnavailable(
                "DATABASE_URL is not an address that can be used. Write sqlite:///var/amends.db or "
                "postgresql+psycopg://user:password@host/name."
            ) from error
        self._turns = _Turns() if self.engine.dialect.name == "sqlite" else None
        if self._turns is not None:
            _set_up_sqlite(self.engine)
        self._reading = self.engine.execution_options(amends_reading=True)
        self._alone = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._keys = keys

    def keys(self) -> Keys:
        """What the record is sealed with.

        Raises:
            NoKey: there is none, or one cannot be used.
        """
        if self._keys is None:
            self._keys = Keys.of(Settings())
        return self._keys

    def migrate(self) -> None:
        """Bring the tables to the newest version. Safe to run at every start, and by several at once."""
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        with _plain_words(), self.engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(2009)")
            config.attributes["connection"] = connection
            config.attributes["keys"] = self.keys
            command.upgrade(config, "head")

    @contextmanager
    def begin(self, *, urgent: bool = False) -> Iterator[Session]:
        """One transaction: all of it is kept when the block ends, or nothing.

        Args:
            urgent: where only one can write at a time, this goes before the others that wait in this process.

        Raises:
            RecordUnavailable: it could not be kept.
        """
        turn = self._turns.turn(urgent=urgent) if self._turns is not None else nullcontext()
        with turn, _plain_words(), self._session(self.engine) as session:
            keep_sealed(session)
            with session.begin():
                yield session

    def change(self, statement: TextClause, values: Mapping[str, Any]) -> bool:
        """One statement that is a transaction by itself; whether it gave anything back.

        Where writers do not wait for each other it goes to the database in one message instead of three.

        Raises:
            RecordUnavailable: nothing was changed.
        """
        if self._turns is not None:
            with self.begin() as session:
                return session.execute(statement, values).first() is not None
        with _plain_words(), self._alone.connect() as connection:
            return connection.execute(statement, values).first() is not None

    @contextmanager
    def read(self, *, still: bool = False) -> Iterator[Session]:
        """A session to look things up with; it changes nothing.

        Args:
            still: all that is asked is answered from one state, also on PostgreSQL, where else each query sees its own.
        """
        engine = self._reading
        if still and self._turns is None:
            engine = engine.execution_options(isolation_level="REPEATABLE READ")
        with _plain_words(), self._session(engine) as session:
            yield session

    def _session(self, engine: Engine) -> Session:
        return Session(engine, expire_on_commit=False, info={KEYS: self.keys})

    def dispose(self) -> None:
        """Close all connections; one that a thread still works with is closed when it is given back."""
        event.listen(self.engine, "checkin", _close)
        self.engine.dispose()


class _Turns:
    """One writer after the other, in the order they come, the urgent ones first.

    Left to SQLite, a writer that finds another at work sleeps for up to a tenth of a second and tries again: of many
    that wait the lucky one is next, and some are never lucky.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._busy = False

    @contextmanager
    def turn(self, *, urgent: bool) -> Iterator[None]:
        """Wait until it is the caller's turn; it lasts as long as the block.

        Raises:
            RecordUnavailable: it did not come in time.
        """
        self._wait(urgent=urgent)
        try:
            yield
        finally:
            with self._guard:
                self._next()

    def _wait(self, *, urgent: bool) -> None:
        with self._guard:
            if not self._busy:
                self._busy = True
                return
            mine = threading.Event()
            if urgent:
                self._waiting.appendleft(mine)
            else:
                self._waiting.append(mine)
        if mine.wait(BUSY_SECONDS):
            return
        with self._guard:
            if mine.is_set():
                self._next()
            else:
                self._waiting.remove(mine)
        raise RecordUnavailable(_sentence("locked"))

    def _next(self) -> None:
        if self._waiting:
            self._waiting.popleft().set()
        else:
            self._busy = False


def _close(_connection: Any, record: ConnectionPoolEntry) -> None:
    record.close()


def _set_up_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we begin transactions ourselves, below
        cursor = connection.cursor()
        # What is erased is overwritten in the file, too.
        for setting in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL", "secure_delete=ON"):
            cursor.execute(f"PRAGMA {setting}")
        cursor.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A writer takes its place at once; one that upgrades half-way can fail against another writer.
        reading = connection.get_execution_options().get("amends_reading")
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


@contextmanager
def record_at(url: str) -> Iterator[Database]:
    """The record at an address, at its newest version: for one command, which leaves it again.

    Raises:
        RecordUnavailable: the address cannot be used, or the record cannot be read or written.
    """
    database = Database(url)
    try:
        database.migrate()
        yield database
    finally:
        database.dispose()


@contextmanager
def _plain_words() -> Iterator[None]:
    try:
        yield
    except NoKey as error:
        raise RecordUnavailable(f"{error} Nothing was recorded.") from error
    except OperationalError as error:
        raise RecordUnavailable(_sentence(str(error.orig))) from error
    except DBAPIError as error:
        # A PostgreSQL that became a standby refuses a write, and does not call that an operational error.
        if error.connection_invalidated or "read-only" in str(error.orig):
            raise RecordUnavailable(_sentence(str(error.orig))) from error
        raise


def _sentence(reason: str) -> str:
    """What a database error means to the person who waits."""
    reason = reason.lower()
    if "locked" in reason or "timeout" in reason:
        return "The record is busy and did not answer in time. Nothing was recorded. Try again in a moment."
    if "full" in reason or "no space" in reason:
        return "The disk of the record is full. Nothing was recorded. Tell the people who run this."
    if "readonly" in reason or "read-only" in reason:
        return "The record cannot be written to. Nothing was recorded. Tell the people who run this."
    return "The record cannot be reached. Nothing was recorded. Try again in a moment."
