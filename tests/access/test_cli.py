"""`amends access` and the line that `make run` prints."""

import re

import pytest
from typer.testing import CliRunner

from amends.access import audit
from amends.access.cli import app
from amends.incidents.database import Database
from amends.integrity.cli import trail_app
from amends.ops.run import way_in
from tests.access.signing import session_for
from tests.console.fake_bot import settings_for


@pytest.fixture
def url(sqlite_database, monkeypatch):
    url = str(sqlite_database.engine.url)
    monkeypatch.setenv("DATABASE_URL", url)
    for name in ("DESK_URL", "OIDC_ISSUER", "OIDC_CLIENT_ID", "SLACK_CLIENT_ID"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("DESK_URL", "https://amends.example.org")
    return url


def run(*words):
    return CliRunner().invoke(app, list(words))


@pytest.mark.usefixtures("url")
def test_a_link_is_printed_alone_so_that_a_script_can_take_it():
    done = run("link", "--role", "lead", "--role", "admin", "--name", "Ada Okafor")
    assert done.exit_code == 0, done.output
    assert re.fullmatch(r"https://amends\.example\.org/sign-in/[\w-]{43}\n", done.stdout)
    assert "Ada Okafor" in done.stderr


@pytest.mark.usefixtures("url")
@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--role", "boss", "--name", "Ada"), "There is no role boss. There are: staff, lead"),
        (("--role", "lead", "--name", "  "), "Say who the link is for"),
    ],
)
def test_what_is_wrong_with_a_link_is_said(words, says):
    done = run("link", *words)
    assert done.exit_code == 1
    assert says in done.stderr


@pytest.mark.usefixtures("url")
def test_somebody_is_signed_out_by_name_or_by_id(sqlite_database):
    person, secret = session_for(sqlite_database, "lead", name="Ada Okafor")
    session_for(sqlite_database, "lead", name="Bo Lind")
    session_for(sqlite_database, "lead", name="Zoë Šimić")
    assert run("sign-out", "Zoë Šimić").exit_code == 0
    assert run("sign-out", "ada okafor").stdout == "Signed out everywhere: Ada Okafor.\n"
    assert run("sign-out", person.id).exit_code == 1
    assert run("sign-out", "Bo Lind").exit_code == 0
    assert secret not in run("audit").stdout


@pytest.mark.usefixtures("url")
def test_the_audit_is_printed_and_checked(sqlite_database):
    session_for(sqlite_database, "lead", name="Ada Okafor")
    done = run("audit")
    assert re.search(r"^1  \d{4}-.*Z  Ada Okafor  signed_in$", done.stdout, re.MULTILINE)
    assert "1 entries, none of them changed" in done.stderr
    whole = CliRunner().invoke(trail_app, ["verify"])
    assert "Checked 1 entries of the audit: 0 damaged." in " ".join(whole.output.split())


def test_the_start_prints_a_link_only_where_there_is_nowhere_to_sign_in(sqlite_database):
    url = str(sqlite_database.engine.url)
    line = way_in(settings_for(5005, url, desk_port=8123))
    assert re.fullmatch(r"Sign in as lead and admin, once: http://127\.0\.0\.1:8123/sign-in/[\w-]{43}", line)
    assert way_in(settings_for(5005, url, oidc_issuer="https://id.example.org", oidc_client_id="x")) == ""
    database = Database(url)
    with database.read() as session:
        assert [each.what for each in audit.entries(session)] == ["link_made"]
    database.dispose()
