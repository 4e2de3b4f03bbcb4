"""`amends trail` from the command line."""

import json

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from amends.incidents.keys import id_of
from amends.integrity.cli import trail_app
from tests.incidents.test_record import report
from tests.integrity.conftest import FIRST, fill

OLD = "o" * 40


@pytest.fixture
def trail(sqlite_database, tmp_path, monkeypatch):
    """Runs the command on a record that a key of a file sealed."""
    (tmp_path / "keys").write_text(f"{OLD}\n")
    monkeypatch.delenv("TRAIL_KEYS")
    monkeypatch.setenv("TRAIL_KEYS_FILE", str(tmp_path / "keys"))
    monkeypatch.setenv("ANCHOR_FILE", str(tmp_path / "outside" / "anchors.jsonl"))
    monkeypatch.setenv("DATABASE_URL", sqlite_database.engine.url.render_as_string())
    fill(sqlite_database)

    def trail(*arguments):
        result = CliRunner().invoke(trail_app, arguments)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result.exit_code, " ".join(result.output.split())

    return trail


def test_the_whole_record_is_checked_and_its_end_is_said(trail):
    code, said = trail("verify")
    assert code == 0
    assert "Checked 10 entries of 3 incidents: 0 damaged." in said
    assert "Checked 3 entries of the policy trail and 1 versions of flows and policies: 0 damaged." in said
    assert "Checked 3 entries of the audit: 0 damaged." in said
    assert "Checked 1 files, 0 anchors and the guards of the tables: 0 damaged." in said
    assert "The record ends with 16:" in said
    assert trail("verify", FIRST.lower()) == (0, "Checked 4 entries of INC-2026-0001: 0 damaged.")


def test_an_end_from_elsewhere_is_held_against_it(trail):
    end = trail("anchor")[1].split()[0]
    assert trail("verify", "--anchor", end)[0] == 0
    code, said = trail("verify", "--anchor", f"15:{end.partition(':')[2]}")
    assert code == 1
    assert "Seal 15 is not the one that was noted at a time before" in said
    code, said = trail("verify", "--anchor", f"99:{end.partition(':')[2]}")
    assert (code, "it had 99 entries then" in said) == (1, True)
    assert trail("verify", "--anchor", "yesterday") == (
        1,
        "'yesterday' is not an anchor. Write it as it was printed: NUMBER:SEAL.",
    )


def test_the_end_is_noted_outside_and_checked_from_then_on(trail, tmp_path):
    code, said = trail("anchor")
    assert (code, "Noted in" in said) == (0, True)
    assert "Nothing came since" in trail("anchor")[1]
    assert "1 anchors" in trail("verify")[1]
    line = json.loads((tmp_path / "outside" / "anchors.jsonl").read_text())
    (tmp_path / "outside" / "anchors.jsonl").write_text(json.dumps({**line, "number": 20}))
    code, said = trail("verify")
    assert (code, "Anchors: The record is older than what was noted" in said) == (1, True)
    assert trail("anchor", "--restored", "The disk died.")[0] == 0
    assert trail("verify")[0] == 0


def test_a_place_that_cannot_be_written_is_a_sentence(trail, monkeypatch):
    monkeypatch.setenv("ANCHOR_FILE", "/proc/nowhere/anchors.jsonl")
    code, said = trail("anchor")
    assert (code, "cannot be written" in said) == (1, True)


def test_a_new_key_seals_what_is_new_and_the_old_one_is_kept(trail, sqlite_database, tmp_path):
    code, said = trail("key", "new")
    assert code == 0
    new, old = (tmp_path / "keys").read_text().split()
    assert (old, len(new) >= 40) == (OLD, True)
    assert (tmp_path / "keys").stat().st_mode & 0o077 == 0
    assert id_of(new) in said
    assert new not in said
    from amends.incidents.database import Database

    again = Database(sqlite_database.engine.url.render_as_string())
    report(again, "c9", "web:zoe")
    again.dispose()
    code, said = trail("key", "list")
    assert code == 0
    assert f"{id_of(new)} │ seals what is new │ 1 │ 17 │ 17" in said
    assert f"{id_of(OLD)} │ checks what it sealed │ 16 │ 1 │ 16" in said
    assert OLD not in said
    assert trail("verify")[0] == 0
    (tmp_path / "keys").write_text(new)
    code, said = trail("key", "list")
    assert (code, "NOT HERE" in said) == (1, True)
    assert trail("verify")[0] == 1


def test_a_key_of_the_environment_is_not_stored_by_the_command(trail, monkeypatch):
    monkeypatch.delenv("TRAIL_KEYS_FILE")
    monkeypatch.setenv("TRAIL_KEYS", OLD)
    code, said = trail("key", "new")
    assert (code, "comes from the environment" in said) == (1, True)
    code, said = trail("key", "new", "--print")
    assert (code, len(said) >= 40) == (0, True)


def test_without_a_key_it_says_so(trail, tmp_path):
    (tmp_path / "keys").write_text("")
    code, said = trail("verify")
    assert (code, said) == (
        1,
        "There is no key to seal the record with. 'make run' makes one; or set TRAIL_KEYS in .env.",
    )


def test_damage_is_named_as_json_too(trail, sqlite_database):
    with sqlite_database.begin() as session:
        session.execute(text("DROP TRIGGER access_audit_no_update"))
        session.execute(text("UPDATE access_audit SET name = 'Eve' WHERE sequence = 2"))
    code, said = trail("verify", "--json")
    found = json.loads(said)
    assert code == 1
    changed = {"kind": "changed", "message": "It was changed after it was written."}
    assert found["audit"]["damage"] == [{"reference": "audit", "sequence": 2, **changed}]
    assert (found["damage"], found["entries"], found["record"]["number"]) == ([], 10, 16)
