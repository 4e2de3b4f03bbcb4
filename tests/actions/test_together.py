"""Several people in one conversation: a thread. Each entry says who; a restricted incident is not told there."""

from datetime import timedelta

import pytest

from amends.conversation import evidence
from amends.conversation.shelf import Shelf
from amends.conversation.standing import advice as standing
from amends.conversation.talk import Tools
from amends.incidents import record
from amends.incidents.visible import Viewer, incidents_of
from amends.leads import acts
from amends.outbox.tables import Place
from amends.settings import ROOT

from .talking import Colleague, Person, texts
from .test_actions import REPORT, advised

THREAD = "slack:T1:C1:1.2"
ADA, BO, GRACE = "slack:T1:U1", "slack:T1:U2", "slack:T1:U9"
GONE = "Nothing was added to it."


@pytest.fixture
def ada(assistant, sqlite_database, clock):  # noqa: ARG001 - the actions find the assistant by themselves
    with sqlite_database.begin() as session:
        record.ensure_participant(session, ADA, "Ada", clock())
        record.ensure_conversation(session, THREAD, ADA, clock())
        session.add(Place(conversation_id=THREAD, team="T1", channel="C1", thread="1.2"))
    return Person("Ada", THREAD, clock, ADA)


@pytest.fixture
def bo(ada):
    return Colleague(ada, "Bo", BO)


@pytest.fixture
def alone(clock):
    """Somebody's direct message with the assistant."""

    def alone(name, id_):
        return Person(name, f"{id_}:direct", clock, id_)

    return alone


@pytest.fixture
def act(sqlite_database, settings, clock):
    def act(what, *given, reference="INC-2026-0001", **more):
        with sqlite_database.begin() as session:
            incident = record.find(session, reference)
            grace = acts.Actor(GRACE, "Grace Hopper", "slack", clock())
            if what is acts.decide_otherwise:
                flow = record.flow_of(session, incident.flow_version)
                return what(session, settings, flow, incident, grace, *given, at=clock(), **more)
            return what(session, settings, incident, grace, *given, at=clock(), **more)

    return act


def mine(database, id_):
    with database.read() as session:
        return [incident.reference for incident in incidents_of(session, Viewer(id_))]


def test_two_people_go_through_one_triage_and_each_entry_says_who(ada, bo, the_record, sqlite_database):
    ada.says(REPORT, "report_problem")
    bo.last = ada.last
    bo.presses("All right")
    last = bo.last[-1]
    ada.sends(f'/press{{"question": "{last.question}", "value": "{last.options[0].code}", "state": "{last.state}"}}')
    actors = {(entry.kind, entry.actor_id) for entry in the_record.trail()}
    assert {("reported", ADA), ("confirmed", BO), ("answered", ADA)} <= actors
    assert mine(sqlite_database, BO) == mine(sqlite_database, ADA) == ["INC-2026-0001"]
    assert the_record.incident().reporter_id == ADA


def test_who_reports_is_who_spoke_and_not_who_began_the_conversation(ada, bo, the_record, sqlite_database):
    ada.says("hello", "greet")
    bo.says(REPORT, "report_problem")
    assert the_record.incident().reporter_id == BO
    assert mine(sqlite_database, ADA) == []


def test_who_only_reads_is_not_involved(ada, bo, sqlite_database):
    advised(ada)
    bo.says("thanks", "thanks")
    assert mine(sqlite_database, BO) == []


def test_a_second_person_goes_on_with_it_in_their_own_conversation(ada, bo, alone):
    advised(ada)
    bo.says("note: the post has 40 replies", "add_note")
    direct = alone("Bo", BO)
    direct.says("where are we", "ask_status")
    assert [line.reference for line in direct.last[0].incidents] == ["INC-2026-0001"]
    direct.says("INC-2026-0001")
    assert "Back to INC-2026-0001" in texts(direct.last)


def test_what_is_somebody_s_own_is_not_told_in_a_thread(ada, alone):
    private = alone("Ada", ADA)
    private.says("oops, I sent a rude e-mail about Bo to everybody", "report_problem")
    ada.says("where are we", "ask_status")
    assert "rude" not in texts(ada.last)
    ada.says("INC-2026-0001")
    assert "Ask me in a direct message." in texts(ada.last)
    assert "rude" not in texts(ada.last)


# Restricted


def test_in_a_thread_a_restricted_incident_is_not_told_and_nothing_goes_into_it(ada, bo, act, the_record):
    advised(ada)
    act(acts.restrict, ())
    before = len(the_record.trail())
    for person in (ada, bo):
        for text, intent in (
            ("who decides?", "out_of_scope"),
            ("I deleted it", "action_done"),
            (REPORT, "report_problem"),
        ):
            person.says(text, intent)
            assert texts(person.last) == (
                "INC-2026-0001 is restricted, and others read along here. Nothing was added to it. "
                "Those who are named go on in a direct message with me."
            )
    assert len(the_record.trail()) == before


