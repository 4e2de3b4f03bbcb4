"""The check of a flow warns of phrases that cannot be told apart, and shows the pairs."""

from dataclasses import replace

import pytest

from amends.settings import CACHE
from amends.understanding.encoder import load_encoder
from amends.understanding.twins import find_twins
from tests.flows.small import shipped


@pytest.fixture(scope="module")
def encoder():
    return load_encoder(CACHE)


def with_phrase(flow, name, code, phrase):
    question = flow.questions[name]
    option = replace(question.options[code], says=(*question.options[code].says, phrase))
    changed = replace(question, options={**question.options, code: option})
    return replace(flow, questions={**flow.questions, name: changed})


def test_the_same_thing_said_under_two_options_is_found_with_both(encoder):
    flow = with_phrase(shipped(), "origin", "insider", "our account was hacked by somebody")
    flow = with_phrase(flow, "origin", "hijack", "our account has been hacked by someone")
    pair = next(t for t in find_twins(flow, encoder) if t.one[1].startswith("our account was hacked by"))
    assert (pair.one[0], pair.other[0]) == ("insider", "hijack")
    assert "cannot be told apart" in str(pair)


def test_a_not_in_one_of_them_tells_them_apart(encoder):
    flow = with_phrase(shipped(), "control", "can_remove", "we can remove it ourselves today")
    flow = with_phrase(flow, "control", "cannot_remove", "we can not remove it ourselves today")
    assert not [t for t in find_twins(flow, encoder) if "ourselves today" in str(t)]


def test_the_shipped_flow_has_none(encoder):
    assert find_twins(shipped(), encoder) == []
