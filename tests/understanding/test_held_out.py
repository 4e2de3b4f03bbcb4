"""The held-out texts are many, well formed, and none of them is a training phrase."""

import re
from pathlib import Path

import pytest
import yaml

from amends.flows import load_flow
from amends.understanding import evaluate
from amends.understanding.danger import ALIVE_AND_WELL, IN_DANGER

ROOT = Path(__file__).resolve().parent.parent.parent
HELD_OUT = Path(__file__).parent / "held_out"
FLOW = load_flow(ROOT / "data" / "flows" / "problem_post.yml")


def load(name: str):
    return yaml.safe_load((HELD_OUT / f"{name}.yml").read_text("utf-8"))


def plain(text: str) -> str:
    return re.sub(r"[^\w']+", " ", text.lower()).strip()


def training_intents():
    for file in (ROOT / "data" / "nlu").glob("*.yml"):
        for entry in yaml.safe_load(file.read_text("utf-8"))["nlu"]:
            for line in entry["examples"].splitlines():
                yield plain(line.removeprefix("- "))


def training_answers():
    for question in FLOW.questions.values():
        for option in question.options.values():
            yield from (plain(phrase) for phrase in option.says)


INTENTS = evaluate.read_intents(load("intents"))
ANSWERS = evaluate.read_answers(load("answers"))
FIRST = evaluate.read_first(load("first_messages"))
EMERGENCIES = load("emergencies")
SECOND = load("second")


def test_no_held_out_message_is_a_training_phrase_of_an_intent():
    texts = {plain(said.text) for said in INTENTS} | {plain(message.text) for message in FIRST}
    assert texts & set(training_intents()) == set()


def test_no_held_out_answer_is_a_phrase_of_the_flow():
    texts = {plain(said.text) for said in ANSWERS} | {plain(message.text) for message in FIRST}
    assert texts & set(training_answers()) == set()


def test_nor_is_anything_in_the_second_set():
    intents = {plain(said.text) for said in evaluate.read_intents(SECOND["intents"])}
    answers = {plain(said.text) for said in evaluate.read_answers(SECOND["answers"])}
    first = {plain(message.text) for message in evaluate.read_first(SECOND["first_messages"])}
    assert (intents | first) & set(training_intents()) == set()
    assert (answers | first) & set(training_answers()) == set()


def test_no_emergency_or_figure_of_speech_is_a_phrase_for_danger():
    texts = {
        plain(line)
        for block in (EMERGENCIES, SECOND)
        for kind in ("emergencies", "harmless")
        for line in block[kind].splitlines()
    }
    assert texts & {plain(phrase) for phrase in (*IN_DANGER, *ALIVE_AND_WELL)} == set()


def test_there_are_enough_of_them():
    assert len(INTENTS) >= 500
    assert sum(said.expected == ("out_of_scope",) for said in INTENTS) >= 100
    assert len(ANSWERS) >= 600
    assert sum(not said.expected for said in ANSWERS) >= 100
    assert len(FIRST) >= 100
    assert len(EMERGENCIES["emergencies"].splitlines()) == 60
    assert len(EMERGENCIES["harmless"].splitlines()) >= 500


@pytest.mark.parametrize("question", FLOW.questions)
def test_what_is_expected_of_answers_exists_in_the_flow(question):
    expected = {option for said in ANSWERS if said.stratum == question for option in said.expected}
    if FLOW.questions[question].kind != "times":
        assert expected == set(FLOW.questions[question].options) & expected
    assert expected
