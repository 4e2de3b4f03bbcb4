"""Each action over tracker JSON: what it says, what it records, and what it does when things do not fit."""

import json
import sqlite3
from datetime import UTC, datetime

import pytest
import yaml
from sqlalchemy import text as sql

from amends.conversation.assistant import COMMANDS
from amends.incidents.verify import verify
from amends.settings import ROOT, Settings
from amends.workshop import Document, Owner, live, publish_text, save_draft

from .talking import DOMAIN, RULES, Person, all_actions, texts

FLOW, POLICY = Document("flow", "problem_post"), Document("policy", "social_media")
REPORT = "I've just posted my night out photos on the uni account"


def advised(person, report="oops, I tweeted a typo from the official account", **answers):
    """From a report to the advice, by pressing."""
    person.says(report, "report_problem")
    for _ in range(30):
        last = person.last[-1]
        if last.type == "recommendation":
            return last
        if last.type == "understood":
            person.presses("All right")
        elif last.kind == "times":
            person.presses("Just now")
        else:
            person.presses({"issue": "slip", **answers}.get(last.question, last.options[0].code))
    raise AssertionError(texts(person.last))


def test_every_action_of_the_domain_is_there_and_every_rule_leads_to_one():
    actions = all_actions()
    assert set(DOMAIN["actions"]) == set(actions)
    assert {rule["steps"][1]["action"] for rule in RULES if "intent" in rule["steps"][0]} <= set(actions)
    assert {action.command for action in actions.values() if hasattr(action, "command")} == set(COMMANDS)


def test_every_intent_has_exactly_one_rule():
    intents = [next(iter(intent)) for intent in DOMAIN["intents"]]
    ruled = [rule["steps"][0]["intent"] for rule in RULES if "intent" in rule["steps"][0]]
    assert sorted(intents) == sorted(ruled)
    assert set(DOMAIN["forms"]["triage_form"]["ignored_intents"]) < set(intents)


def test_the_session_never_expires():
    assert yaml.safe_load((ROOT / "domain.yml").read_text())["session_config"]["session_expiration_time"] == 0


def test_a_report_is_recorded_with_its_words_its_time_and_its_person(ada, the_record, clock):
    ada.says(REPORT, "report_problem")
    first = the_record.trail()[0]
    assert first.kind == "reported"
    assert first.payload["text"] == REPORT
    assert first.payload["cut"] is False
    assert first.actor_id == "web:ada"
    assert first.source == "web"
    assert first.said_at == first.recorded_at == clock()
    assert the_record.incident().title == REPORT


def test_the_safe_steps_fit_what_was_said(ada):
    assert "Do not reply and do not delete yet." in ada.says(REPORT, "report_problem")[0].steps
    eve = Person("Eve", "web:eve", ada.clock)
    steps = eve.says("Our post on the official page shows a patient's name and address", "report_problem")[0].steps
    assert "Then hide it now. Talk after." in steps
    bo = Person("Bo", "web:bo", ada.clock)
    steps = bo.says("We emailed a spreadsheet of student names and addresses to everybody", "report_problem")[0].steps
    assert "Then hide it, recall it, or close the access." in steps
    dan = Person("Dan", "web:dan", ada.clock)
    steps = dan.says("our twitter account was hacked, someone else is posting scams", "report_problem")[0].steps
    assert steps[0].startswith("End all sessions")


def test_the_whole_decision_stands_in_the_record_with_flow_and_clause_versions(ada, the_record):
    advice = advised(ada)
    entry = next(e for e in the_record.trail() if e.kind == "recommended")
    assert entry.payload["decision"]["level"] == advice.level
    assert entry.payload["decision"]["trace"]
    assert entry.payload["answers"]["issue"] == ["slip"]
    assert entry.flow_version == the_record.incident().flow_version
    assert [name.partition("@")[0] for name in entry.clauses] == [clause.id for clause in advice.clauses]
    assert json.loads(the_record.incident().decision) == entry.payload["decision"]


def test_the_chain_of_a_whole_triage_verifies(ada, sqlite_database):
    advised(ada)
    ada.says("why this advice", "ask_why")
    ada.says("go back", "go_back")
    with sqlite_database.read() as session:
        assert verify(session).damage == ()


def test_somebody_who_saved_the_evidence_is_not_asked_again(ada, the_record):
    advice = advised(ada, evidence="saved", control="can_remove")
    assert next(step for step in advice.steps if step.code == "preserve").done.who == "Ada"
    assert "step_done" in the_record.kinds()


def test_a_step_done_five_minutes_ago_has_that_time(ada, the_record):
    advised(ada, evidence="not_saved", control="can_remove")
    said = ada.says("I took the screenshot five minutes ago", "action_done")
    entry = next(e for e in the_record.trail() if e.kind == "step_done")
    assert entry.payload["at"].startswith("2026-03-02T09:25")
    assert "done at 09:25 by Ada" in texts(said)


def test_clock_times_are_those_of_the_organisations_zone(ada, clock):
    clock.goes_on(days=150)  # British Summer Time
    advised(ada, evidence="not_saved", control="can_remove")
    assert "done at 10:30 by Ada" in texts(ada.says("I have taken the screenshot", "action_done"))


