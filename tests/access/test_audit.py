"""The audit cannot be changed, and a change that was made all the same is found; on SQLite and on PostgreSQL."""

import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from amends.access import audit
from amends.access.audit import What, viewed
from amends.access.people import SignedIn
from amends.console.audit_page import IN_WORDS
from amends.incidents.database import RecordUnavailable
from amends.incidents.trail import Kind

NOW = datetime(2026, 11, 28, 14, 0, tzinfo=UTC)
ADA = SignedIn("oidc:ada", "Ada Okafor", frozenset({"lead", "staff"}))


def look(database, reference="INC-2026-0001", what=What.VIEWED_INCIDENT, who=ADA, **details):
    with database.begin() as session:
        viewed(session, who, what, reference, NOW, details or None)


def entries(database, **which):
    with database.read() as session:
        return audit.entries(session, **which)


def verdict(database):
    with database.read() as session:
        return audit.verify(session)


def test_entries_say_who_what_and_in_which_role(database):
    look(database)
    look(database, "INC-2026-0002", What.EXPORTED_INCIDENT, files=3)
    second, first = entries(database)
    assert (first.sequence, second.sequence) == (1, 2)
    assert (first.participant_id, first.name, first.roles) == ("oidc:ada", "Ada Okafor", "lead staff")
    assert (second.what, second.details, second.at) == ("exported_incident", '{"files": 3}', NOW)
    assert [each.sequence for each in entries(database, reference="INC-2026-0001")] == [1]
    assert entries(database, participant_id="oidc:eve") == []
    assert [each.sequence for each in entries(database, before=2)] == [1]
    assert verdict(database) == audit.Verdict(2)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE access_audit SET name = 'Eve'",
        "DELETE FROM access_audit",
        "INSERT OR REPLACE INTO access_audit SELECT * FROM access_audit",
        "TRUNCATE access_audit",
    ],
)
def test_the_database_refuses_to_change_it(database, statement):
    other = {"INSERT OR": "sqlite", "TRUNCATE ": "postgresql"}.get(statement[:9])
    look(database)
    if other not in {None, database.engine.dialect.name}:
        statement = "DELETE FROM access_audit WHERE sequence = 1"
    with pytest.raises((DBAPIError, RecordUnavailable)), database.begin() as session:
        session.execute(text(statement))
    assert len(entries(database)) == 1


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("UPDATE access_audit SET name = 'Eve' WHERE sequence = 2", "Entry 2 of the audit was changed"),
        ("UPDATE access_audit SET reference = 'INC-2026-0009' WHERE sequence = 1", "Entry 1 of the audit was changed"),
        ("DELETE FROM access_audit WHERE sequence = 2", "Entry 2 of the audit is missing"),
    ],
)
def test_a_change_behind_the_triggers_is_found(database, change, found):
    for _ in range(3):
        look(database)
    with database.begin() as session:
        if database.engine.dialect.name == "postgresql":
            session.execute(text("ALTER TABLE access_audit DISABLE TRIGGER access_audit_no_change"))
        else:
            session.execute(text("DROP TRIGGER access_audit_no_update"))
            session.execute(text("DROP TRIGGER access_audit_no_delete"))
        session.execute(text(change))
    assert found in verdict(database).damage


def test_what_many_see_at_once_is_one_chain(database):
    failed = []

    def many():
        try:
            for _ in range(10):
                look(database)
        except RecordUnavailable as error:
            failed.append(error)

    threads = [threading.Thread(target=many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert verdict(database) == audit.Verdict(40)


def test_what_happened_is_said_in_words():
    assert set(IN_WORDS) == set(What)
    assert {str(Kind.HELD), str(Kind.RELEASED)} <= set(What)
