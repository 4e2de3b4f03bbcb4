"""Everything that is recorded is sealed, in one chain, by all that write at once; without a key nothing is recorded."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from amends.access import audit
from amends.access.audit import What, viewed
from amends.incidents import seals
from amends.incidents.chain import Harm
from amends.incidents.database import Database, RecordUnavailable
from amends.incidents.keys import Keys, NoKey, id_of
from amends.incidents.models import Seal
from amends.incidents.trail import Kind
from amends.integrity import anchors, whole
from amends.integrity.anchors import AnchorFile
from tests.conftest import _new_database
from tests.incidents.test_record import report
from tests.integrity.conftest import ADA, FIRST, NOW, SECOND, THIRD, fill, note

NEW, OLD = "n" * 40, "o" * 40


def url_of(database):
    return database.engine.url.render_as_string(hide_password=False)


def checked(database, tmp_path, keys=None):
    with database.read(still=True) as session:
        return whole.check(session, keys or database.keys(), AnchorFile(tmp_path / "anchors.jsonl"))


def sealed(database):
    with database.read() as session:
        return [tuple(row) for row in session.execute(select(Seal.number, Seal.of, Seal.entry).order_by(Seal.number))]


def test_entries_of_all_trails_are_sealed_in_the_order_in_which_they_were_kept(database, tmp_path):
    fill(database)
    rows = sealed(database)
    assert [number for number, _, _ in rows] == list(range(1, 17))
    assert rows[:5] == [(1, FIRST, 1), (2, SECOND, 1), (3, THIRD, 1), (4, FIRST, 2), (5, SECOND, 2)]
    assert sorted(rows[5:7]) == [(6, "audit", 1), (7, "policy", 1)]
    found = checked(database, tmp_path)
    assert found.damage == ()
    assert (found.incidents, found.entries, found.policy, found.audit) == (3, 10, 3, 3)
    assert (found.texts, found.files, found.head.number) == (1, 1, 16)


def test_those_who_write_at_once_make_one_chain(database, tmp_path):
    def work(n):
        report(database, f"c{n}", f"web:{n}")
        with database.begin() as session:
            viewed(session, ADA, What.VIEWED_INCIDENT, FIRST, NOW)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(18)))
    assert [number for number, _, _ in sealed(database)] == list(range(1, 37))
    assert checked(database, tmp_path).damage == ()


def test_what_is_taken_back_leaves_no_seal(database, tmp_path):
    report(database)
    with pytest.raises(RuntimeError), database.begin() as session:
        viewed(session, ADA, What.VIEWED_INCIDENT, FIRST, NOW)
        raise RuntimeError
    with database.begin() as session:
        savepoint = session.begin_nested()
        viewed(session, ADA, What.VIEWED_INCIDENT, FIRST, NOW)
        savepoint.rollback()
        viewed(session, ADA, What.SEARCHED, "words", NOW)
    assert sealed(database) == [(1, FIRST, 1), (2, "audit", 1)]
    assert checked(database, tmp_path).damage == ()


@pytest.mark.parametrize("key", ["", "too short", " , "])
def test_without_a_key_nothing_is_recorded_and_a_sentence_says_so(sqlite_database, monkeypatch, key):
    monkeypatch.setenv("TRAIL_KEYS", key)
    keyless = Database(url_of(sqlite_database))
    with pytest.raises(RecordUnavailable, match=r"key.* Nothing was recorded\."):
        report(keyless)
    keyless.dispose()
    assert sealed(sqlite_database) == []
    with sqlite_database.read() as session:
        assert session.scalar(text("SELECT count(*) FROM incident")) == 0


def test_keys_come_from_a_file_if_one_is_named(tmp_path, monkeypatch):
    from amends.settings import Settings

    file = tmp_path / "keys"
    file.write_text(f"{NEW}\n{OLD}\n")
    monkeypatch.setenv("TRAIL_KEYS_FILE", str(file))
    keys = Keys.of(Settings())
    assert list(keys.by_id) == [id_of(NEW), id_of(OLD)]
    assert NEW not in repr(keys)
    monkeypatch.setenv("TRAIL_KEYS_FILE", str(tmp_path / "nowhere"))
    with pytest.raises(NoKey, match="cannot be read"):
        Keys.of(Settings())


def test_after_a_rotation_each_key_checks_what_it_sealed(database, tmp_path):
    both = Keys.read(f"{NEW},{OLD}")
    for keys, talk, person in ((Keys.read(OLD), "c1", "web:ada"), (both, "c2", "web:bo")):
        writing = Database(url_of(database), keys)
        report(writing, talk, person)
        writing.dispose()
    assert checked(database, tmp_path, both).damage == ()
    (found,) = checked(database, tmp_path, Keys.read(NEW)).damage
    assert (found.reference, found.sequence, found.kind) == (FIRST, 1, Harm.KEY_MISSING)
    assert f"the key {id_of(OLD)}, which is not here" in found.sentence


def test_words_may_be_gone_when_a_later_entry_says_that_they_were_erased(database, tmp_path):
    fill(database)
    note(database, SECOND, {"entries": [2, 3], "files": [], "ground": "asked"}, Kind.ERASED)

    def erase(sequence):
        payload = (
            "DELETE FROM trail_payload WHERE entry_id = (SELECT t.id FROM trail_entry t JOIN incident i "
            f"ON i.id = t.incident_id WHERE i.reference = '{SECOND}' AND t.sequence = {sequence})"
        )
        with database.begin() as session:
            session.execute(text(payload))

    erase(2)
    erase(3)
    assert checked(database, tmp_path).damage == ()
    with pytest.raises((DBAPIError, RecordUnavailable)):
        erase(4)


CHANGES = [
    'UPDATE seal SET "of" = "of"',
    "DELETE FROM seal",
    'INSERT OR REPLACE INTO seal SELECT number, "of", entry, key, seal FROM seal',
    "TRUNCATE seal",
    "TRUNCATE trail_entry CASCADE",
    "SET session_replication_role = replica; DELETE FROM seal",
    "SET session_replication_role = replica; UPDATE trail_entry SET kind = 'closed'",
    "INSERT OR REPLACE INTO trail_entry SELECT * FROM trail_entry",
]


@pytest.mark.parametrize("change", CHANGES)
def test_the_database_refuses_to_change_what_was_recorded(database, tmp_path, change):
    other = "sqlite" if "REPLACE INTO" in change else "postgresql" if change[:3] in {"TRU", "SET"} else None
    report(database)
    if other not in {None, database.engine.dialect.name}:
        change = "UPDATE seal SET number = 9"
    with pytest.raises((DBAPIError, RecordUnavailable), match="append-only"), database.begin() as session:
        for statement in change.split("; "):
            session.execute(text(statement))
    assert checked(database, tmp_path).damage == ()


def test_a_restored_older_backup_is_found_by_the_anchors(database, tmp_path):
    report(database)
    url = database.engine.url
    database.dispose()
    if url.get_backend_name() == "sqlite":
        shutil.copy(url.database, tmp_path / "older.db")
        older = Database(f"sqlite:///{tmp_path / 'older.db'}")
    else:
        name = _new_database(url.set(database="postgres"), url.database)
        older = Database(url.set(database=name).render_as_string(hide_password=False))
    report(database, "c2", "web:bo")
    file = AnchorFile(tmp_path / "anchors.jsonl")
    with database.read() as session:
        assert file.note(seals.head(session), NOW)
    assert checked(database, tmp_path).damage == ()
    (found,) = checked(older, tmp_path).damage
    assert (found.reference, found.sequence, found.kind) == ("anchors", 2, Harm.OLDER)
    report(older, "c3", "web:cy")  # it is as long as the real one again
    (found,) = checked(older, tmp_path).damage
    assert "or an older copy that was written to since" in found.sentence
    with older.read() as session:
        end = seals.head(session)
    forged = anchors.restored(end, NOW, "we say so", Keys.read("x" * 40))
    file.note(end, NOW, **{**forged, "key": older.keys().newest})
    assert checked(older, tmp_path).damage == (found,)
    file.note(end, NOW, **anchors.restored(end, NOW, "The disk died.", older.keys()))
    assert checked(older, tmp_path).damage == (found,)  # what was written after the backup hides it
    older.dispose()


def test_whoever_has_the_key_can_say_that_a_backup_was_put_in_place_on_purpose(sqlite_database, tmp_path):
    report(sqlite_database)
    with sqlite_database.read() as session:
        before = seals.head(session)
    file = AnchorFile(tmp_path / "anchors.jsonl")
    later = seals.Head(before.number + 3, "f" * 64)
    file.note(before, NOW)
    file.note(later, NOW)
    (found,) = checked(sqlite_database, tmp_path).damage
    assert found.kind is Harm.OLDER
    file.note(before, NOW, **anchors.restored(before, NOW, "The disk died.", sqlite_database.keys()))
    assert checked(sqlite_database, tmp_path).damage == ()
    report(sqlite_database, "c2", "web:bo")
    assert checked(sqlite_database, tmp_path).damage == ()


def test_the_anchor_file_grows_by_what_is_new_and_says_what_cannot_be_read(database, tmp_path):
    report(database)
    file = AnchorFile(tmp_path / "anchors.jsonl")
    with database.read() as session:
        end = seals.head(session)
    assert file.note(end, NOW)
    assert not file.note(end, NOW)
    assert json.loads(file.path.read_text()) == {"at": NOW.isoformat(timespec="microseconds"), **end._asdict()}
    with file.path.open("a") as stream:
        stream.write('{"at": "20')  # a disk that was full
    report(database, "c2", "web:bo")
    with database.read() as session:
        assert file.note(seals.head(session), NOW)
    found = checked(database, tmp_path)
    assert found.anchors == 3
    assert [each.sentence for each in found.damage] == [
        "Line 2 of anchors.jsonl cannot be read: it was changed or cut."
    ]


def test_a_record_from_before_the_seals_is_sealed_once_as_it_is(database, tmp_path):
    fill(database)
    with database.engine.begin() as connection:
        on = "" if connection.dialect.name == "sqlite" else " ON seal"
        names = ("no_delete", "no_update", "no_replace") if not on else ("no_change", "no_truncate")
        for name in names:
            connection.execute(text(f"DROP TRIGGER seal_{name}{on}"))
        connection.execute(text("DELETE FROM seal"))
        assert seals.seal_all(connection, database.keys(), batch=4) == 16
    assert {each.kind for each in checked(database, tmp_path).damage} == {Harm.GUARD_MISSING}


def test_old_entries_of_the_audit_may_be_gone_when_a_later_one_says_so(database, tmp_path):
    fill(database)
    with database.begin() as session:
        viewed(session, ADA, What.RETENTION, "audit", NOW, {"audit_through": 2})
        session.execute(text("DELETE FROM access_audit WHERE sequence <= 2"))
    assert checked(database, tmp_path).damage == ()
    with database.read() as session:
        assert audit.verify(session) == audit.Verdict(2)
    with database.begin() as session:
        on = "" if database.engine.dialect.name == "sqlite" else " ON access_audit"
        session.execute(text(f"DROP TRIGGER access_audit_no_{'change' if on else 'delete'}{on}"))
        session.execute(text("DELETE FROM access_audit WHERE sequence <= 3"))
    found = [each for each in checked(database, tmp_path).damage if each.kind is not Harm.GUARD_MISSING]
    assert [(each.reference, each.sequence, each.kind) for each in found] == [("audit", 4, Harm.MISSING)]
    with database.read() as session:
        assert audit.verify(session).damage == "Entry 3 of the audit is missing."
