"""The facts are kept up to date from the trail, and taken up again by the next process."""

import threading
import time

import numpy as np
import pytest
from sqlalchemy import event, func, select

from amends.incidents.database import Database, RecordUnavailable
from amends.incidents.models import Incident, TrailEntry
from amends.incidents.trail import Kind
from amends.insights import ledger as ledgers
from amends.insights.columns import count, unpacked
from amends.insights.ledger import Ledger, StillCounting
from tests.insights.conftest import LONDON
from tests.insights.records import Records
from tests.waiting import LONGEST, at_last


@pytest.fixture
def records(database):
    return Records(database)


def facts(ledger):
    """Level by incident."""
    found = {}
    for block, current in ledger.parts()[1]:
        levels = np.full(len(block), -1)
        for level in range(4):
            levels[unpacked(block.having(("level", str(level))), len(block))] = level
        for id_, level in zip(block.ids[current], levels[current], strict=True):
            assert id_ not in found, "an incident counts once"
            found[int(id_)] = int(level)
    return found


def reads_of(database):
    """The statements with which a ledger reads incidents, as they are sent."""
    seen = []

    def note(_connection, _cursor, statement, *_):
        if "incident.answers" in statement and "incident.history" not in statement:
            seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    return seen


def test_what_changes_is_read_again_and_nothing_else(records):
    first, second = records.add_all([{}, {}])
    ledger = Ledger(records.database, LONDON)
    assert facts(ledger) == {first: 0, second: 0}
    (third,) = records.add_all([{"advised": None}])
    records.change(first, level=2)
    assert facts(ledger) == {first: 2, second: 0, third: -1}


def test_the_number_goes_up_with_every_change_and_only_then(records):
    (first,) = records.add_all([{}])
    ledger = Ledger(records.database, LONDON)
    number = ledger.parts()[0]
    assert ledger.parts()[0] == number
    records.change(first, kind=Kind.NOTE_ADDED)
    assert ledger.parts()[0] in {number, number + 1}
    before = ledger.parts()[0]
    records.change(first, level=3)
    assert ledger.parts()[0] == before + 1


def test_an_entry_that_becomes_visible_late_is_not_missed(database):
    # On PostgreSQL a transaction can take a lower number and be kept after one with a higher.
    records, now = Records(database), [0.0]
    early, late = records.add_all([{}, {}])
    ledger = Ledger(database, LONDON, clock=lambda: now[0])
    assert set(facts(ledger).values()) == {0}
    with database.read() as session:
        newest = session.scalar(select(func.max(TrailEntry.id)))
    change_as_entry(database, early, newest + 50, level=1)
    now[0] += 30
    assert facts(ledger) == {early: 1, late: 0}
    change_as_entry(database, late, newest + 49, level=3)
    now[0] += 50
    assert facts(ledger) == {early: 1, late: 3}


def test_what_was_read_in_the_last_minute_is_not_read_again(records):
    ids = records.add_all([{}, {}, {}])
    ledger = Ledger(records.database, LONDON)
    facts(ledger)
    facts(ledger)
    read = reads_of(records.database)
    facts(ledger)
    assert read == []
    records.change(ids[0], level=1)
    facts(ledger)
    assert len(read) == 1


def change_as_entry(database, incident_id, number, **values):
    """Changes an incident, with a trail entry of a given number."""
    with database.begin() as session:
        incident = session.get_one(Incident, incident_id)
        for name, value in values.items():
            setattr(incident, name, value)
        last = session.scalars(
            select(TrailEntry).where(TrailEntry.incident_id == incident_id).order_by(TrailEntry.sequence.desc())
        ).first()
        columns = {column.key: getattr(last, column.key) for column in TrailEntry.__table__.columns}
        session.add(TrailEntry(**{**columns, "id": number, "sequence": last.sequence + 1, "kind": "note_added"}))


def test_facts_that_changed_move_to_the_rest_when_they_are_many(records, monkeypatch):
    monkeypatch.setattr(ledgers, "MOST_IN_TAIL", 3)
    ids = records.add_all([{}] * 6)
    ledger = Ledger(records.database, LONDON)
    assert len(facts(ledger)) == 6
    for number, id_ in enumerate(ids):
        records.change(id_, level=number % 4)
        assert facts(ledger)[id_] == number % 4
    (more,) = records.add_all([{}])
    assert facts(ledger) == {**{id_: number % 4 for number, id_ in enumerate(ids)}, more: 0}


def test_many_incidents_are_read_in_batches(records, monkeypatch):
    monkeypatch.setattr(ledgers, "BATCH", 2)
    ids = records.add_all([{"answers": {"issue": ["slip", "insult"]}}] * 7)
    ledger = Ledger(records.database, LONDON)
    assert sorted(facts(ledger)) == ids
    (block, _), _ = ledger.parts()[1]
    assert [count(block.having(("kind", kind))) for kind in ("slip", "insult", "profanity")] == [7, 7, 0]


