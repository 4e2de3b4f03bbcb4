"""What arrives is kept once, in few transactions, and is not acknowledged while it cannot be kept."""

import asyncio
import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import event, select, text

from amends.incidents import record
from amends.incidents.database import Database
from amends.outbox.tables import Inbound, Place
from amends.slack import intake as module
from amends.slack.arrivals import Arrival
from amends.slack.intake import Intake
from tests.waiting import LONGEST, until


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """What is not stored in time on a machine that has much else to do is no concern of these tests."""
    monkeypatch.setattr(module, "PATIENCE", LONGEST)
    monkeypatch.setattr(module, "GOODBYE", LONGEST)


def arrival(number=1, *, lane="slack:T1:D1", place="", payload=None):
    return Arrival(f"message:D1:{number}", "message", lane, payload or {"text": str(number)}, place)


def nothing():
    """Nobody has to be told."""


def kept(database):
    with database.read() as session:
        return list(session.scalars(select(Inbound).order_by(Inbound.id)))


async def keep(database, *batches, nudge=nothing):
    intake = Intake(database, nudge)
    try:
        return await asyncio.gather(*(intake.keep(batch) for batch in batches))
    finally:
        await intake.close()


def test_what_arrives_is_stored_as_it_came_and_somebody_is_told(database):
    told = []
    payload = {"text": "Grüße \x00 \ud800", "n": 1}
    assert asyncio.run(keep(database, [arrival(payload=payload)], nudge=lambda: told.append(1))) == [True]
    (row,) = kept(database)
    assert json.loads(row.payload) == payload
    assert (row.key, row.kind, row.lane, row.attempts) == ("message:D1:1", "message", "slack:T1:D1", 0)
    assert row.handled_at is None
    assert told


def test_copies_that_arrive_at_one_instant_and_later_are_stored_once_and_all_acknowledged(database):
    assert asyncio.run(keep(database, *([arrival()] for _ in range(20)))) == [True] * 20
    assert asyncio.run(keep(database, [arrival()])) == [True]
    assert len(kept(database)) == 1


def test_copies_that_two_desks_get_at_one_instant_are_stored_once(database):
    other = Database(database.engine.url.render_as_string(hide_password=False))

    async def both():
        first, second = Intake(database, nothing), Intake(other, nothing)
        work = [intake.keep([arrival(n)]) for n in range(50) for intake in (first, second)]
        try:
            return await asyncio.gather(*work)
        finally:
            await first.close()
            await second.close()

    assert asyncio.run(both()) == [True] * 100
    assert [row.key for row in kept(database)] == [f"message:D1:{n}" for n in range(50)]
    other.dispose()


def test_what_arrives_together_is_stored_in_few_transactions(sqlite_database):
    commits = []
    event.listen(sqlite_database.engine, "commit", lambda _connection: commits.append(1))
    assert all(asyncio.run(keep(sqlite_database, *([arrival(n)] for n in range(100)))))
    assert len(kept(sqlite_database)) == 100
    assert len(commits) <= 5


def test_nothing_to_store_is_acknowledged_without_the_record(sqlite_database):
    sqlite_database.dispose()
    commits = []
    event.listen(sqlite_database.engine, "commit", lambda _connection: commits.append(1))
    assert asyncio.run(keep(sqlite_database, [])) == [True]
    assert commits == []


def test_a_thread_counts_when_it_is_a_conversation(database):
    known, unknown = "slack:T1:C1:1.1", "slack:T1:C1:2.2"
    now = datetime.now(UTC)
    with database.begin() as session:
        record.ensure_participant(session, "slack:T1:UADA", "Ada", now)
        record.ensure_conversation(session, known, "slack:T1:UADA", now)
        session.add(Place(conversation_id=known, team="T1", channel="C1", thread="1.1"))
    batches = [arrival(1, lane=known, place=known)], [arrival(2, lane=unknown, place=unknown)]
    assert asyncio.run(keep(database, *batches)) == [True, True]
    assert [row.key for row in kept(database)] == ["message:D1:1"]


def test_an_answer_that_comes_before_the_mention_was_handled_counts_too(database):
    lane = "slack:T1:C1:1.1"
    mention, answer, later = arrival(1, lane=lane), arrival(2, lane=lane, place=lane), arrival(3, lane=lane, place=lane)
    assert asyncio.run(keep(database, [mention, answer])) == [True]
    assert asyncio.run(keep(database, [later])) == [True]
    assert [row.key for row in kept(database)] == ["message:D1:1", "message:D1:2", "message:D1:3"]


def test_while_the_record_is_gone_nothing_is_acknowledged_and_afterwards_it_is(sqlite_database, tmp_path):
    async def work():
        intake = Intake(sqlite_database, nothing)
        gone = Database(f"sqlite:///{tmp_path / 'empty.db'}")
        intake._database = gone
        first = await intake.keep([arrival()])
        intake._database = sqlite_database
        second = await intake.keep([arrival()])
        await intake.close()
        gone.dispose()
        return first, second

    assert asyncio.run(work()) == (False, True)
    assert len(kept(sqlite_database)) == 1


def test_a_record_that_does_not_answer_is_not_waited_for_and_what_is_stored_late_is_stored_once(
    sqlite_database, monkeypatch
):
    monkeypatch.setattr(module, "PATIENCE", 0.2)

    async def work():
        intake = Intake(sqlite_database, nothing)
        with sqlite_database.begin() as session:
            session.execute(text("SELECT 1"))
            waited = await intake.keep([arrival()])
        again = await intake.keep([arrival()])
        await until(lambda: kept(sqlite_database))
        await intake.close()
        return waited, again

    waited, _again = asyncio.run(work())
    assert waited is False
    assert len(kept(sqlite_database)) == 1


def test_when_the_desk_stops_what_is_being_stored_is_acknowledged_and_what_waits_is_not(sqlite_database):
    async def work():
        intake = Intake(sqlite_database, nothing)
        with sqlite_database.begin() as session:
            session.execute(text("SELECT 1"))
            first = asyncio.create_task(intake.keep([arrival(1)]))
            await asyncio.sleep(0.1)
            second = asyncio.create_task(intake.keep([arrival(2)]))
            await asyncio.sleep(0.1)
        await intake.close()
        return await asyncio.gather(first, second)

    assert asyncio.run(work()) == [True, False]
    assert [row.key for row in kept(sqlite_database)] == ["message:D1:1"]


@pytest.mark.parametrize("error", [ValueError("what somebody wrote"), TypeError("what somebody wrote")])
def test_an_unforeseen_error_is_logged_without_what_was_written_and_the_next_ones_go_on(
    error, sqlite_database, monkeypatch, caplog
):
    async def work():
        intake = Intake(sqlite_database, nothing)
        store = intake._store

        def broken(_batch):
            raise error

        monkeypatch.setattr(intake, "_store", broken)
        first = await intake.keep([arrival(1)])
        monkeypatch.setattr(intake, "_store", store)
        second = await intake.keep([arrival(2)])
        await intake.close()
        return first, second

    assert asyncio.run(work()) == (False, True)
    assert type(error).__name__ in caplog.text
    assert "what somebody wrote" not in caplog.text
