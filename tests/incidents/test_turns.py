"""On SQLite writers take turns: in the order they come, the urgent first, and nobody waits for ever."""

import threading

import pytest
from sqlalchemy import text

from amends.incidents import database as module
from amends.incidents.database import RecordUnavailable
from tests.waiting import LONGEST, at_last


def write(database, name, wrote, **more):
    with database.begin(**more) as session:
        session.execute(text("SELECT 1"))
        wrote.append(name)


def started(database, name, wrote, **more):
    waiting = len(database._turns._waiting)
    thread = threading.Thread(target=write, args=(database, name, wrote), kwargs=more)
    thread.start()
    at_last(lambda: len(database._turns._waiting) > waiting)
    return thread


def test_writers_go_in_the_order_they_came_and_the_urgent_go_first(sqlite_database, monkeypatch):
    monkeypatch.setattr(module, "BUSY_SECONDS", LONGEST)
    wrote = []
    with sqlite_database.begin():
        threads = [started(sqlite_database, n, wrote) for n in range(5)]
        threads.append(started(sqlite_database, "urgent", wrote, urgent=True))
    for thread in threads:
        thread.join()
    assert wrote == ["urgent", 0, 1, 2, 3, 4]


def test_who_waits_too_long_is_told_so_and_the_next_ones_go_on(sqlite_database, monkeypatch):
    wrote = []
    with sqlite_database.begin():
        monkeypatch.setattr(module, "BUSY_SECONDS", 0.1)
        with pytest.raises(RecordUnavailable, match="busy"):
            write(sqlite_database, "impatient", wrote)
        monkeypatch.setattr(module, "BUSY_SECONDS", LONGEST)
        thread = started(sqlite_database, "patient", wrote)
    thread.join()
    write(sqlite_database, "after", wrote)
    assert wrote == ["patient", "after"]


def test_a_turn_ends_also_when_the_work_fails(database):
    with pytest.raises(KeyError), database.begin():
        raise KeyError
    wrote = []
    write(database, "after", wrote, urgent=True)
    assert wrote == ["after"]