def test_the_next_process_takes_up_what_was_counted(records, tmp_path, monkeypatch):
    monkeypatch.setattr(ledgers, "LATE_ENTRIES", 0)
    ids = records.add_all([{}, {"answers": {"issue": ["insult"], "harm": "upset", "spread": "few"}}])
    file = tmp_path / "cache" / "facts.npz"
    before = facts(Ledger(records.database, LONDON, file))
    records.change(ids[0], level=3)
    read = reads_of(records.database)
    after = facts(Ledger(records.database, LONDON, file))
    assert after == {**before, ids[0]: 3}
    assert len(read) == 1, "only the incident that changed since"
    assert [path.name for path in file.parent.iterdir()] == ["facts.npz"]


@pytest.mark.parametrize("spoilt", [b"", b"PK\x03\x04 half a file", b"\x00" * 5000])
def test_a_file_that_cannot_be_read_is_counted_again(records, tmp_path, monkeypatch, spoilt):
    monkeypatch.setattr(ledgers, "LATE_ENTRIES", 0)
    ids = records.add_all([{}, {}])
    file = tmp_path / "facts.npz"
    file.write_bytes(spoilt)
    assert facts(Ledger(records.database, LONDON, file)) == dict.fromkeys(ids, 0)
    assert file.read_bytes() != spoilt


def test_a_file_of_another_record_is_not_used(sqlite_database, tmp_path, monkeypatch):
    monkeypatch.setattr(ledgers, "LATE_ENTRIES", 0)
    file = tmp_path / "facts.npz"
    records = Records(sqlite_database)
    records.add_all([{}] * 3)
    facts(Ledger(sqlite_database, LONDON, file))
    other = Database(f"sqlite:///{tmp_path / 'other.db'}")
    other.migrate()
    Records(other).add_all([{"advised": None}] * 4)
    assert set(facts(Ledger(other, LONDON, file)).values()) == {-1}
    other.dispose()


def test_where_nothing_can_be_written_it_counts_all_the_same(records, tmp_path, monkeypatch):
    monkeypatch.setattr(ledgers, "LATE_ENTRIES", 0)
    (tmp_path / "file").write_text("in the way")
    ids = records.add_all([{}])
    assert list(facts(Ledger(records.database, LONDON, tmp_path / "file" / "facts.npz"))) == ids


def test_whoever_comes_while_the_record_is_read_first_is_told_so_and_finds_it_done_later(records, monkeypatch):
    records.add_all([{}] * 3)
    ledger, going_on = Ledger(records.database, LONDON), threading.Event()
    read = Ledger._read_all
    monkeypatch.setattr(Ledger, "_read_all", lambda self, session: (going_on.wait(LONGEST), read(self, session))[1])
    with pytest.raises(StillCounting) as told:
        ledger.parts(patience=0.05)
    assert "0 so far" in str(told.value)
    going_on.set()
    assert len(facts(ledger)) == 3


def test_a_record_that_cannot_be_read_is_said(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    with pytest.raises(RecordUnavailable):
        Ledger(database, LONDON).parts()
    database.migrate()
    assert Ledger(database, LONDON).parts()[1][0][0].ids.tolist() == []
    database.dispose()


def test_several_who_look_at_once_see_the_same(records):
    ids = records.add_all([{}] * 20)
    ledger, found = Ledger(records.database, LONDON), []
    threads = [threading.Thread(target=lambda: found.append(len(facts(ledger)))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for id_ in ids[:3]:
        records.change(id_, level=2)
        time.sleep(0.01)
    for thread in threads:
        thread.join()
    assert found == [20] * 4
    assert sum(level == 2 for level in facts(ledger).values()) == 3


def test_the_record_is_read_before_anybody_looks_and_that_ends_with_the_desk(records):
    ids = records.add_all([{}] * 3)
    ledger = Ledger(records.database, LONDON)
    ledger.start()
    at_last(lambda: ledger._seen)
    assert ledger._parts[0][0].ids.tolist() == ids
    ledger.close()
    assert not ledger._keeper.is_alive()


def test_a_first_reading_is_broken_off_when_the_desk_stops(records, monkeypatch, tmp_path):
    records.add_all([{}] * 3)
    monkeypatch.setattr(ledgers, "BATCH", 1)
    monkeypatch.setattr(ledgers, "LATE_ENTRIES", 0)
    monkeypatch.setattr(ledgers, "BREATH", 30)
    ledger = Ledger(records.database, LONDON, tmp_path / "facts.npz")
    ledger.start()
    at_last(lambda: ledger._so_far)
    ledger.close()
    assert not ledger._keeper.is_alive()
    assert ledger._seen == []
    assert not (tmp_path / "facts.npz").exists()
