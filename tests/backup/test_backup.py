"""A backup is made while people talk, checked, and put back, on both databases; what is not whole is not taken."""

import json
import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.engine import make_url
from typer.testing import CliRunner

from amends import cli
from amends.backup import CannotBackUp, making, restoring
from amends.backup.folder import MANIFEST
from amends.incidents import deliveries, seals
from amends.incidents.database import Database
from amends.incidents.models import Delivery, Incident
from amends.integrity.anchors import AnchorFile
from amends.settings import ROOT, Settings
from amends.slack.journal import Journal, place_of
from amends.workshop.files import publish_first
from tests.conftest import fresh_postgres
from tests.console.whole import whole_incident

ROW = {"key": "message:C1:1.0", "lane": "slack:T1:C1"}


def published(database):
    """With the flow and the policies that incidents are handled by."""
    publish_first(database, ROOT / "data")
    return database


def address(database):
    return database.engine.url.render_as_string(hide_password=False)


def settings(url):
    return Settings(_env_file=None, database_url=url)


def notes_its_end(database, url):
    """Notes outside of the record where it ends now, as the desk does each night."""
    with database.read() as session:
        AnchorFile.of(settings(url), make_url(url)).note(seals.head(session), datetime.now(UTC))


@pytest.fixture
def filled(database):
    for _ in range(3):
        whole_incident(published(database))
    return database


@pytest.fixture
def backup(filled, tmp_path):
    target = tmp_path / "backups" / "one"
    making.make(address(filled), target)
    return target


@pytest.fixture
def elsewhere(database, tmp_path, request):
    """The address of a place where no record is yet."""
    if database.engine.dialect.name == "sqlite":
        return f"sqlite:///{tmp_path / 'new' / 'record.db'}"
    return fresh_postgres(request.getfixturevalue("postgres_url"))


def answers(url, query):
    database = Database(url)
    try:
        with database.read() as session:
            return session.execute(query).scalar_one()
    finally:
        database.dispose()


def test_what_was_backed_up_is_put_back_and_verifies(filled, backup, elsewhere):
    assert restoring.check(backup, settings(address(filled))).damage == ()
    restored = restoring.put_back(backup, settings(elsewhere))
    assert restored.damage == ()
    assert restored.manifest.contents.incidents == 3
    assert answers(elsewhere, select(func.count()).select_from(Incident)) == 3


def test_the_copy_that_was_put_back_refuses_changes_as_the_record_does(backup, elsewhere):
    restoring.put_back(backup, settings(elsewhere))
    database = Database(elsewhere)
    with pytest.raises(Exception, match="append-only"), database.begin() as session:
        session.execute(text("UPDATE trail_entry SET actor_id = 'somebody'"))
    database.dispose()


def test_checking_leaves_nothing_behind(filled, backup, postgres_url):
    before = sorted(path.name for path in backup.parent.iterdir())
    restoring.check(backup, settings(address(filled)))
    assert sorted(path.name for path in backup.parent.iterdir()) == before
    if filled.engine.dialect.name == "postgresql":
        query = text("SELECT count(*) FROM pg_database WHERE datname LIKE 'amends_check%'")
        assert answers(postgres_url.render_as_string(hide_password=False), query) == 0


def test_a_backup_is_made_while_others_write_and_holds_all_that_was_kept_before(filled, tmp_path, elsewhere):
    over, kept, made = threading.Event(), [], []

    def write():
        while not over.is_set():
            key = f"key {len(kept)}"
            how = {"conversation_id": "web:ben", "person": ("web:ben", "Ben"), "source": "web"}
            deliveries.receive(filled, key, text="hello", at=datetime.now(UTC), **how)
            kept.append(key)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while len(kept) < 20:
            over.wait(0.01)
        # One may be made between two writes: one that was made during a write is what is looked for.
        for number in range(100):
            before = len(kept)
            made.append(tmp_path / f"live-{number}")
            making.make(address(filled), made[-1])
            if len(kept) > before:
                break
        else:
            pytest.fail("Nobody could write while a backup was made.")
    finally:
        over.set()
        writer.join()
    assert restoring.put_back(made[-1], settings(elsewhere)).damage == ()
    query = select(func.count()).select_from(Delivery).where(Delivery.key.in_(kept[:before]))
    assert answers(elsewhere, query) == before


def test_what_slack_was_told_is_kept_and_is_not_in_the_record_yet_is_in_the_backup(sqlite_database, tmp_path):
    at = datetime.now(UTC)
    journal = Journal.beside(sqlite_database)
    journal.keep([ROW | {"received_at": at, "not_before": at}])
    making.make(address(sqlite_database), tmp_path / "one")
    journal.close()
    url = f"sqlite:///{tmp_path / 'new' / 'record.db'}"
    assert restoring.put_back(tmp_path / "one", settings(url)).damage == ()
    restored = Journal(place_of(make_url(url)))
    assert restored.lanes() == {ROW["lane"]}
    restored.close()


