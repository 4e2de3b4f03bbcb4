"""A drill in the conversation: begun, told as it unfolds, worked on, looked back at; and the ways out of it."""

import json

import pytest
from sqlalchemy import select

from amends.cases import load_cases
from amends.drills.tables import Practice
from amends.incidents import record
from amends.incidents.visible import Viewer, incidents_of
from amends.settings import ROOT

from .talking import Person, texts

REFERENCE = "DRILL-2026-0001"
REPORT = "Our official account has just posted an invitation to a beer tasting, by mistake, from the wrong account"
REAL = "We have just posted the wrong picture on the official account"


@pytest.fixture(scope="module")
def cases():
    return load_cases(ROOT / "data" / "cases", None)


@pytest.fixture
def state(the_record):
    """What a button on the incident's cards carries now."""
    return lambda: f"{REFERENCE}:{the_record.incident(REFERENCE).state_number}"


@pytest.fixture
def goes(sqlite_database):
    def read():
        with sqlite_database.read() as session:
            return list(session.scalars(select(Practice).order_by(Practice.id)))

    return read


def begins(person, drill="beer_tasting"):
    person.says("I want to practise", "practise")
    return person.sends(f'/practise{{"about": "{drill}"}}')


def shows(person, type_):
    return next((reply for reply in person.last if reply.type == type_), None)


def answers_until_advised(person, facts):
    """Press what the case says; of what it does not say, the first option. All that was said on the way."""
    said = []
    for _ in range(30):
        said += person.last
        if shows(person, "recommendation"):
            return said
        if shows(person, "understood"):
            person.presses("All right")
        elif (asked := shows(person, "question")) is not None:
            if asked.kind == "times":
                person.presses("Just now")
                continue
            fact = facts.get(asked.question, asked.options[0].code)
            value = ",".join(fact) if isinstance(fact, list) else fact
            person.sends(
                f'/press{{"question": "{asked.question}", "value": "{value}", "state": "{asked.state}"}}',
            )
        else:
            person.sends(person.last[-1].buttons[0].send)  # what it is about
    raise AssertionError("No advice after 30 answers.")


def test_all_ten_are_offered_from_easy_to_hard_and_one_is_suggested(ada):
    ada.says("I want to practise", "practise")
    reply = ada.last[0]
    assert [button.label.split(". ")[0] for button in reply.buttons] == [str(n) for n in range(1, 11)]
    assert [button.style for button in reply.buttons] == ["primary", *["plain"] * 9]
    assert "without names" in reply.text
    assert "(easy, 10 minutes)" in reply.text.split("\n")[1]
    assert "(hard, 10 minutes)" in reply.text.split("\n")[10]


@pytest.mark.parametrize(
    ("said", "drill"),
    [
        ("can we do drill 5", "Congratulations to the wrong people"),
        ("practise before dawn", "Before dawn"),
        ("give me a hard one to practise with", "Blame it on a hacker"),
        ("an easy drill please", "The beer tasting"),
    ],
)
def test_one_can_be_named_in_words(ada, said, drill):
    ada.says(said, "practise")
    assert f": {drill} (" in ada.last[0].text


