"""Why this advice, and why not another one: with the answers that decide it."""

import pytest

from amends.flows import Answer, AnswerError, decide, parse_answers, why, why_not
from tests.flows.small import shipped
from tests.flows.test_decide import HARMLESS


def case(**changes):
    flow = shipped()
    return flow, parse_answers(flow, {**HARMLESS, **changes})


def test_why_names_the_row_and_the_answers_it_rests_on():
    flow, answers = case(harm="upset", issue=["bad_joke"])
    text = why(flow, answers)
    assert "People are offended, distressed or let down by what we said." in text
    assert "who could be hurt: People offended, distressed or let down" in text
    assert "rules out: make light of it" in text


def test_why_not_joke_names_each_answer_that_rules_it_out():
    flow, answers = case(harm="upset", issue=["bad_joke"])
    answer = why_not(flow, answers, "make_light")
    assert not answer.allowed
    assert any("harmed, grieving or frightened" in reason for reason in answer.ruled_out_by)
    assert "who could be hurt: People offended" in answer.text
    assert "what is wrong with it: A joke that may offend" in answer.text


def test_the_smallest_change_really_changes_the_advice():
    flow, answers = case(mood="angry")
    answer = why_not(flow, answers, "make_light")
    assert answer.change == {"mood": "amused"}
    changed = {**answers, **{name: Answer(option) for name, option in answer.change.items()}}
    assert "make_light" in decide(flow, changed).responses


def test_a_change_of_three_answers_is_another_case():
    flow, answers = case(mood="angry", harm="upset", tragedy="present", protected="present")
    assert why_not(flow, answers, "make_light").change is None


def test_what_is_advised_is_said_to_be_advised():
    flow, answers = case()
    answer = why_not(flow, answers, "take_down")
    assert answer.allowed
    assert answer.text.startswith("It is part of the advice: Take it down.")


def test_criticism_is_not_deleted_and_the_answer_says_whose_it_is():
    flow, answers = case(origin="on_our_page", issue=["criticism"], fault="disputed")
    assert "theirs to make" in why_not(flow, answers, "take_down").text


def test_what_was_not_answered_is_not_put_into_anybodys_mouth():
    flow = shipped()
    text = why(flow, parse_answers(flow, {"origin": "own_post"}))
    assert "taken as long as it is not answered" in text


def test_an_unknown_response_gets_a_sentence():
    flow, answers = case()
    with pytest.raises(AnswerError, match="There is no response or role called delete"):
        why_not(flow, answers, "delete")
