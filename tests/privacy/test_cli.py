"""`amends privacy` and `amends retention`, as an operator types them; and what a person is given."""

import io
import json
import zipfile

import pytest
import typer
from typer.testing import CliRunner

from amends.access import audit
from amends.drills import practice
from amends.incidents import record
from amends.incidents.models import Participant
from amends.privacy import subject
from amends.privacy.cli import app, let_go
from tests.leads.conftest import ADA, GRACE, NOW
from tests.privacy.conftest import LATER, NAME, WORDS, everything, where

WHY = ("--ground", "withdrawn", "--request", "DSR-7")
retention = typer.Typer()
retention.command()(let_go)


@pytest.fixture
def room(sqlite_database, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", str(sqlite_database.engine.url))
    for name in ("WORDS", "TALK", "TRANSPORT", "SIGN_INS", "AUDIT"):
        monkeypatch.setenv(f"RETAIN_{name}_DAYS", "0")
    return everything(sqlite_database)


def run(*words, of=app, code=0):
    done = CliRunner().invoke(of, list(words))
    assert done.exit_code == code, done.output
    return done.output


def test_a_person_is_looked_up_then_erased_and_only_when_it_is_really_meant(room):
    assert f"{ADA}  {NAME}\nTakes part in: INC-2026-0001" in run("person", NAME)
    assert "Nothing was erased. Add --really" in run("erase-person", NAME, *WHY, code=1)
    assert room.incident.title == f"A {WORDS}"
    assert "Incidents that changed: INC-2026-0001." in run("erase-person", NAME, *WHY, "--really")
    assert "Nobody called" in run("person", NAME, code=1)
    assert (room.last.kind, room.last.actor_id) == ("erased", "operator")


def test_an_incident_is_erased_only_when_it_is_really_meant(room):
    assert "would go" in run("erase-incident", "inc-2026-0001", *WHY, code=1)
    assert "1 files" in run("erase-incident", "INC-2026-0001", *WHY, "--really")
    assert ("trail_payload", "body") not in where(room.database, WORDS)


def test_a_hold_is_placed_listed_and_lifted(room):
    assert "Hold 2 stands" in run("hold", "--incident", room.reference, "--reason", "Court")
    assert "INC-2026-0001  since" in run("holds")
    assert "A legal hold" in run("erase-incident", room.reference, *WHY, "--really", code=1)
    assert "lifted" in run("lift", "2")
    assert run("holds") == ""
    assert "lifted before" in run("lift", "2", code=1)
    assert [each.kind for each in room.trail[-2:]] == ["held", "released"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("person", "Nobody"), "Nobody called Nobody is in the record"),
        (("erase-person", NAME, "--ground", "whim"), "Choose a ground"),
        (("erase-person", NAME, "--ground", "duty", "--request", "Ada asked"), "no name"),
        (("erase-incident", "INC-1", "--ground", "duty"), "There is no incident INC-1"),
        (("hold", "--reason", "x"), "either --incident or --person"),
        (("hold", "--reason", " ", "--person", NAME), "The reason is empty"),
        (("lift", "99"), "There is no such hold"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(room, words, said):
    before = len(room.trail)
    assert said in run(*words, code=1)
    assert len(room.trail) == before


def test_retention_counts_first(room, monkeypatch):
    monkeypatch.setenv("RETAIN_WORDS_DAYS", "1")
    said = run(of=retention)
    assert "       1  incidents whose words are past their time (kept 1 days; RETAIN_WORDS_DAYS)" in said
    assert "Nothing went" in said
    assert room.incident.title == f"A {WORDS}"
    assert "These went." in run("--really", of=retention)
    assert ("trail_payload", "body") not in where(room.database, WORDS)


def test_what_a_person_is_given_holds_theirs_and_nothing_of_others(room, tmp_path):
    out = tmp_path / "ada.zip"
    assert "1 incidents, 1 messages, 1 files" in run("export", NAME, "--out", str(out))
    assert "is there already" in run("export", NAME, "--out", str(out), code=1)
    with zipfile.ZipFile(out) as given:
        everything_in_it = "".join(given.read(name).decode() for name in given.namelist())
        (incident,) = json.loads(given.read("incidents.json"))
        (message,) = json.loads(given.read("messages.json"))
        (file,) = [name for name in given.namelist() if name.startswith("files/")]
        assert given.read(file) == WORDS.encode()
    assert message["text"] == f"A {WORDS} got out"
    assert incident["your_part"] == ["reported it"]
    assert {"text": f"The {WORDS} is angry"} in [each["content"] for each in incident["what_you_did"]]
    for others in (GRACE.name, GRACE.id, "hurt", "Once a", "Bo", "I saw it"):
        assert others not in everything_in_it
    with room.database.read() as session:
        assert audit.entries(session)[0].what == "subject_export"


def test_who_may_not_read_restricted_incidents_hands_none_over(room):
    with room.database.begin() as session:
        record.find(session, room.reference).restricted = True
    file = io.BytesIO()
    with room.database.read() as session:
        ada = session.get_one(Participant, ADA)
        given = subject.write_export(session, ada, file, "us", LATER, restricted=False)
    assert (given.incidents, given.messages, given.files, given.left_out) == (0, 0, 0, 1)
    with zipfile.ZipFile(file) as inside:
        assert WORDS not in "".join(inside.read(n).decode() for n in inside.namelist() if n != "person.json")
        assert "1 incidents that only those who are named may see" in inside.read("README.txt").decode()


def test_what_somebody_practised_alone_is_theirs_to_have(room):
    with room.database.begin() as session:
        incident = record.find(session, room.reference)
        incident.restricted = incident.drill = True
        go = practice.begin(session, "beer_tasting", incident.conversation_id, ADA, NOW, team=False)
        go.incident_id = incident.id
    file = io.BytesIO()
    with room.database.read() as session:
        ada = session.get_one(Participant, ADA)
        given = subject.write_export(session, ada, file, "us", LATER, restricted=False)
    assert (given.incidents, given.left_out) == (1, 0)
    with zipfile.ZipFile(file) as inside:
        person = json.loads(inside.read("person.json"))
    assert [one["drill"] for one in person["practised"]] == ["beer_tasting"]
