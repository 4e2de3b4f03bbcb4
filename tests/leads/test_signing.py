"""A sign-off names the head of the chain, lists what is missing, and is not given by who reported."""

import hashlib
import json
from datetime import timedelta

import pytest
from sqlalchemy import text

from amends.conversation import evidence
from amends.incidents import record, trail
from amends.incidents.verify import verify
from amends.leads import acts
from tests.leads.conftest import ADA, GRACE, LIN, NOW, SLIP
from tests.leads.test_handling import mark

STATEMENT = "I looked at all of it."
POSTED = NOW - timedelta(hours=1)


def pieces(room, at=NOW):
    with room.database.read() as session:
        return {each.code: each.sentence for each in acts.missing_pieces(session, room.incident, at)}


def keep_file(room):
    given = {"key": "f1", "name": "shot.png", "media_type": "image/png", "content": b"x"}
    room.do(evidence.keep, actor=GRACE, **given)


def answer(room, answers):
    with room.database.begin() as session:
        record.find(session, room.reference).answers = json.dumps(answers)


def deadline(room, due):
    with room.database.begin() as session:
        incident = record.find(session, room.reference)
        decision = json.loads(incident.decision)
        decision["deadlines"] = [{"id": "ico", "title": "Tell the ICO", "due": due and due.isoformat()}]
        incident.decision = json.dumps(decision)


def test_what_is_missing_is_named_until_it_is_there(room):
    assert pieces(room) == {
        "evidence": "No file is kept as evidence.",
        "time": "Nobody said when it was posted.",
        "steps": "Not done: Save the evidence; Take it down; Apologise.",
    }
    keep_file(room)
    assert pieces(room)["steps"] == "Not done: Take it down; Apologise."
    mark(room, "take_down", "apologise")
    answer(room, {**SLIP, "noticed_at": {"posted": POSTED.isoformat()}})
    assert pieces(room) == {}


@pytest.mark.parametrize("given", [{"noticed": POSTED.isoformat()}, {"value": {"noticed": "x"}, "inferred": True}])
def test_a_time_of_noticing_is_no_time_of_the_post(given, room):
    answer(room, {**SLIP, "noticed_at": given})
    assert "time" in pieces(room)


@pytest.mark.parametrize(("due", "passed"), [(-1, True), (1, False), (None, False)])
def test_a_deadline_that_passed_before_the_close_is_missing(due, passed, room):
    deadline(room, None if due is None else NOW + timedelta(hours=due))
    room.do(acts.close, GRACE)
    assert ("deadline:ico" in pieces(room, NOW + timedelta(days=9))) is passed


def test_a_deadline_of_an_open_incident_passes_with_the_time(room):
    deadline(room, NOW + timedelta(hours=1))
    assert "deadline:ico" not in pieces(room)
    assert pieces(room, NOW + timedelta(hours=2))["deadline:ico"] == (
        "The deadline passed before the close: Tell the ICO."
    )


def test_each_missing_piece_has_to_be_explained_and_stands_in_the_entry(room):
    room.do(acts.close, GRACE)
    before = len(room.trail)
    with pytest.raises(acts.NotExplained) as refused:
        room.do(acts.sign_off, GRACE, STATEMENT, explained={"evidence": "It was a call.", "time": " "})
    assert refused.value.codes == ("time", "steps")
    assert (len(room.trail), room.incident.signed_off_at) == (before, None)

    explained = {"evidence": "It was a call.", "time": "Nobody knows.", "steps": "It went by itself."}
    room.do(acts.sign_off, GRACE, STATEMENT, explained=explained)
    assert [(each["piece"][:8], each["explained"]) for each in room.last.payload["missing"]] == [
        ("No file ", "It was a call."),
        ("Nobody s", "Nobody knows."),
        ("Not done", "It went by itself."),
    ]


def test_with_one_field_only_the_statement_explains_what_is_missing(room):
    room.do(acts.close, GRACE)
    room.do(acts.sign_off, GRACE, STATEMENT)
    assert {each["explained"] for each in room.last.payload["missing"]} == {STATEMENT}


def test_the_entry_names_the_last_entry_before_it(room):
    room.do(acts.close, GRACE)
    closed = room.last
    room.do(acts.sign_off, GRACE, STATEMENT)
    assert room.last.payload["head"] == closed.hash
    assert room.last.payload["head_sequence"] == closed.sequence == room.last.sequence - 1


@pytest.mark.parametrize("who", [acts.Actor(ADA, "Ada", "slack", NOW), acts.Actor("oidc:1", " ADA ", "web", NOW)])
def test_who_reported_does_not_sign_off_under_any_of_their_ids(who, room):
    room.do(acts.close, GRACE)
    with pytest.raises(acts.CannotAct, match="You reported INC-2026-0001, so another lead has to"):
        room.do(acts.sign_off, who, STATEMENT)
    assert room.incident.signed_off_at is None


def test_a_trail_that_was_changed_from_outside_is_not_signed_off(room):
    room.do(acts.close, GRACE)
    with room.database.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.execute(text("DROP TRIGGER trail_payload_no_update"))
        else:
            connection.execute(text("ALTER TABLE trail_payload DISABLE TRIGGER ALL"))
        connection.execute(text("UPDATE trail_payload SET body = '{}' WHERE entry_id = 1"))
    with pytest.raises(acts.CannotAct, match="changed from outside"):
        room.do(acts.sign_off, LIN, STATEMENT)
    assert room.incident.signed_off_at is None


def test_the_chain_holds_with_the_sign_off_in_it(room):
    keep_file(room)
    room.do(acts.close, GRACE)
    room.do(acts.sign_off, LIN, STATEMENT)
    with room.database.read() as session:
        assert verify(session).damage == ()
        entries = trail.entries(session, room.incident)
    assert entries[-1].kind == "signed_off"
    assert hashlib.sha256(b"x").hexdigest() in json.dumps([each.payload for each in entries])
