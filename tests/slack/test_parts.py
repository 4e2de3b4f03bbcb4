"""The parts of a payload, read as the kind that they have to be of; `test_who_may` sends odd ones to the handlers."""

import pytest

from amends.slack import parts
from amends.slack.arrivals import read
from tests.slack import sent
from tests.slack.odd_parts import HALF


@pytest.mark.parametrize("odd", [True, 5, "x", [5], {"x": 5}, None])
def test_of_a_message_with_odd_files_the_words_count(odd):
    (arrival,) = read(sent.message("Help", files=odd), sent.APP)
    assert (arrival.kind, arrival.payload["text"]) == ("message", "Help")


@pytest.mark.parametrize("odd", [True, 5, "x", [5], {"x": 5}, None])
def test_a_press_of_nothing_that_can_be_read_is_nothing(odd):
    assert read(sent.press() | {"actions": odd}, sent.APP) == ()


@pytest.mark.parametrize("odd", [HALF, "U" * 21, "U 1", "U:1", "", 5, None])
def test_what_is_no_id_of_slack_names_nobody(odd):
    assert read(sent.message("Help", user=odd), sent.APP) == ()
    assert parts.slack_id_of({"id": odd}, "id") == ""


@pytest.mark.parametrize(
    ("odd", "number"), [(7, 7), ("7", 7), (True, None), (2**31, None), ("9" * 400, None), ("٣", None), (1.5, None)]
)
def test_a_number_is_one_that_a_column_can_hold(odd, number):
    assert parts.number_of({"n": odd}, "n") == number


@pytest.mark.parametrize("odd", ["ftp://x", "https://x/\n", "https://é", f"https://{'x' * 300}", True])
def test_an_address_is_one_that_a_column_can_hold(odd):
    assert parts.address_of({"url": odd}, "url") == ""


def test_a_text_is_one_that_any_database_takes():
    assert parts.text_of({"text": f"a\x00b{HALF}c"}, "text") == "ab?c"
    assert parts.texts_of({"texts": ["a", 5, f"{HALF}b"]}, "texts") == ["a", "?b"]
