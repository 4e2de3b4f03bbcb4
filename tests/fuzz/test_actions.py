"""What the bot hands to the actions: any intent, button and words in any state. There is always an answer, no error."""

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.actions.conftest import assistant, clock, settings  # noqa: F401 - fixtures
from tests.actions.talking import DOMAIN, Person
from tests.fuzz.made_up import texts
from tests.fuzz.trying import often, one

INTENTS = sorted(next(iter(intent)) for intent in DOMAIN["intents"])
ENTITIES = sorted(DOMAIN["entities"])
REPORT = "Someone has got into our Twitter account and is posting swear words"
codes = st.sampled_from(
    ("harm", "issue", "evidence", "noticed_at", "_understood", "take_down", "legal", "dpo", "upset", "none", "?", "yes")
)
states = st.integers(-1, 30).map(lambda number: f"INC-2026-0001:{number}")
carried = st.dictionaries(st.sampled_from(ENTITIES), st.one_of(codes, states, texts), max_size=4)
turns = st.lists(
    st.tuples(st.sampled_from(INTENTS), carried, st.one_of(st.just(None), texts)),
    min_size=1,
    max_size=3,
)


@pytest.fixture
def person(assistant):  # noqa: ARG001, F811 - the actions find the assistant by themselves
    """Somebody in the middle of a triage."""
    person = Person("Ada", "web:ada")
    person.says(REPORT, "report_problem")
    return person


@often(4, short=30)
@given(turns=turns)
def test_whatever_the_bot_hands_over_is_answered(person, caplog, turns):
    caplog.set_level(logging.ERROR)
    for intent, entities, words in turns:
        with one("turns of the actions"):
            text = f"/{intent}" if words is None else words
            replies = person._send(text, intent, entities if words is None else {}, None)
        assert replies, (intent, entities, words)
        assert all(reply.type != "failure" for reply in replies), (intent, entities, words, caplog.text)
    assert "could not be handled" not in caplog.text
