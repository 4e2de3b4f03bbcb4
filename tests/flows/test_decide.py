"""What the engine advises, and that it says why."""

import pytest

from amends.flows import AnswerError, answers_json, decide, parse_answers, parse_flow, recommend, safe_steps
from tests.flows.small import SMALL, shipped, small

HARMLESS = {
    "origin": "own_post",
    "issue": ["slip"],
    "personal_data": "none",
    "harm": "none",
    "tragedy": "absent",
    "protected": "absent",
    "legal": ["none"],
    "control": "can_remove",
    "spread": "few",
    "truth": "na",
    "fault": "ours_accident",
    "history": "clean",
    "target": "us",
    "mood": "amused",
}


def decided(settings=(), **changes):
    flow = shipped()
    return decide(flow, parse_answers(flow, {**HARMLESS, **changes}), settings)


def test_a_typo_that_made_people_smile_may_be_laughed_about():
    decision = decided()
    assert decision.row == "P14"
    assert decision.responses == ("preserve", "take_down", "respond", "make_light")
    assert [step.code for step in decision.steps if step.optional] == ["make_light"]
    assert (decision.level, decision.decider) == (0, "The person who posted")
    assert decision.confidence.value == 0.9
    assert decision.confidence.label == "high"
    assert not decision.provisional


def test_a_public_body_laughs_only_with_kind_laughter():
    assert "make_light" in decided(mood="mixed").responses
    assert "make_light" not in decided(("public_body",), mood="mixed").responses
    assert "make_light" in decided(("public_body",)).responses


def test_a_slip_that_nobody_saw_is_fixed_silently():
    assert decided(spread="unseen", mood="quiet").responses == ("preserve", "take_down")


def test_personal_data_comes_down_first_and_starts_the_clock():
    decision = decided(
        origin="misdirected",
        issue=["personal_data"],
        personal_data="sensitive",
        harm="serious",
        noticed_at={"posted": "2026-03-02T09:00:00+00:00", "noticed": "2026-03-02T09:20:00+00:00"},
    )
    assert [step.code for step in decision.steps] == ["preserve", "take_down", "dpo", "apologise", "respond"]
    assert decision.level == 3
    clock = next(deadline for deadline in decision.deadlines if deadline.id == "ico_72h")
    assert clock.due is not None
    assert clock.due.isoformat() == "2026-03-05T09:20:00+00:00"
    assert "make_light" in decision.forbidden


def test_what_cannot_be_removed_is_reported_to_the_host():
    decision = decided(origin="misdirected", control="cannot_remove", issue=["personal_data"], harm="upset")
    codes = [step.code for step in decision.steps]
    assert codes[:2] == ["preserve", "report_platform"]
    assert "take_down" not in codes


def test_gate_roles_come_before_the_public_responses():
    decision = decided(harm="upset", issue=["insult"], legal=["safeguarding", "complaint_letter"])
    codes = [step.code for step in decision.steps]
    assert codes.index("legal") < codes.index("apologise")
    assert codes.index("safeguarding") < codes.index("apologise")
    cleared = {step.code: step.clear_first for step in decision.steps}
    assert cleared["apologise"] == ("safeguarding",)
    assert cleared["take_down"] == ()


def test_a_legal_hold_means_hiding_not_deleting():
    decision = decided(harm="upset", issue=["insult"], legal=["legal_hold"])
    take_down = next(step for step in decision.steps if step.code == "take_down")
    assert "hiding" in take_down.how
    assert any("Do not delete anything for good" in act for act in decision.do_not)
    at_once = decided(issue=["sexual_or_graphic"], harm="upset", legal=["legal_hold"])
    assert at_once.row == "P09"
    assert "Hide it now" in next(step for step in at_once.steps if step.code == "take_down").how


def test_a_repeat_that_is_our_fault_is_apologised_for():
    decision = decided(issue=["wrong_fact"], harm="none", history="repeat", truth="inaccurate")
    assert decision.responses == ("preserve", "take_down", "respond", "apologise")
    assert "The apology says what changes." in decision.wording


def test_critics_are_never_removed():
    decision = decided(origin="on_our_page", issue=["criticism"], fault="disputed", truth="opinion", mood="angry")
    assert decision.responses == ("respond",)
    assert set(decision.forbidden) >= {"take_down", "report_platform"}


def test_confidence_falls_with_what_was_only_understood():
    sure = decided()
    inferred = decided(origin={"value": "own_post", "inferred": True})
    unsure = decided(tragedy="unsure")
    assert round(sure.confidence.value - inferred.confidence.value, 2) == 0.1
    assert unsure.row == "P14"
    assert round(sure.confidence.value - unsure.confidence.value, 2) == 0.15


