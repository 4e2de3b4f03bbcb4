"""The first message chooses the flow; one tap, or words, change it; what was said is kept."""

import json

import pytest

from amends.conversation.replies import press_answer
from amends.incidents import record
from amends.incidents.verify import verify
from amends.leads import acts
from amends.workshop import Document, Owner
from amends.workshop.publishing import publish_text

from .talking import texts

BREACH = "I sent an email with the names and diagnoses of 200 patients to the wrong people"
POST = "oops, I tweeted a typo from the official account"
VAGUE = "something bad happened"
OTHER = "This is about something else"
TITLES = {
    "problem_post": "A post has gone wrong",
    "third_party": "Somebody outside says something about us",
    "personal_use": "It is about somebody's own account",
    "breach": "Personal information got out",
}


def labels(reply):
    return [button.label for button in reply.buttons]


def to_advice(person, answers=None):
    """Press through what is asked; what is not named gets its first option."""
    answers = answers or {}
    for _ in range(30):
        card = person.last[-1]
        if card.type == "recommendation":
            return card
        if card.type == "understood":
            person.presses("All right")
        elif card.kind == "times":
            person.presses("Just now")
        else:
            person.presses(answers.get(card.question, card.options[0].code))
    raise AssertionError("No advice after 30 answers.")


@pytest.mark.parametrize(
    ("flow", "text", "step"),
    [
        ("problem_post", POST, "Pause scheduled posts"),
        ("third_party", "A newspaper printed lies about our school, we cannot take it down", "do not ask friends"),
        ("personal_use", "One of our lecturers wrote something horrible on his own Facebook", "do not look for more"),
        ("breach", BREACH, "Tell the data protection officer now"),
    ],
)
def test_the_first_message_chooses_the_flow_and_its_safe_steps(ada, the_record, flow, text, step):
    first = ada.says(text, "report_problem")[0]
    assert the_record.incident().flow_id == flow
    assert step in first.text
    title = TITLES[flow]
    assert f"I take it as: {title[0].lower()}{title[1:]}." in first.text


def test_a_message_that_does_not_say_it_is_asked_about_once_the_likeliest_first(ada, the_record):
    ada.says(VAGUE, "report_problem")
    assert "I take it as" not in ada.last[0].text
    asked = ada.last[-1]
    assert asked.text.startswith("What is this about?")
    assert sorted(labels(asked)) == sorted(TITLES.values())
    assert labels(asked)[0] == TITLES[the_record.incident().flow_id]
    ada.presses(TITLES["breach"])
    assert the_record.incident().flow_id == "breach"
    assert ada.last[-1].type in ("question", "understood")
    chosen = next(entry for entry in the_record.trail() if entry.kind == "flow_chosen")
    assert (chosen.payload["flow"], chosen.payload["title"]) == ("breach", TITLES["breach"])


def test_the_likeliest_is_confirmed_with_one_tap_and_the_record_says_so(ada, the_record):
    ada.says(VAGUE, "report_problem")
    likeliest = labels(ada.last[-1])[0]
    ada.presses(likeliest)
    assert "Then it stays as it is" in texts(ada.last)
    assert [e.payload["title"] for e in the_record.trail() if e.kind == "flow_chosen"] == [likeliest]
    assert "was" not in next(e.payload for e in the_record.trail() if e.kind == "flow_chosen")


@pytest.mark.parametrize(
    ("words", "flow"),
    [
        (TITLES["third_party"], "third_party"),
        ("I have lost a memory stick with the names of all our patients", "breach"),
        ("a student is being bullied on her private account", "personal_use"),
    ],
)
def test_what_it_is_about_can_be_typed(ada, the_record, words, flow):
    ada.says(VAGUE, "report_problem")
    ada.says(words, "inform")
    assert the_record.incident().flow_id == flow


def test_the_number_of_what_was_offered_can_be_typed(ada, the_record):
    ada.says(VAGUE, "report_problem")
    third = labels(ada.last[-1])[2]
    ada.says("3", "inform")
    assert TITLES[the_record.incident().flow_id] == third


@pytest.mark.parametrize(
    ("words", "flow"),
    [
        ("leave it then", "problem_post"),
        ("hm, whatever", "problem_post"),
        ("one of our lecturers has written it on his own private facebook account", "personal_use"),
    ],
)
def test_only_words_that_surely_speak_of_another_change_what_was_taken(ada, the_record, words, flow):
    ada.says(POST, "report_problem")
    ada.presses(OTHER)
    ada.says(words, "out_of_scope")
    assert the_record.incident().flow_id == flow
    assert ada.last[-1].type in ("question", "understood")


def test_whoever_does_not_know_goes_on_with_the_likeliest(ada, the_record):
    ada.says(VAGUE, "report_problem")
    before = the_record.incident().flow_id
    ada.says("no idea", "not_sure")
    assert the_record.incident().flow_id == before
    assert ada.last[-1].type in ("question", "understood")


