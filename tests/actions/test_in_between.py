"""What comes in between: another report, or "not sure" in unusual words, while something is waited for."""

import ast

from amends.settings import ROOT

from .talking import DOMAIN

UNCLEAR = "please look at this, it is about yesterday's matter"
VAGUE = "there is another quite separate thing to be looked at"


def test_another_report_on_the_confirmation_card_is_asked_about(ada):
    ada.says("our twitter account has been hacked and is posting scams", "report_problem")
    assert ada.last[-1].type == "understood"
    ada.says(VAGUE, "report_problem")
    ada.presses("Something new")
    assert any(reply.type == "safe_steps" and reply.reference == "INC-2026-0002" for reply in ada.last)


def test_another_report_in_the_middle_of_the_questions_is_asked_about(ada, the_record):
    ada.says(UNCLEAR, "report_problem")
    assert ada.last[-1].type == "question"
    ada.says(VAGUE, "report_problem")
    ada.presses("The same one")
    assert the_record.kinds().count("note_added") == 1
    assert ada.last[-1].type == "question"


def test_not_sure_in_unusual_words_counts_as_not_sure(ada, the_record):
    ada.says(UNCLEAR, "report_problem")
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
