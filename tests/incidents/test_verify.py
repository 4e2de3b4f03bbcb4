"""Damage to the record is found and named."""

import pytest
from sqlalchemy import text

from amends.incidents import record
from amends.incidents.verify import verify
from tests.incidents.test_record import add, report


@pytest.fixture
def trail(database):
    """An incident with five entries and another with one; the triggers are gone, as an intruder would have it."""
    reference = report(database)
    with database.begin() as session:
        incident = record.lock(session, record.find(session, reference).id)
        for n in range(4):
            add(session, incident, payload={"text": f"note {n}"})
    report(database, "c2", "web:bob")
    with database.engine.begin() as connection:
        tables = ("trail_entry", "trail_payload")
        if connection.dialect.name == "sqlite":
            for table in tables:
                for what in ("no_update", "no_delete", "no_replace"):
                    connection.execute(text(f"DROP TRIGGER {table}_{what}"))
            connection.execute(text("PRAGMA foreign_keys=OFF"))
        else:
            for table in tables:
                connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
    return database


def damaged(database, *statements):
    with database.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.execute(text("COMMIT"))
            connection.execute(text("PRAGMA foreign_keys=OFF"))
            connection.execute(text("BEGIN"))
        for statement in statements:
            connection.execute(text(statement))
        connection.commit()
    with database.read() as session:
        return verify(session).damage


def test_an_untouched_trail_verifies(trail):
    with trail.read() as session:
        verdict = verify(session)
    assert verdict.damage == ()
    assert (verdict.incidents, verdict.entries) == (2, 6)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("kind", "'closed'"),
        ("actor_id", "'web:eve'"),
        ("source", "'slack'"),
        ("said_at", "'2020-01-01T00:00:00.000000+00:00'"),
        ("recorded_at", "'2020-01-01T00:00:00.000000+00:00'"),
        ("flow_version", "'abc'"),
        ("clauses", "'[1]'"),
        ("supersedes", "1"),
        ("payload_digest", "'abc'"),
        ("hash", "'abc'"),
    ],
)
def test_a_changed_column_is_found(trail, column, value):
    (found,) = damaged(trail, f"UPDATE trail_entry SET {column} = {value} WHERE incident_id = 1 AND sequence = 3")
    assert (found.reference, found.sequence) == ("INC-2026-0001", 3)
    assert found.sentence == "It was changed after it was written."


def test_a_changed_previous_hash_is_found(trail):
    (found,) = damaged(trail, "UPDATE trail_entry SET previous_hash = 'x' WHERE incident_id = 1 AND sequence = 3")
    assert found.sequence == 3
    assert "does not follow" in found.sentence


def test_an_entry_removed_in_the_middle_is_found(trail):
    (found,) = damaged(
        trail,
        "DELETE FROM trail_payload WHERE entry_id = 3",
        "DELETE FROM trail_entry WHERE incident_id = 1 AND sequence = 3",
    )
    assert (found.sequence, found.sentence) == (4, "Entry 3 is missing: the next one there is entry 4.")


def test_two_entries_that_changed_places_are_found(trail):
    (found,) = damaged(
        trail,
        "UPDATE trail_entry SET sequence = 99 WHERE incident_id = 1 AND sequence = 3",
        "UPDATE trail_entry SET sequence = 3 WHERE incident_id = 1 AND sequence = 4",
        "UPDATE trail_entry SET sequence = 4 WHERE incident_id = 1 AND sequence = 99",
    )
    assert found.sequence == 3


def test_an_exchanged_or_changed_payload_is_found(trail):
    (found,) = damaged(trail, 'UPDATE trail_payload SET body = \'{"text": "other"}\' WHERE entry_id = 2')
    assert (found.sequence, found.sentence) == (2, "What was said in it was changed or exchanged.")


def test_a_missing_payload_is_found(trail):
    (found,) = damaged(trail, "DELETE FROM trail_payload WHERE entry_id = 2")
    assert (found.sequence, found.sentence) == (2, "What was said in it is missing.")


def test_an_added_entry_is_found(trail):
    columns = "kind, actor_id, source, said_at, recorded_at, flow_version, clauses, supersedes, payload_digest"
    (found,) = damaged(
        trail,
        f"INSERT INTO trail_entry (id, incident_id, sequence, {columns}, previous_hash, hash) "
        f"SELECT 77, incident_id, 6, {columns}, previous_hash, hash FROM trail_entry WHERE id = 2",
    )
    assert found.sequence == 6


def test_a_missing_incident_is_found(trail):
    found = damaged(
        trail,
        "UPDATE conversation SET incident_id = NULL",
        "DELETE FROM trail_payload WHERE entry_id = 6",
        "DELETE FROM trail_entry WHERE incident_id = 2",
        "DELETE FROM involved WHERE incident_id = 2",
        "DELETE FROM incident WHERE id = 2",
    )
    assert [(f.reference, f.sentence) for f in found] == [("INC-2026-0002", "The whole incident is missing.")]


def test_an_incident_whose_trail_is_gone_is_found(trail):
    found = damaged(
        trail,
        "DELETE FROM trail_payload WHERE entry_id = 6",
        "DELETE FROM trail_entry WHERE incident_id = 2",
    )
    assert found[0].sentence == "The incident has no trail at all."
