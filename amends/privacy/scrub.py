"""After something was erased: the database overwrites it, so that it is not in the file any more either."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from amends.incidents.database import Database

PAGES = 200
"""How much of the index of words is merged in one transaction: so long another writer waits, at most."""
MOST = 10_000
"""Transactions at most. What is left is merged the next time."""
TABLES = (
    *("trail_payload", "delivery", "command", "evidence", "incident", "conversation", "story", "review", "follow_up"),
    *("register_text", "inbound", "outgoing", "posted", "access_audit", "account_person", "draft_reading"),
)


def scrub(database: Database) -> None:
    """Have the database overwrite what was deleted. Others can go on working.

    SQLite overwrites by itself (`secure_delete`), but its index of words keeps what was taken out until it is merged,
    and the write-ahead log until it is emptied. PostgreSQL frees the room by VACUUM, and overwrites it with what is
    written next.

    Raises:
        RecordUnavailable: the database was busy; it is erased all the same, and scrubbed the next time.
    """
    if database.engine.dialect.name == "postgresql":
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f"VACUUM {', '.join(TABLES)}"))
        return
    size = -PAGES
    for _ in range(MOST):
        if not _merge(database, size):
            break
        size = PAGES
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT", amends_reading=True) as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def _merge(database: Database, pages: int) -> bool:
    """Merge some of the index of words; whether there was anything to merge (two changes or more, as FTS5 says)."""
    with database.begin() as session:
        connection = session.connection()
        count = text("SELECT total_changes()")
        before = connection.execute(count).scalar_one()
        connection.execute(
            text("INSERT INTO register_index(register_index, rank) VALUES ('merge', :pages)"), {"pages": pages}
        )
        return bool(connection.execute(count).scalar_one() - before > 1)
