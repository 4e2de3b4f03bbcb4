"""Tokens: made once, told once, good for a time, and refused when they are taken back."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from amends.access import audit, tokens
from amends.access.cli import app
from amends.access.links import OPERATOR, person_id
from amends.access.people import SignedIn, with_staff
from amends.access.tables import ApiToken
from amends.access.tokens import NoToken, Tokens
from amends.incidents import record

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
GRACE = SignedIn("slack:T1:U9", "Grace Hopper", with_staff(["lead"]))


def make(database, *scopes, person=GRACE, at=NOW, **more):
    with database.begin() as session:
        return tokens.make(session, person, "Nightly report", scopes or ("incidents",), at, by=OPERATOR, **more)


def entries(database):
    with database.read() as session:
        assert audit.verify(session).damage == ""
        return list(reversed(audit.entries(session)))


def test_a_token_acts_as_a_person_and_is_named_in_the_audit_with_what_it_looks_at(database):
    row, secret = make(database, "incidents", "exports")
    assert secret.startswith("amends_")
    found = Tokens(database, lambda: NOW).find(secret)
    assert (found.person, found.scopes, found.name) == (GRACE, {"incidents", "exports"}, "Nightly report")
    assert found.person.roles == GRACE.roles
    with database.begin() as session:
        audit.viewed(session, found.person, "viewed_incident", "INC-2026-0001", NOW, {"page": "/x"})
    made, looked = entries(database)
    assert (made.what, made.name) == ("token_made", OPERATOR.name)
    assert secret not in made.details
    assert looked.name == "Grace Hopper"
    assert f'"token": "{row.id}, Nightly report"' in looked.details


def test_the_record_holds_no_token_only_its_hash(database):
    _, secret = make(database)
    with database.read() as session:
        row = session.scalars(select(ApiToken)).one()
    kept = [str(getattr(row, column.key)) for column in ApiToken.__table__.columns]
    assert not any(secret in each or secret.removeprefix("amends_") in each for each in kept)


def test_a_token_ends(database):
    _, secret = make(database, days=30)
    almost, over = (NOW + timedelta(days=30) + timedelta(seconds=each) for each in (-1, 0))
    assert Tokens(database, lambda: almost).find(secret) is not None
    assert Tokens(database, lambda: over).find(secret) is None


def test_a_token_that_was_taken_back_is_refused_at_once(database):
    row, secret = make(database)
    with database.begin() as session:
        tokens.revoke(session, row.id, NOW, OPERATOR)
    assert Tokens(database, lambda: NOW).find(secret) is None
    with database.begin() as session, pytest.raises(NoToken, match=f"no token {row.id}"):
        tokens.revoke(session, row.id, NOW, OPERATOR)
    assert entries(database)[-1].what == "token_revoked"


@pytest.mark.parametrize("secret", ["", "amends_", "amends_" + "x" * 43, "x" * 10_000, "\x00", "ä", "amends_\ud800"])
def test_what_is_no_token_finds_nobody(database, secret):
    make(database)
    assert Tokens(database, lambda: NOW).find(secret) is None


def test_when_it_was_used_is_noted_once_a_minute(database):
    _, secret = make(database)

    def used():
        with database.read() as session:
            return session.scalars(select(ApiToken)).one().used_at

    assert used() is None
    for seconds, noted in ((0, 0), (59, 0), (61, 61)):
        assert Tokens(database, lambda: NOW + timedelta(seconds=seconds)).find(secret)  # noqa: B023 - called at once
        assert used() == NOW + timedelta(seconds=noted)


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ({"scopes": ()}, "There is no scope (none). There are: incidents, evidence"),
        ({"scopes": ("everything",)}, "There is no scope everything"),
        ({"scopes": ("audit",)}, "A token of staff and comms lead cannot have the scope audit"),
        ({"name": " "}, "what the token is for"),
        ({"name": "x" * 81}, "what the token is for"),
        ({"name": "a\x1b[2J"}, "what the token is for"),
        ({"days": 0}, "1 to 366 days"),
        ({"days": 367}, "1 to 366 days"),
    ],
)
def test_a_token_that_cannot_be_is_not_made(sqlite_database, how, says):
    with sqlite_database.begin() as session, pytest.raises(NoToken, match=re.escape(says)):
        asked = {"name": "x", "scopes": ("incidents",), **how}
        tokens.make(session, GRACE, asked.pop("name"), asked.pop("scopes"), NOW, by=OPERATOR, **asked)
    assert entries(sqlite_database) == []


@pytest.fixture
def run(sqlite_database, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", str(sqlite_database.engine.url))
    return lambda *words: CliRunner().invoke(app, ["token", *words])


HOW = ("--name", "Nightly report", "--scope", "incidents", "--scope", "exports", "--role", "lead")


def test_a_token_is_printed_alone_listed_without_its_secret_and_taken_back(sqlite_database, run):
    done = run("create", *HOW, "--as", "Grace Hopper")
    assert done.exit_code == 0, done.output
    assert re.fullmatch(r"amends_[\w-]{43}\n", done.stdout)
    assert "acts as Grace Hopper" in done.stderr
    found = Tokens(sqlite_database).find(done.stdout.strip())
    assert found.person.id == person_id("Grace Hopper")
    listed = run("list").stdout
    assert re.search(
        r"^1  Nightly report  as Grace Hopper  \(lead staff\)  exports incidents  good until .*, last used", listed
    )
    assert done.stdout.strip() not in listed
    assert run("revoke", "1").stdout == "Token 1, Nightly report, is refused from now on.\n"
    assert "taken back on" in run("list").stdout
    assert Tokens(sqlite_database).find(done.stdout.strip()) is None


def test_a_token_can_act_as_somebody_who_is_in_the_record(sqlite_database, run):
    with sqlite_database.begin() as session:
        record.ensure_participant(session, GRACE.id, GRACE.name, NOW)
    done = run("create", *HOW, "--as", GRACE.id)
    assert Tokens(sqlite_database).find(done.stdout.strip()).person == GRACE


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("create", *HOW, "--as", "slack:T1:U404"), "Nobody in the record has the id slack:T1:U404"),
        (("create", *HOW, "--as", " "), "Nobody in the record"),
        (("create", *HOW, "--role", "boss", "--as", "Ada"), "There is no role boss"),
        (("create", *HOW, "--scope", "audit", "--as", "Ada"), "cannot have the scope audit"),
        (("create", *HOW, "--days", "4000", "--as", "Ada"), "1 to 366 days"),
        (("revoke", "7"), "There is no token 7"),
        (("revoke", "99999999999999999999"), "There is no token"),
    ],
)
def test_what_is_wrong_is_said(run, words, says):
    done = run(*words)
    assert done.exit_code == 1, done.output
    assert says in done.stderr