def test_one_tap_changes_it_and_what_was_said_is_read_anew(ada, the_record):
    ada.says("We posted a list with the names, addresses and diagnoses of 200 patients", "report_problem")
    if ada.last[-1].type == "text":
        ada.presses(TITLES["problem_post"])
    while the_record.incident().flow_id != "problem_post":
        ada.presses(OTHER)
        ada.presses(TITLES["problem_post"])
    ada.presses(OTHER)
    asked = ada.last[-1]
    assert labels(asked)[-2:] == ["Leave it: a post has gone wrong", "Something new"]
    ada.presses(TITLES["breach"])
    incident = the_record.incident()
    assert (incident.flow_id, incident.answers) == ("breach", "{}")
    assert "Then I take it as: personal information got out." in ada.last[0].text
    assert "Tell the data protection officer now" in ada.last[0].text
    entry = next(e for e in the_record.trail() if e.kind == "flow_chosen" and e.payload["flow"] == "breach")
    assert entry.payload["was"] == TITLES["problem_post"]
    assert entry.flow_version != incident.flow_version
    assert the_record.trail()[-1].flow_version == incident.flow_version
    assert the_record.trail()[0].payload["text"].startswith("We posted a list")


def test_a_clock_that_was_ahead_when_it_was_reported_stops_nobody(ada, the_record, clock):
    posted = clock().isoformat()
    ada.says("I've just posted my night out photos on the uni account", "report_problem")
    clock.goes_on(seconds=-18)  # whichever machine said it: their clocks differ
    ada.presses(OTHER)
    ada.presses(TITLES["breach"])
    incident = the_record.incident()
    assert incident.flow_id == "breach"
    times = [fact["value"] for name, fact in json.loads(incident.understood).items() if name == "noticed_at"]
    assert times == [{"posted": posted, "noticed": posted}]


def test_answers_that_both_flows_ask_for_are_offered_again_and_not_taken(ada, the_record, sqlite_database):
    ada.says(POST, "report_problem")
    to_advice(ada, {"harm": "serious", "legal": "police", "personal_data": "none"})
    answered = json.loads(the_record.incident().answers)
    ada.presses("Change an answer")
    ada.presses("What this is about: a post has gone wrong")
    ada.presses(TITLES["third_party"])
    incident = the_record.incident()
    assert (incident.state, incident.decision, incident.level) == ("confirming", None, None)
    card = ada.last[-1]
    assert card.type == "understood"
    offered = {fact.question: fact.values for fact in card.facts}
    assert offered["harm"] == ("serious",)
    assert offered["legal"] == ("police",)
    kept = next(e.payload["answers"] for e in the_record.trail() if e.kind == "flow_chosen")
    assert kept == answered
    advice = to_advice(ada)
    assert advice.level == 3
    with sqlite_database.read() as session:
        assert verify(session, "INC-2026-0001").damage == ()


def test_back_again_the_earlier_answers_are_offered(ada, the_record):
    ada.says(POST, "report_problem")
    to_advice(ada, {"issue": "slip", "harm": "annoyance"})
    before = json.loads(the_record.incident().answers)
    for flow in ("breach", "problem_post"):
        ada.says("no, this is about something else", "correct_answer")
        ada.presses(TITLES[flow])
    card = ada.last[-1]
    assert {fact.question for fact in card.facts} >= {"issue", "harm", "origin"}
    ada.presses("All right")
    after = json.loads(the_record.incident().answers)
    assert {name: after[name] for name in ("issue", "harm")} == {name: before[name] for name in ("issue", "harm")}


@pytest.mark.parametrize(
    "words",
    ["This is about something else", "it's something different actually", "that's the wrong kind of problem"],
)
def test_it_can_be_said_in_words(ada, words):
    ada.says(POST, "report_problem")
    ada.says(words, "start_over")
    assert ada.last[-1].text.startswith("What is this about?")


def test_something_new_is_a_report_of_its_own(ada, the_record):
    ada.says(POST, "report_problem")
    to_advice(ada, {"issue": "slip"})
    words = "no, this is about something else: I have lost a laptop with the records of our patients on it"
    ada.says(words, "correct_answer")
    ada.presses("Something new")
    assert the_record.incident("INC-2026-0002").flow_id == "breach"
    assert the_record.trail("INC-2026-0002")[0].payload["text"] == words
    assert the_record.incident("INC-2026-0001").flow_id == "problem_post"
    ada.presses(OTHER)
    ada.presses("Something new")
    assert "Tell me in your own words what happened" in texts(ada.last)


def test_left_as_it_is_nothing_changes(ada, the_record):
    ada.says(POST, "report_problem")
    asked = the_record.incident().asked
    ada.presses(OTHER)
    ada.presses("Leave it: a post has gone wrong")
    assert the_record.incident().flow_id == "problem_post"
    assert the_record.incident().asked == asked
    assert ada.last[-1].type in ("question", "understood")


def test_the_tap_stands_on_the_first_cards_and_not_on_every_question(ada):
    ada.says(POST, "report_problem")
    assert OTHER in labels(ada.last[-1])
    ada.presses("All right")
    while not any(label == "Go back" for label in labels(ada.last[-1])):
        card = ada.last[-1]
        assert OTHER in labels(card)
        ada.presses(card.options[0].code)
    assert OTHER not in labels(ada.last[-1])


