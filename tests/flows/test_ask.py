"""The next question is exact: asked only if it can matter, and never left out while it can."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amends.flows import decide, next_question, parse_answers, recommend
from amends.flows.ask import _asker
from amends.flows.encode import Copy, Formulas
from tests.flows.brute import completions, next_by_listing, outcome, possible_answers
from tests.flows.generate import answers, flows
from tests.flows.small import shipped, small

slow = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


@slow
@given(st.data())
def test_the_solver_asks_what_listing_every_answer_says(data):
    flow = data.draw(flows())
    given_ = data.draw(answers(flow))
    assert next_question(flow, given_) == next_by_listing(flow, given_)


@slow
@given(st.data())
def test_a_question_that_is_preferred_comes_first_if_it_can_change_the_advice(data):
    flow = data.draw(flows())
    given_ = data.draw(answers(flow))
    preferred = data.draw(st.sampled_from(list(flow.questions)))
    open_ = _asker(flow, frozenset()).open(given_)
    expected = preferred if preferred in open_ else next(iter(open_), None)
    assert next_question(flow, given_, first=[preferred]) == expected


@slow
@given(st.data())
def test_the_formula_says_what_decide_does(data):
    import z3

    flow = data.draw(flows())
    copy = Copy(flow, Formulas("x"), frozenset())
    answered = {name: data.draw(st.sampled_from(possible_answers(q))) for name, q in flow.questions.items()}
    solver = z3.SimpleSolver()
    solver.add(*copy.rules)
    for name, answer in answered.items():
        chosen = (answer.value,) if isinstance(answer.value, str) else answer.value
        for option, variable in copy.options[name].items():
            solver.add(variable if option in chosen else z3.Not(variable))
    assert solver.check() == z3.sat
    model = solver.model()

    def true(formulas):
        return {name for name, formula in formulas.items() if z3.is_true(model.eval(formula, True))}

    decision = decide(flow, answered)
    assert true(copy.responses) == set(decision.responses)
    assert true(copy.people) == set(decision.people)
    assert true(copy.forbidden) == set(decision.forbidden)
    assert true(copy.deadlines) == {deadline.id for deadline in decision.deadlines}
    assert true(copy.rows) == ({decision.row} if decision.row else set())
    assert true(copy.broken) == set(decision.refused)
    levels = [level.level for level in flow.levels]
    assert true(dict(zip(levels, copy.levels, strict=True))) == {decision.level}


@slow
@given(st.data())
def test_when_nothing_is_left_to_ask_every_completion_gives_the_same_advice(data):
    flow = data.draw(flows())
    given_ = data.draw(answers(flow))
    while (question := next_question(flow, given_)) is not None:
        given_[question] = data.draw(st.sampled_from(possible_answers(flow.questions[question])))
    assert not recommend(flow, given_).missing
    outcomes = {outcome(flow, completed) for completed in completions(flow, given_, but="")}
    assert len(outcomes) <= 1


def test_a_question_that_follows_from_another_is_not_asked():
    flow = small()
    assert next_question(flow, parse_answers(flow, {"harm": "many"})) == "issue"
    assert next_question(flow, parse_answers(flow, {"harm": "some"})) == "seen"


def test_the_screenshot_is_asked_for_only_while_taking_down_is_possible():
    flow = shipped()
    known = {"origin": "third_party", "issue": ["criticism"], "personal_data": "none", "harm": "none"}
    known |= {"tragedy": "absent", "protected": "absent", "legal": ["none"]}
    asked = []
    while (question := next_question(flow, parse_answers(flow, known))) is not None:
        asked.append(question)
        known[question] = {"spread": "few", "fault": "not_ours", "truth": "opinion"}.get(
            question, next(iter(flow.questions[question].options), None)
        )
    assert "evidence" not in asked
    assert "control" not in asked


def test_times_are_asked_for_only_when_a_clock_runs_from_them():
    flow = shipped()
    known = {
        "origin": "misdirected",
        "issue": ["personal_data"],
        "personal_data": "sensitive",
        "harm": "serious",
        "tragedy": "absent",
        "protected": "absent",
        "legal": ["none"],
        "control": "cannot_remove",
        "evidence": "saved",
        "spread": "few",
        "truth": "na",
        "fault": "ours_accident",
        "history": "clean",
    }
    assert next_question(flow, parse_answers(flow, known)) == "noticed_at"
    known["noticed_at"] = {"noticed": "2026-03-02T09:00:00+00:00"}
    assert next_question(flow, parse_answers(flow, known)) is None
    harmless = {**known, "issue": ["slip"], "personal_data": "none", "harm": "none"}
    del harmless["noticed_at"]
    assert next_question(flow, parse_answers(flow, harmless)) != "noticed_at"


def test_one_solver_serves_all_conversations_of_a_flow_version():
    flow = shipped()
    assert _asker(flow, frozenset()) is _asker(flow, frozenset())
    assert _asker(flow, frozenset()) is not _asker(flow, frozenset({"nhs"}))