def test_a_record_that_is_there_is_never_written_over(filled, backup):
    with pytest.raises(CannotBackUp, match=r"is there already|is not empty"):
        restoring.put_back(backup, settings(address(filled)))
    with filled.read() as session:
        assert session.execute(select(func.count()).select_from(Incident)).scalar_one() == 3


def test_a_backup_that_was_changed_or_is_not_whole_is_refused(filled, backup):
    name = next(name for name in json.loads((backup / MANIFEST).read_text())["files"] if name.startswith("record"))
    record = backup / name
    content = bytearray(record.read_bytes())
    content[len(content) // 2] ^= 1
    record.write_bytes(content)
    with pytest.raises(CannotBackUp, match="changed or damaged"):
        restoring.check(backup, settings(address(filled)))
    record.unlink()
    with pytest.raises(CannotBackUp, match=f"{name} is missing"):
        restoring.check(backup, settings(address(filled)))
    (backup / MANIFEST).unlink()
    with pytest.raises(CannotBackUp, match="is no backup"):
        restoring.check(backup, settings(address(filled)))


def test_a_record_that_was_tampered_with_is_named_when_its_backup_is_checked(sqlite_database, tmp_path):
    reference = whole_incident(published(sqlite_database))
    with sqlite_database.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER trail_entry_no_update")
        connection.exec_driver_sql("UPDATE trail_entry SET actor_id = 'web:other' WHERE sequence = 2")
    making.make(address(sqlite_database), tmp_path / "one")
    damage = restoring.check(tmp_path / "one", settings(address(sqlite_database))).damage
    assert any(sentence.startswith(f"{reference}, entry 2:") for sentence in damage)


def test_a_backup_is_older_than_the_record_and_that_is_no_damage(sqlite_database, tmp_path):
    url = address(published(sqlite_database))
    whole_incident(sqlite_database)
    notes_its_end(sqlite_database, url)
    making.make(url, tmp_path / "one")
    whole_incident(sqlite_database)
    notes_its_end(sqlite_database, url)
    checked = restoring.check(tmp_path / "one", settings(url))
    assert checked.damage == ()
    assert checked.later > 3


def test_a_backup_of_another_record_is_named_by_what_was_noted_of_this_one(sqlite_database, tmp_path):
    url = address(published(sqlite_database))
    whole_incident(sqlite_database)
    making.make(url, tmp_path / "one")
    other = f"sqlite:///{tmp_path / 'other' / 'record.db'}"
    database = Database(other)
    database.migrate()
    publish_first(database, ROOT / "data")
    notes_its_end(database, other)
    database.dispose()
    (tmp_path / "other" / "record.db").unlink()
    assert any("another record" in found for found in restoring.put_back(tmp_path / "one", settings(other)).damage)


def test_a_backup_that_could_not_be_written_leaves_nothing(sqlite_database, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with pytest.raises(CannotBackUp, match="could not be written"):
        making.make(address(sqlite_database), blocked / "one")
    (tmp_path / "one").mkdir()
    with pytest.raises(CannotBackUp, match="is there already"):
        making.make(address(sqlite_database), tmp_path / "one")
    assert list((tmp_path / "one").iterdir()) == []


def test_without_a_record_nothing_is_made(tmp_path):
    with pytest.raises(CannotBackUp, match="There is no record"):
        making.make(f"sqlite:///{tmp_path / 'none.db'}", tmp_path / "one")
    with pytest.raises(CannotBackUp, match="cannot be read or written now"):
        making.make(f"postgresql+psycopg:///none?host={tmp_path}", tmp_path / "one")
    assert not (tmp_path / "one").exists()


def test_the_commands_say_what_they_did_and_stop_with_a_sentence(sqlite_database, tmp_path, monkeypatch):
    whole_incident(published(sqlite_database))
    monkeypatch.setenv("DATABASE_URL", address(sqlite_database))
    run = CliRunner()
    made = run.invoke(cli.app, ["backup", "--to", str(tmp_path / "backups")])
    assert made.exit_code == 0, made.output
    assert "Backed up 1 incidents" in made.output
    (folder,) = (tmp_path / "backups").iterdir()
    checked = run.invoke(cli.app, ["restore", "--check", str(folder)])
    assert (checked.exit_code, "can be put back" in checked.output) == (0, True), checked.output
    refused = run.invoke(cli.app, ["restore", str(folder)])
    assert (refused.exit_code, "is there already" in refused.output) == (1, True), refused.output
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'new' / 'record.db'}")
    back = run.invoke(cli.app, ["restore", str(folder)])
    assert (back.exit_code, "was put back: 1 incidents" in back.output) == (0, True), back.output


def test_only_the_owner_reads_a_backup(backup):
    assert {path.stat().st_mode & 0o077 for path in (backup, *backup.iterdir())} == {0}