def test_in_the_middle_of_the_questions_nothing_is_asked_in_the_thread_any_more(ada, bo, act, the_record):
    ada.says(REPORT, "report_problem")
    act(acts.restrict, ())
    before = len(the_record.trail())
    bo.says("it was seen by many", "inform")
    assert [GONE in reply.text for reply in bo.last] == [True]
    assert len(the_record.trail()) == before


def test_a_press_of_who_is_not_named_changes_nothing(ada, bo, act, the_record):
    advice = advised(ada, evidence="not_saved")
    act(acts.restrict, ())
    bo.sends(f'/action_done{{"step": "preserve", "state": "{advice.state}"}}')
    assert GONE in texts(bo.last)
    assert "step_done" not in the_record.kinds()


def test_an_emergency_is_answered_all_the_same(ada, bo, act):
    advised(ada)
    act(acts.restrict, ())
    bo.says("someone is threatening to kill himself right now because of the post")
    assert "ring 999 first" in bo.last[0].text
    assert GONE in texts(bo.last)


def test_who_is_not_named_is_told_once_in_their_own_conversation_and_is_free_for_another(
    ada, bo, alone, act, the_record
):
    advised(ada)
    bo.says("note: the post has 40 replies", "add_note")
    direct = alone("Bo", BO)
    direct.says("INC-2026-0001")
    act(acts.restrict, ())
    before = len(the_record.trail())
    direct.says("who decides?", "out_of_scope")
    assert texts(direct.last) == (
        "INC-2026-0001 is restricted: only those who are named go on with it. Nothing was added to it. "
        "To report something else, tell me."
    )
    direct.says(REPORT, "report_problem")
    assert "INC-2026-0002" in texts(direct.last)
    assert len(the_record.trail()) == before


def test_who_is_not_named_cannot_go_back_to_it(ada, bo, alone, act):
    advised(ada)
    bo.says("note: the post has 40 replies", "add_note")
    act(acts.restrict, ())
    direct = alone("Bo", BO)
    direct.says("INC-2026-0001")
    assert "There is no incident INC-2026-0001 of yours." in texts(direct.last)
    direct.says("where are we", "ask_status")
    assert "INC-2026-0001" not in texts(direct.last)


def test_it_goes_on_where_it_was_moved_to(ada, bo, alone, act, sqlite_database, clock, the_record):
    advice = advised(ada, evidence="not_saved")
    act(acts.restrict, ())
    direct = alone("Ada", ADA)
    with sqlite_database.begin() as session:
        record.ensure_conversation(session, direct.conversation, ADA, clock())
        acts.move_to(session, record.find(session, "INC-2026-0001"), direct.conversation)
    direct.sends(f'/action_done{{"step": "take_down", "state": "{advice.state}"}}')
    assert direct.last[0].text.startswith("Was the evidence saved before that")
    direct.presses("Yes, it is saved")
    assert the_record.kinds().count("step_done") == 2
    bo.says("did you delete it?", "out_of_scope")
    assert GONE in texts(bo.last)


# A lead decides


def test_the_card_says_first_who_decided_and_its_steps_follow(ada, act):
    advised(ada, harm="upset")
    act(acts.decide_otherwise, ("make_light", "take_down"), "It is our mascot.")
    ada.says("show me the advice", "out_of_scope")
    card = ada.last[-1]
    assert card.decided_by_lead.startswith(
        "Decided by Grace Hopper, comms lead: make light of it and take it down. Reason: It is our mascot. "
        "This goes against the rules: "
    )
    assert "Never make light" in card.decided_by_lead
    assert card.text.startswith(card.decided_by_lead)
    assert [step.code for step in card.steps if step.kind == "response"] == ["preserve", "make_light", "take_down"]
    assert "make_light" not in [refusal.code for refusal in card.refusals]


def test_a_button_from_before_the_decision_is_stale_and_shows_the_decision(ada, act, the_record):
    advice = advised(ada, evidence="not_saved")
    act(acts.decide_otherwise, ("respond",), "They want an answer.")
    ada.sends(f'/action_done{{"step": "take_down", "state": "{advice.state}"}}')
    assert "That button is from earlier" in ada.last[0].text
    assert ada.last[-1].decided_by_lead
    assert "step_done" not in the_record.kinds()


def test_done_status_and_closing_follow_the_decision(ada, act, the_record):
    advised(ada)
    act(acts.decide_otherwise, ("hold",), "It is over.")
    ada.says("where are we", "ask_status")
    assert ada.last[0].incidents[0].next_step == "Next: Hold."
    ada.says("I have deleted it", "action_done")
    assert "not one of the steps" in ada.last[0].text
    ada.says("hold, done", "action_done")
    assert "That was the last step." in texts(ada.last)
    ada.presses("That's everything")
    assert the_record.trail()[-1].payload == {"open_steps": []}
    assert the_record.incident().state == "closed"


def test_why_tells_the_decision_before_the_rules(ada, act):
    advised(ada)
    act(acts.decide_otherwise, ("hold",), "It is over.")
    ada.says("why?", "ask_why")
    assert ada.last[0].text.startswith("Decided by Grace Hopper, comms lead: hold.")
    assert "What the rules say:" in ada.last[0].text
    ada.sends('/ask_alternative{"code": "take_down"}')
    assert ada.last[0].text.startswith("Decided by Grace Hopper")


