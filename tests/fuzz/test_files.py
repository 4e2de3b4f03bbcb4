"""Flow files and policies: each is read, or refused with sentences; what is read can be asked and decided."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.flows import FlowError, decide, parse_flow
from amends.policies import PolicyError, parse_library
from amends.settings import ROOT
from tests.flows.small import SMALL
from tests.fuzz.made_up import edited, texts
from tests.fuzz.trying import often, one

SHIPPED = (ROOT / "data" / "flows" / "problem_post.yml").read_text("utf-8")
POLICIES = [file.read_text("utf-8") for file in sorted((ROOT / "data" / "policies").glob("*.yml"))]
MISTAKES = [file.read_text("utf-8") for file in sorted((ROOT / "tests" / "flows" / "mistakes").glob("*.yml"))]
words = st.sampled_from(sorted({*SHIPPED.replace(":", " ").split(), "&a", "*a", "<<: *a", "!!python/object:os.system"}))


def says_what_is_wrong(error):
    return bool(error.problems) and all(str(problem).strip() for problem in error.problems)


def read_flow(text):
    try:
        flow = parse_flow(text)
    except FlowError as error:
        return says_what_is_wrong(error)
    return decide(flow, {}) is not None


@often(12, short=60)
@given(text=edited([SMALL, *MISTAKES], words))
def test_a_flow_is_read_or_refused_with_sentences(text):
    with one("flow files"):
        assert read_flow(text)


@often(1, short=5)
@given(text=edited([SHIPPED], words))
def test_the_shipped_flow_changed_is_read_or_refused_with_sentences(text):
    with one("flow files"):
        assert read_flow(text)


@often(5, short=40)
@given(text=st.one_of(texts, st.lists(st.one_of(words, texts), max_size=30).map("\n".join)))
def test_what_is_no_flow_at_all_is_refused_with_sentences(text):
    with one("flow files"), pytest.raises(FlowError) as refused:
        parse_flow(text)
    assert refused.value.problems


def read_policy(text):
    try:
        return bool(parse_library([("policy", text)]).clauses)
    except PolicyError as error:
        return says_what_is_wrong(error)


@often(12, short=60)
@given(text=edited(POLICIES, words))
def test_a_policy_is_read_or_refused_with_sentences(text):
    with one("policies"):
        assert read_policy(text)
