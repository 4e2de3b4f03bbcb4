"""The record as files from the command line."""

import csv
import io
import json
import subprocess
import sys
import zipfile

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from amends.access import audit
from amends.access.tables import AuditEntry
from amends.exports.cli import app
from amends.incidents import record
from amends.incidents.database import Database
from amends.leads import acts
from amends.register import shelving
from amends.settings import ROOT
from tests.exports.conftest import full, unpacked
from tests.exports.test_verifier import changed
from tests.leads.conftest import LIN, NOW, Room


@pytest.fixture
def amends(sqlite_database, tmp_path, monkeypatch):
    room = full(sqlite_database)
    with sqlite_database.begin() as session:
        shelving.changed(session, record.find(session, room.reference), NOW)
    sqlite_database.dispose()
    url = f"sqlite:///{tmp_path / 'record.db'}"
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.chdir(tmp_path)

    def run(*arguments, code=0):
        result = CliRunner().invoke(app, [str(each) for each in arguments])
        assert result.exit_code == code, result.stderr
        return result.stdout, result.stderr

    run.folder, run.url = tmp_path, url
    return run


def test_the_command_is_there():
    ran = [sys.executable, "-m", "amends.cli", "export", "check", "nowhere.zip"]
    result = subprocess.run(ran, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (1, "There is nothing called nowhere.zip.\n")


def audited(amends):
    database = Database(amends.url)
    with database.read() as session:
        found = list(session.scalars(select(AuditEntry).order_by(AuditEntry.sequence)))
        assert audit.verify(session).damage == ""
    database.dispose()
    return found


def test_a_bundle_is_written_checked_and_in_the_audit(amends):
    said, _ = amends("incident", "inc-2026-0001")
    path = amends.folder / "INC-2026-0001-evidence.zip"
    assert "Written: INC-2026-0001-evidence.zip" in said
    assert path.stat().st_mode & 0o777 == 0o600
    (entry,) = audited(amends)
    assert (entry.what, entry.reference) == ("exported_incident", "INC-2026-0001")
    assert json.loads(entry.details)["manifest"] in said
    said, _ = amends("check", path)
    assert "Note: The record has the same trail. Entries since then: 0." in said
    assert "Note: The audit knows it: exported by " in said
    assert said.splitlines()[-1] == "Nothing is wrong."
    with zipfile.ZipFile(path) as bundle:
        assert bundle.testzip() is None
    assert list(amends.folder.glob("*.part")) == []


def test_a_bundle_of_earlier_is_the_beginning_of_the_record(amends):
    amends("incident", "INC-2026-0001")
    database = Database(amends.url)
    with database.begin() as session:
        acts.add_note(session, Room.settings, record.find(session, "INC-2026-0001"), LIN, "Later.", NOW)
    database.dispose()
    said, _ = amends("check", "INC-2026-0001-evidence.zip")
    assert "Note: The record has the same trail. Entries since then: 1." in said


def test_a_bundle_that_was_written_anew_is_found_by_the_record(amends):
    """Its own verifier cannot see that; the record and its audit can."""
    amends("incident", "INC-2026-0001", "--out", "b.zip")
    folder = unpacked((amends.folder / "b.zip").read_bytes(), amends.folder / "out")
    changed(folder, lambda whole: whole.update(state="nothing happened"), "incident.json")
    _, wrong = amends("check", folder, code=1)
    assert wrong.splitlines() == [
        "WRONG: The audit knows no bundle with this manifest: it was not made here, or was changed since."
    ]
    changed(folder, lambda trail: trail["entries"].pop())
    changed(folder, lambda whole: whole["chain"].update(entries=14), "manifest.json")
    _, wrong = amends("check", folder, code=1)
    assert "WRONG: The audit knows no bundle" in wrong


def test_a_list_is_printed_as_csv_and_written_as_json(amends):
    text, _ = amends("list")
    (row,) = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    assert row["reference"] == "INC-2026-0001"
    said, _ = amends("list", "--as", "json", "--where", "state=closed", "--out", "l.json")
    assert said.strip() == "Written: l.json"
    whole = json.loads((amends.folder / "l.json").read_text("utf-8"))
    assert (whole["count"], whole["filter"]) == (1, "state=closed&sort=newest")
    assert json.loads(amends("list", "--as", "json", "--where", "state=asking")[0])["incidents"] == []
    assert [(each.what, each.reference) for each in audited(amends)] == [
        ("exported_list", "csv"),
        ("exported_list", "json"),
        ("exported_list", "json"),
    ]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("incident", "INC-1999-0001"), "There is no incident INC-1999-0001"),
        (("list", "--where", "level=9"), "9"),
        (("list", "--sort", "prettiest"), "A list cannot be sorted by 'prettiest'."),
        (("list", "--out", "nowhere/x.csv"), "The file cannot be written:"),
        (("incident", "INC-2026-0001", "--out", "nowhere/x.zip"), "The file cannot be written:"),
        (("check", "nowhere.zip"), "There is nothing called nowhere.zip."),
        (("check", "record.db"), "record.db is not a whole ZIP file."),
    ],
)
def test_what_cannot_be_done_gets_a_sentence(amends, arguments, sentence):
    said, wrong = amends(*arguments, code=1)
    assert sentence in wrong
    assert "Traceback" not in wrong
    assert said == ""
