"""The record from the command line."""

import json
import os
import sqlite3
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from amends.accounts.cli import app as accounts_app
from amends.incidents.cli import incidents_app
from amends.register.cli import app as register_app
from tests.flows.small import ROOT
from tests.incidents.test_record import report


@pytest.fixture
def amends(sqlite_database, tmp_path):
    reference = report(sqlite_database, title="A post with <b>markup</b> and [/brackets]")
    sqlite_database.dispose()

    def run(*arguments):
        environment = {**os.environ, "DATABASE_URL": f"sqlite:///{tmp_path / 'record.db'}"}
        return subprocess.run(
            [sys.executable, "-m", "amends.cli", *arguments],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    run.reference = reference
    run.file = tmp_path / "record.db"
    return run


def test_incidents_are_listed(amends):
    (row,) = json.loads(amends("incidents", "list", "--json").stdout)
    assert (row["reference"], row["state"]) == (amends.reference, "confirming")
    assert (row["flow"], row["flow_title"]) == ("small", "A small flow")
    assert amends.reference in amends("incidents", "list").stdout
    assert "[/brackets]" in " ".join(amends("incidents", "list").stdout.split())
    assert json.loads(amends("incidents", "list", "--state", "closed", "--json").stdout) == []


def test_an_incident_is_shown_with_its_whole_trail(amends):
    shown = json.loads(amends("incidents", "show", amends.reference.lower(), "--json").stdout)
    assert shown["trail"][0]["kind"] == "reported"
    assert shown["trail"][0]["payload"]["text"] == "A post with <b>markup</b> and [/brackets]"
    assert (shown["lead"], shown["decided_by_lead"], shown["restricted"], shown["signed_off_at"]) == (
        None,
        None,
        False,
        None,
    )
    assert "[/brackets]" in amends("incidents", "show", amends.reference).stdout


@pytest.mark.parametrize("command", [("incidents", "show"), ("trail", "verify")])
def test_an_unknown_incident_gets_a_sentence(amends, command):
    result = amends(*command, "INC-1999-0001")
    assert result.returncode == 1
    assert "There is no incident INC-1999-0001." in result.stderr


@pytest.mark.parametrize(
    ("app", "arguments"),
    [(incidents_app, ["list"]), (register_app, ["rebuild"]), (accounts_app, ["list"])],
    ids=["incidents", "register", "accounts"],
)
def test_an_address_that_cannot_be_used_gets_a_sentence(app, arguments, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "nonsense")
    result = CliRunner().invoke(app, arguments)
    assert (result.exit_code, type(result.exception)) == (1, SystemExit)
    assert "DATABASE_URL is not an address that can be used." in " ".join(result.stderr.split())


def test_an_unknown_state_gets_a_sentence(amends):
    result = amends("incidents", "list", "--state", "lost")
    assert result.returncode == 1
    assert "There is no state lost." in result.stderr


def test_an_untouched_trail_verifies_and_a_changed_one_does_not(amends):
    assert amends("trail", "verify").returncode == 0
    connection = sqlite3.connect(amends.file)
    connection.execute("DROP TRIGGER trail_entry_no_update")
    connection.execute("UPDATE trail_entry SET actor_id = 'web:eve'")
    connection.commit()
    connection.close()
    result = amends("trail", "verify", "--json")
    assert result.returncode == 1
    report = json.loads(result.stdout)
    changed = {"kind": "changed", "message": "It was changed after it was written."}
    assert report["damage"] == [{"reference": amends.reference, "sequence": 1, **changed}]
    (guard,) = report["record"]["damage"]
    assert (guard["reference"], guard["kind"]) == ("trail_entry", "guard missing")
    assert "entry 1" in amends("trail", "verify", amends.reference).stderr