def test_a_decision_stands_when_an_answer_is_corrected_and_says_what_it_goes_against_now(ada, act, the_record):
    advised(ada, harm="none")
    act(acts.decide_otherwise, ("make_light",), "Everybody laughs.")
    ada.sends('/correct_answer{"question": "harm"}')
    ada.presses("death")
    for _ in range(20):
        if ada.last[-1].type == "recommendation":
            break
        ada.presses(ada.last[-1].options[0].code)
    card = ada.last[-1]
    assert [step.code for step in card.steps if step.kind == "response"] == ["make_light"]
    assert "Never make light when anyone is or may be harmed" in card.decided_by_lead
    given = next(entry for entry in reversed(the_record.trail()) if entry.kind == "recommended")
    assert given.payload["decided_by_lead"] == ["make_light"]
    assert any("Never make light when anyone" in sentence for sentence in given.payload["against"])
    assert "make_light" not in given.payload["decision"]["responses"]


# Evidence, policy, changes


def test_evidence_that_came_before_the_advice_is_saved_evidence(ada, sqlite_database, settings, clock):
    ada.says(REPORT, "report_problem")
    with sqlite_database.begin() as session:
        bo = acts.Actor(BO, "Bo", "slack", clock())
        incident = record.find(session, "INC-2026-0001")
        given = {"key": "f1", "name": "shot.png", "media_type": "image/png", "content": b"x"}
        evidence.keep(session, settings, incident, **given, actor=bo, at=clock() + timedelta(seconds=1))
    ada.presses("All right")
    for _ in range(30):
        last = ada.last[-1]
        if last.type == "recommendation":
            break
        ada.presses("Just now" if last.kind == "times" else last.options[0].code)
    done = {step.code: step.done for step in ada.last[-1].steps}
    assert done["preserve"].who == "Bo"


def test_a_press_may_carry_what_is_asked_about_the_policy(ada):
    ada.sends('/ask_policy{"about": "What is our policy on posting photos of students?"}')
    assert ada.last[0].type == "clause"
    assert ada.last[0].clauses


def test_a_change_button_of_any_age_changes_its_question(ada, the_record):
    ada.says("oops, I tweeted a typo from the official account", "report_problem")
    ada.presses("All right")
    first = ada.last[-1]
    ada.presses(first.options[0].code)
    ada.presses(ada.last[-1].options[0].code)
    ada.sends(f'/correct_answer{{"question": "{first.question}", "state": "{first.state}"}}')
    assert ada.last[-1].question == first.question
    ada.presses(first.options[1].code)
    assert the_record.kinds()[-2:] == ["corrected", "asked"]


def test_a_change_button_of_the_question_that_is_asked_asks_it_again(ada):
    ada.says("oops, I tweeted a typo from the official account", "report_problem")
    ada.presses("All right")
    now = ada.last[-1]
    ada.sends(f'/correct_answer{{"question": "{now.question}", "state": "INC-2026-0001:1"}}')
    assert [(reply.type, reply.question) for reply in ada.last] == [("question", now.question)]


def test_a_change_button_of_another_incident_changes_nothing(ada, the_record):
    advised(ada)
    before = the_record.incident().state_number
    ada.sends('/correct_answer{"question": "harm", "state": "INC-2026-0009:3"}')
    assert "That button is from earlier" in ada.last[0].text
    assert the_record.incident().state_number == before


# The advice as it stands, without anybody speaking


def test_the_advice_is_drawn_as_it_stands_without_writing(ada, act, sqlite_database, settings, clock):
    advice = advised(ada)
    ada.says("I have saved a screenshot", "action_done")
    act(acts.decide_otherwise, ("respond", "take_down"), "They ask.")
    tools = Tools(settings, Shelf(sqlite_database, ROOT / "data"))
    with sqlite_database.read() as session:
        card = standing(session, tools, record.find(session, "INC-2026-0001"), clock())
    assert card.state != advice.state
    assert card.decided_by_lead
    assert {step.code: bool(step.done) for step in card.steps} == {
        "preserve": True,
        "respond": False,
        "take_down": False,
    }


def test_there_is_no_advice_to_draw_before_it_is_given(ada, sqlite_database, settings, clock):
    ada.says(REPORT, "report_problem")
    tools = Tools(settings, Shelf(sqlite_database, ROOT / "data"))
    with sqlite_database.read() as session:
        assert standing(session, tools, record.find(session, "INC-2026-0001"), clock()) is None


def test_a_shelf_without_an_encoder_has_flows_and_clauses_and_reads_nothing(sqlite_database):
    shelf = Shelf(sqlite_database, ROOT / "data")
    assert shelf.flow().id == "problem_post"
    assert "SM-2.6" in shelf.clauses().clauses
    with pytest.raises(RuntimeError, match="no encoder"):
        shelf.search()
