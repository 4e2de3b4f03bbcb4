"""A lead may decide against the flow: the steps follow, and what it goes against is never hidden."""

import pytest

from amends.flows import recommend
from amends.incidents import record
from amends.incidents.advice import open_steps_of, override_of, steps_of
from amends.leads import acts
from tests.leads.conftest import GRACE, LIN, NOW, SLIP


def decide(room, *responses, reason="The family asked us to.", actor=GRACE):
    with room.database.begin() as session:
        incident = record.find(session, room.reference)
        return acts.decide_otherwise(
            session, room.settings, room.flow, incident, actor, tuple(responses), reason, at=NOW
        )


def codes(room):
    return [step["code"] for step in steps_of(room.incident)]


def test_the_steps_follow_the_lead_and_what_stood_before_is_recorded(room):
    before = codes(room)
    assert before == ["preserve", "take_down", "apologise"]
    decide(room, "respond")
    assert codes(room) == ["respond"]
    assert room.last.kind == "lead_decided"
    assert room.last.actor_id == GRACE.id
    assert room.last.payload["responses"] == ["respond"]
    assert room.last.payload["instead_of"] == before
    assert room.last.payload["reason"] == "The family asked us to."
    override = override_of(room.incident)
    assert (override["by"], override["by_id"], override["at"]) == ("Grace", GRACE.id, NOW.isoformat())


def test_the_flow_s_own_decision_stays_as_it_was(room):
    before = room.incident.decision
    decide(room, "hold")
    assert room.incident.decision == before


def test_what_is_taken_down_is_saved_first_whatever_was_chosen(room):
    decide(room, "respond", "take_down")
    assert codes(room) == ["preserve", "respond", "take_down"]


def test_people_stay_as_the_flow_brings_them_in(room):
    room.reference = room.report({**SLIP, "personal_data": "ordinary"})
    assert "dpo" in codes(room)
    decide(room, "respond")
    assert codes(room) == ["dpo", "respond"]
    assert [step["clear_first"] for step in steps_of(room.incident)] == [[], []]


def test_what_is_reported_to_the_platform_is_saved_first(room):
    room.reference = room.report({**SLIP, "control": "cannot_remove"})
    assert codes(room) == ["preserve", "report_platform", "apologise"]
    decide(room, "hold")
    assert codes(room) == ["preserve", "hold", "report_platform"]


def test_the_rules_it_goes_against_are_told_recorded_and_kept(room):
    against = decide(room, "make_light")
    assert "Never make light when anyone is or may be harmed, grieving or frightened. " in against[-1]
    assert room.last.payload["against"] == list(against)
    assert override_of(room.incident)["against"] == list(against)


def test_a_rule_about_what_belongs_together_is_told(room):
    (sentence,) = decide(room, "take_down")
    assert sentence.startswith("Never remove silently what people have seen.")
    assert decide(room, "take_down", "respond") == ()


def test_drawn_buttons_become_stale(room):
    before = room.incident.state_number
    decide(room, "hold")
    assert room.incident.state_number == before + 1


def test_what_is_done_stays_done_and_what_is_open_follows(room):
    with room.database.begin() as session:
        incident = record.lock(session, record.find(session, room.reference).id)
        incident.done = '{"preserve": {"who": "Ada", "at": "2026-03-02T09:30:00+00:00"}}'
    decide(room, "take_down", "hold")
    assert [step["code"] for step in open_steps_of(room.incident)] == ["take_down", "hold"]
    assert room.do(acts.close, GRACE) == ["take_down", "hold"]


def test_another_lead_may_decide_again(room):
    decide(room, "hold")
    decide(room, "respond", actor=LIN)
    assert override_of(room.incident)["by"] == "Lin"
    assert room.last.payload["instead_of"] == ["hold"]


@pytest.mark.parametrize(
    ("responses", "reason", "sentence"),
    [
        ((), "x", "Nothing was chosen"),
        (("delete_all",), "x", "know no response called delete_all"),
        (("legal",), "x", "know no response called legal"),
        (("hold",), "  ", "The reason is empty"),
    ],
)
def test_what_does_not_fit_changes_nothing(room, responses, reason, sentence):
    before = len(room.trail), room.incident.state_number
    with pytest.raises(acts.CannotAct, match=sentence):
        decide(room, *responses, reason=reason)
    assert (len(room.trail), room.incident.state_number) == before
    assert room.incident.override is None


def test_there_is_nothing_to_decide_against_before_the_advice_and_after_the_close(room):
    advised = room.reference
    room.reference = room.report(state="asking")
    with pytest.raises(acts.CannotAct, match="no advice yet"):
        decide(room, "hold")
    room.reference = advised
    room.do(acts.close, GRACE)
    with pytest.raises(acts.CannotAct, match="is closed already"):
        decide(room, "hold")


def test_every_choice_of_responses_has_steps_and_loses_no_person(room):
    from itertools import combinations

    from amends.flows import otherwise, parse_answers

    for answers in (SLIP, {**SLIP, "personal_data": "ordinary", "legal": ["court_case"]}, {}):
        parsed = parse_answers(room.flow, answers)
        decision = recommend(room.flow, parsed)
        for size in (1, 2, 3):
            for chosen in combinations(room.flow.responses, size):
                decided = otherwise(room.flow, parsed, (), decision, chosen).decision
                assert set(decided.people) == set(decision.people)
                assert set(chosen) <= set(decided.responses) <= {*chosen, "preserve"}
                assert not set(decided.forbidden) & set(chosen)
                if {"take_down", "report_platform"} & {step.code for step in decided.steps}:
                    assert decided.steps[0].code == "preserve"
