"""`amends accounts`, and what the doctor says of the register."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from amends.accounts.cli import app
from amends.ops.checks.accounts import accounts
from amends.settings import Settings
from tests.accounts.conftest import FILE


@pytest.fixture
def run(sqlite_database, tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", str(sqlite_database.engine.url))

    def run(*words, file=None):
        if file is not None:
            (tmp_path / "given.csv").write_bytes(file if isinstance(file, bytes) else file.encode())
            words = (*words, str(tmp_path / "given.csv"))
        return CliRunner().invoke(app, list(words))

    return run


def test_a_file_is_taken_in_listed_and_written_as_it_came(run):
    looked = run("import", "--dry-run", file=FILE)
    assert looked.stdout.splitlines()[-1] == "3 would change. Nothing was kept."
    assert run("list").stdout.startswith("The register is empty.")
    assert run("import", file=FILE).stdout.splitlines()[-1] == "3 changed."
    text = run("list", "--csv").stdout
    assert run("import", file=text).stdout == "0 changed, 3 as before.\n"
    people = run("list", "--csv", "--people").stdout
    assert run("import", file=people).stdout == "0 changed, 3 as before.\n"
    line = run("list").stdout.splitlines()[-1]
    assert line == (
        "Twitter / X, handle: exampleuni, called: main account, owner: Ada Lovelace <UADA0001>, deputy: Bo Diaz "
        "<UBO00001>, keys: Ada Lovelace <UADA0001>; Bo Diaz <UBO00001>, two factor: yes, last checked: 2026-01-10"
    )
    assert json.loads(run("list", "--json").stdout)[0]["handle"] == "University Library"


def test_what_is_wrong_with_a_file_is_said_and_nothing_is_taken_in(run):
    failed = run("import", file=FILE + "X,,,,,,,\n,y,,,,,,\n")
    assert failed.exit_code == 1
    assert failed.stderr == "Line 5: The handle is missing.\nLine 6: The platform is missing.\nNothing was taken in.\n"
    assert "UTF-8" in run("import", file="platform,handle\nX,b\xfccher\n".encode("latin-1")).stderr
    assert "cannot be read" in run("import", "/nowhere/accounts.csv").stderr
    assert run("list").stdout.startswith("The register is empty.")


def test_check_lists_what_is_to_be_seen_to(run):
    assert run("check").stdout == "0 accounts, and nothing to see to.\n"
    run("import", file=FILE)
    found = run("check")
    assert found.exit_code == 1
    assert "University Library on Facebook: Nobody stands in for its owner." in found.stdout
    assert found.stderr.startswith("3 accounts; ")
    assert "clause SE-13.1" in found.stderr


def test_the_doctor_says_what_is_overdue_and_whose_keys_are_still_out(run, sqlite_database):
    settings = Settings(_env_file=None, database_url=str(sqlite_database.engine.url))
    now = datetime.now(UTC)
    assert accounts(settings, now).status == "off"
    today = now.date().isoformat()
    run("import", file=f"platform,handle,owner,keys,last_checked\nX,a,Ada Roe,Ada Roe; Bo Roe,{today}\n")
    assert accounts(settings, now).status == "ok"
    run("import", file=f"name,left_on\nBo Roe,{today}\n")
    run("import", file="platform,handle\nTikTok,b\n")
    found = accounts(settings, now + timedelta(minutes=1))
    assert (found.status, found.said) == ("warning", "1 key of people who have left, 1 account without an owner.")
    assert "amends accounts check" in found.mend
