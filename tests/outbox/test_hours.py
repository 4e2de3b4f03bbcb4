"""Office hours, as an operator writes them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.outbox.hours import HoursError, clock_time, parse

LONDON = ZoneInfo("Europe/London")


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


@pytest.mark.parametrize(
    ("text", "moment", "open_"),
    [
        ("Mon-Fri 09:00-17:30", "2026-03-02 09:00", True),
        ("Mon-Fri 09:00-17:30", "2026-03-02 08:59", False),
        ("Mon-Fri 09:00-17:30", "2026-03-02 17:29", True),
        ("Mon-Fri 09:00-17:30", "2026-03-02 17:30", False),
        ("Mon-Fri 09:00-17:30", "2026-03-07 12:00", False),
        ("monday - friday 9:00 - 17:30, Sat 10:00-12:00", "2026-03-07 11:00", True),
        ("Sat-Mon 10:00-12:00", "2026-03-01 11:00", True),
        ("Sat-Mon 10:00-12:00", "2026-03-03 11:00", False),
        ("Mon-Sun 00:00-24:00", "2026-03-01 23:59", True),
        ("Mon 09:00-12:00, Mon 13:00-17:00", "2026-03-02 12:30", False),
        ("Mon 09:00-12:00, Mon 13:00-17:00", "2026-03-02 13:00", True),
    ],
)
def test_within_the_hours(text, moment, open_):
    assert parse(text).is_open(at(moment), LONDON) is open_


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2026-03-02 10:00", "2026-03-02 10:00"),
        ("2026-03-02 08:00", "2026-03-02 09:00"),
        ("2026-03-02 18:00", "2026-03-03 09:00"),
        ("2026-03-06 17:30", "2026-03-09 09:00"),
        ("2026-03-28 12:00", "2026-03-30 09:00"),  # over the night in which the clocks go forward
    ],
)
def test_when_they_begin_next(moment, opens):
    assert parse("Mon-Fri 09:00-17:30").next_open(at(moment), LONDON) == at(opens)


def test_the_same_hours_hold_in_summer_time():
    hours = parse("Mon-Fri 09:00-17:30")
    assert hours.is_open(datetime(2026, 7, 6, 8, 0, tzinfo=UTC), LONDON)
    assert not hours.is_open(datetime(2026, 3, 2, 8, 0, tzinfo=UTC), LONDON)


@given(
    st.integers(0, 60 * 24 * 400), st.sampled_from(["Mon-Fri 09:00-17:30", "Sun 03:00-03:01", "Mon-Sun 00:00-24:00"])
)
def test_the_next_opening_is_open_and_the_minute_before_it_is_not(minutes, text):
    hours = parse(text)
    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    opens = hours.next_open(moment, LONDON)
    assert hours.is_open(opens, LONDON)
    assert opens == moment or not hours.is_open(opens - timedelta(minutes=1), LONDON) or text.startswith("Mon-Sun")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "Write them like this"),
        ("always", "Write them like this"),
        ("Mon-Fri", "Write them like this"),
        ("Mon-Foo 09:00-17:30", '"foo" is no day'),
        ("Mon 17:00-09:00", "closes before it opens"),
        ("Mon 25:00-26:00", "no time of day"),
        ("Mon 09:00-17:75", "no time of day"),
    ],
)
def test_hours_that_cannot_be_read_are_refused_with_a_sentence(text, says):
    with pytest.raises(HoursError, match=says):
        parse(text)


def test_a_time_of_day_that_is_none_is_refused():
    assert clock_time("24:00") > clock_time("23:59")
    with pytest.raises(HoursError, match="like this: 09:00"):
        clock_time("nine")
