"""Conditions in plain words, each as the file says it."""

import pytest
from hypothesis import given, settings

from amends.flows.in_words import InWords, lower, short_labels
from tests.flows.generate import flows
from tests.flows.small import shipped, small

SAID = [
    ({}, "always"),
    ({"harm": "some"}, "who could be hurt: “Somebody”"),
    ({"harm": ["none", "some"]}, "who could be hurt: “Nobody” or “Somebody”"),
    ({"harm": {"at_least": "some"}}, "who could be hurt: “Somebody” or more"),
    ({"harm": {"at_least": "many"}}, "who could be hurt: “Many people”"),
    ({"harm": {"at_most": "some"}}, "who could be hurt: “Somebody” or less"),
    ({"harm": {"at_most": "none"}}, "who could be hurt: “Nobody”"),
    ({"seen": {"not": "yes"}}, "who saw it: anything but “Yes”"),
    ({"issue": {"not": ["typo", "data"]}}, "what is wrong: none of “A typo” or “Personal data”"),
    ({"issue": {"all": ["typo", "data"]}}, "what is wrong: “A typo” and “Personal data”"),
    ({"issue": {"only": ["typo"]}}, "what is wrong: nothing but “A typo”"),
    ({"issue": {"exactly": "none"}}, "what is wrong: just “Nothing”"),
    ({"not": {"issue": {"only": ["typo"]}}}, "what is wrong: something besides “A typo”"),
    ({"not": {"issue": {"exactly": "none"}}}, "what is wrong: anything but just “Nothing”"),
    ({"harm": "some", "seen": "yes"}, "who could be hurt: “Somebody”, and who saw it: “Yes”"),
    ({"any_of": [{"harm": "some"}, {"seen": "yes"}]}, "either who could be hurt: “Somebody”, or who saw it: “Yes”"),
    (
        {"any_of": [{"harm": "some", "issue": "typo"}, {"seen": "yes"}]},
        "either (who could be hurt: “Somebody”, and what is wrong: “A typo”), or who saw it: “Yes”",
    ),
    ({"any_of": [{"harm": "some"}, {}]}, "always"),
    ({"all_of": [{"harm": "some"}, {"seen": "yes"}]}, "who could be hurt: “Somebody”, and who saw it: “Yes”"),
    (
        {"not": {"harm": "some", "seen": "yes"}},
        "it is not so that (who could be hurt: “Somebody”, and who saw it: “Yes”)",
    ),
    ({"recommended": ["take_down", "respond"]}, "“Take it down” or “Respond” is advised so far"),
    ({"not": {"recommended": "respond"}}, "“Respond” is not advised so far"),
    ({"not": {"recommended": ["take_down", "respond"]}}, "none of “Take it down” or “Respond” is advised so far"),
    ({"gate": "G1"}, "gate G1 (Data) applies"),
    ({"not": {"row": "R1"}}, "row R1 (Hurt) does not apply"),
    ({"hurt": "yes"}, "somebody is hurt"),
    ({"hurt": "no"}, "it is not so that somebody is hurt"),
    ({"public_body": "yes"}, "the setting “We are a public body” is on"),
    ({"issue": "bad"}, "what is wrong: “A typo” or “Personal data”"),
]
MORE = """groups: {bad: {question: issue, options: [typo, data]}}
settings: {public_body: {says: "We are a public body: we answer to all."}}
terms: {hurt: {says: "Somebody is hurt.", when: {harm: {at_least: some}}}}
responses:"""


@pytest.mark.parametrize(("when", "said"), SAID, ids=[said for _, said in SAID])
def test_a_condition_is_told_as_the_file_says_it(when, said):
    assert InWords(small("responses:", MORE)).whole(when) == said


def test_a_step_says_when_it_is_taken():
    told = InWords(small())
    assert told.step("hold") == ("hold", "")
    assert told.step({"respond": {"unless": {"seen": "no"}}}) == ("respond", "unless who saw it: “No”")
    both = {"respond": {"when": {"harm": "some"}, "unless": {"seen": "no"}}}
    assert told.step(both) == ("respond", "only if who could be hurt: “Somebody”, and unless who saw it: “No”")


def test_labels_lose_their_asides_but_stay_apart():
    questions = shipped().questions
    assert short_labels(questions["issue"])["slip"] == "Harmless slip"
    assert short_labels(questions["origin"])["event"] == "Not a post"
    assert short_labels(questions["origin"])["hijack"] == "Someone who should not have access is in our account"
    for question in questions.values():
        assert len(set(short_labels(question).values())) == len(question.options)
    alike = small('options: {none: "Nobody", some: "Somebody"', 'options: {none: "People: none", some: "People: some"')
    assert list(short_labels(alike.questions["harm"]).values())[:2] == ["People: none", "People: some"]


def test_the_middle_of_a_sentence_has_small_letters():
    assert [lower(text) for text in ("Hold", "HR", "I see", "")] == ["hold", "HR", "I see", ""]


@settings(max_examples=60, deadline=None)
@given(flows())
def test_every_condition_of_a_generated_flow_can_be_told(flow):
    told = InWords(flow)
    for section in ("gates", "rows", "floors"):
        for rule in told.content.get(section, {}).values():
            assert told.whole(rule["when"])
