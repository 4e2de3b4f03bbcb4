"""A lead opens an incident again, marks a drill, and does not act on what they have not seen."""

import pytest

from amends.conversation import recording
from amends.incidents import record
from amends.incidents.models import Conversation
from amends.incidents.trail import Kind
from amends.leads import acts
from tests.leads.conftest import GRACE, LIN, NOW

TALK = "slack:T1:C1:1.2"


def test_it_is_open_again_where_it_stood_and_talked_about_again(room):
    room.do(acts.close, GRACE)
    number = room.incident.state_number
    room.do(acts.reopen, LIN, " The council rang again. ")
    assert (room.incident.state, room.incident.closed_at) == ("advised", None)
    assert room.incident.state_number > number
    assert room.last.kind == "reopened"
    assert room.last.payload == {"reason": "The council rang again."}
    with room.database.read() as session:
        assert session.get_one(Conversation, TALK).incident_id == room.incident.id
    room.do(acts.close, GRACE)
    assert room.incident.state == "closed"


@pytest.mark.parametrize("state", ["asking", "confirming"])
def test_one_that_was_stopped_goes_on_at_its_question(state, room):
    room.reference = room.report(state=state)
    with room.database.begin() as session:
        record.find(session, room.reference).asked = "harm" if state == "asking" else None
    room.do(acts.close, GRACE)
    assert room.incident.state == "abandoned"
    room.do(acts.reopen, LIN, "It goes on.")
    assert (room.incident.state, room.incident.asked) == (state, "harm" if state == "asking" else None)


def test_a_conversation_that_has_gone_on_to_another_incident_stays_there(room):
    room.do(acts.close, GRACE)
    first, room.reference = room.reference, room.report()
    with room.database.read() as session:
        second = record.find(session, room.reference).id
    room.reference = first
    room.do(acts.reopen, LIN, "Again.")
    with room.database.read() as session:
        assert session.get_one(Conversation, TALK).incident_id == second


def test_what_was_signed_off_has_to_be_signed_off_anew(room):
    room.do(acts.close, GRACE)
    room.do(acts.sign_off, LIN, "Seen.")
    room.do(acts.reopen, GRACE, "There is more.")
    assert room.last.payload == {"reason": "There is more.", "after_sign_off": True}
    assert room.incident.signed_off_at is None
    room.do(acts.close, GRACE)
    room.do(acts.sign_off, LIN, "Seen again.")
    assert [entry.kind for entry in room.trail].count("signed_off") == 2


def test_an_open_one_is_not_opened_and_a_reason_is_needed(room):
    with pytest.raises(acts.CannotAct, match="is open, so nothing"):
        room.do(acts.reopen, GRACE, "x")
    room.do(acts.close, GRACE)
    with pytest.raises(acts.CannotAct, match="reason is empty"):
        room.do(acts.reopen, GRACE, " ")
    assert room.incident.state == "closed"


def test_a_drill_is_marked_and_unmarked(room):
    room.do(acts.mark_drill, GRACE)
    assert room.incident.drill is True
    assert (room.last.kind, room.last.payload) == ("drill_marked", {"now": "a drill"})
    with pytest.raises(acts.CannotAct, match="as a drill already"):
        room.do(acts.mark_drill, LIN)
    room.do(acts.mark_drill, LIN, on=False)
    assert room.incident.drill is False


def check(room, actor, seen):
    with room.database.begin() as session:
        incident = recording.locked(session, record.find(session, room.reference), actor, NOW)
        acts.unchanged_since(session, incident, actor, seen)


def test_who_has_not_seen_what_another_did_is_told_so(room):
    seen = room.last.sequence
    room.do(acts.add_note, GRACE, "I have rung the council.")
    check(room, GRACE, seen)
    with pytest.raises(acts.ChangedMeanwhile, match="Grace changed INC-2026-0001 since you looked") as refused:
        check(room, LIN, seen)
    assert refused.value.entries == (room.last.sequence,)
    check(room, LIN, room.last.sequence)


def test_a_reminder_is_no_change(room):
    seen = room.last.sequence
    ours = acts.Actor("amends", "", "outbox", NOW)
    with room.database.begin() as session:
        incident = recording.locked(session, record.find(session, room.reference), ours, NOW)
        recording.write(session, room.settings, incident, Kind.REMINDED, {"title": "x"}, actor=ours, at=NOW)
    check(room, LIN, seen)
