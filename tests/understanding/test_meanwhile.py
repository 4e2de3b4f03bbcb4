"""A flow that just went live is read with what was learnt for the one before it, until its own is learnt."""

import time
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from amends.flows import parse_flow
from amends.settings import CACHE, ROOT
from amends.understanding import Understanding, load_examples
from amends.understanding.encoder import load_encoder

TEXT = (ROOT / "data" / "flows" / "problem_post.yml").read_text("utf-8")
NOW, ZONE = datetime(2026, 3, 2, 9, 30, tzinfo=UTC), ZoneInfo("Europe/London")
PHRASE = "forgot to switch accounts"
OPTION = '      wrong_account:\n        label: "A personal post'


@pytest.fixture(scope="module")
def parts():
    encoder, examples = load_encoder(CACHE), load_examples(ROOT / "data")
    return encoder, examples, Understanding(parse_flow(TEXT), encoder, examples, CACHE)


def edited(old, new):
    assert TEXT.count(old) == 1
    return parse_flow(TEXT.replace(old, new))


def read_meanwhile(parts, flow, cache=None):
    encoder, examples, before = parts
    return Understanding(flow, encoder, examples, cache or CACHE, meanwhile=before)


def test_a_changed_phrase_is_read_at_once_by_what_was_learnt_before(parts):
    reader = read_meanwhile(parts, edited(PHRASE, f"{PHRASE} before posting {time.time()}"))
    assert not reader.trained
    assert reader.answer("origin", "I was on the wrong account", NOW, ZONE).value == "wrong_account"
    found = reader.facts("I posted my holiday photos on the company account by mistake", NOW, ZONE)
    assert found.facts["origin"].value == "wrong_account"


def test_a_new_option_is_not_guessed_but_can_be_named(parts):
    new = '      made_up:\n        label: "Something made up"\n        says: ["quite made up"]\n'
    reader = read_meanwhile(parts, edited(OPTION, new + OPTION))
    assert not reader.trained
    assert reader.answer("origin", "Something made up", NOW, ZONE).value == "made_up"
    assert reader.answer("origin", "I was on the wrong account", NOW, ZONE).value == "wrong_account"
    assert "origin" not in reader.facts("I was on the wrong account", NOW, ZONE).facts


def test_a_new_question_is_answered_by_its_labels_alone(parts):
    question = (
        '  weather:\n    topic: "the weather"\n    ask: "How was the weather?"\n    why: "A test."\n'
        '    for_the_record: yes\n    when_missing: fine\n    options: {fine: "It was fine", foul: "It was foul"}\n'
    )
    reader = read_meanwhile(parts, edited("questions:\n", f"questions:\n{question}"))
    assert reader.answer("weather", "It was foul", NOW, ZONE).value == "foul"
    assert reader.answer("weather", "somebody hijacked the account", NOW, ZONE).value is None


def test_what_is_in_the_cache_is_used_as_it_is(parts):
    reader = read_meanwhile(parts, edited("What is wrong with it? Pick all that fit.", "What is amiss?"))
    assert reader.trained
