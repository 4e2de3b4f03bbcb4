"""Steps that people say they have done, in the words of each flow."""

import pytest

from amends.conversation import codes
from amends.flows import load_flow
from amends.settings import ROOT


def said(flow, text):
    return codes.said(text, load_flow(ROOT / "data" / "flows" / f"{flow}.yml").codes)


@pytest.mark.parametrize(
    ("flow", "text", "step"),
    [
        ("breach", "I've told the ICO", "tell_ico"),
        ("breach", "reported to the Information Commissioner's Office at ten", "tell_ico"),
        ("breach", "we have written to all the patients", "tell_people"),
        ("breach", "everyone? no, I informed the parents", "tell_people"),
        ("breach", "it is in the register of breaches", "record"),
        ("breach", "the link is closed", "contain"),
        ("breach", "recalled the message", "contain"),
        ("breach", "I have warned the women, they are safe", "protect_people"),
        ("breach", "the DPO knows", "dpo"),
        ("third_party", "I wrote to the author", "ask_poster"),
        ("third_party", "messaged her kindly", "ask_poster"),
        ("third_party", "I reported it to Facebook", "report_platform"),
        ("third_party", "we did the Streisand thing", "streisand_check"),
        ("third_party", "a notice to the operator went out", "notify_operator"),
        ("third_party", "the solicitor's letter is out", "legal_letter"),
        ("third_party", "we went to court", "court"),
        ("third_party", "put that right this morning", "fix_cause"),
        ("third_party", "we replied with the facts", "respond"),
        ("personal_use", "I blocked them all", "block"),
        ("personal_use", "I have hidden it", "hide_own"),
        ("personal_use", "I talked to him after lunch", "talk"),
        ("personal_use", "asked her to take it down", "ask_remove"),
        ("personal_use", "I made a formal complaint", "raise"),
        ("personal_use", "student support is looking into it", "student_services"),
        ("personal_use", "the whistleblowing officer has it", "whistleblowing"),
    ],
)
def test_a_step_is_known_by_how_people_speak_of_it(flow, text, step):
    assert step in said(flow, text)


@pytest.mark.parametrize("flow", ["third_party", "personal_use", "breach"])
def test_every_step_of_a_flow_is_known_by_its_label(flow):
    loaded = load_flow(ROOT / "data" / "flows" / f"{flow}.yml")
    assert [code for code, step in loaded.codes.items() if code not in codes.said(step.label, loaded.codes)] == []