def test_a_drill_is_told_as_it_unfolds_and_ends_with_a_look_back(ada, clock, cases, the_record, goes, state):
    begins(ada)
    first = ada.last[0].text
    assert "Drill 1: The beer tasting (easy). This is practice. Only you see how it goes." in first
    assert "Drill, 18:40. A colleague sends you a screenshot." in first
    clock.goes_on(minutes=1)
    ada.says(REPORT, "report_problem")
    assert "This is practice." in texts(ada.last)
    assert REFERENCE in texts(ada.last)
    assert "18:46" not in texts(ada.last)
    clock.goes_on(minutes=1)
    said = texts(answers_until_advised(ada, cases["essen-police-beer-2022"].facts))
    assert "Drill, 18:46 (your clock: 2 minutes)." in said
    assert "19:15" not in said
    advice = shows(ada, "recommendation")
    assert advice.drill
    assert advice.text.startswith("This is practice.")
    clock.goes_on(minutes=2)
    ada.sends(f'/action_done{{"step": "preserve", "state": "{advice.state}"}}')
    assert "Drill, 19:15 (your clock: 4 minutes)." in texts(ada.last)
    assert "Change an answer" in [button.label for reply in ada.last for button in reply.buttons]
    for code in ("take_down", "respond"):
        ada.sends(f'/action_done{{"step": "{code}", "state": "{state()}"}}')
    clock.goes_on(minutes=3)
    ada.sends(f'/press{{"question": "_close", "value": "yes", "state": "{state()}"}}')
    ada.presses("Close it")
    look_back = shows(ada, "debrief")
    lines = {section.title: " ".join(section.lines) for section in look_back.sections}
    assert "You took 7 minutes; the aim was 10." in lines["Time"]
    assert "same evening, explained next day" in lines["Time"]
    assert "after 4 minutes" in lines["What you did"]
    held = lines["What those who watched it held right"]
    assert held.count("had to be done. You did it.") == 2
    assert "right either way. You left it." in held
    assert "It was received neither well nor badly." in lines["What the organisation did"]
    assert lines["Why"] == cases["essen-police-beer-2022"].lesson
    assert "Police Essen" in lines["The case"]
    assert look_back.clauses
    kinds = the_record.kinds(REFERENCE)
    assert kinds.count("drill_told") == 3
    assert kinds[-1] == "drill_ended"
    (go,) = goes()
    outcome = json.loads(go.outcome)
    assert (go.told, go.ended_at, outcome["seconds"], outcome["as_judged"]) == (3, clock(), 7 * 60, True)


def test_what_was_left_out_and_read_otherwise_is_said_without_blame(ada, cases, state):
    begins(ada, "blame_it_on_a_hacker")
    ada.says("Our council account has made fun of a minister on Saturday evening and it is shared", "report_problem")
    answers_until_advised(
        ada, {**cases["walsall-council-gove-2012"].facts, "mood": "amused", "harm": "serious", "evidence": "not_saved"}
    )
    ada.sends(f'/press{{"question": "_close", "value": "yes", "state": "{state()}"}}')
    assert "Before it ends, one more thing happens. Drill, 20:35" in texts(ada.last)
    ada.sends(f'/press{{"question": "_close", "value": "yes", "state": "{state()}"}}')
    ada.presses("Close it")
    lines = {section.title: section.lines for section in shows(ada, "debrief").sections}
    assert lines["What you did"] == ("You marked no step as done.",)
    held = lines["What those who watched it held right"]
    assert sum("had to be done. It was not marked as done this time." in line for line in held) == 3
    assert sum("would have been a mistake. You left it." in line for line in held) == 1
    read = " ".join(lines["What you read otherwise"])
    assert 'you said "Someone\'s safety, health, livelihood or good name"; we read "Inconvenience' in read


def test_where_the_advice_was_not_what_was_judged_right_the_look_back_says_that_it_came_of_the_answers(
    ada, cases, state
):
    begins(ada, "before_dawn")
    ada.says("Our council account has reposted an indecent picture and none of us was awake", "report_problem")
    answers_until_advised(ada, {**cases["havering-council-hack-2026"].facts, "fault": "not_ours"})
    for _ in range(2):
        ada.sends(f'/press{{"question": "_close", "value": "yes", "state": "{state()}"}}')
    ada.presses("Close it")
    lines = {section.title: section.lines for section in shows(ada, "debrief").sections}
    held = lines["What those who watched it held right"]
    advised = {line.partition(":")[0]: "not in the advice that your answers led to" not in line for line in held}
    assert advised == {"Take it down": True, "Respond": True, "Apologise": False, "Make light of it": True}
    assert any('you said "Not ours"' in line for line in lines["What you read otherwise"])


def test_the_story_goes_on_with_its_own_time_when_nobody_answers(ada, clock):
    begins(ada, "the_alert_that_was_a_test")
    ada.says("We have sent a false alarm about an attacker to thousands of families by text", "report_problem")
    clock.goes_on(minutes=4)
    ada.says("why do you ask?", "ask_why")
    assert "Drill, 08:07 (your clock: 4 minutes)." in texts(ada.last)


