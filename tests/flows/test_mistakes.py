"""Planted mistakes: each file in mistakes/ has one, and it is told in the sentence that its first line expects."""

from functools import cache

import pytest

from amends.flows import FlowError, parse_flow
from amends.flows.effect import tags_of
from amends.flows.language import check_language
from amends.flows.prove import prove
from amends.policies import load_library
from tests.flows.small import ROOT

FILES = sorted((ROOT / "tests" / "flows" / "mistakes").glob("*.yml"))


@cache
def library():
    return load_library(ROOT / "data" / "policies").clauses


def told(text):
    """Line and sentence of everything that check and prove say of a file."""
    try:
        flow = parse_flow(text, "f.yml", frozenset(library()))
    except FlowError as error:
        return [(problem.line, problem.message) for problem in error.problems]
    language = check_language(flow, "f.yml")
    words = [(problem.line, problem.message) for problem in (*language.mistakes, *language.notes)]
    tags = tags_of({clause.id: clause.applies_when for clause in library().values()})
    return words + [(finding.line, finding.sentence) for finding in prove(flow, tags)]


def test_there_are_mistakes_of_every_kind():
    assert len(FILES) >= 40


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_planted_mistake_is_told_at_its_line(file):
    text = file.read_text(encoding="utf-8")
    expected, place = (line.partition(": ")[2] for line in text.splitlines()[:2])
    found = [line for line, sentence in told(text) if expected in sentence]
    assert found, told(text)
    assert any(place in text.splitlines()[line - 1] for line in found), (found, text.splitlines()[found[0] - 1])


def test_without_the_mistake_nothing_is_told():
    file = ROOT / "tests" / "flows" / "mistakes" / "role_misspelt.yml"
    text = file.read_text(encoding="utf-8").replace("[dop]", "[dpo]")
    assert told(text) == []
