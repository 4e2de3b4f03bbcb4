"""Times are read as people say them, and never guessed."""

from contextlib import suppress
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amends.understanding import TimeError, find_time, read_time, texts
from amends.understanding.ahead import read_ahead
from amends.understanding.numbers import MOST, number_in

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 3, 4, 10, 30, tzinfo=LONDON)  # a Wednesday


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("about twenty past nine", "2026-03-04 09:20"),
        ("twenty past nine", "2026-03-04 09:20"),
        ("quarter to ten", "2026-03-04 09:45"),
        ("5 to 10", "2026-03-04 09:55"),
        ("half nine last night", "2026-03-03 21:30"),
        ("1am last night", "2026-03-04 01:00"),
        ("last night", "2026-03-03 21:00"),
        ("just now", "2026-03-04 10:30"),
        ("an hour ago", "2026-03-04 09:30"),
        ("ten mins back", "2026-03-04 10:20"),
        ("half an hour ago", "2026-03-04 10:00"),
        ("a couple of minutes ago", "2026-03-04 10:28"),
        ("this morning around 8", "2026-03-04 08:00"),
        ("yesterday 14:30", "2026-03-03 14:30"),
        ("around 8pm yesterday", "2026-03-03 20:00"),
        ("monday at 3pm", "2026-03-02 15:00"),
        ("at nine", "2026-03-04 09:00"),
        ("9.20am", "2026-03-04 09:20"),
        ("2026-03-04T09:00", "2026-03-04 09:00"),
        ("3 March 21:15", "2026-03-03 21:15"),
        ("March 3rd, 9.15pm", "2026-03-03 21:15"),
        ("the 3rd around 6pm", "2026-03-03 18:00"),
        ("3/3 18:00", "2026-03-03 18:00"),
        ("yesterday at 5", "2026-03-03 17:00"),
        ("yesterday teatime", "2026-03-03 17:00"),
        ("at lunch yesterday", "2026-03-03 12:00"),
        ("Sunday night", "2026-03-01 21:00"),
        ("midnight", "2026-03-04 00:00"),
        ("9ish", "2026-03-04 09:00"),
        ("0940", "2026-03-04 09:40"),
        ("9h40", "2026-03-04 09:40"),
        ("nine o'clock", "2026-03-04 09:00"),
        ("nine thirty", "2026-03-04 09:30"),
        ("20 mins", "2026-03-04 10:10"),
        ("about 2 hrs", "2026-03-04 08:30"),
        ("an hour and a half ago", "2026-03-04 09:00"),
        ("three quarters of an hour ago", "2026-03-04 09:45"),
    ],
)
def test_a_spoken_time_is_read(text, time):
    assert f"{read_time(text, NOW, LONDON):%Y-%m-%d %H:%M}" == time


@pytest.mark.parametrize("text", ["dunno", "", "bananas", "\U0001f600", "99:99", "x" * 10_000])
def test_what_is_no_time_gets_an_example(text):
    with pytest.raises(TimeError, match="For example"):
        read_time(text, NOW, LONDON)


@pytest.mark.parametrize("text", ["2026-03-05T09:00", "2030-01-01", "today at 23:00", "tomorrow at 9:00", "in an hour"])
def test_a_time_ahead_is_refused(text):
    with pytest.raises(TimeError, match="has not come yet"):
        read_time(text, NOW, LONDON)


def test_the_zone_is_the_organisations_and_summer_time_counts():
    summer = datetime(2026, 7, 1, 12, 0, tzinfo=LONDON)
    assert read_time("at nine", summer, LONDON).isoformat() == "2026-07-01T09:00:00+01:00"


@pytest.mark.parametrize(
    ("now", "text", "time"),
    [
        ("2026-03-29T01:05", "ten minutes ago", "2026-03-29T00:55"),
        ("2026-03-29T08:00", "twelve hours ago", "2026-03-28T20:00"),
        ("2026-10-25T01:05", "ten minutes ago", "2026-10-25T00:55"),
        ("2026-10-25T01:05", "half an hour", "2026-10-25T00:35"),
        ("2026-10-25T02:10", "an hour and a half ago", "2026-10-25T00:40"),
        ("2026-10-25T08:00", "yesterday at 9:00", "2026-10-24T08:00"),
        ("2026-10-25T08:00", "a day ago", "2026-10-24T07:00"),
    ],
)
def test_so_long_ago_is_so_long_also_in_the_nights_in_which_clocks_change(now, text, time):
    """All in UTC: on 29 March clocks are put forward at one o'clock, on 25 October back."""
    read = read_time(text, datetime.fromisoformat(f"{now}+00:00"), LONDON)
    assert f"{read.astimezone(UTC):%Y-%m-%dT%H:%M}" == time


@pytest.mark.parametrize(
    ("now", "text", "due"),
    [
        ("2026-03-28T23:30", "within two hours", "2026-03-29T01:30"),
        ("2026-10-24T23:30", "in two hours", "2026-10-25T01:30"),
        ("2026-10-24T23:45", "within the hour", "2026-10-25T00:45"),
    ],
)
def test_in_so_long_is_so_long_too(now, text, due):
    read = read_ahead(text, datetime.fromisoformat(f"{now}+00:00"), LONDON)
    assert f"{read.astimezone(UTC):%Y-%m-%dT%H:%M}" == due


def test_a_message_that_speaks_of_no_time_has_none():
    assert find_time("it was tweeted by 3 people and has 40 likes", NOW, LONDON) is None
    assert find_time("I've just posted something stupid", NOW, LONDON) == NOW


@pytest.mark.parametrize(
    "text", ["we tweeted our new lunch menu", "posted a selfie of my night out", "shared for quiz night"]
)
def test_a_word_for_a_part_of_the_day_is_no_time_by_itself(text):
    assert find_time(text, NOW, LONDON) is None


PIECES = (
    *(
        "posted",
        "at",
        "in",
        "within",
        "next update",
        "by",
        "ago",
        "weeks",
        "days",
        "hours",
        "million",
        "people",
        "k",
        "of",
    ),
    *(
        "31 december 9999",
        "9999-12-31",
        "0001-01-01T00:00+14:00",
        "1/1/0001",
        "midnight",
        "tomorrow",
        "9" * 11,
        "9" * 400,
    ),
)


@settings(max_examples=100)
@given(st.lists(st.sampled_from(PIECES), max_size=6).map(" ".join))
def test_times_and_numbers_that_nobody_means_end_nothing(text):
    find_time(text, NOW, LONDON)
    read_ahead(text, NOW, LONDON)
    texts.counts(text)
    assert (number_in(text) or 0) <= MOST + 1
    with suppress(TimeError):
        assert read_time(text, NOW, LONDON) <= NOW


@pytest.mark.parametrize("text", ["posted 99999999999 weeks ago", "999999 weeks ago", f"{'9' * 400} days ago"])
def test_a_time_before_all_calendars_is_no_time(text):
    assert find_time(text, NOW, LONDON) is None
    assert read_ahead(text.replace("posted", "in").removesuffix(" ago"), NOW, LONDON) is None
    with pytest.raises(TimeError, match="could not read a time"):
        read_time(text, NOW, LONDON)
