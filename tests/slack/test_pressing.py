"""What a press says is read from what Slack sends; what cannot be read is refused with a sentence."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from amends.slack.pressing import UNREADABLE, message_of
from amends.slack.registry import Refused
from tests.slack import sent

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
TIMES = '{"question": "noticed_at", "state": "INC-2026-0001:3"}'
LONG_AGO = {"values": {"posted|noticed_at|INC-2026-0001:3": {"a": {"selected_date_time": 10**20}}}}


def without(name):
    body = sent.press()
    del body["actions"][0][name]
    return body


@pytest.mark.parametrize(
    "payload",
    [
        without("value"),
        without("action_id"),
        sent.press() | {"actions": []},
        sent.press() | {"actions": [None]},
        sent.press("pick", "", block_id="pick|harm|INC-2026-0001:3"),
        sent.press("submit_ticks", "[]"),
        sent.press("submit_ticks", '{"state": "x"}', state={"values": {"ticks|x": None}}),
        sent.press("submit_ticks", '{"state": "x"}', state="no"),
        sent.press("submit_times", TIMES, state=LONG_AGO),
        sent.press("something_else", "{}"),
    ],
)
def test_a_press_that_cannot_be_read_is_refused_with_a_sentence(payload):
    with pytest.raises(Refused) as refused:
        message_of(payload, ZoneInfo("Europe/London"), NOW)
    assert str(refused.value) == UNREADABLE


def test_a_press_says_what_stands_on_its_button():
    assert message_of(sent.press(value="/affirm"), ZoneInfo("Europe/London"), NOW) == "/affirm"
