"""Ten thousand random answer sets give what the decision model says, and never break a never-rule.

The engine with the shipped flow file is held against `oracle.py`, which was written from the document alone.
"""

from __future__ import annotations

import pytest

from amends.flows import decide, load_flow, parse_answers
from amends.settings import ROOT
from tests.flows.oracle import PEOPLE, ROWS, oracle
from tests.flows.random_answers import random_answers, random_inferred

COUNT = 10_000
SEED = 20_261_125
COMPARED = ("row", "steps", "responses", "people", "forbidden", "clear_first", "level", "confidence")
OURS = ("own_post", "wrong_account", "insider", "automation", "misdirected")


@pytest.fixture(scope="module")
def flow():
    return load_flow(ROOT / "data" / "flows" / "problem_post.yml")


def engine(flow, answers, settings=frozenset(), inferred=frozenset()):
    raw = {
        question: {"value": answer, "inferred": True} if question in inferred else answer
        for question, answer in answers.items()
    }
    decision = decide(flow, parse_answers(flow, raw), settings)
    return {
        "row": decision.row,
        "steps": [step.code for step in decision.steps],
        "responses": list(decision.responses),
        "people": list(decision.people),
        "forbidden": set(decision.forbidden),
        "clear_first": set(decision.clear_first),
        "level": decision.level,
        "confidence": round(decision.confidence.value, 2),
    }


def differences(flow, answers, settings=frozenset(), inferred=frozenset()):
    expected = oracle(answers, settings, inferred)
    found = engine(flow, answers, settings, inferred)
    return {name: (expected[name], found[name]) for name in COMPARED if expected[name] != found[name]}


def smallest(answers, fails):
    """The answers with everything left out that the failure does not need."""
    shrunk = dict(answers)
    for question in list(answers):
        without = {name: answer for name, answer in shrunk.items() if name != question}
        if fails(without):
            shrunk = without
    for question, answer in list(shrunk.items()):
        for option in answer if isinstance(answer, list) else []:
            fewer = shrunk | {question: [other for other in shrunk[question] if other != option]}
            if fewer[question] and fails(fewer):
                shrunk = fewer
    return shrunk


def told(flow, answers, settings=frozenset(), inferred=frozenset()):
    small = smallest(answers, lambda fewer: differences(flow, fewer, settings, inferred))
    lines = [f"answers: {small}", f"inferred: {sorted(inferred & set(small))}, settings: {sorted(settings)}"]
    for name, (expected, found) in differences(flow, small, settings, inferred).items():
        lines.append(f"{name}: the document says {expected}, the engine says {found}")
    return "\n".join(lines)


def test_the_random_answers_reach_every_row_and_both_ends_of_the_humour_test():
    decisions = [oracle(answers) for answers in random_answers(COUNT, SEED)]
    assert {decision["row"] for decision in decisions} == set(ROWS)
    assert len(ROWS) == 30
    offered = sum("make_light" in decision["responses"] for decision in decisions)
    assert COUNT / 100 < offered < COUNT / 2


def test_ten_thousand_random_answer_sets_give_what_the_document_says(flow):
    for number, answers in enumerate(random_answers(COUNT, SEED)):
        settings = frozenset({"public_body"}) if number % 3 == 0 else frozenset()
        inferred = random_inferred(answers, number)
        if differences(flow, answers, settings, inferred):
            pytest.fail(told(flow, answers, settings, inferred))


# The never-rules, stated here once more, over the answers that were given and the responses that came out.
# A missing answer is read cautiously, so that each rule has to hold for what is not known as well.


def broken_rules(answers, decision):
    harm = answers.get("harm", "upset")
    origin = answers.get("origin", "unknown")
    issue = answers.get("issue", [])
    legal = answers.get("legal", ["unsure"])
    responses = [*decision["responses"], *decision["people"]]
    light = "make_light" in responses
    removed = "take_down" in responses
    # A message of unknown origin is ours when it can be removed, or could be; missing control: can_remove.
    ours = origin in OURS or (
        origin == "unknown" and answers.get("control", "can_remove") in ("can_remove", "already_gone")
    )
    rules = {
        "N1": light and harm in ("upset", "serious", "death"),
        "N2": light and answers.get("tragedy", "unsure") != "absent",
        "N3": light and answers.get("protected", "unsure") != "absent",
        "N4": light
        and (answers.get("personal_data", "unsure") != "none" or "personal_data" in issue or legal != ["none"]),
        "N6": (removed or "report_platform" in responses) and "preserve" not in responses,
        "N7": removed
        and ours
        and answers.get("spread", "shared") != "unseen"
        and decision["row"] != "P04"
        and not {"respond", "apologise"} & set(responses),
        "N8": (removed or "report_platform" in responses)
        and set(issue) <= {"criticism"}
        and origin in ("third_party", "on_our_page", "staff_personal"),
        "never empty": not [code for code in responses if code not in PEOPLE and code != "preserve"],
    }
    return [rule for rule, broken in rules.items() if broken]


def test_no_never_rule_is_broken_in_any_of_ten_thousand(flow):
    for answers in random_answers(COUNT, SEED + 1):
        if broken_rules(answers, engine(flow, answers)):
            small = smallest(answers, lambda fewer: broken_rules(fewer, engine(flow, fewer)))
            pytest.fail(f"{broken_rules(small, engine(flow, small))} broken by {small}: {engine(flow, small)}")


def test_the_statement_of_the_never_rules_catches_decisions_that_break_them():
    def decision(*responses, row="P11", people=()):
        return {"row": row, "responses": list(responses), "people": list(people)}

    harmless = {
        "origin": "own_post",
        "issue": ["slip"],
        "personal_data": "none",
        "harm": "none",
        "tragedy": "absent",
        "protected": "absent",
        "legal": ["none"],
        "control": "can_remove",
        "spread": "few",
    }
    assert broken_rules(harmless, decision("respond", "make_light")) == []
    assert broken_rules(harmless | {"harm": "upset"}, decision("respond", "make_light")) == ["N1"]
    assert broken_rules(harmless | {"tragedy": "unsure"}, decision("respond", "make_light")) == ["N2"]
    assert broken_rules(harmless | {"protected": "present"}, decision("respond", "make_light")) == ["N3"]
    assert broken_rules(harmless | {"legal": ["police"]}, decision("respond", "make_light")) == ["N4"]
    assert broken_rules(harmless, decision("take_down", "respond")) == ["N6"]
    assert broken_rules(harmless, decision("preserve", "take_down")) == ["N7"]
    assert broken_rules(harmless, decision("preserve", "take_down", row="P04")) == []
    assert broken_rules(harmless | {"spread": "unseen"}, decision("preserve", "take_down")) == []
    critics = harmless | {"origin": "on_our_page", "issue": ["criticism"]}
    assert broken_rules(critics, decision("preserve", "take_down", "respond")) == ["N8"]
    assert broken_rules(critics, decision("preserve", "respond", people=["report_platform"])) == ["N8"]
    assert broken_rules(harmless, decision("preserve", people=["legal"])) == ["never empty"]
