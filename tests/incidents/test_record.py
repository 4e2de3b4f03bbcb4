"""The record keeps what it was given, once, in order, or refuses and says so. On SQLite and on PostgreSQL."""

import gc
import warnings
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from amends.incidents import deliveries, record, trail
from amends.incidents.database import Database, RecordUnavailable
from amends.incidents.models import Base, Delivery, Incident, TrailEntry
from amends.incidents.trail import Kind
from amends.incidents.visible import Viewer, incident_for, incidents_of
from tests.flows.small import small

NOW = datetime(2026, 3, 2, 9, 20, 30, 123456, tzinfo=UTC)


def report(database, conversation="c1", person="web:ada", title="A post") -> str:
    with database.begin() as session:
        record.ensure_participant(session, person, person.title(), NOW)
        talk = record.ensure_conversation(session, conversation, person, NOW)
        incident = record.open_incident(session, talk, small(), title, "web", NOW, 2026)
        add(session, incident, Kind.REPORTED, {"text": title})
        return incident.reference


def add(session, incident, kind=Kind.NOTE_ADDED, payload=None, **changes):
    given = {"actor_id": "web:ada", "source": "web", "said_at": NOW, "recorded_at": NOW, **changes}
    return trail.append(session, incident, kind, payload or {"text": "note"}, **given)


def test_the_migration_makes_the_tables_of_the_models(database):
    database.migrate()
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": _in_models})
        assert compare_metadata(context, Base.metadata) == []


def _in_models(name, type_, _parents):
    """All but the inverted indexes of the register, which each database has in its own way; see migration 0005."""
    inverted = {"index": {"register_place_marks", "register_text_terms"}}
    return name not in inverted.get(type_, ()) and not (type_ == "table" and name.startswith("register_index"))


def test_references_count_up_in_each_year_without_gaps_under_load(database):
    with ThreadPoolExecutor(8) as pool:
        references = list(pool.map(lambda n: report(database, f"c{n}", f"web:{n}"), range(24)))
    assert sorted(references) == [f"INC-2026-{n:04d}" for n in range(1, 25)]


def test_a_failed_transaction_leaves_no_gap(database):
    with pytest.raises(RuntimeError), database.begin() as session:
        record.ensure_participant(session, "web:ada", "Ada", NOW)
        talk = record.ensure_conversation(session, "c1", "web:ada", NOW)
        record.open_incident(session, talk, small(), "x", "web", NOW, 2026)
        raise RuntimeError
    assert report(database) == "INC-2026-0001"


def test_times_come_back_as_they_went_in(database):
    reference = report(database)
    said = datetime(2026, 3, 2, 10, 0, 0, 7, tzinfo=timezone(timedelta(hours=1)))
    with database.begin() as session:
        incident = record.lock(session, record.find(session, reference).id)
        add(session, incident, said_at=said)
    with database.read() as session:
        entry = trail.entries(session, record.find(session, reference))[-1]
    assert entry.said_at == said
    assert entry.recorded_at == NOW


def test_a_time_without_a_zone_is_refused(sqlite_database):
    with pytest.raises(Exception, match="needs its zone"), sqlite_database.begin() as session:
        record.ensure_participant(session, "web:ada", "Ada", datetime(2026, 3, 2))  # noqa: DTZ001


def test_the_trail_is_numbered_without_gaps_when_many_write_at_once(database):
    reference = report(database)

    def note(n):
        with database.begin() as session:
            incident = record.lock(session, record.find(session, reference).id)
            add(session, incident, payload={"text": f"note {n}"})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(note, range(20)))
    with database.read() as session:
        entries = trail.entries(session, record.find(session, reference))
    assert [entry.sequence for entry in entries] == list(range(1, 22))


@pytest.mark.parametrize("at_once", [1, 8])
def test_the_same_command_has_one_effect_and_one_result(database, at_once):
    reference = report(database)

    def command(n):
        with database.begin() as session:

            def work():
                incident = record.lock(session, record.find(session, reference).id)
                add(session, incident)
                return {"by": n}

            return record.once(session, "web:1:note", work, NOW)

    with ThreadPoolExecutor(at_once) as pool:
        results = list(pool.map(command, range(8)))
    assert all(result == results[0] for result in results)
    with database.read() as session:
        assert len(trail.entries(session, record.find(session, reference))) == 2


def test_a_command_that_failed_may_be_tried_again(database):
    def fail():
        raise RuntimeError

    with pytest.raises(RuntimeError), database.begin() as session:
        record.once(session, "k", fail, NOW)
    with database.begin() as session:
        assert record.once(session, "k", lambda: "done", NOW) == "done"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE trail_entry SET kind = 'x'",
        "DELETE FROM trail_entry",
        "UPDATE trail_payload SET body = 'x'",
        "DELETE FROM trail_payload",
        "DELETE FROM flow_version",
        "UPDATE flow_version SET source = 'x'",
    ],
)
def test_the_trail_refuses_to_be_changed(database, statement):
    report(database)
    with pytest.raises(DBAPIError, match="append-only"), database.engine.begin() as connection:
        connection.execute(text(statement))


def test_sqlite_refuses_insert_or_replace(sqlite_database):
    report(sqlite_database)
    with pytest.raises(DBAPIError, match="append-only"), sqlite_database.engine.begin() as connection:
        connection.execute(text("INSERT OR REPLACE INTO trail_payload SELECT entry_id, salt, 'x' FROM trail_payload"))
    with pytest.raises(DBAPIError, match="append-only"), sqlite_database.engine.begin() as connection:
        connection.execute(text("INSERT OR REPLACE INTO trail_entry SELECT * FROM trail_entry"))


