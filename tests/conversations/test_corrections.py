"""Answers changed: before they are confirmed, in the middle, and after the advice."""


def test_what_was_understood_is_put_right_before_it_is_confirmed(chat):
    ada = chat()
    ada.says("I've just posted my night out photos on the uni account")
    ada.says("no wait, it was an official post, on purpose")
    origin = next(f for f in ada.shows("understood").facts if f.question == "origin")
    assert origin.values == ("own_post",)
    ada.presses("All right")
    assert ada.answers()["origin"] == "own_post"


def test_one_understood_fact_is_changed_by_its_button_and_the_others_are_confirmed_after(chat):
    ada = chat()
    ada.says("omg just tweeted my drunk selfie from @uni_library, 40 RTs already")
    ada.presses("Change: where it came from")
    assert ada.asked == "origin"
    ada.presses("own_post")
    card = ada.shows("understood")
    assert card
    assert "origin" not in [fact.question for fact in card.facts]
    ada.presses("All right")
    assert ada.answers()["origin"] == "own_post"
    assert ada.answers()["spread"] == "shared"


def test_a_typed_correction_in_the_middle_changes_the_answer_it_means_and_the_question_is_asked_again(chat):
    ada = chat()
    ada.says("We posted something rude about a student from the official account")
    for _ in range(3):
        if ada.shows("understood"):
            ada.presses("All right")
        elif ada.asked == "origin":
            ada.presses("own_post")
    question = ada.asked
    ada.says("no wait, it was the scheduler that posted it")
    assert ada.answers()["origin"] == "automation"
    assert "With what I know so far the advice would be" in ada.said
    assert ada.asked == question
    entry = [e for e in ada.trail() if e.kind == "corrected"][-1]
    assert entry.payload["before"] == "own_post"
    assert entry.supersedes is not None


def test_after_the_advice_a_changed_answer_brings_new_advice(chat):
    ada = chat()
    ada.says("oops, I tweeted a typo from the official account")
    before = ada.goes_through(issue="slip", harm="none", spread="few")
    ada.presses("Change an answer")
    ada.presses(next(b.label for b in ada.last[-1].buttons if b.label.startswith("What is wrong with it")))
    assert ada.asked == "issue"
    ada.presses("personal_data")
    after = ada.goes_through()
    assert after.level > before.level
    assert [e.kind for e in ada.trail()].count("recommended") == 2
    assert "dpo" in [step.code for step in after.steps]


def test_an_answer_that_is_left_as_it_is_leaves_the_advice(chat):
    ada = chat()
    ada.says("oops, I tweeted a typo from the official account")
    ada.goes_through(issue="slip")
    ada.presses("Change an answer")
    ada.presses(next(b.label for b in ada.last[-1].buttons if b.label.startswith("What is wrong with it")))
    ada.presses(next(b.label for b in ada.last[-1].buttons if b.label.startswith("Leave it")))
    assert "The advice stays the same." in ada.said
    assert [e.kind for e in ada.trail()].count("recommended") == 1