def test_confidence_falls_again_when_an_unsure_answer_would_change_the_responses():
    flow = shipped()
    answers = parse_answers(flow, {**HARMLESS, "protected": "unsure"})
    assert decide(flow, answers).row == "P12"
    shown = recommend(flow, answers)
    assert round(decide(flow, answers).confidence.value - shown.confidence.value, 2) == 0.15


def test_nothing_answered_is_read_cautiously():
    flow = shipped()
    decision = recommend(flow, {})
    assert decision.provisional
    assert "origin" in decision.missing
    assert decision.level == 3
    assert "make_light" in decision.forbidden


def test_an_answer_that_was_given_stands_against_what_would_follow():
    flow = shipped()
    given = decide(flow, parse_answers(flow, {"origin": "own_post", "harm": "death", "tragedy": "absent"}))
    implied = decide(flow, parse_answers(flow, {"origin": "own_post", "harm": "death"}))
    assert "tragedy" not in implied.missing
    assert given.row != "P10"
    assert given.level == implied.level == 3


def test_a_never_rule_overrules_the_flow_and_says_so():
    flow = small("do: [take_down, {respond: {unless: {seen: no}}}]", "do: [take_down]")
    decision = decide(flow, parse_answers(flow, {"harm": "some", "seen": "yes"}))
    assert "take_down" not in decision.responses
    assert decision.refused == ("N1",)
    refused = next(traced for traced in decision.trace if traced.did == "refuses")
    assert (refused.rule, refused.codes, refused.why) == ("N1", ("take_down",), "People saw it.")


def test_a_decision_is_never_empty():
    never = 'never:\n  N0: {title: "t", never_empty: hold, reason: "r"}\n'
    flow = parse_flow(SMALL.replace("do: [hold]", "do: [dpo]").replace("never:\n", never))
    decision = decide(flow, parse_answers(flow, {"harm": "none", "seen": "no", "issue": ["none"]}))
    assert decision.responses == ("hold",)
    assert decision.refused == ("N0",)


def test_the_trace_names_each_rule_with_its_reason():
    decision = decided(issue=["allegation"], truth="inaccurate", harm="serious")
    fired = {(traced.kind, traced.rule): traced for traced in decision.trace}
    assert fired["row", "P05"].codes == ("take_down", "legal", "apologise")
    assert fired["gate", "B5"].did == "applies"
    assert fired["floor", "D3"].codes == ("preserve",)
    assert fired["forbidden", "B5"].codes == ("make_light",)
    assert all(traced.why for traced in decision.trace)
    assert decision.cites[:2] == ("DF-7.1", "DF-7.2")


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        ([], "Answers are one JSON object"),
        ({"orign": "own_post"}, "There is no question called orign. Did you mean origin?"),
        ({"origin": "own"}, "There is no option of origin called own."),
        ({"origin": ["own_post"]}, "origin takes one option"),
        ({"origin": 3}, "There is no option of origin called 3."),
        ({"issue": ["slipp"]}, "Did you mean slip?"),
        ({"origin": {"value": "own_post", "inferred": 1}}, "is written"),
        ({"noticed_at": "yesterday"}, "is written"),
        ({"noticed_at": {"posted": "soon"}}, "is not a time in ISO 8601"),
        ({"noticed_at": {"posted": "2026-03-02T09:00:00"}}, "does not say its time zone"),
        (
            {"noticed_at": {"posted": "2026-03-02T10:00:00+00:00", "noticed": "2026-03-02T09:00:00+00:00"}},
            "cannot have been noticed before",
        ),
    ],
)
def test_an_answer_that_makes_no_sense_gets_a_sentence(raw, sentence):
    with pytest.raises(AnswerError) as caught:
        parse_answers(shipped(), raw)
    assert sentence in str(caught.value)


def test_answers_survive_the_way_out_and_in():
    flow = shipped()
    raw = {
        **HARMLESS,
        "harm": {"value": "none", "inferred": True},
        "noticed_at": {"posted": "2026-03-02T09:00:00+00:00"},
    }
    assert answers_json(parse_answers(flow, raw)) == raw


def test_the_safe_steps_fit_what_the_first_message_says():
    flow = shipped()
    assert any("Do not reply and do not delete" in step for step in safe_steps(flow, {}))
    hidden = safe_steps(flow, parse_answers(flow, {"personal_data": "ordinary"}))
    assert hidden[-1] == "Then hide it now. Talk after."
    assert not any("do not delete" in step for step in hidden)
    assert safe_steps(flow, parse_answers(flow, {"origin": "hijack"}))[0].startswith("End all sessions")
