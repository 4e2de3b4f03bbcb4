"""A question about policy finds its clause; what no clause answers finds none."""

import pytest
import yaml

from amends.policies import PolicySearch, load_library
from amends.understanding.encoder import load_encoder
from tests.flows.small import ROOT

QUESTIONS = yaml.safe_load((ROOT / "tests" / "policies" / "questions.yml").read_text())


@pytest.fixture(scope="module")
def search(tmp_path_factory):
    library = load_library(ROOT / "data" / "policies")
    return PolicySearch(library, load_encoder(tmp_path_factory.mktemp("cache")))


def test_most_questions_find_their_clause_among_three(search):
    found = {q: {hit.clause.id for hit in search.search(q).hits} for q in QUESTIONS["relevant"]}
    right = sum(bool(found[q] & set(ids)) for q, ids in QUESTIONS["relevant"].items())
    assert right / len(found) >= 0.88


def test_most_other_questions_find_none_and_name_whom_to_ask(search):
    none = [search.search(q) for q in QUESTIONS["irrelevant"]]
    assert sum(not found.hits for found in none) / len(none) >= 0.9
    assert all(found.ask_owner for found in none)


def test_a_clause_is_found_by_its_number(search):
    assert search.search("what does DP-5.3 say").hits[0].clause.id == "DP-5.3"


@pytest.mark.parametrize("text", ["", "   ", "\U0001f600\U0001f600", "'; DROP TABLE clause; --", "x" * 40_000])
def test_strange_texts_find_nothing_and_break_nothing(search, text):
    assert search.search(text).hits == ()
