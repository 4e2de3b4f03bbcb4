"""What was done in a drill, held against what was judged right."""

import pytest

from amends.cases import load_cases
from amends.cases_compared import mistakes
from amends.drills.outcome import Outcome, facts, judged, otherwise
from amends.flows import load_flow, parse_answers
from amends.settings import ROOT

CODES = ("take_down", "respond", "apologise", "make_light", "report_platform", "hold", "preserve")


@pytest.fixture(scope="module")
def flow():
    return load_flow(ROOT / "data" / "flows" / "problem_post.yml")


@pytest.fixture(scope="module")
def cases():
    return load_cases(ROOT / "data" / "cases", None)


def whats(case, done):
    return {each.code: each.what for each in judged(case, done)}


def test_a_must_is_done_or_left_out_and_a_mistake_is_made_or_not(cases):
    case = cases["walsall-council-gove-2012"]
    assert whats(case, ["take_down", "apologise"]) == {
        "take_down": "as_judged",
        "respond": "as_judged",  # the apology carries the words
        "apologise": "as_judged",
        "make_light": "as_judged",  # left, as it should be
    }
    assert whats(case, ["make_light", "respond"]) == {
        "take_down": "left_out",
        "respond": "as_judged",
        "apologise": "left_out",
        "make_light": "against",
    }


def test_what_was_fine_either_way_is_no_mistake(cases):
    case = cases["essen-police-beer-2022"]
    assert whats(case, ["take_down", "respond"])["apologise"] == "either_way"
    assert whats(case, ["take_down", "respond", "apologise"])["apologise"] == "either_way"


def test_asking_for_a_recall_counts_as_taking_down(cases):
    assert whats(cases["hiv-scotland-cc-2020"], ["report_platform"])["take_down"] == "as_judged"


def test_it_says_the_same_as_the_report_over_the_cases_does(cases):
    every = [case for case in cases.values() if case.judgement]
    for n, case in enumerate(every):
        done = [code for place, code in enumerate(CODES) if (n * 7 + 3) >> place & 1]
        outcome = Outcome(0, {}, judged(case, done), (), stopped=False)
        assert outcome.as_judged == (mistakes(case, done, asking=True) == ()), (case.id, done)


def test_what_was_answered_otherwise_is_named_with_both_answers(cases, flow):
    case = cases["essen-police-beer-2022"]
    same = {question: case.facts[question] for question in case.facts}
    assert otherwise(case, flow, parse_answers(flow, same)) == ()
    other = {**same, "harm": "upset", "issue": ["slip", "profanity"]}
    found = otherwise(case, flow, parse_answers(flow, other))
    assert [(each.question, each.given, each.case) for each in found] == [
        ("issue", ("slip", "profanity"), ("slip",)),
        ("harm", ("upset",), ("annoyance",)),
    ]


def test_the_order_of_ticks_does_not_matter_and_what_was_not_asked_is_left_out(cases, flow):
    case = cases["st-andrews-congratulations-2015"]
    answers = parse_answers(flow, {"issue": list(reversed(case.facts["issue"]))})
    assert otherwise(case, flow, answers) == ()


def test_under_another_flow_only_what_it_asks_alike_is_compared(cases):
    breach = load_flow(ROOT / "data" / "flows" / "breach.yml")
    case = cases["hiv-scotland-cc-2020"]
    assert set(facts(case, breach)) < set(case.facts)