def test_contacts_come_from_the_settings_and_else_it_is_the_emergency_contact(ada, the_record):
    ada.says(REPORT, "report_problem")
    assert "Lee Legal, 01234 777" in texts(ada.says("get me a lawyer", "handover"))
    assert "Grace Hopper, 01234 555" in texts(ada.says("I want to talk to the data protection officer", "handover"))
    requests = [e.payload for e in the_record.trail() if e.kind == "handover_requested"]
    assert [r["role"] for r in requests] == ["legal", "dpo"]


def test_whoever_comes_back_after_half_an_hour_is_told_where_it_was(ada, the_record, clock):
    ada.says(REPORT, "report_problem")
    clock.goes_on(minutes=45)
    said = ada.says("yes", "affirm")
    assert said[0].text.startswith("Welcome back. We are at INC-2026-0001")
    assert the_record.kinds().count("resumed") == 1
    assert "confirmed" in the_record.kinds()
    ada.says("because", "ask_why")
    assert the_record.kinds().count("resumed") == 1


class TestWhenRasaDoesNotKnowWhatTheRecordKnows:
    """After an outage, or when Rasa began a session anew, its loop and the record do not agree."""

    def test_an_answer_outside_the_loop_is_taken_and_the_loop_goes_on(self, ada, the_record):
        ada.says(REPORT, "report_problem")
        ada.presses("All right")
        ada.in_loop = False
        ada.says("a harmless slip", "inform")
        assert json.loads(the_record.incident().answers)["issue"] == ["slip"]
        assert ada.in_loop
        assert ada.last[-1].type == "question"

    @pytest.mark.parametrize("intent", ["report_problem", "out_of_scope", "inform", "affirm", "not_sure"])
    def test_whatever_the_intent_of_a_typed_answer(self, ada, the_record, intent):
        ada.says(REPORT, "report_problem")
        ada.presses("All right")
        ada.in_loop = False
        ada.says("Harmless slip: typo, test post, gibberish, wrong picture", intent)
        assert json.loads(the_record.incident().answers)["issue"] == ["slip"]

    def test_a_press_outside_the_loop(self, ada, the_record):
        ada.says(REPORT, "report_problem")
        ada.in_loop = False
        ada.presses("All right")
        assert "confirmed" in the_record.kinds()
        assert ada.in_loop

    def test_a_report_in_the_loop_with_nothing_open_is_a_report(self, ada, the_record):
        ada.in_loop = True
        ada.says(REPORT, "report_problem")
        assert the_record.kinds()[0] == "reported"

    def test_an_answer_in_the_loop_with_nothing_open_changes_nothing(self, ada):
        ada.in_loop = True
        said = ada.says("yes", "affirm")
        assert "nothing open" in texts(said)
        assert not ada.in_loop

    def test_advice_that_was_due_when_the_process_died_is_given_with_the_next_message(self, ada, the_record):
        ada.says("oops, I tweeted a typo from the official account", "report_problem")
        while ada.last[-1].type != "recommendation":
            before = the_record.incident()
            if ada.last[-1].type == "understood":
                ada.presses("All right")
            elif ada.last[-1].kind == "times":
                ada.presses("Just now")
            else:
                ada.presses({"issue": "slip"}.get(ada.last[-1].question, ada.last[-1].options[0].code))
        assert before.asked
        reference, number = ada.last[-1].state.split(":")
        assert reference == "INC-2026-0001"
        assert int(number) == the_record.incident().state_number

    def test_a_message_that_comes_again_by_another_way_has_one_effect(self, ada, the_record):
        first = ada.says(REPORT, "report_problem", key="once")
        ada.in_loop = True
        again = ada.says(REPORT, "report_problem", key="once")
        assert the_record.kinds().count("reported") == 1
        assert "note_added" not in the_record.kinds()
        assert first[0] == again[0]


class TestWhenTheRecordCannotBeWritten:
    def test_it_says_so_once_and_nothing_is_recorded(self, ada, the_record, sqlite_database):
        ada.says(REPORT, "report_problem")
        kinds = the_record.kinds()
        lock = sqlite3.connect(sqlite_database.engine.url.database, isolation_level=None)
        lock.execute("BEGIN IMMEDIATE")
        try:
            said = ada.presses("All right")
        finally:
            lock.execute("ROLLBACK")
            lock.close()
        assert [reply.type for reply in said] == ["failure"]
        assert "NOT recorded" in texts(said)
        assert "Grace" in texts(said) or "head of communications" in texts(said)
        assert the_record.kinds() == kinds

    def test_an_error_of_ours_is_a_failure_too_and_its_text_is_in_no_log(self, ada, caplog, monkeypatch):
        def broken(*_args):
            raise ValueError("Zanzibarquux posted something")

        monkeypatch.setitem(COMMANDS, "greet", broken)
        said = ada.says("hello", "greet")
        assert said[0].type == "failure"
        assert "Zanzibarquux" not in caplog.text
        assert "ValueError" in caplog.text


