"""How many, as people say it."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from amends.flows import load_flow
from amends.settings import CACHE, ROOT
from amends.understanding import Understanding, load_examples
from amends.understanding.encoder import load_encoder
from amends.understanding.numbers import number_in

NOW, ZONE = datetime(2026, 3, 2, 9, 30, tzinfo=UTC), ZoneInfo("Europe/London")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("412", 412),
        ("about three hundred", 300),
        ("tens of thousands", 20_000),
        ("4k", 4_000),
        ("1,200 people", 1_200),
        ("a couple of hundred", 200),
        ("two thousand five hundred", 2_500),
        ("just the one", 1),
        ("a dozen", 12),
        ("hundreds", 200),
        ("ninety-nine", 99),
        ("1.5 million", 1_500_000),
        ("more than a hundred", 101),
        ("fewer than a thousand", 999),
        ("two families with five children each", 2),
        ("no idea", None),
        ("nobody knows", None),
        ("one of us knows", None),
        ("it was a letter", None),
        ("", None),
    ],
)
def test_a_number_is_read(text, number):
    assert number_in(text) == number


@pytest.fixture(scope="module")
def reader():
    flow = load_flow(ROOT / "data" / "flows" / "breach.yml")
    return Understanding(flow, load_encoder(CACHE), load_examples(ROOT / "data"), CACHE)


@pytest.mark.parametrize(
    ("text", "option"),
    [
        ("a hundred", "few"),
        ("101", "many"),
        ("999 or so", "many"),
        ("a thousand", "thousands"),
        ("over two million", "thousands"),
        ("hardly anybody", "few"),
    ],
)
def test_a_question_for_a_number_takes_it_in_digits_and_in_words(reader, text, option):
    assert reader.answer("number", text, NOW, ZONE).value == option


def test_people_whose_data_it_is_are_not_those_who_have_seen_it(reader):
    read = reader.facts("I sent an email about 200 people to the wrong address", NOW, ZONE)
    assert "spread" not in read.facts
    assert reader.facts("It has 40 retweets already", NOW, ZONE).facts["spread"].value == "shared"
