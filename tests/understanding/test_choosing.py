"""Which flow a first message is for."""

from dataclasses import replace

import pytest
import yaml

from amends.flows import load_flow
from amends.settings import CACHE, ROOT
from amends.understanding import load_examples
from amends.understanding.choosing import FlowChooser
from amends.understanding.encoder import load_encoder

from .test_held_out import load, plain

NAMES = ("problem_post", "third_party", "personal_use", "breach")
FLOWS = [load_flow(ROOT / "data" / "flows" / f"{name}.yml") for name in NAMES]


@pytest.fixture(scope="module")
def parts():
    return load_encoder(CACHE), load_examples(ROOT / "data")


@pytest.fixture(scope="module")
def chooser(parts):
    return FlowChooser(FLOWS, *parts, CACHE)


@pytest.mark.parametrize(
    ("flow", "text"),
    [
        ("problem_post", "I've just posted my night out photos on the uni account"),
        ("third_party", "A newspaper has printed lies about our school and we cannot take it down"),
        ("personal_use", "One of our lecturers has written something horrible on his own Facebook"),
        ("breach", "I sent the list with all the patients' names and diagnoses to the wrong address"),
    ],
)
def test_a_first_message_chooses_its_flow(chooser, flow, text):
    chosen = chooser.choose(text)
    assert (chosen.flow, chosen.sure) == (flow, True)
    assert set(chosen.likely) == set(NAMES)
    assert sum(chosen.likely.values()) <= 1


@pytest.mark.parametrize("text", ["help", "something bad happened", ""])
def test_what_says_nothing_of_it_is_not_sure(chooser, text):
    assert not chooser.choose(text).sure


def test_a_single_flow_leaves_nothing_to_choose(parts):
    alone = FlowChooser(FLOWS[:1], *parts)
    assert alone.choose("our customers' data was stolen").flow == "problem_post"
    assert alone.choose("help").sure


def test_what_an_owner_writes_makes_a_new_flow_be_chosen(chooser, parts):
    text = "the lecture theatre is flooded"
    says = ("water is coming through the ceiling", "the cellar is under water", "a pipe has burst and it is flooded")
    flood = replace(FLOWS[1], id="flood", title="Water in a building", says=says)
    assert "flood" not in chooser.choose(text).likely
    learnt = FlowChooser([*FLOWS, flood], *parts)
    assert learnt.choose(text).flow == "flood"
    assert learnt.choose("I've just posted my night out photos on the uni account").flow == "problem_post"
    assert learnt.knows([*FLOWS, flood])
    assert not learnt.knows([*FLOWS, replace(flood, says=says[:2])])


def test_no_measured_text_is_one_to_learn_from(parts):
    sets = [load("flows"), load("flows", "development")]
    measured = {plain(line) for each in sets for block in each.values() for line in block.splitlines()}
    learnt = {plain(message.text) for message in parts[1].first}
    learnt |= {plain(text) for said in parts[1].flows.values() for text in said}
    learnt |= {plain(phrase) for flow in FLOWS for phrase in flow.says}
    assert len(measured) >= 100
    assert measured & learnt == set()


@pytest.mark.parametrize("flow", FLOWS[1:], ids=lambda flow: flow.id)
def test_measured_answers_are_of_the_flow_and_none_is_learnt(flow):
    for question, by_option in load(flow.id).items():
        phrases = {plain(said) for option in flow.questions[question].options.values() for said in option.says}
        assert set(by_option) <= {*flow.questions[question].options, "null"}
        assert {plain(line) for block in by_option.values() for line in block.splitlines()} & phrases == set()


@pytest.mark.parametrize("flow", FLOWS[1:], ids=lambda flow: flow.id)
def test_the_messages_of_a_flow_state_answers_that_it_knows(flow, parts):
    told = parts[1].told_in[flow.id]
    assert len(told) >= 20
    for message in told:
        for question, codes in (*message.facts.items(), *message.allowed.items()):
            assert set(codes) <= set(flow.questions[question].options), message.text


def test_every_flow_says_how_people_begin_to_tell_of_it():
    for name in NAMES:
        text = (ROOT / "data" / "flows" / f"{name}.yml").read_text("utf-8")
        says = yaml.safe_load(text)["says"]
        assert len(says) >= 20
        assert len(set(map(plain, says))) == len(says)
