"""Beside a record in SQLite what arrives is kept in a journal, so that an acknowledgement waits for no other writer."""

import asyncio
import sqlite3

import pytest
from sqlalchemy import select, text

from amends.incidents.database import Database, RecordUnavailable
from amends.outbox.tables import Inbound
from amends.slack import intake as intakes
from amends.slack.arrivals import Arrival
from amends.slack.intake import Intake
from amends.slack.journal import Journal
from tests.waiting import LONGEST, until


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """What is not stored in time on a machine that has much else to do is no concern of these tests."""
    monkeypatch.setattr(intakes, "PATIENCE", LONGEST)


def arrival(number, lane="slack:T1:D1", place=""):
    return Arrival(f"message:D1:{number}", "message", lane, {"text": f"words {number}"}, place)


def nothing():
    """Nobody has to be told."""


def intake_of(database, nudge=nothing):
    return Intake(database, nudge, journal=Journal.beside(database))


def kept(database):
    with database.read() as session:
        return [row.key for row in session.scalars(select(Inbound).order_by(Inbound.id))]


def in_journal(database):
    path = Journal.beside(database)._path
    connection = sqlite3.connect(path)
    try:
        return [key for (key,) in connection.execute("SELECT key FROM arrival ORDER BY id")]
    finally:
        connection.close()


async def keeps(intake, *arrivals):
    return [await intake.keep([each]) for each in arrivals]


async def moves(intake, database, count):
    """Lets what is kept be moved until so many stand in the record and the journal is empty."""
    moving = asyncio.create_task(intake.run())
    try:
        await until(lambda: len(kept(database)) >= count and not in_journal(database))
    finally:
        moving.cancel()
        await asyncio.gather(moving, return_exceptions=True)


def keys(*numbers):
    return [f"message:D1:{number}" for number in numbers]


def test_it_is_acknowledged_while_another_writes_and_stands_in_the_record_afterwards_in_order(sqlite_database):
    told = []

    async def work():
        intake = intake_of(sqlite_database, lambda: told.append(1))
        with sqlite_database.begin() as session:
            session.execute(text("SELECT 1"))
            acknowledged = await keeps(intake, *(arrival(n) for n in (3, 1, 2)))
            before = kept(sqlite_database)
        await moves(intake, sqlite_database, 3)
        await intake.close()
        return acknowledged, before

    assert asyncio.run(work()) == ([True] * 3, [])
    assert kept(sqlite_database) == keys(3, 1, 2)
    assert told


def test_what_was_not_moved_when_the_process_died_is_moved_by_the_next(sqlite_database):
    async def dies():
        intake = intake_of(sqlite_database)
        await keeps(intake, arrival(1), arrival(2))
        await intake.close()

    async def next_one():
        intake = intake_of(sqlite_database)
        await keeps(intake, arrival(2), arrival(3))  # the second was sent again
        await moves(intake, sqlite_database, 3)
        await intake.close()

    asyncio.run(dies())
    assert in_journal(sqlite_database) == keys(1, 2)
    asyncio.run(next_one())
    assert kept(sqlite_database) == keys(1, 2, 3)
    assert in_journal(sqlite_database) == []


def test_a_copy_that_comes_after_it_was_moved_changes_nothing(sqlite_database):
    async def work():
        intake = intake_of(sqlite_database)
        for _ in range(2):
            await keeps(intake, arrival(1))
            await moves(intake, sqlite_database, 1)
        await intake.close()

    asyncio.run(work())
    assert kept(sqlite_database) == keys(1)


def test_two_desks_with_one_journal_move_everything_once(sqlite_database):
    other = Database(sqlite_database.engine.url.render_as_string(hide_password=False))

    async def work():
        first, second = intake_of(sqlite_database), intake_of(other)
        moving = [asyncio.create_task(each.run()) for each in (first, second)]
        for n in range(40):
            await keeps((first, second)[n % 2], arrival(n))
        await moves(first, sqlite_database, 40)
        for each in moving:
            each.cancel()
        await asyncio.gather(*moving, return_exceptions=True)
        await first.close()
        await second.close()

    asyncio.run(work())
    assert sorted(kept(sqlite_database)) == sorted(keys(*range(40)))
    other.dispose()


def test_what_does_not_count_is_not_in_the_journal_either(sqlite_database):
    lane, unknown = "slack:T1:C1:1.1", "slack:T1:C1:2.2"

    async def work():
        intake = intake_of(sqlite_database)
        arrivals = (arrival(1, unknown, unknown), arrival(2, lane), arrival(3, lane, lane))
        acknowledged = await keeps(intake, *arrivals)
        there = in_journal(sqlite_database)
        await moves(intake, sqlite_database, 2)
        acknowledged += await keeps(intake, arrival(4, lane, lane), arrival(5, unknown, unknown))
        await intake.close()
        return acknowledged, there

    assert asyncio.run(work()) == ([True] * 5, keys(2, 3))
    assert in_journal(sqlite_database) == keys(4)


def test_what_cannot_be_kept_in_the_journal_is_not_acknowledged(sqlite_database):
    async def work():
        intake = intake_of(sqlite_database)
        first = await keeps(intake, arrival(1))
        lock = sqlite3.connect(Journal.beside(sqlite_database)._path, isolation_level=None)
        lock.execute("BEGIN EXCLUSIVE")
        try:
            second = await keeps(intake, arrival(2))
        finally:
            lock.execute("ROLLBACK")
            lock.close()
        await intake.close()
        return first + second

    assert asyncio.run(work()) == [True, False]


@pytest.mark.parametrize("wrong", [RuntimeError("of ours"), RecordUnavailable("The record is busy.")])
def test_what_the_record_does_not_take_now_is_tried_again(sqlite_database, wrong, monkeypatch):
    async def work():
        intake = intake_of(sqlite_database)
        right, failures = intake._move, [wrong]

        def move(rows):
            if failures:
                raise failures.pop()
            right(rows)

        monkeypatch.setattr(intake, "_move", move)
        await keeps(intake, arrival(1))
        await moves(intake, sqlite_database, 1)
        await intake.close()
        return failures

    assert asyncio.run(work()) == []
    assert kept(sqlite_database) == keys(1)


def test_where_many_can_write_at_once_there_is_no_journal():
    database = Database("postgresql+psycopg://nobody@localhost/nothing")
    assert Journal.beside(database) is None
    database.dispose()
