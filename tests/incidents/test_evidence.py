"""A file is kept with its SHA-256, once, and the step to save the evidence is done with it."""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from amends.conversation import evidence
from amends.incidents import record
from amends.incidents.verify import verify
from amends.leads import acts
from tests.leads.conftest import ADA, BO, GRACE, NOW, Room

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
MINE = acts.Actor(ADA, "Ada", "slack", NOW)


@pytest.fixture
def room(database):
    return Room(database)


def keep(room, key="file:C1:1.1:F1", content=PICTURE, actor=MINE):
    return room.do(evidence.keep, key=key, name="shot.png", media_type="image/png", content=content, actor=actor)


def kept(room):
    with room.database.read() as session:
        return [(one.name, one.sha256, one.content) for one in evidence.kept_for(session, room.incident)]


def test_a_file_is_kept_as_it_is_with_its_digest_in_the_trail(room):
    keep(room)
    digest = hashlib.sha256(PICTURE).hexdigest()
    assert kept(room) == [("shot.png", digest, PICTURE)]
    entry = next(entry for entry in room.trail if entry.kind == "evidence_kept")
    assert entry.payload == {"name": "shot.png", "media_type": "image/png", "size": len(PICTURE), "sha256": digest}
    assert entry.actor_id == ADA


def test_to_save_the_evidence_is_done_with_the_first_file(room):
    keep(room)
    keep(room, "file:C1:1.2:F2", actor=acts.Actor(BO, "Bo", "slack", NOW))
    done = [entry.payload for entry in room.trail if entry.kind == "step_done"]
    assert [(mark["step"], mark["label"], mark["who"]) for mark in done] == [("preserve", "Save the evidence", "Ada")]
    assert json.loads(room.incident.done)["preserve"]["who"] == "Ada"


def test_a_message_that_was_pointed_to_is_kept_and_the_post_is_still_to_be_saved(room):
    room.do(evidence.keep, key="k", name="m.json", media_type=evidence.MESSAGE, content=b"{}", actor=MINE)
    assert [name for name, _, _ in kept(room)] == ["m.json"]
    assert json.loads(room.incident.done) == {}
    keep(room)
    assert "preserve" in json.loads(room.incident.done)


def test_a_step_that_is_not_advised_is_not_done(room):
    with room.database.begin() as session:
        incident = record.find(session, room.reference)
        acts.decide_otherwise(session, room.settings, room.flow, incident, GRACE, ("respond",), "It is gone.", NOW)
    keep(room)
    assert json.loads(room.incident.done) == {}
    assert len(kept(room)) == 1


def test_the_same_key_keeps_one_also_when_two_come_at_once(room):
    with ThreadPoolExecutor(4) as pool:
        ids = {one.id for one in pool.map(lambda _: keep(room), range(4))}
    assert len(ids) == 1
    assert [entry.kind for entry in room.trail].count("evidence_kept") == 1
    assert [entry.kind for entry in room.trail].count("step_done") == 1


def test_a_file_can_be_kept_before_there_is_advice_and_after_the_close(room):
    advised = room.reference
    room.reference = room.report(state="asking")
    keep(room, "k1")
    room.reference = advised
    room.do(acts.close, GRACE)
    keep(room, "k2")
    assert room.last.kind == "evidence_kept"
    assert json.loads(room.incident.done) == {}


def test_what_is_refused_is_recorded_with_its_reason_and_the_step_stays_open(room):
    room.do(evidence.refuse, name="film.mov", reason="It is larger than 20 MB.", actor=MINE)
    assert room.last.kind == "evidence_refused"
    assert room.last.payload == {"name": "film.mov", "reason": "It is larger than 20 MB."}
    assert json.loads(room.incident.done) == {}
    assert kept(room) == []


def test_who_is_not_named_adds_no_evidence_to_a_restricted_incident(room):
    room.do(acts.restrict, GRACE, ())
    before = len(room.trail)
    stranger = acts.Actor(BO, "Bo", "slack", NOW)
    with pytest.raises(record.UnknownIncident, match="only those who are named"):
        keep(room, actor=stranger)
    with pytest.raises(record.UnknownIncident, match="only those who are named"):
        room.do(evidence.refuse, name="film.mov", reason="x", actor=stranger)
    assert (len(room.trail), kept(room)) == (before, [])


def test_the_chain_holds_and_who_sent_it_takes_part(room):
    keep(room, actor=acts.Actor("slack:T1:U7", "Cy", "slack", NOW))
    assert room.seen_by("slack:T1:U7") == [room.reference]
    with room.database.read() as session:
        assert verify(session).damage == ()