def test_a_message_that_comes_twice_tells_the_same_part_and_not_the_next(ada, clock, goes):
    begins(ada)
    ada.says(REPORT, "report_problem")
    clock.goes_on(hours=2)
    ada.says("why do you ask?", "ask_why", key="again")
    once = texts(ada.last)
    assert "18:46" in once
    ada.says("why do you ask?", "ask_why", key="again")
    assert "18:46" in texts(ada.last)
    assert "19:15" not in texts(ada.last)
    assert goes()[0].told == 2


def test_alone_nobody_else_sees_it_and_as_a_team_leads_do(ada, sqlite_database):
    begins(ada)
    ada.says(REPORT, "report_problem")
    lead, herself = Viewer("web:grace", lead=True), Viewer("web:ada")
    with sqlite_database.read() as session:
        assert [one.reference for one in incidents_of(session, lead)] == []
        assert [one.reference for one in incidents_of(session, herself)] == [REFERENCE]
    ada.sends('/practise{"about": "end"}')
    begins(ada, "before_dawn@team")
    assert "You practise as a team: leads can follow along." in ada.last[0].text
    ada.says("The council account has reposted an indecent picture before four in the morning", "report_problem")
    with sqlite_database.read() as session:
        assert [one.reference for one in incidents_of(session, lead)] == ["DRILL-2026-0002"]


def test_something_real_ends_the_drill_and_what_was_said_becomes_a_report(ada, the_record, goes):
    begins(ada)
    ada.says(REAL, "report_problem")
    ada.presses("This is real, no drill")
    assert "INC-2026-0002" in texts(ada.last)
    assert the_record.trail("INC-2026-0002")[0].payload["text"] == REAL
    assert the_record.incident("INC-2026-0002").drill is False
    assert the_record.incident(REFERENCE).state == "abandoned"
    assert "drill_ended" not in the_record.kinds(REFERENCE)
    assert (goes()[0].outcome, goes()[0].ended_at is not None) == (None, True)


@pytest.mark.parametrize("how", ["pressed", "typed"])
def test_a_further_report_in_a_drill_is_asked_about_and_a_real_one_ends_it(ada, cases, the_record, goes, how):
    begins(ada)
    ada.says(REPORT, "report_problem")
    answers_until_advised(ada, cases["essen-police-beer-2022"].facts)
    ada.says(REAL, "report_problem")
    assert "Is what you say now part of it, or has something real happened?" in texts(ada.last)
    if how == "pressed":
        ada.presses("This is real, no drill")
    else:
        ada.says("it is real", "affirm")
    assert the_record.incident(REFERENCE).state == "abandoned"
    real = the_record.incident("INC-2026-0002")
    assert (real.drill, real.title) == (False, REAL)
    assert [go.ended_at is None for go in goes()] == [False]


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("this is real", REPORT[:30]),
        ("Wait, it's no drill: we have posted the wrong picture on our page", "we have posted the wrong picture"),
    ],
)
def test_in_the_middle_of_the_questions_somebody_says_that_it_is_real(ada, the_record, said, title):
    begins(ada)
    ada.says(REPORT, "report_problem")
    ada.says(said, "out_of_scope")
    assert the_record.incident(REFERENCE).state == "abandoned"
    assert the_record.incident("INC-2026-0002").title.startswith(title)


def test_what_is_real_only_in_the_story_ends_nothing(ada, the_record):
    begins(ada)
    ada.says(REPORT, "report_problem")
    ada.says("People ask whether this is real", "out_of_scope")
    assert the_record.incident(REFERENCE).state != "abandoned"


def test_before_anything_was_told_it_is_real_as_well(ada, the_record):
    begins(ada)
    ada.presses("This is real, no drill")
    assert "from here on it is real" in texts(ada.last)
    ada.says(REAL, "report_problem")
    assert the_record.incident("INC-2026-0001").drill is False


def test_a_drill_that_was_forgotten_does_not_swallow_a_real_report(ada, clock, the_record):
    begins(ada)
    clock.goes_on(minutes=61)
    ada.says(REAL, "report_problem")
    assert the_record.incident("INC-2026-0001").drill is False


