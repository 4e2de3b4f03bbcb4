"""A lead finishes the conversation with the public, or says why an incident is closed all the same."""

import json
from datetime import timedelta

import pytest

from amends.conversation import recording
from amends.incidents import completion, record
from amends.incidents.verify import verify
from amends.leads import acts
from tests.leads.conftest import GRACE, LIN, NOW

HOUR = timedelta(hours=1)
SETTLED = {"unanswered": "none", "quiet": "yes", "pinned": "none", "update": "none"}


@pytest.fixture
def replied(room):
    """An incident whose apology is out."""
    for code in ("preserve", "take_down", "apologise"):
        with room.database.begin() as session:
            incident = recording.locked(session, record.find(session, room.reference), GRACE, NOW)
            assert recording.mark_done(session, room.settings, incident, code, actor=GRACE, at=NOW)
    return room


def state_of(room):
    return completion.of(room.incident)


def test_after_the_apology_it_does_not_close_until_all_is_answered(replied):
    with pytest.raises(acts.NotFinished, match="questions that nobody has answered") as refused:
        replied.do(acts.close, GRACE)
    assert refused.value.left == ("unanswered", "quiet", "pinned", "update")
    assert replied.incident.state == "advised"
    replied.do(acts.answer, GRACE, SETTLED, at=NOW + HOUR)
    replied.do(acts.close, GRACE, at=NOW + HOUR)
    assert replied.incident.state == "closed"
    assert replied.last.payload == {"open_steps": []}


def test_each_answer_is_an_entry_with_the_question_as_it_was_asked(replied):
    replied.do(acts.answer, LIN, {"quiet": "no"}, at=NOW + HOUR)
    assert (replied.last.kind, replied.last.actor_id) == ("looked_again", LIN.id)
    assert replied.last.payload == {
        "code": "quiet",
        "chosen": "no",
        "about": "Has it died down?",
        "answer": "Not yet",
        "settled": False,
    }
    assert "quiet" in state_of(replied).left


def test_a_lead_can_say_why_it_is_closed_all_the_same_and_the_words_stand_in_an_entry_of_their_own(replied):
    replied.do(acts.answer, GRACE, {"quiet": "yes"}, at=NOW + HOUR)
    replied.do(acts.close, GRACE, reason=" The account was deleted by its owner. ")
    why, closed = replied.trail[-2:]
    assert why.kind == "left_unfinished"
    assert why.payload == {
        "left": ["questions that nobody has answered", "a correction to pin", "the update that was promised"],
        "reason": "The account was deleted by its owner.",
    }
    assert closed.payload == {"open_steps": [], "unfinished": ["unanswered", "pinned", "update"]}


def test_it_is_not_closed_unfinished_in_the_middle_of_a_change_either(replied):
    with replied.database.begin() as session:
        record.find(session, replied.reference).state = record.State.ASKING
    with pytest.raises(acts.NotFinished):
        replied.do(acts.close, GRACE)
    replied.do(acts.close, GRACE, reason="The page is gone.")
    why, stopped = replied.trail[-2:]
    assert (why.kind, why.payload["reason"], stopped.kind) == ("left_unfinished", "The page is gone.", "abandoned")
    assert stopped.payload["unfinished"] == ["unanswered", "quiet", "pinned", "update"]
    assert replied.incident.state == "abandoned"


def test_blanks_are_no_reason(replied):
    with pytest.raises(acts.NotFinished):
        replied.do(acts.close, GRACE, reason=" \n ")


def test_without_a_public_reply_it_closes_as_ever(room):
    assert room.do(acts.close, GRACE) == ["preserve", "take_down", "apologise"]
    assert "left_unfinished" not in [entry.kind for entry in room.trail]


def test_a_promise_is_a_deadline_that_keeps_it_open_until_it_is_kept(room):
    room.do(acts.promise, GRACE, "Next update\n15:00", NOW + 5 * HOUR)
    assert room.last.kind == "promised"
    assert room.last.payload == {"promise": 1, "text": "Next update 15:00", "due": (NOW + 5 * HOUR).isoformat()}
    with pytest.raises(acts.NotFinished, match="the update that was promised"):
        room.do(acts.close, GRACE)
    room.do(acts.answer, LIN, {"promise-1": "kept"}, at=NOW + 4 * HOUR)
    assert [entry.kind for entry in room.trail][-2:] == ["promise_kept", "looked_again"]
    (promise,) = state_of(room).promises
    assert (promise.kept, promise.ended) == (True, NOW + 4 * HOUR)
    room.do(acts.close, GRACE)
    assert room.incident.state == "closed"


