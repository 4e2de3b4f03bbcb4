"""What was promised in public, and by when, is found in a reply and in what people tell of it; a plan is no promise."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from amends.understanding.promises import in_reply, in_telling

ZONE = ZoneInfo("Europe/London")
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=ZONE)
"""A Monday morning."""


def at(hour, minute=0, days=0):
    return NOW.replace(hour=hour, minute=minute) + timedelta(days=days)


@pytest.mark.parametrize(
    ("words", "due"),
    [
        ("Next update 15:00.", at(15)),
        ("Next update: 3pm", at(15)),
        ("next update at 3", at(15)),
        ("We will post again by noon tomorrow.", at(12, days=1)),
        ("More news this afternoon.", at(17)),
        ("Further update tomorrow morning", at(12, days=1)),
        ("We'll update you within two hours.", at(11, 30)),
        ("Another update in half an hour.", at(10)),
        ("We'll be back within the hour.", at(10, 30)),
        ("We will let you know by the end of the day.", at(17)),
        ("We will have an answer on Wednesday.", at(17, days=2)),
        ("We will publish the results on 12 March at 10am.", at(10, days=10)),
        ("At 16:00 we will post again.", at(16)),
        ("Next update by half past four", at(16, 30)),
        ("More at 4pm.", at(16)),
        ("More to follow by 16:00", at(16)),
        ("The next update comes before midnight.", at(0, days=1)),
    ],
)
def test_a_promise_in_a_reply_is_found_with_its_time(words, due):
    (found,) = in_reply(f"We have seen this. {words}", NOW, ZONE)
    assert (found.words, found.due) == (words, due)


@pytest.mark.parametrize(
    "words",
    [
        "We posted this at 9:05 and took it down at 9:20.",
        "We will update you as soon as we know more.",
        "We will refund \u00a315.50 and post an update.",
        "The library opens at 10 tomorrow.",
        "Ring us on 01234 555 until 17:00.",
    ],
)
def test_a_time_without_a_promise_is_none_nor_is_a_promise_without_a_time(words):
    assert in_reply(words, NOW, ZONE) == ()


def test_several_promises_are_found_in_their_order_and_the_same_time_once():
    text = "Next update 15:00. We will publish all answers tomorrow at 10am. Again: next update at 3pm."
    assert [one.due for one in in_reply(text, NOW, ZONE)] == [at(15), at(10, days=1)]


def test_a_time_that_has_just_passed_is_late_and_one_long_past_is_tomorrows():
    assert in_reply("Next update 08:30", NOW, ZONE)[0].due == at(8, 30)
    assert in_reply("Next update 06:00", NOW, ZONE)[0].due == at(6, days=1)


@pytest.mark.parametrize(
    ("words", "due"),
    [
        ("we promised an update at 3pm", at(15)),
        ("I told them we would be back by 5", at(17)),
        ("the press office said we'd confirm by Friday", at(17, days=4)),
        ('I\'ve replied: "We are looking into it and will post again at 16:00"', at(16)),
        ("they were told there would be news tomorrow", at(17, days=1)),
        ("the next update is at 18:30", at(18, 30)),
    ],
)
def test_what_people_tell_of_a_promise_is_understood(words, due):
    assert [one.due for one in in_telling(words, NOW, ZONE)] == [due]


@pytest.mark.parametrize(
    "words", ["I will answer at three", "I'm going to post the reply at noon", "I posted the reply ten minutes ago"]
)
def test_what_people_plan_themselves_is_no_promise(words):
    assert in_telling(words, NOW, ZONE) == ()


def test_the_clock_is_the_organisations_also_on_the_day_it_is_put_forward():
    saturday = datetime(2026, 3, 28, 20, 0, tzinfo=ZONE)
    (found,) = in_reply("Next update tomorrow at 9am", saturday, ZONE)
    assert found.due.isoformat() == "2026-03-29T09:00:00+01:00"
