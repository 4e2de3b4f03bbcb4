"""The measured texts are many, well formed, and none of them is a text that is learnt from."""

import re
from pathlib import Path

import pytest
import yaml

from amends.flows import load_flow
from amends.understanding import evaluate, load_examples
from amends.understanding.examples import read_first

ROOT = Path(__file__).resolve().parent.parent.parent
HERE = Path(__file__).parent
SETS = ("held_out", "development")
FLOW = load_flow(ROOT / "data" / "flows" / "problem_post.yml")
EXAMPLES = load_examples(ROOT / "data")


def load(name: str, of: str = "held_out"):
    return yaml.safe_load((HERE / of / f"{name}.yml").read_text("utf-8"))


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
            yield from (plain(text) for text in EXAMPLES.answers.get(question.id, {}).get(option.code, ()))


INTENTS = evaluate.read_intents(load("intents"))
ANSWERS = evaluate.read_answers(load("answers"))
FIRST = read_first(load("first_messages"))
EMERGENCIES = load("emergencies")


@pytest.mark.parametrize("name", SETS)
def test_no_measured_message_is_a_training_phrase_of_an_intent(name):
    texts = {plain(said.text) for said in evaluate.read_intents(load("intents", name))}
    assert texts & set(training_intents()) == set()


@pytest.mark.parametrize("name", SETS)
def test_no_measured_answer_is_one_to_learn_from(name):
    texts = {plain(said.text) for said in evaluate.read_answers(load("answers", name))}
    assert texts & set(training_answers()) == set()


@pytest.mark.parametrize("name", SETS)
def test_no_measured_first_message_is_one_to_learn_from(name):
    texts = {plain(message.text) for message in read_first(load("first_messages", name))}
    assert texts & {plain(message.text) for message in EXAMPLES.first} == set()
    assert texts & (set(training_answers()) | set(training_intents())) == set()


@pytest.mark.parametrize("name", SETS)
def test_no_emergency_or_figure_of_speech_is_one_to_learn_from(name):
    texts = {plain(line) for block in load("emergencies", name).values() for line in block.splitlines()}
    assert texts & {plain(text) for text in (*EXAMPLES.danger, *EXAMPLES.harmless)} == set()


def test_there_are_enough_of_them():
    assert len(INTENTS) >= 500
    assert sum(said.expected == ("out_of_scope",) for said in INTENTS) >= 100
    assert len(ANSWERS) >= 600
    assert sum(not said.expected for said in ANSWERS) >= 100
    assert len(FIRST) >= 100
    assert len(EMERGENCIES["emergencies"].splitlines()) == 60
    assert len(EMERGENCIES["harmless"].splitlines()) >= 490


@pytest.mark.parametrize("question", FLOW.questions)
def test_what_is_expected_of_answers_exists_in_the_flow(question):
    expected = {option for said in ANSWERS if said.stratum == question for option in said.expected}
    if FLOW.questions[question].kind != "times":
        assert expected == set(FLOW.questions[question].options) & expected
    assert expected
