"""The triggers that keep the database from changing what was recorded: whether they are there and switched on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

TABLES = (
    *("trail_entry", "trail_payload", "policy_trail", "access_audit", "seal"),
    *("flow_version", "clause_version", "document_version"),
)
ON_SQLITE = ("no_update", "no_delete", "no_replace")
ON_POSTGRESQL = ("no_change", "no_truncate")


def missing(session: Session) -> Iterator[tuple[str, str]]:
    """Each trigger that is not as it should be: its table and its name."""
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    there = _on_sqlite(session) if on_sqlite else _on_postgresql(session)
    for table in TABLES:
        for what in ON_SQLITE if on_sqlite else ON_POSTGRESQL:
            if (table, f"{table}_{what}") not in there:
                yield table, f"{table}_{what}"


def _on_sqlite(session: Session) -> set[tuple[str, str]]:
    """Those that refuse something."""
    query = text("SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%RAISE(ABORT%'")
    return {(table, name) for table, name in session.execute(query)}


def _on_postgresql(session: Session) -> set[tuple[str, str]]:
    """Those that refuse something, also in the sessions of replicas (`ENABLE ALWAYS`)."""
    query = text(
        "SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
        "JOIN pg_proc p ON p.oid = t.tgfoid "
        "WHERE t.tgenabled = 'A' AND p.prosrc LIKE '%RAISE EXCEPTION%' "
        "AND c.relnamespace = current_schema()::regnamespace"
    )
    return {(table, name) for table, name in session.execute(query)}
