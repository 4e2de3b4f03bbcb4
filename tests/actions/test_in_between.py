"""What comes in between: another report, or "not sure" in unusual words, while something is waited for."""

import ast
import json

import pytest

from amends.conversation.replies import press_answer
from amends.settings import ROOT

from .talking import DOMAIN

UNCLEAR = "something has come up and I need some help with it"
VAGUE = "there is another quite separate thing to be looked at"


def begins(ada):
    """An incident of which nothing is known but that a post of ours has gone wrong."""
    ada.says(UNCLEAR, "report_problem")
    ada.presses("A post has gone wrong")


def test_another_report_on_the_confirmation_card_is_asked_about(ada):
    ada.says("our twitter account has been hacked and is posting scams", "report_problem")
    assert ada.last[-1].type == "understood"
    ada.says(VAGUE, "report_problem")
    ada.presses("Something new")
    assert any(reply.type == "safe_steps" and reply.reference == "INC-2026-0002" for reply in ada.last)


def test_another_report_in_the_middle_of_the_questions_is_asked_about(ada, the_record):
    begins(ada)
    assert ada.last[-1].type == "question"
    ada.says(VAGUE, "report_problem")
    ada.presses("The same one")
    assert the_record.kinds().count("note_added") == 1
    assert ada.last[-1].type == "question"


def test_not_sure_in_unusual_words_counts_as_not_sure(ada, the_record):
    begins(ada)
    asked = ada.last[-1].question
    ada.says("beats me, mate", "not_sure")
    entry = next(e for e in reversed(the_record.trail()) if e.kind == "answered")
    assert entry.payload["question"] == asked
    assert ada.last[-1].type == "question"
    assert ada.last[-1].question != asked


def test_every_intent_that_the_conversation_speaks_of_is_one_of_the_domain():
    known = {next(iter(intent)) for intent in DOMAIN["intents"]} | {"nlu_fallback", ""}
    spoken_of = set()
    for path in (ROOT / "amends" / "conversation").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Compare) and ast.unparse(node.left).endswith(".intent"):
                constants = (n for right in node.comparators for n in ast.walk(right) if isinstance(n, ast.Constant))
                spoken_of |= {constant.value for constant in constants}
    assert "not_sure" in spoken_of
    assert spoken_of <= known


def test_an_answer_that_says_more_than_it_was_asked_for_is_kept_whole(ada, the_record):
    begins(ada)
    while ada.last[-1].question != "issue":
        ada.sends(press_answer("origin", "own_post", ada.last[-1].state))
    ada.says("it is rude and it shows her private health records", "inform")
    assert "insult" in json.loads(the_record.incident().answers)["issue"]
    assert "personal_data" in [fact.question for fact in ada.last[-1].facts]


def test_what_sounds_like_a_correction_is_a_report_while_nothing_is_open(ada, the_record):
    ada.says("oops, I tweeted a typo from the official account", "correct_answer")
    assert "reported" in the_record.kinds()


def test_why_not_just_delete_it_is_answered_however_rasa_took_it(ada, the_record):
    begins(ada)
    ada.says("why can't I just delete it?", "ask_why")
    assert "Take it down" in " ".join(reply.text for reply in ada.last)
    assert "explained" in the_record.kinds()


def test_a_doubtful_not_sure_is_not_taken_for_an_answer(ada, the_record):
    begins(ada)
    asked = ada.last[-1].question
    ada.says("purple", "not_sure", rival="greet")
    assert "answered" not in the_record.kinds()
    assert ada.last[-1].question == asked


def test_what_is_near_to_danger_gets_one_sentence_and_the_conversation_goes_on(ada, assistant, monkeypatch):
    begins(ada)
    monkeypatch.setattr("amends.understanding.reading.WORRYING", 0.0)
    ada.says("it is only a typo", "inform")
    assert ada.last[0].text.startswith("If anyone could be in danger now, ring 999 first")
    assert ada.last[-1].type in ("question", "understood")
    assert assistant


def test_what_answers_the_question_is_no_correction_of_an_earlier_answer(ada, the_record):
    begins(ada)
    ada.sends(press_answer("origin", "wrong_account", ada.last[-1].state))
    assert ada.last[-1].question == "issue"
    ada.says("typo... no sorry, a silly personal photo with nothing bad in it", "correct_answer")
    kept = json.loads(the_record.incident().answers)
    assert kept["origin"] == "wrong_account"
    assert "slip" in kept["issue"]


def advised(person):
    person.says("our twitter account has been hacked and is posting scams", "report_problem")
    while person.last[-1].type != "recommendation":
        last = person.last[-1]
        if last.type == "question":
            code = "not_saved" if last.question == "evidence" else last.options[0].code
            person.sends(press_answer(last.question, code, last.state))
        else:
            person.presses("All right")
    return person.last[-1]


def done(advice, step):
    return f'/action_done{{"step": "{step}", "state": "{advice.state}"}}'


@pytest.mark.parametrize(
    ("words", "intent"), [("can you check a reply for me", "check_draft"), ("add a note", "add_note")]
)
def test_a_step_is_marked_while_words_are_waited_for_which_are_then_asked_for_again(ada, the_record, words, intent):
    advice = advised(ada)
    ada.says(words, intent)
    waits = ada.last[-1].text
    ada.sends(done(advice, advice.steps[-1].code))
    assert ada.last[0].text.startswith("Recorded: ")
    assert ada.last[-1].text == waits
    assert the_record.trail()[-1].payload["step"] == advice.steps[-1].code


def test_a_step_is_marked_when_two_wishes_were_offered_which_are_then_forgotten(ada, the_record):
    advice = advised(ada)
    ada.says("show the advice", "practise", rival="ask_why")
    assert "Did you mean one of these?" in ada.last[-1].text
    ada.sends(done(advice, advice.steps[-1].code))
    assert [reply.text[:9] for reply in ada.last] == ["Recorded:"]
    assert the_record.trail()[-1].kind == "step_done"


def test_the_button_of_the_step_answers_whether_the_evidence_was_saved_before(ada, the_record):
    advice = advised(ada)
    assert {"preserve", "take_down"} <= {step.code for step in advice.steps if step.done is None}
    ada.sends(done(advice, "take_down"))
    assert not any(entry.kind == "step_done" for entry in the_record.trail())
    ada.sends(done(advice, "preserve"))
    marked = [entry.payload["step"] for entry in the_record.trail() if entry.kind == "step_done"]
    assert marked == ["preserve", "take_down"]


def test_who_tells_of_danger_is_not_asked_whether_to_stop(ada, the_record):
    begins(ada)
    waits = ada.last[-1]
    ada.says("hang on, somebody says he will kill himself", "stop")
    assert "ring 999 first" in ada.last[0].text
    assert ada.last[-1] == waits
    assert "handover_requested" in the_record.kinds()
    assert the_record.incident().state in ("confirming", "asking")
