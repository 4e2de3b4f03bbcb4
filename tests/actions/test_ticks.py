"""Boxes beside what was understood: several questions settled with one tap, none of them guessed."""

import json

import pytest

from amends.conversation.presses import said
from amends.conversation.replies import press_answer

SELFIE = "omg just tweeted my drunk selfie from @uni_library, 40 RTs already"


def answers(the_record):
    return json.loads(the_record.incident().answers)


@pytest.fixture
def card(ada):
    ada.says(SELFIE, "report_problem")
    card = ada.last[-1]
    assert card.type == "understood"
    assert [box.code for box in card.ticks] == ["personal_data", "tragedy", "protected", "legal"]
    return card


def test_whoever_says_all_right_is_still_asked_about_each(ada, card, the_record):
    assert card
    ada.presses("All right")
    assert "tragedy" not in answers(the_record)


def test_none_of_these_answers_them_all_and_the_record_says_so(ada, card, the_record):
    assert card
    ada.presses("All right, and none of these")
    kept = answers(the_record)
    assert (kept["personal_data"], kept["tragedy"], kept["legal"]) == ("none", "absent", ["none"])
    confirmed = next(e for e in the_record.trail() if e.kind == "confirmed")
    assert confirmed.payload["answers"]["protected"] == "absent"


@pytest.mark.parametrize("words", ["yes, none of these", "None of those apply", "all right and none of the rest"])
def test_none_of_these_can_be_typed(ada, card, the_record, words):
    assert card
    ada.says(words, "affirm")
    assert answers(the_record)["tragedy"] == "absent"


@pytest.mark.parametrize("words", ["none", "none of these are right", "none of them is correct"])
def test_what_could_mean_that_the_card_is_wrong_confirms_nothing(ada, card, the_record, words):
    assert card
    ada.says(words, "deny")
    assert "tragedy" not in answers(the_record)
    assert ada.last[-1].type == "understood"


def test_a_ticked_box_is_an_answer_or_is_asked_when_it_needs_more(ada, card, the_record):
    send = press_answer("_understood", "none,personal_data,tragedy", card.state)
    assert said(send, [card]).startswith("All right, and: Somebody can be recognised")
    ada.sends(send)
    kept = answers(the_record)
    assert kept["tragedy"] == "present"
    assert kept["protected"] == "absent"
    assert "personal_data" not in kept


def test_a_box_that_was_not_there_changes_nothing(ada, card, the_record):
    ada.sends(press_answer("_understood", "spread", card.state))
    assert "tragedy" not in answers(the_record)
    assert ada.last[-1].type == "understood"
