"""In the middle of the questions people ask and say other things; the loop goes on where it was."""

import pytest


@pytest.fixture
def asking(chat):
    ada = chat()
    ada.says("I've just posted my night out photos on the uni account")
    while ada.shows("understood"):
        ada.presses("All right")
    assert ada.asked == "issue"
    return ada


@pytest.mark.parametrize(
    ("text", "kind", "says"),
    [
        ("why do you ask?", "explained", "decision table"),
        ("what does the policy say about student photos?", "clause_shown", ""),
        ("why can't I just delete it?", "explained", "Take it down"),
        ("can't we make a joke of it?", "explained", "make light"),
        ("I want to talk to a human", "handover_requested", "Grace Hopper, 01234 555"),
        ("get me a lawyer please", "handover_requested", "Lee Legal, 01234 777"),
        ("add a note: the photos show two flatmates", "note_added", "in the record"),
        ("what is the status of my incidents?", None, "INC-"),
        ("what can you do?", None, "I help when"),
        ("thanks", None, "welcome"),
    ],
)
def test_the_loop_goes_on_after(asking, text, kind, says):
    answers = asking.answers()
    asking.says(text)
    assert says in asking.said
    assert asking.asked == "issue" or asking.shows("understood")
    assert asking.answers() == answers
    if kind:
        assert kind in asking.kinds()


def test_a_note_that_is_asked_for_is_kept_word_for_word(asking):
    asking.says("/add_note")
    asking.says("Stop! The photos show <b>two</b> flatmates; yes?")
    entry = next(e for e in asking.trail() if e.kind == "note_added")
    assert entry.payload["text"] == "Stop! The photos show <b>two</b> flatmates; yes?"


def test_not_sure_of_a_question_that_has_it_is_an_answer(asking):
    asking.presses("slip")
    assert asking.asked == "personal_data"
    asking.says("I'm not sure")
    assert asking.answers()["personal_data"] == "unsure"


def test_not_sure_of_a_question_without_it_takes_the_cautious_answer_and_says_so(chat):
    ada = chat()
    ada.says("We tweeted a bad joke from the official account")
    for _ in range(12):
        if ada.asked == "harm":
            break
        ada.presses("All right") if ada.shows("understood") else ada.presses(ada.shows("question").options[0].code)
    ada.says("not sure")
    assert "cautious" in ada.said
    assert ada.answers()["harm"] == {"value": "upset", "inferred": True}


def test_an_answer_to_another_question_is_kept_and_the_question_asked_again(asking):
    asking.says("I have already deleted it")
    shown = asking.shows("understood")
    assert asking.asked == "issue" or shown
    if shown:
        asking.presses("All right")
        assert asking.answers()["control"] == "already_gone"
        assert asking.asked == "issue"


def test_why_this_advice_names_the_answers_it_rests_on(chat):
    ada = chat()
    ada.says("oops, I tweeted a typo from the official account")
    ada.goes_through(issue="slip")
    ada.presses("Why?")
    assert "Harmless slip" in ada.said
    ada.says("why not make a joke of it?")
    assert "Not advised: make light of it." in ada.said


def test_an_emergency_gets_its_line_first_in_any_state(asking):
    asking.says("she says she is going to kill herself")
    assert asking.last[0].text.startswith("If anyone is in danger now, ring 999 first.")
    assert [e.payload["role"] for e in asking.trail() if e.kind == "handover_requested"] == ["emergency"]


def test_an_emergency_as_the_first_message_is_recorded_as_a_report(chat):
    ada = chat()
    ada.says("a student is threatening to kill himself under our post")
    assert ada.last[0].text.startswith("If anyone is in danger now, ring 999 first.")
    assert ada.kinds()[0] == "reported"
    assert "handover_requested" in ada.kinds()
