"""People are reminded to look again after a public reply, and of what was promised in it."""

import json
from datetime import timedelta

import pytest

from amends.incidents.trail import Kind
from amends.outbox.clerk import Clerk
from tests.outbox.incident import Story, minutes, step
from tests.outbox.line import NOW

HOUR = timedelta(hours=1)
DUE = NOW + 4 * HOUR


@pytest.fixture
def story(box):
    box.drawings |= {"lead_card": lambda *_: {"text": "card"}, "reminder": lambda *_: {"text": "reminder"}}
    return Story(box)


def replied(story, level=2, **changes):
    """The reply is out, and nothing else is to be done."""
    story.advised(level, [step("respond")])
    story.done("respond")
    if changes:
        story.happens(Kind.LOOKED_AGAIN, completion=json.dumps(changes))


def given(at=NOW, **options):
    return {code: {"option": one, "who": "Ada", "at": at.isoformat(), "count": 1} for code, one in options.items()}


def promise(due=DUE, ended=None):
    said = {"number": 1, "words": "Next update", "due": due.isoformat(), "who": "Ada", "at": NOW.isoformat()}
    return {**said, "ended": ended and ended.isoformat(), "kept": ended is not None}


def look(story):
    before = len(story.trail(Kind.REMINDED))
    Clerk(story.box.database, story.settings, now=story.box.clock).look()
    return len(story.trail(Kind.REMINDED)) - before


@pytest.mark.parametrize(("level", "after"), [(3, HOUR), (2, 2 * HOUR), (1, 24 * HOUR), (0, 24 * HOUR)])
def test_after_the_reply_it_is_looked_again_at_the_time_of_the_level(story, level, after):
    replied(story, level)
    planned = story.reminders()["look", "look"]
    assert (planned.due_at, planned.next_at, planned.title) == (NOW + after, NOW + after, "look again")


def test_before_the_reply_and_when_all_is_settled_nobody_is_reminded(story):
    story.advised(2, [step("respond")])
    assert ("look", "look") not in story.reminders()
    story.done("respond")
    settled = given(unanswered="none", quiet="yes", pinned="none", update="none")
    story.happens(Kind.LOOKED_AGAIN, completion=json.dumps({"answers": settled}))
    assert story.reminders()["look", "look"].state == "done"


def test_a_look_that_nobody_takes_is_reminded_of_again_and_then_of_the_leads(story, box):
    replied(story)
    waits, before = [], NOW
    for _ in range(3):
        box.clock.at = story.reminders()["look", "look"].next_at
        waits.append(box.clock() - before)
        before = box.clock()
        assert look(story) == 1
    assert waits == [2 * HOUR, HOUR, 2 * HOUR]
    told = [entry.payload["told"] for entry in story.trail(Kind.REMINDED)]
    assert told == [["talk"], ["talk", "leads"], ["leads"]]


def test_what_is_not_settled_is_asked_anew_and_the_old_message_says_so(story, box):
    replied(story)
    box.clock.at = NOW + 2 * HOUR
    look(story)
    box.send()
    later = box.clock()
    answers = given(at=later, unanswered="some", quiet="no", pinned="none", update="none")
    story.happens(Kind.LOOKED_AGAIN, completion=json.dumps({"answers": answers}))
    again = story.reminders()["look", "look"]
    assert (again.due_at, again.stage, again.state) == (later + 2 * HOUR, 0, "waiting")
    assert [row.action for row in story.rows("reminder")] == ["replace", "update"]


def test_a_promise_is_reminded_of_as_a_deadline_is(story, box):
    replied(story, promises=[promise()])
    times = []
    for _ in range(3):
        box.clock.at = story.reminders()["promise", "promise-1"].next_at
        times.append(box.clock() - NOW)
        assert look(story) >= 1
    assert times == [3 * HOUR, 4 * HOUR, 4 * HOUR + minutes(30)]


def test_a_promise_is_reminded_of_while_there_is_no_advice(story, box):
    replied(story, promises=[promise()])
    story.happens(Kind.FLOW_CHOSEN, decision=None, level=None, state="asking")
    planned = story.reminders()["promise", "promise-1"]
    assert (planned.state, planned.due_at) == ("waiting", DUE)
    box.clock.at = planned.next_at
    assert look(story) == 1


def test_a_promise_that_was_kept_is_not_reminded_of(story, box):
    replied(story, promises=[promise()])
    story.happens(Kind.PROMISE_KEPT, completion=json.dumps({"promises": [promise(ended=NOW)]}))
    assert story.reminders()["promise", "promise-1"].state == "done"
    box.clock.at = DUE
    assert all(entry.payload["kind"] != "promise" for entry in story.trail(Kind.REMINDED))


def test_what_reminders_are_called_holds_no_words_of_people(story):
    replied(story, promises=[promise()])
    assert all("Next update" not in reminder.title for reminder in story.reminders().values())


def test_when_it_is_closed_nothing_is_asked_any_more(story):
    replied(story, promises=[promise()])
    story.happens(Kind.CLOSED, state="closed")
    assert {reminder.state for reminder in story.reminders().values()} == {"done"}
