"""Proofs hold for every set of answers: each finding is true, and none is missed."""

import pytest
from hypothesis import HealthCheck, given, settings

from amends.flows import decide, parse_flow
from amends.flows.effect import tags_of
from amends.flows.prove import prove
from amends.policies import load_library
from tests.flows.generate import flows
from tests.flows.listed import every_situation, findings, fits
from tests.flows.small import ROOT, SMALL, shipped, small

slow = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def kinds(flow):
    return {(finding.kind, finding.subject, finding.options) for finding in prove(flow)}


@slow
@given(flows())
def test_the_solver_finds_what_listing_every_situation_finds(flow):
    assert kinds(flow) == findings(flow)


@slow
@given(flows())
def test_an_example_is_one_and_its_answers_are_enough(flow):
    for finding in prove(flow):
        if finding.kind not in ("no row", "never-rule broken"):
            continue

        def shows(answers, on, rule=finding):
            decision = decide(flow, answers, on)
            return decision.row is None if rule.kind == "no row" else rule.subject in decision.refused

        example = finding.example
        assert shows(example.answers, example.settings)
        assert all(shows(*one) for one in every_situation(flow) if fits(example, *one))


def test_the_shipped_flow_is_proved():
    clauses = load_library(ROOT / "data" / "policies").clauses.values()
    assert prove(shipped(), tags_of({clause.id: clause.applies_when for clause in clauses})) == ()


def one(old, new):
    """The findings of the small flow, changed in one place, as sentences."""
    return [finding.sentence for finding in prove(small(old, new))]


def test_a_dead_row_names_the_rows_that_cover_it():
    text = SMALL.replace(
        "floors:",
        '  R3:\n    title: "Late"\n    when: {issue: data}\n    do: [hold]\n    confidence: low\n'
        '    reason: "r"\nfloors:',
    )
    found = {finding.subject: finding for finding in prove(parse_flow(text))}
    assert found["R3"].sentence == (
        "Row R3 (Late) can never apply: every situation that it is meant for is taken by R2 above it."
    )
    assert text.splitlines()[found["R3"].line - 1] == "  R3:"
    assert found["R3"].example.told(parse_flow(text)) == "what is wrong: Personal data"


def test_a_situation_is_told_in_the_words_of_the_file():
    flow = small("when: {}\n    do: [hold]", "when: {issue: data}\n    do: [hold]")
    finding = next(f for f in prove(flow) if f.kind == "no row")
    assert finding.sentence == "In some situations no row applies, so nothing is advised."
    assert finding.example.told(flow) == "who could be hurt: Nobody; what is wrong: Nothing"


def test_a_broken_never_rule_shows_what_the_flow_does_there():
    flow = small("{respond: {unless: {seen: no}}}", "{respond: {when: {seen: unsure}}}")
    finding = next(f for f in prove(flow) if f.kind == "never-rule broken")
    assert finding.sentence == (
        "Never-rule N1 (Never remove silently what people saw) is broken in some situations: the rest of the flow "
        "advises what it refuses: Take it down."
    )
    assert finding.example.told(flow) == "who could be hurt: Somebody; who saw it: Yes"
    assert "R1 (Hurt) recommends: Take it down." in finding.example.trace(flow)


@pytest.mark.parametrize("mark", ["", ", for_the_record: yes"])
def test_what_is_kept_for_the_record_alone_is_marked(mark):
    old = 'unsure: "Not sure"}\n    why: "A silent'
    new = f'unsure: {{label: "Not sure"{mark}}}, later: {{label: "Later"{mark}}}}}\n    why: "A silent'
    flow = small(old, new)
    told = [f.options for f in prove(flow) if f.subject == "seen"]
    assert told == ([] if mark else [("yes", "later")])


def test_an_option_that_a_clause_names_has_an_effect():
    flow = small('typo: "A typo"', 'typo: "A typo", other: "Another"')
    assert any(f.subject == "issue" for f in prove(flow))
    tags = tags_of({"X-1": ("issue:other", "issue:typo+harm:none", "issue:none")})
    assert not any(f.subject == "issue" for f in prove(flow, tags))


def test_a_flow_too_large_to_look_for_every_effect_says_so_and_is_proved_in_all_else(monkeypatch):
    monkeypatch.setattr("amends.flows.effect.EFFORT", -1)
    (finding,) = prove(shipped())
    assert finding.kind == "not proved"
    assert "too large for all of it to be proved" in finding.sentence
    broken = parse_flow((ROOT / "tests" / "flows" / "mistakes" / "never_rule_broken.yml").read_text("utf-8"))
    assert {"never-rule broken", "not proved"} <= {found.kind for found in prove(broken)}