def test_what_a_lead_decided_on_keeps_its_flow(ada, the_record, sqlite_database, settings, clock):
    ada.says(POST, "report_problem")
    to_advice(ada, {"issue": "slip"})
    with sqlite_database.begin() as session:
        incident, grace = record.find(session, "INC-2026-0001"), acts.Actor("slack:T1:GRACE", "Grace", "slack", clock())
        flow, decided = record.flow_of(session, incident.flow_version), ("respond", "take_down")
        acts.decide_otherwise(session, settings, flow, incident, grace, decided, "They ask.", at=clock())
    ada.says("this is about something else", "correct_answer")
    assert "has decided on this, so it stays as it is" in texts(ada.last)
    assert the_record.incident().flow_id == "problem_post"


def test_a_press_of_somebody_who_is_elsewhere_changes_nothing(ada, the_record):
    ada.says(POST, "report_problem")
    ada.sends(press_answer("_flow", "?", "INC-2026-0099:3"))
    assert "That button is from earlier" in ada.last[0].text
    assert the_record.incident().flow_id == "problem_post"


def test_a_conversation_stays_on_the_version_that_it_began_with(ada, the_record, sqlite_database, settings, clock):
    ada.says(BREACH, "report_problem")
    version = the_record.incident().flow_version
    with sqlite_database.read() as session:
        text = record.flow_text(session, version)
    publish(sqlite_database, settings, clock, text.replace('ask: "What happened?"', 'ask: "What has happened?"'))
    ada.presses("All right") if ada.last[-1].type == "understood" else None
    to_advice(ada)
    assert the_record.incident().flow_version == version
    ada.says("this is about something else", "correct_answer")
    ada.presses(TITLES["third_party"])
    ada.says("this is about something else", "correct_answer")
    ada.presses(TITLES["breach"])
    assert the_record.incident().flow_version != version


def publish(database, settings, clock, text):
    with database.begin() as session:
        document, owner = Document("flow", "breach"), Owner("web:olga", "Olga")
        publish_text(session, document, text, owner=owner, note="A test.", now=clock(), settings=settings, source="web")


def test_a_flow_that_only_one_can_be_chosen_of_is_not_asked_about(assistant, ada, the_record):
    shelf = assistant._tools.shelf
    shelf._live.flows = {"problem_post": shelf.flow()}
    shelf._chooser = None
    first = ada.says(BREACH, "report_problem")[0]
    assert the_record.incident().flow_id == "problem_post"
    assert "I take it as" not in first.text
    assert OTHER not in labels(ada.last[-1])


def test_an_emergency_is_not_asked_what_it_is_about(ada):
    replies = ada.says("he says he is going to kill himself", "report_problem")
    assert "999" in replies[0].text
    assert not any(reply.text.startswith("What is this about?") for reply in replies)


# letters


def test_letters_that_help_with_the_advice_are_offered_and_written_down(ada, the_record):
    ada.says(BREACH, "report_problem")
    advice = to_advice(ada, {"risk": "high", "personal_data": "sensitive"})
    assert "tell_people" in [step.code for step in advice.steps]
    ada.presses("Words to begin from")
    picked = ada.last[-1]
    assert "The letter to the people affected" in labels(picked)
    ada.presses("The letter to the people affected")
    letter = ada.last[0].text
    assert "- We did this, and we are sorry." in letter
    assert "UK GDPR Art 34 (not verified)" in letter
    assert "a person sends them" in letter
    entry = the_record.trail()[-1]
    assert (entry.kind, entry.payload["what"], entry.payload["code"]) == ("explained", "letter", "letter_to_people")


def test_a_letter_can_be_asked_for_in_words(ada):
    ada.says(BREACH, "report_problem")
    to_advice(ada, {"risk": "high", "personal_data": "sensitive"})
    ada.says("is there a template for the letter?", "out_of_scope")
    assert "The letter to the people affected" in labels(ada.last[-1])


def test_where_a_flow_has_no_letters_none_are_offered(ada):
    ada.says(POST, "report_problem")
    assert "Words to begin from" not in labels(to_advice(ada, {"issue": "slip"}))


def test_a_letter_of_something_that_is_not_advised_is_not_given(ada):
    ada.says(BREACH, "report_problem")
    advice = to_advice(ada, {"risk": "high", "personal_data": "sensitive"})
    ada.sends(press_answer("_letters", "no_such_letter", advice.state))
    assert "nothing prepared" in ada.last[0].text


@pytest.mark.parametrize(("rival", "taken"), [("inform", True), ("", False)])
def test_a_few_words_that_surely_answer_do_so_unless_it_is_clear_that_they_are_for_something_else(
    ada, the_record, rival, taken
):
    ada.says("One of our lecturers wrote something horrible on his own Facebook", "report_problem")
    while ada.last[-1].type != "question" or ada.last[-1].question != "asking":
        ada.presses("All right" if ada.last[-1].type == "understood" else ada.last[-1].options[0].code)
    ada.says("I manage her", "handover", rival=rival)
    assert (json.loads(the_record.incident().answers).get("asking") == "manager") is taken
    assert ("handover_requested" in the_record.kinds()) is not taken
