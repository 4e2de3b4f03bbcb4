"""A clock that is ahead, or was until now: nothing waits for as long as it was wrong, and nothing is sent twice."""

from datetime import timedelta

import pytest

from amends.outbox import outgoing
from amends.outbox.finding import metadata
from amends.outbox.tables import Outgoing
from tests.outbox.line import NOW

HOUR = 3600


def test_what_was_put_while_the_clock_was_ahead_is_sent(box):
    box.clock.forward(HOUR)
    box.put("a")
    box.clock.forward(-HOUR)
    box.send()
    assert box.line.texts() == ["a"]


def test_what_is_to_wait_for_its_time_still_waits_for_it(box):
    box.put("late", not_before=NOW + timedelta(hours=20))
    box.send()
    assert box.line.texts() == []


def test_what_failed_while_the_clock_was_ahead_is_tried_again(box):
    box.clock.forward(HOUR)
    box.put("a")
    box.line.fails("chat.postMessage", "later", "internal_error")
    box.send(rounds=1)
    box.clock.forward(-HOUR)
    box.send()
    assert box.line.texts() == ["a"]


@pytest.mark.parametrize("acts", [True, False])
def test_what_was_begun_while_the_clock_was_ahead_is_looked_for_and_stands_once(box, acts):
    box.clock.forward(HOUR)
    box.put("a")
    with box.database.begin() as session:
        (row,) = outgoing.take(session, box.clock(), 1)
        assert not outgoing.may_be_sent(row)
    if acts:
        box.line._act("chat.postMessage", _message_of(row))
    box.clock.forward(-HOUR)
    box.send()
    assert box.line.texts() == ["a"]
    assert "conversations.history" in box.line.called()


def test_what_slack_took_without_saying_so_is_found_by_a_clock_that_is_ahead_of_its(box):
    box.line.behind = HOUR
    box.put("a")
    box.line.fails("chat.postMessage", "unknown", acts=True)
    box.send(rounds=1)
    box.clock.forward(60)
    box.send()
    assert box.line.texts() == ["a"]
    assert "conversations.history" in box.line.called()


def test_a_channel_that_was_busy_while_the_clock_was_ahead_is_free(box):
    box.clock.forward(HOUR)
    for number in range(3):
        box.put(f"m{number}")
    box.send()
    box.clock.forward(-HOUR)
    box.put("after")
    box.send()
    assert box.line.texts()[-1] == "after"


def test_no_row_waits_for_longer_than_is_said(box):
    box.put("a")
    box.line.fails("chat.postMessage", "limited", retry_after=100_000)
    box.send(rounds=1)
    with box.database.read() as session:
        row = session.query(Outgoing).one()
    assert row.not_before - box.clock() <= outgoing.FURTHEST


def _message_of(row):
    how = {"unfurl_links": False, "unfurl_media": False}
    return {"channel": row.to, "text": row.key, "metadata": metadata(row), **how}
