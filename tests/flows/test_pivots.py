"""Which one answer would change the advice: all of them, and nothing else."""

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from amends.flows import Answer, decide, parse_answers
from amends.flows.pivots import pivots
from tests.flows.brute import outcome
from tests.flows.generate import answers, flows
from tests.flows.small import small

PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
FACTS = {"harm": "some", "seen": "yes", "issue": ["typo"]}


@settings(max_examples=150, deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_every_pivot_changes_the_advice_as_it_says(data):
    flow = data.draw(flows())
    given_ = data.draw(answers(flow))
    now = decide(flow, given_)
    for pivot in pivots(flow, given_):
        then = decide(flow, pivot.answers)
        changed = {q for q in flow.questions if pivot.answers.get(q) != given_.get(q)}
        assert changed == {pivot.question}
        before, after = {("response", c) for c in now.responses}, {("response", c) for c in then.responses}
        assert {key for key in pivot.lost if key[0] == "response"} == before - after
        assert {key for key in pivot.gained if key[0] == "response"} == after - before
        assert outcome(flow, pivot.answers) != outcome(flow, given_)


@settings(max_examples=150, deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_an_option_that_is_no_pivot_leaves_the_advice_as_it_is(data):
    flow = data.draw(flows())
    given_ = data.draw(answers(flow))
    told = {(pivot.question, option) for pivot in pivots(flow, given_) for option in pivot.options}
    for question in flow.questions.values():
        if question.kind in ("one", "scale"):
            for option in question.options:
                if (question.id, option) not in told:
                    other = {**given_, question.id: Answer(option)}
                    if given_.get(question.id) is None or given_[question.id].value != option:
                        assert outcome(flow, other) == outcome(flow, given_)


def test_a_pivot_is_told_in_the_words_of_the_file():
    flow = small()
    found = {p.question: p for p in pivots(flow, parse_answers(flow, FACTS))}
    assert found["harm"].answer_told(flow) == "'Nobody'"
    assert (
        found["harm"].change_told(flow) == "no longer: save it, respond, take it down; also: hold; level 0 instead of 1"
    )
    assert found["issue"].change_told(flow) == "also: the data protection officer; a deadline: Tell them"


def test_options_that_change_the_same_are_told_together():
    flow = small('options: {none: "Nobody", some:', 'options: {none: "Nobody", few: "A pet", some:')
    found = {p.question: p for p in pivots(flow, parse_answers(flow, FACTS))}
    assert found["harm"].options == ("none", "few")
    assert found["harm"].answer_told(flow) == "'Nobody' or 'A pet'"


def test_what_changes_the_steps_comes_before_what_changes_a_level_alone():
    flow = small('level: 1, name: "a", when: {harm: {at_least: some}}', 'level: 1, name: "a", when: {harm: some}')
    found = pivots(flow, parse_answers(flow, {**FACTS, "seen": "yes"}))
    assert [p.changes_steps for p in found] == sorted((p.changes_steps for p in found), reverse=True)
    assert not found[-1].changes_steps
    assert found[-1].change_told(flow) == "level 0 instead of 1"


def test_an_option_can_be_taken_out_of_several_and_one_that_stands_alone_replaces_them():
    flow = small()
    given_ = parse_answers(flow, {**FACTS, "issue": ["typo", "data"]})
    told = {(p.adds, p.options): p for p in pivots(flow, given_) if p.question == "issue"}
    assert told[False, ("data",)].answer_told(flow) == "not 'Personal data'"
    assert told[False, ("data",)].answers["issue"].value == ("typo",)
    assert told[True, ("none",)].answers["issue"].value == ("none",)