class TestTheFlowOfAConversation:
    def test_a_published_flow_is_used_for_the_next_incident_and_not_for_the_open_one(
        self, sqlite_database, assistant, clock, the_record
    ):
        assert assistant is not None
        ada, eve = Person("Ada", "web:ada", clock), Person("Eve", "web:eve", clock)
        ada.says(REPORT, "report_problem")
        published(sqlite_database, lambda text: text.replace("What is wrong with it? Pick all that fit.", "Amiss?"))
        ada.presses("All right")
        assert ada.last[-1].text == "What is wrong with it? Pick all that fit."
        eve.says(REPORT, "report_problem")
        eve.presses("All right")
        assert eve.last[-1].text == "Amiss?"
        assert the_record.incident("INC-2026-0001").flow_version != the_record.incident("INC-2026-0002").flow_version

    def test_a_draft_and_an_edited_file_change_nothing(self, sqlite_database, assistant, ada):
        assert assistant is not None
        owner = Owner("web:olga", "Olga")
        with sqlite_database.begin() as session:
            text = live(session, FLOW).text.replace("What is wrong with it? Pick all that fit.", "Amiss?")
            save_draft(session, FLOW, text, owner=owner, seen=0, now=datetime.now(UTC))
        ada.says(REPORT, "report_problem")
        ada.presses("All right")
        assert ada.last[-1].text == "What is wrong with it? Pick all that fit."

    def test_a_published_clause_is_shown_at_once_in_an_open_conversation_too(self, sqlite_database, assistant, ada):
        assert assistant is not None
        advised(ada)
        asked = "what does the policy say about correcting a post in the open?"
        assert "SM-2.3" in texts(ada.says(asked, "ask_policy"))
        published(sqlite_database, lambda text: text.replace("we mark or replace it", "we mend it"), POLICY)
        assert "we mend it" in texts(ada.says(asked, "ask_policy"))

    def test_a_version_whose_text_was_changed_in_the_database_is_not_used(
        self, sqlite_database, assistant, ada, caplog
    ):
        assert assistant is not None
        with sqlite_database.begin() as session:
            session.execute(sql("DROP TRIGGER document_version_no_update"))
        published(sqlite_database, lambda text: text.replace("What is wrong with it? Pick all that fit.", "Amiss?"))
        with sqlite_database.begin() as session:
            session.execute(sql("UPDATE document_version SET text = 'flow: [broken' WHERE text LIKE '%Amiss?%'"))
        ada.says(REPORT, "report_problem")
        ada.presses("All right")
        assert ada.last[-1].text == "What is wrong with it? Pick all that fit."
        assert "was changed in the record after it was published" in caplog.text


def published(database, edit, document=FLOW):
    """Publish what is live with an edit."""
    settings = Settings(_env_file=None)
    with database.begin() as session:
        text = edit(live(session, document).text)
        how = {"owner": Owner("web:olga", "Olga"), "note": "A test.", "settings": settings, "source": "test"}
        publish_text(session, document, text, now=datetime.now(UTC), **how)


def test_html_and_sql_are_kept_as_they_were_typed(ada, the_record):
    text = "We posted <b>x</b>'; DROP TABLE incident;-- on the official account"
    ada.says(text, "report_problem")
    assert the_record.trail()[0].payload["text"] == text


def test_characters_that_nobody_sees_are_taken_out(ada, the_record):
    ada.says("We posted \u202eit\u202c\x00 on the \u200bofficial account\x1b[31m", "report_problem")
    assert the_record.trail()[0].payload["text"] == "We posted it on the official account[31m"


@pytest.mark.parametrize("intent", ["ask_policy", "thanks", "goodbye", "practise", "greet", "ask_help", "add_note"])
def test_the_words_of_an_option_are_its_answer_whatever_rasa_took_them_for(ada, the_record, intent):
    ada.says(REPORT, "report_problem")
    ada.presses("All right")
    ada.says("Swearing", intent)
    assert json.loads(the_record.incident().answers)["issue"] == ["profanity"]


def test_a_bare_number_chooses_the_option_with_that_number(ada, the_record):
    ada.says(REPORT, "report_problem")
    ada.presses("All right")
    ada.says("2", "out_of_scope")
    assert json.loads(the_record.incident().answers)["issue"] == ["wrong_fact"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("how long do I have?", "Look again"),
        ("who decides?", "Who decides:"),
        ("what do I do next?", "Do this, in this order"),
    ],
)
def test_plain_questions_about_the_advice_are_answered_from_it(ada, text, says):
    advised(ada)
    assert says in texts(ada.says(text, "out_of_scope"))


def test_something_done_that_was_not_advised_is_kept_as_a_note(ada, the_record):
    advised(ada, evidence="not_saved", control="can_remove")
    said = ada.says("I have told HR", "action_done")
    assert "not one of the steps" in texts(said)
    assert the_record.trail()[-1].payload == {"text": "I have told HR"}


def test_a_short_question_is_no_draft(ada, the_record):
    advised(ada)
    ada.presses("Check my words")
    assert "Who decides:" in texts(ada.says("who decides?", "out_of_scope"))
    assert "draft_checked" not in the_record.kinds()
