"""Puts the rows of `register_data` into an empty database, the fast way of each, with the indexes made at the end."""

from __future__ import annotations

import sys
from time import perf_counter
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from amends.incidents.database import Database
from amends.register.tables import Marks
from amends.register.terms import TERMS
from bench.register_data import COLUMNS, Batch, Maker

if TYPE_CHECKING:
    from collections.abc import Iterable

MARKS = Marks()
PLAIN = "regexp_replace(lower(words || ' ' || about), '[^[:alnum:]]+', ' ', 'g')"
BIG = ("incident", "involved", "trail_entry", "trail_payload", "register_place", "register_text", "register_tag")


def load(url: str, maker: Maker) -> None:
    """Fill a database that has no incidents yet."""
    database = Database(url)
    database.migrate()
    began = perf_counter()
    if database.engine.dialect.name == "postgresql":
        _postgresql(database, maker)
    else:
        _sqlite(database, maker)
    database.dispose()
    print(f"loaded in {perf_counter() - began:.0f} s", file=sys.stderr)


def _told(batches: Iterable[Batch], count: int) -> Iterable[Batch]:
    done = 0
    for batch in batches:
        yield batch
        done += len(batch.rows.get("incident", ()))
        if done % 50_000 == 0:
            print(f"{done:,} of {count:,} incidents", file=sys.stderr, flush=True)


def _sqlite(database: Database, maker: Maker) -> None:
    raw = database.engine.raw_connection()
    run = raw.driver_connection.execute  # type: ignore[union-attr]
    for setting in ("synchronous=OFF", "cache_size=-400000", "foreign_keys=OFF", "journal_mode=OFF"):
        run(f"PRAGMA {setting}")
    names = ", ".join(f"'{table}'" for table in BIG)
    later = run(
        f"SELECT type, name, sql FROM sqlite_master WHERE tbl_name IN ({names}) AND type IN ('trigger', 'index') "
        "AND sql IS NOT NULL"
    ).fetchall()
    for type_, name, _ in later:
        run(f"DROP {type_} {name}")
    dialect = database.engine.dialect
    for batch in (maker.first(), *()):
        _insert(raw, batch, dialect)
    for batch in _told(maker.batches(), maker.count):
        _insert(raw, batch, dialect)
    print("indexes", file=sys.stderr, flush=True)
    run("INSERT INTO register_index(register_index) VALUES ('rebuild')")
    run("INSERT INTO register_index(register_index) VALUES ('optimize')")
    for _, _, sql in later:
        run(sql)
    run("ANALYZE")
    run("PRAGMA journal_mode=WAL")
    raw.close()


def _insert(raw: Any, batch: Batch, dialect: Any) -> None:
    raw.driver_connection.execute("BEGIN")
    for table, rows in batch.rows.items():
        columns = COLUMNS[table].split()
        places = ", ".join("?" * len(columns))
        raw.driver_connection.executemany(
            f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", _ready(table, rows, dialect)
        )
    raw.driver_connection.execute("COMMIT")


def _ready(table: str, rows: list[tuple[Any, ...]], dialect: Any) -> Iterable[tuple[Any, ...]]:
    if not table.startswith("register_") or "marks" not in COLUMNS[table].split():
        return rows
    at = COLUMNS[table].split().index("marks")
    return [(*row[:at], MARKS.process_bind_param(row[at], dialect), *row[at + 1 :]) for row in rows]


def _postgresql(database: Database, maker: Maker) -> None:
    with database.engine.begin() as connection:
        for statement in (
            "SET session_replication_role = replica",
            "SET maintenance_work_mem = '1GB'",
            "CREATE UNLOGGED TABLE staged (place bigint, words text, about text, marks bigint[])",
        ):
            connection.execute(text(statement))
        later = connection.execute(
            text(
                "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(:tables) "
                "AND indexname NOT IN (SELECT conname FROM pg_constraint)"
            ),
            {"tables": list(BIG)},
        ).all()
        for name, _ in later:
            connection.execute(text(f"DROP INDEX {name}"))
        cursor = connection.connection.driver_connection.cursor()  # type: ignore[union-attr]
        _copy(cursor, maker.first(), database.engine.dialect)
        for batch in _told(maker.batches(), maker.count):
            _copy(cursor, batch, database.engine.dialect)
        print("indexes", file=sys.stderr, flush=True)
        connection.execute(
            text(
                "INSERT INTO register_text (place, words, about, marks, terms) "
                f"SELECT place, words, about, marks, {TERMS.format(words=PLAIN)} FROM staged ORDER BY place"
            )
        )
        connection.execute(text("DROP TABLE staged"))
        for _, definition in later:
            connection.execute(text(definition))
        connection.execute(text("SET session_replication_role = origin"))
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def _copy(cursor: Any, batch: Batch, dialect: Any) -> None:
    for table, rows in batch.rows.items():
        into = "staged" if table == "register_text" else table
        with cursor.copy(f"COPY {into} ({', '.join(COLUMNS[table].split())}) FROM STDIN") as copy:
            for row in _ready(table, rows, dialect):
                copy.write_row(row)
