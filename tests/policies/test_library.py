"""The clause library: every mistake is told, and a decision finds the clauses it rests on."""

import pytest

from amends.flows import decide, load_flow, parse_answers
from amends.policies import PolicyError, load_library
from amends.policies.vocabulary import vocabulary_of
from tests.flows.small import ROOT, shipped
from tests.flows.test_decide import HARMLESS

POLICIES = ROOT / "data" / "policies"

POLICY = """\
policy: XX
title: "A policy"
clauses:
  XX-1.1:
    title: "One"
    text: "Remove it."
    keywords: [one]
    applies_when: ["origin:own_post", "issue:slip+harm:none"]
    supports: [take_down]
    forbids: []
    owner: "Head"
    legal: "Some Act s.1"
    mark: M
  XX-1.2:
    title: "Two"
    text: "Keep it."
    applies_when: ["origin:own_post"]
    supports: [respond]
    forbids: [take_down]
    owner: "Head"
    legal: "none (policy only)"
    mark: P
    beats:
      XX-1.1: "Keeping comes first."
"""
VOCABULARY = {"origin": ["own_post", "third_party"], "issue": ["slip"], "harm": ["none"]}
CODES = ["take_down", "respond"]


def library(tmp_path, old="", new=""):
    assert old in POLICY
    (tmp_path / "p.yml").write_text(POLICY.replace(old, new, 1))
    return load_library(tmp_path, VOCABULARY, CODES)


def test_the_shipped_library_has_all_clauses_and_its_tags_fit_the_flows():
    flows = [load_flow(path) for path in sorted((ROOT / "data" / "flows").glob("*.yml"))]
    shipped_ = load_library(POLICIES, *vocabulary_of(flows))
    assert len(shipped_.clauses) == 61
    assert len({clause.policy for clause in shipped_.clauses.values()}) == 19


def test_a_clause_may_name_what_any_flow_has():
    flows = [shipped(), load_flow(ROOT / "data" / "flows" / "breach.yml")]
    options, codes = vocabulary_of(flows)
    assert {"own_post", "third_party"} <= set(options["origin"])
    assert "lost" in options["happened"]
    assert {"make_light", "tell_ico"} <= set(codes)
    assert vocabulary_of([]) == (None, None)


def test_the_unverified_is_marked(tmp_path):
    clauses = library(tmp_path).clauses
    assert (clauses["XX-1.1"].verified, clauses["XX-1.1"].note) == (False, "not verified")
    assert (clauses["XX-1.2"].verified, clauses["XX-1.2"].note) == (True, "")


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("origin:own_post", "orign:own_post", "There is no question called orign. Did you mean origin?"),
        ("origin:own_post", "origin:own", "There is no option of origin called own."),
        ("issue:slip+harm:none", "issue:slip+harm", "A tag is written question:option, not harm."),
        ("supports: [take_down]", "supports: [takedown]", "Did you mean take_down?"),
        ("mark: M", "mark: Z", "mark: input should be"),
        ('    owner: "Head"\n', "", "'owner' is missing here."),
        ("keywords: [one]", "keyword: [one]", "There is no part called keyword. Did you mean keywords?"),
        ("      XX-1.1:", "      XX-1.9:", "There is no clause called XX-1.9. Did you mean XX-1."),
        ("  XX-1.2:", "  XX-1.1:", "XX-1.1 stands here twice."),
        ("policy: XX", "policy: &x XX", "An anchor (&name) is not allowed here."),
        (POLICY, "", "The file is empty."),
        (POLICY, "just words", "The file starts with names"),
    ],
)
def test_a_mistake_gets_a_sentence_with_its_place(tmp_path, old, new, sentence):
    with pytest.raises(PolicyError) as caught:
        library(tmp_path, old, new)
    assert sentence in str(caught.value)
    assert all(problem.file.endswith("p.yml") and problem.line for problem in caught.value.problems)


def test_an_id_that_stands_in_two_files_is_told(tmp_path):
    (tmp_path / "a.yml").write_text(POLICY)
    with pytest.raises(PolicyError, match="stands in"):
        library(tmp_path)


def test_an_empty_folder_gets_a_sentence(tmp_path):
    with pytest.raises(PolicyError, match="no policy file"):
        load_library(tmp_path)


def test_a_clause_gives_way_and_says_to_which(tmp_path):
    one, two = library(tmp_path).for_decision(["XX-1.1"], {"origin": ["own_post"]}, ["take_down"])
    assert (one.clause.id, one.gives_way_to, one.note) == ("XX-1.1", "XX-1.2", "Gives way to XX-1.2.")
    assert (two.clause.id, two.against) == ("XX-1.2", ("XX-1.1",))


def test_a_tag_with_a_plus_needs_both(tmp_path):
    found = library(tmp_path).for_decision([], {"issue": ["slip"], "harm": ["none"]}, [])
    assert [cited.clause.id for cited in found] == ["XX-1.1"]
    assert library(tmp_path).for_decision([], {"issue": ["slip"]}, []) == ()


def test_cited_clauses_come_first_then_those_that_fit_best():
    flow = shipped()
    raw = {**HARMLESS, "issue": ["allegation"], "truth": "inaccurate", "harm": "serious"}
    decision = decide(flow, parse_answers(flow, raw))
    given = {name: value if isinstance(value, list) else [value] for name, value in raw.items()}
    found = load_library(POLICIES).for_decision(decision.cites, given, decision.responses)
    assert [cited.clause.id for cited in found][: len(decision.cites)] == list(decision.cites)


def test_lawful_speech_beats_disrepute():
    found = load_library(POLICIES).for_decision(["AF-17.1", "DR-4.1"], {}, [])
    assert {cited.clause.id: cited.gives_way_to for cited in found}["DR-4.1"] == "AF-17.1"
