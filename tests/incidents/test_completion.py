"""How far the conversation after a public reply is: what is left, and when it is asked again."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from amends.flows import load_flow
from amends.incidents import completion
from amends.incidents.asked_after import QUESTIONS
from amends.incidents.models import Incident
from amends.settings import ROOT

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
ALL = tuple(QUESTIONS)
SETTLED = {"unanswered": "none", "quiet": "yes", "pinned": "none", "update": "none"}


def incident(*done, at=NOW, level=2, look_again="in 2 hours", steps=("take_down", "respond", "apologise"), **kept):
    decision = {
        "look_again": look_again,
        "steps": [
            {"code": code, "kind": "response", "how": "", "optional": False, "clear_first": []} for code in steps
        ],
    }
    return Incident(
        decision=json.dumps(decision),
        override=None,
        level=level,
        done=json.dumps({code: {"who": "Ada", "at": at.isoformat()} for code in done}),
        completion=json.dumps(kept) if kept else None,
    )


def given(*, at=NOW, count=1, **options):
    return {code: {"option": one, "who": "Ada", "at": at.isoformat(), "count": count} for code, one in options.items()}


def promise(number, due, ended=None, *, kept=False):
    said = {"number": number, "words": "Next update", "due": due.isoformat(), "who": "Ada", "at": NOW.isoformat()}
    return said | {"ended": ended.isoformat() if ended else None, "kept": kept}


@pytest.mark.parametrize("done", [(), ("take_down",)])
def test_without_a_public_reply_nothing_is_asked(done):
    state = completion.of(incident(*done))
    assert (state.begun, state.left, state.next_look) == (None, (), None)


@pytest.mark.parametrize("reply", completion.PUBLIC_REPLIES)
def test_after_a_public_reply_the_four_questions_are_left_and_asked_at_the_time_of_the_level(reply):
    state = completion.of(incident(reply))
    assert state.left == ALL
    assert state.next_look == NOW + 2 * HOUR
    assert state.due(NOW + 2 * HOUR - timedelta(seconds=1)) == ()
    assert state.due(NOW + 2 * HOUR) == ALL


def test_a_reply_that_is_advised_no_more_begins_nothing():
    assert completion.of(incident("respond", steps=("take_down",))).begun is None


@pytest.mark.parametrize(
    ("words", "level", "looks"),
    [
        ("in 1 hour", 3, [HOUR]),
        ("in 2 hours, then in 24 hours", 1, [2 * HOUR, 24 * HOUR]),
        ("the next day, by asking how they are", 0, [24 * HOUR]),
        ("in an hour", 3, [HOUR]),
        ("in 90 minutes", 2, [1.5 * HOUR]),
        ("soon", 3, [HOUR]),
        ("soon", 2, [2 * HOUR]),
        ("", 1, [24 * HOUR]),
        ("", None, [24 * HOUR]),
    ],
)
def test_the_times_are_those_of_the_flow_and_else_those_of_the_level_table(words, level, looks):
    assert list(completion.of(incident("respond", look_again=words, level=level)).looks) == looks


@pytest.mark.parametrize("name", ["problem_post", "third_party", "personal_use", "breach"])
def test_every_level_of_the_shipped_flows_names_a_time_that_can_be_read(name):
    for level in load_flow(ROOT / "data" / "flows" / f"{name}.yml").levels:
        read = {completion.of(incident("respond", look_again=level.look_again, level=any_)).looks for any_ in (0, 2, 3)}
        assert len(read) == 1, f"{level.look_again!r} of level {level.level} could not be read."


def test_the_shipped_flow_looks_again_when_the_decision_model_says():
    levels = load_flow(ROOT / "data" / "flows" / "problem_post.yml").levels
    read = {one.level: completion.of(incident("respond", look_again=one.look_again)).looks[0] for one in levels}
    assert read == completion.LOOK_AGAIN


def test_what_is_not_settled_is_asked_again_after_the_same_time_and_then_after_the_next_one():
    later = NOW + 3 * HOUR
    once = incident(
        "respond", look_again="in 2 hours, then in 24 hours", answers=given(at=later, **{**SETTLED, "quiet": "no"})
    )
    assert completion.of(once).left == ("quiet",)
    assert completion.of(once).next_look == later + 24 * HOUR


def test_when_all_is_settled_nothing_is_left():
    state = completion.of(incident("respond", answers=given(at=NOW + HOUR, **SETTLED)))
    assert (state.left, state.next_look, state.due(NOW + 99 * HOUR)) == ((), None, ())


def test_what_was_answered_before_the_last_public_reply_is_asked_again():
    state = completion.of(incident("apologise", at=NOW + 2 * HOUR, answers=given(at=NOW + HOUR, **SETTLED)))
    assert state.left == ALL


def test_an_open_promise_keeps_it_open_whatever_was_answered_and_also_without_a_reply():
    due = NOW + 5 * HOUR
    settled = incident("respond", answers=given(at=NOW + HOUR, **SETTLED), promises=[promise(1, due)])
    for one in (settled, incident(promises=[promise(1, due)])):
        state = completion.of(one)
        assert state.left == ("update",)
        assert state.due(due - timedelta(seconds=1)) == ()
        assert state.due(due) == ("update",)
        assert state.next_look is None, "A promise has its own time."


def test_nobody_can_say_that_nothing_was_promised_while_a_promise_is_open():
    opened = completion.of(incident("respond", promises=[promise(1, NOW)]))
    assert [one.code for one in opened.options("update")] == ["given", "open"]
    ended = completion.of(incident("respond", promises=[promise(1, NOW, NOW, kept=True)]))
    assert [one.code for one in ended.options("update")] == ["given", "none", "open"]


def test_promises_stand_in_the_order_of_their_times():
    state = completion.of(incident(promises=[promise(1, NOW + 2 * HOUR), promise(2, NOW + HOUR), promise(3, NOW, NOW)]))
    assert [one.code for one in state.open_promises] == ["promise-2", "promise-1"]


def test_words_and_names_can_be_forgotten_all_or_of_one_person():
    one = incident("respond", answers=given(quiet="yes"), promises=[promise(1, NOW)])
    completion.forget(one, "gone", {"Bo"})
    assert "Next update" in one.completion
    completion.forget(one, "gone", {"Ada"})
    assert "Ada" not in one.completion
    assert "Next update" not in one.completion
    other = incident("respond", promises=[promise(1, NOW)])
    completion.forget(other, "gone")
    assert completion.of(other).promises[0].words == "gone"
    assert completion.of(other).promises[0].who == "Ada"
