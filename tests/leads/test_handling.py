"""A lead takes an incident over, adds notes, closes it, and signs its record off."""

import pytest
from sqlalchemy import select

from amends.conversation import recording
from amends.incidents import record
from amends.incidents.models import Conversation
from amends.incidents.verify import verify
from amends.leads import acts
from amends.outbox.tables import Outgoing
from amends.settings import Settings
from tests.leads.conftest import GRACE, LIN, NOW


def mark(room, *codes):
    for code in codes:
        with room.database.begin() as session:
            incident = recording.locked(session, record.find(session, room.reference), GRACE, NOW)
            assert recording.mark_done(session, room.settings, incident, code, actor=GRACE, at=NOW)


def test_who_takes_over_leads_it_and_stands_in_the_trail(room):
    room.do(acts.take_over, GRACE)
    assert room.incident.lead_id == GRACE.id
    assert (room.last.kind, room.last.actor_id, room.last.source) == ("taken_over", GRACE.id, "slack")
    assert room.last.said_at == GRACE.said_at
    assert room.last.recorded_at == NOW
    assert room.reference in room.seen_by(GRACE.id)


def test_who_led_it_before_is_named(room):
    room.do(acts.take_over, GRACE)
    room.do(acts.take_over, LIN)
    assert room.incident.lead_id == LIN.id
    assert room.last.payload == {"led_before": "Grace"}


def test_taking_over_twice_changes_nothing_and_says_so(room):
    room.do(acts.take_over, GRACE)
    with pytest.raises(acts.CannotAct, match="You lead INC-2026-0001 already"):
        room.do(acts.take_over, GRACE)
    assert [entry.kind for entry in room.trail].count("taken_over") == 1


def test_a_note_is_kept_also_after_the_close(room):
    room.do(acts.close, GRACE)
    room.do(acts.add_note, GRACE, "  The council rang.  ")
    assert room.last.kind == "note_added"
    assert room.last.payload == {"text": "The council rang."}


@pytest.mark.parametrize("act", [acts.add_note, acts.sign_off])
def test_words_are_needed(act, room):
    room.do(acts.close, GRACE)
    before = len(room.trail)
    with pytest.raises(acts.CannotAct, match="is empty"):
        room.do(act, GRACE, " \n ")
    assert len(room.trail) == before
    assert room.incident.signed_off_at is None


def test_closing_names_the_steps_that_are_open(room):
    mark(room, "preserve", "take_down")
    left = room.do(acts.close, GRACE)
    assert left == ["apologise"]
    assert room.last.kind == "closed"
    assert room.last.payload == {"open_steps": left}
    assert room.incident.state == "closed"
    assert room.incident.closed_at == NOW


def test_closing_frees_the_conversation_and_makes_drawn_buttons_stale(room):
    before = room.incident.state_number
    with room.database.begin() as session:
        session.get_one(Conversation, "slack:T1:C1:1.2").pending = '{"kind": "stop"}'
    room.do(acts.close, GRACE)
    with room.database.read() as session:
        conversation = session.get_one(Conversation, "slack:T1:C1:1.2")
    assert (conversation.incident_id, conversation.pending) == (None, None)
    assert room.incident.state_number > before


def test_an_incident_without_advice_is_closed_as_abandoned(room):
    room.reference = room.report(state="asking")
    assert room.do(acts.close, GRACE) == []
    assert room.incident.state == "abandoned"
    assert room.last.kind == "abandoned"


@pytest.mark.parametrize("act", [acts.close, acts.take_over])
def test_what_is_closed_is_neither_closed_again_nor_taken_over(act, room):
    room.do(acts.close, GRACE)
    with pytest.raises(acts.CannotAct, match="is closed already"):
        room.do(act, LIN)


def test_only_what_is_closed_is_signed_off_and_only_once(room):
    with pytest.raises(acts.CannotAct, match="still open"):
        room.do(acts.sign_off, GRACE, "All of it is right.")
    room.do(acts.close, GRACE)
    room.do(acts.sign_off, GRACE, "All of it is right.")
    assert room.incident.signed_off_at == NOW
    assert room.last.kind == "signed_off"
    assert room.last.payload["statement"] == "All of it is right."
    with pytest.raises(acts.CannotAct, match="only once"):
        room.do(acts.sign_off, LIN, "I agree.")
    assert room.last.actor_id == GRACE.id


def test_the_leads_channel_hears_of_what_a_lead_does(room):
    room.settings = Settings(
        _env_file=None, slack_bot_token="xoxb-1", slack_app_token="xapp-1", slack_leads_channel="C9"
    )
    room.do(acts.take_over, GRACE)
    with room.database.read() as session:
        (row,) = session.scalars(select(Outgoing).where(Outgoing.draw == "lead_card"))
    assert (row.to, row.incident_id) == ("C9", room.incident.id)


def test_the_chain_holds_after_all_of_it(room):
    room.do(acts.take_over, GRACE)
    room.do(acts.close, GRACE)
    room.do(acts.sign_off, LIN, "Seen.")
    with room.database.read() as session:
        assert verify(session).damage == ()