def test_postgresql_refuses_truncate_even_for_a_replica(postgres_url):
    from tests.conftest import fresh_postgres

    database = Database(fresh_postgres(postgres_url))
    database.migrate()
    report(database)
    for statement in ("TRUNCATE trail_entry CASCADE", "UPDATE trail_entry SET kind = 'x'"):
        with pytest.raises(DBAPIError, match="append-only"), database.engine.begin() as connection:
            connection.execute(text("SET session_replication_role = replica"))
            connection.execute(text(statement))
    database.dispose()


def test_when_the_trail_cannot_be_written_the_change_did_not_happen(database):
    reference = report(database)
    with database.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            trigger = "CREATE TRIGGER broken BEFORE INSERT ON trail_entry BEGIN SELECT RAISE(ABORT, 'broken'); END"
        else:
            trigger = (
                "CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'broken'; END $$; "
                "CREATE TRIGGER broken BEFORE INSERT ON trail_entry FOR EACH ROW EXECUTE FUNCTION broken()"
            )
        connection.exec_driver_sql(trigger)
    with pytest.raises(DBAPIError), database.begin() as session:
        incident = record.lock(session, record.find(session, reference).id)
        incident.state = record.State.CLOSED
        add(session, incident, Kind.CLOSED)
    with database.read() as session:
        assert record.find(session, reference).state == record.State.CONFIRMING


def test_a_locked_database_is_said_to_be_busy(sqlite_database):
    report(sqlite_database)
    blocker = sqlite_database.engine.raw_connection()
    blocker.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(RecordUnavailable, match="busy"), sqlite_database.begin() as session:
            session.execute(text("PRAGMA busy_timeout=1"))
    finally:
        blocker.rollback()
        blocker.close()
    assert report(sqlite_database, "c2") == "INC-2026-0002"


def test_a_full_disk_is_said_to_be_full_and_nothing_is_half_written(sqlite_database):
    report(sqlite_database)

    def fill():
        with sqlite_database.begin() as session:
            session.execute(text("PRAGMA max_page_count=1"))
            talk = record.ensure_conversation(session, "c1", "web:ada", NOW)
            incident = record.open_incident(session, talk, small(), "x" * 100_000, "web", NOW, 2026)
            add(session, incident, payload={"text": "y" * 100_000})

    with pytest.raises(RecordUnavailable, match="full"):
        fill()
    with sqlite_database.engine.connect() as connection:
        connection.execute(text("PRAGMA max_page_count=1000000"))
    assert report(sqlite_database, "c2") == "INC-2026-0002"


def test_a_server_that_cannot_be_reached_is_said_to_be_so():
    database = Database("postgresql+psycopg://nobody@127.0.0.1:1/nothing?connect_timeout=1")
    with pytest.raises(RecordUnavailable, match="cannot be reached"):
        database.migrate()


def test_a_strange_address_gets_a_sentence():
    with pytest.raises(RecordUnavailable, match="DATABASE_URL"):
        Database("not an address")


def test_only_my_own_incidents_are_mine(database):
    mine = report(database, "c1", "web:ada")
    theirs = report(database, "c2", "web:bob")
    with database.read() as session:
        assert [incident.reference for incident in incidents_of(session, Viewer("web:ada"))] == [mine]
        assert incident_for(session, Viewer("web:ada"), mine.lower()).reference == mine
        with pytest.raises(record.UnknownIncident):
            incident_for(session, Viewer("web:ada"), theirs)


def test_a_message_is_stored_once_and_its_replies_are_kept(database):
    def receive(_):
        return deliveries.receive(
            database, "k1", conversation_id="c1", person=("web:ada", "Ada"), source="web", text="help", at=NOW
        ).id

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(receive, range(8)))) == 1
    assert [d.key for d in deliveries.waiting(database)] == ["k1"]
    deliveries.finish(database, "k1", [{"text": "hello"}], NOW)
    deliveries.finish(database, "k1", [{"text": "another"}], NOW)
    assert deliveries.waiting(database) == []
    (kept,) = deliveries.transcript(database, "c1")
    assert kept.replies == '[{"text": "hello"}]'
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Delivery)) == 1


def test_a_key_of_another_conversation_is_refused(database):
    given = {"person": ("web:ada", "Ada"), "source": "web", "text": "help", "at": NOW}
    deliveries.receive(database, "k1", conversation_id="c1", **given)
    with pytest.raises(deliveries.StrangeKey):
        deliveries.receive(database, "k1", conversation_id="c2", **given)


def test_a_flow_version_is_kept_with_its_text(database):
    reference = report(database)
    with database.read() as session:
        incident = record.find(session, reference)
        assert record.flow_text(session, incident.flow_version) == small().source
        assert session.scalar(select(func.count()).select_from(Incident)) == 1
        assert session.scalar(select(func.count()).select_from(TrailEntry)) == 1


def test_a_connection_that_a_thread_works_with_when_the_database_is_given_up_is_closed_afterwards(sqlite_database):
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        with sqlite_database.read() as session:
            session.execute(text("SELECT 1"))
            sqlite_database.dispose()
        del session
        gc.collect()
    assert [str(each.message) for each in said if each.category is ResourceWarning] == []
