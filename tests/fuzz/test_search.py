"""Searches and filters, on both databases: a page, or a sentence."""

from contextlib import suppress
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.incidents.visible import Viewer
from amends.policies import load_library
from amends.policies.search import PolicySearch
from amends.register import finding
from amends.register.filters import BadFilter, Filter
from amends.settings import ROOT
from tests.console.whole import whole_incident
from tests.fuzz.made_up import texts
from tests.fuzz.trying import often, one

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
LONDON = ZoneInfo("Europe/London")
NAMES = ("q", "from", "to", "level", "response", "row", "clause", "role", "channel", "state", "lead", "restricted")
pairs = st.lists(
    st.tuples(st.sampled_from([*NAMES, "drill", "late", "zebra"]), st.one_of(texts, st.lists(texts).map(" ".join))),
    max_size=6,
)
places = st.one_of(texts, st.lists(st.integers().map(str), max_size=4).map(".".join))


@pytest.fixture
def filled(database):
    from amends.workshop.files import publish_first

    publish_first(database, ROOT / "data")
    whole_incident(database)
    return database


def read(pairs):
    """The filter; or nothing, when it was refused with a sentence."""
    try:
        return Filter.read(pairs)
    except BadFilter as error:
        if not str(error).endswith("."):
            raise
        return None


@often(10, short=80)
@given(pairs=pairs)
def test_a_filter_is_read_or_refused_and_says_again_what_it_was(pairs):
    with one("filters"):
        found = read(pairs)
        assert found is None or Filter.read(found.pairs()) == found


@often(4, short=25)
@given(pairs=pairs, cursor=places, sort=texts)
def test_a_search_finds_a_page_or_says_why_not(filled, pairs, cursor, sort):
    viewer = Viewer("web:lea", lead=True, everything=True)
    with one("searches"), filled.read() as session:
        narrowed = read(pairs) or Filter()
        assert len(finding.page(session, narrowed, viewer, NOW, LONDON).incidents) <= 1
        with suppress(BadFilter):
            finding.page(session, narrowed, viewer, NOW, LONDON, sort=finding.sort_of(sort), cursor=cursor)


@often(1, short=20)
@given(text=texts)
def test_a_question_about_policies_gets_an_answer(policies, text):
    with one("searches"):
        policies.search(text)


@pytest.fixture(scope="module")
def policies(encoder):
    return PolicySearch(load_library(ROOT / "data" / "policies"), encoder)