def test_a_promise_that_was_none_is_taken_out_and_says_so(room):
    room.do(acts.promise, GRACE, "Next update 15:00", NOW + 5 * HOUR)
    room.do(acts.answer, GRACE, {"promise-1": "withdrawn"})
    assert room.last.kind == "promise_withdrawn"
    assert state_of(room).open_promises == ()
    room.do(acts.close, GRACE)


def test_that_the_update_was_given_ends_what_was_due_and_not_what_is_promised_for_later(replied):
    replied.do(acts.promise, GRACE, "Next update 10:30", NOW + HOUR)
    replied.do(acts.promise, GRACE, "All answers tomorrow", NOW + 24 * HOUR)
    replied.do(acts.answer, GRACE, {"update": "given"}, at=NOW + 2 * HOUR)
    assert [one.number for one in state_of(replied).open_promises] == [2]
    assert "update" in state_of(replied).left


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({}, "Nothing was chosen"),
        ({"quiet": "perhaps"}, "not an answer"),
        ({"mood": "yes"}, "not an answer"),
        ({"promise-x": "kept"}, "not an answer"),
        ({"promise-1": "kept"}, "settled already"),
    ],
)
def test_what_cannot_be_answered_is_refused_and_nothing_is_kept(answers, said, replied):
    before = len(replied.trail)
    with pytest.raises(acts.CannotAct, match=said):
        replied.do(acts.answer, GRACE, answers)
    assert len(replied.trail) == before


def test_an_answer_that_is_wrong_takes_the_others_of_the_form_with_it(replied):
    with pytest.raises(acts.CannotAct):
        replied.do(acts.answer, GRACE, {"quiet": "yes", "pinned": "perhaps"})
    assert replied.incident.completion is None


@pytest.mark.parametrize("due", [NOW - timedelta(days=8), NOW + timedelta(days=400)])
def test_a_time_that_cannot_be_meant_is_no_promise(due, room):
    with pytest.raises(acts.CannotAct, match="cannot be meant"):
        room.do(acts.promise, GRACE, "Next update", due)


def test_the_same_time_is_promised_once(room):
    room.do(acts.promise, GRACE, "Next update at three", NOW + 5 * HOUR)
    with pytest.raises(acts.CannotAct, match="promised for that time already"):
        room.do(acts.promise, LIN, "Update 15:00", NOW + 5 * HOUR)
    assert len(state_of(room).promises) == 1


@pytest.mark.parametrize(("act", "given"), [(acts.answer, ({"quiet": "yes"},)), (acts.promise, ("x", NOW + HOUR))])
def test_what_is_closed_is_neither_answered_nor_promised(act, given, room):
    room.do(acts.close, GRACE)
    with pytest.raises(acts.CannotAct, match="closed already"):
        room.do(act, GRACE, *given)


def test_opened_again_it_is_asked_again(replied):
    replied.do(acts.answer, GRACE, SETTLED, at=NOW + HOUR)
    replied.do(acts.close, GRACE, at=NOW + HOUR)
    replied.do(acts.reopen, LIN, "A new video of it.", at=NOW + 5 * HOUR)
    state = state_of(replied)
    assert state.left == ("unanswered", "quiet", "pinned", "update")
    assert state.next_look == NOW + 5 * HOUR + state.looks[0]


def test_the_chain_holds_and_the_state_is_what_the_trail_says(replied):
    replied.do(acts.promise, GRACE, "Next update 15:00", NOW + 5 * HOUR)
    replied.do(acts.answer, GRACE, {"promise-1": "kept", "quiet": "yes"}, at=NOW + HOUR)
    replied.do(acts.close, LIN, reason="Enough.", at=NOW + HOUR)
    with replied.database.read() as session:
        assert verify(session).damage == ()
    kept = json.loads(replied.incident.completion)["answers"]
    told = {entry.payload["code"]: entry.payload["chosen"] for entry in replied.trail if entry.kind == "looked_again"}
    assert {code: one["option"] for code, one in kept.items()} == told
