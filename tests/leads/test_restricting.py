"""A restricted incident is seen, and changed, only by those who are named."""

import json

import pytest

from amends.incidents import deliveries, record
from amends.incidents.models import Conversation, Participant
from amends.leads import acts
from tests.leads.conftest import ADA, BO, GRACE, LIN, NOW

EVE = "slack:T1:U5"


def test_who_is_not_named_sees_it_no_more_not_even_leads(room):
    assert room.seen_by(BO) == [room.reference]
    assert room.seen_by(LIN.id, lead=True) == [room.reference]
    room.do(acts.restrict, GRACE, ())
    assert room.seen_by(BO) == []
    assert room.seen_by(LIN.id, lead=True) == []


def test_the_acting_lead_and_who_reported_it_are_always_named(room):
    room.do(acts.restrict, GRACE, (EVE,))
    assert [room.seen_by(id_) for id_ in (ADA, GRACE.id, EVE)] == [[room.reference]] * 3
    assert room.last.kind == "restricted"
    assert room.last.payload["named_ids"] == sorted([ADA, EVE, GRACE.id])
    assert set(room.last.payload["named"]) == {"Ada", EVE, "Grace"}


@pytest.mark.parametrize(
    "act",
    [
        lambda room: room.do(acts.take_over, LIN),
        lambda room: room.do(acts.add_note, LIN, "x"),
        lambda room: room.do(acts.close, LIN),
        lambda room: room.do(acts.restrict, LIN, (LIN.id,)),
        lambda room: room.do(acts.restrict, LIN, (), on=False),
        lambda room: room.do(acts.told, "legal", "Lee", LIN),
    ],
)
def test_a_lead_who_is_not_named_changes_nothing(act, room):
    room.do(acts.restrict, GRACE, ())
    before = len(room.trail)
    with pytest.raises(acts.CannotAct, match="only those who are named"):
        act(room)
    assert len(room.trail) == before
    assert room.seen_by(LIN.id, lead=True) == []


def test_naming_again_replaces_the_names(room):
    room.do(acts.restrict, GRACE, (EVE,))
    room.do(acts.restrict, GRACE, (BO,))
    assert room.seen_by(EVE) == []
    assert room.seen_by(BO) == [room.reference]


def test_no_longer_restricted_it_is_seen_by_all_who_took_part_and_by_leads(room):
    room.do(acts.restrict, GRACE, (EVE,))
    room.do(acts.restrict, GRACE, (), on=False)
    assert room.incident.restricted is False
    assert room.seen_by(BO) == [room.reference]
    assert room.seen_by(LIN.id, lead=True) == [room.reference]
    with pytest.raises(acts.CannotAct, match="is not restricted"):
        room.do(acts.restrict, GRACE, (), on=False)


def test_a_lead_who_is_not_named_leads_it_no_more(room):
    room.do(acts.take_over, LIN)
    room.do(acts.restrict, GRACE, ())
    assert room.incident.lead_id == GRACE.id
    assert room.last.payload["led_by"] == "Grace"


def test_a_lead_who_is_named_leads_on(room):
    room.do(acts.take_over, LIN)
    room.do(acts.restrict, GRACE, (LIN.id,))
    assert room.incident.lead_id == LIN.id
    assert "led_by" not in room.last.payload


def test_somebody_named_who_never_spoke_is_known_and_keeps_a_name_that_is_known(room):
    room.do(acts.restrict, GRACE, (EVE, BO))
    with room.database.read() as session:
        assert session.get_one(Participant, EVE).name == ""
        assert session.get_one(Participant, BO).name == "Bo"


def test_a_draft_that_waits_where_it_moves_to_is_forgotten_and_not_only_left(room):
    key, there = "message:D1:1.1", "slack:T1:D1"
    how = {"conversation_id": there, "person": (ADA, "Ada"), "source": "slack", "at": NOW}
    deliveries.receive(room.database, key, text="check this: quokka", **how)
    deliveries.finish(room.database, key, [{"type": "text", "text": "About quokka"}], NOW)
    with room.database.begin() as session:
        waits = json.dumps({"kind": "draft_next", "text": "quokka", "keys": [key]})
        session.get_one(Conversation, there).pending = waits
        acts.move_to(session, record.find(session, room.reference), there)
    [said] = deliveries.transcript(room.database, there)
    assert "quokka" not in said.text + said.replies
    with room.database.read() as session:
        assert session.get_one(Conversation, there).pending is None


def test_the_conversation_moves_and_the_old_one_still_points_to_it(room):
    with room.database.begin() as session:
        record.ensure_conversation(session, "slack:T1:D1", ADA, NOW)
        old = session.get_one(Conversation, "slack:T1:C1:1.2")
        old.pending = '{"kind": "stop"}'
        acts.move_to(session, record.find(session, room.reference), "slack:T1:D1")
    with room.database.read() as session:
        incident = record.find(session, room.reference)
        old, new = (session.get_one(Conversation, id_) for id_ in ("slack:T1:C1:1.2", "slack:T1:D1"))
    assert incident.conversation_id == "slack:T1:D1"
    assert new.incident_id == incident.id
    assert (old.incident_id, old.pending) == (incident.id, None)