@pytest.mark.parametrize("way", ["press", "stop"])
def test_it_can_be_ended_before_anything_was_said(ada, goes, way):
    begins(ada)
    ada.presses("End the drill") if way == "press" else ada.says("stop", "stop")
    assert "The drill has ended. Nothing of it is counted." in texts(ada.last)
    assert goes()[0].ended_at is not None


def test_it_can_be_ended_in_the_middle_with_a_look_back_that_counts_nowhere(ada, goes):
    begins(ada)
    ada.says(REPORT, "report_problem")
    ada.says("let us practise another one", "practise")
    assert "We are in the middle of a drill: The beer tasting." in texts(ada.last)
    ada.presses("End the drill")
    assert shows(ada, "debrief").sections
    assert json.loads(goes()[0].outcome)["stopped"] is True


def test_while_something_real_is_open_nobody_practises_there(ada):
    ada.says(REAL, "report_problem")
    ada.says("I want to practise", "practise")
    assert "INC-2026-0001 is open here, and it is real." in texts(ada.last)
    ada.sends('/practise{"about": "beer_tasting"}')
    assert "INC-2026-0001 is open here, and it is real." in texts(ada.last)


def test_what_is_told_in_a_drill_is_a_report_whatever_rasa_took_it_for(ada, the_record):
    begins(ada)
    ada.says("my colleague's phone had both accounts on it, and now there is beer on ours", "out_of_scope")
    assert the_record.incident(REFERENCE).drill is True


def test_help_and_policy_are_no_report_in_a_drill(ada, the_record):
    begins(ada)
    ada.says("what does the policy say about alcohol in our posts?", "ask_policy")
    with pytest.raises(record.UnknownIncident):
        the_record.incident(REFERENCE)


def test_asking_for_a_human_in_a_drill_wakes_nobody_and_says_so(ada):
    begins(ada)
    ada.says(REPORT, "report_problem")
    ada.says("get me a human", "handover")
    assert "This is practice, so nobody was told." in texts(ada.last)


def test_danger_in_a_drill_still_names_the_emergency_number_and_asks_nobody(ada, the_record):
    begins(ada, "the_alert_that_was_a_test")
    ada.says("There is a man with a gun in the school, somebody help, we are hiding", "report_problem")
    said = texts(ada.last)
    assert "999" in said
    assert "This is practice, so nobody was told." in said
    assert "handover_requested" not in the_record.kinds(REFERENCE)


def test_who_has_done_one_is_offered_the_next(ada, cases, state):
    begins(ada)
    ada.says(REPORT, "report_problem")
    answers_until_advised(ada, cases["essen-police-beer-2022"].facts)
    for _ in range(2):
        ada.sends(f'/press{{"question": "_close", "value": "yes", "state": "{state()}"}}')
    ada.presses("Close it")
    ada.presses("Another drill")
    assert [button.style for button in ada.last[0].buttons][:2] == ["plain", "primary"]
    assert "1. The beer tasting (easy, 10 minutes; you have done it)" in ada.last[0].text


def test_a_second_person_in_the_conversation_takes_part_and_has_it_in_their_history(ada, clock, sqlite_database):
    from amends.drills import practice

    begins(ada, "beer_tasting@team")
    bo = Person("Bo", "web:ada", clock, actor="web:bo")
    bo.says(REPORT, "report_problem")
    ada.sends('/practise{"about": "end"}')
    with sqlite_database.read() as session:
        assert [one.drill for one in practice.mine(session, "web:bo")] == ["beer_tasting"]
        assert [one.drill for one in practice.mine(session, "web:ada")] == ["beer_tasting"]
        assert practice.mine(session, "web:cy") == []


def test_drills_that_cannot_be_read_are_said_to_be_so(ada, tmp_path, monkeypatch):
    from amends.conversation import practising

    monkeypatch.setattr(practising, "DATA", tmp_path)
    ada.says("I want to practise", "practise")
    assert "The drills cannot be read just now." in texts(ada.last)
