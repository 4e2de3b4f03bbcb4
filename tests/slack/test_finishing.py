"""From Slack: the reminder to look again asks, promises are told with their time, and closing asks a lead first."""

import json
from datetime import timedelta

import pytest

from amends.conversation.replies import press_done
from amends.incidents import completion
from amends.incidents.asked_after import QUESTIONS
from amends.incidents.models import Incident
from amends.leads import acts
from amends.outbox.tables import Reminder
from amends.slack import finishing
from tests.actions.conftest import assistant, clock, encoder  # noqa: F401 - fixtures
from tests.references import reference
from tests.slack.manners import assert_good, assert_good_view, values
from tests.slack.test_drawings import Desk, desk, settings  # noqa: F401 - fixtures
from tests.slack.test_leading import advised, lead_card, window

QUIET = {"unanswered": "No, all are answered", "quiet": "Yes, it is quiet", "pinned": "No, there is none to pin"}


def replied(desk):  # noqa: F811
    """The reply of the incident is out."""
    desk.person.sends(press_done("respond", desk.advice.state))
    return desk


def reminder(desk, kind="look", code="look", **more):  # noqa: F811
    due = desk.clock()
    what = {"title": "x", "due_at": due, "next_at": due, "stage": 1, "state": "waiting", **more}
    return desk.adds(Reminder(incident_id=1, kind=kind, code=code, **what))


def test_a_reminder_to_look_again_asks_the_first_question_that_is_open(desk):  # noqa: F811
    replied(desk).clock.goes_on(hours=2)
    message = desk.draw("reminder", reminder=reminder(desk), leads=False)
    assert_good(message)
    assert message["text"].startswith("Look again: is the conversation finished?\n")
    assert "Are there questions that nobody has answered?" in message["text"]
    sends = dict(values(message["blocks"]))
    desk.person.sends(sends["say:0"])
    assert "Has it died down?" in desk.draw("reminder", reminder=reminder(desk, code="again"), leads=False)["text"]


def test_the_leads_read_what_is_asked_and_those_who_talk_about_it_answer(desk):  # noqa: F811
    replied(desk).clock.goes_on(hours=2)
    message = desk.draw("reminder", reminder=reminder(desk), leads=True, here=True)
    assert_good(message)
    assert "Are there questions that nobody has answered?" in message["text"]
    assert {action for action, _ in values(message["blocks"])} == {"snooze"}


def test_before_its_time_a_reminder_says_when_it_asks_again(desk):  # noqa: F811
    replied(desk)
    later = reminder(desk, due_at=desk.clock() + timedelta(hours=1))
    message = desk.draw("reminder", reminder=later, leads=False)
    assert_good(message)
    assert "I ask again at 10:30." in message["text"]
    assert {action for action, _ in values(message["blocks"])} == {"snooze"}


def test_a_promise_is_reminded_of_with_its_words_and_ends_with_a_press(desk):  # noqa: F811
    due = desk.clock() + timedelta(hours=1)
    desk.acts(acts.promise, "Next update 10:30 <here>", due)
    id_ = reminder(desk, "promise", "promise-1", due_at=due)
    message = desk.draw("reminder", reminder=id_, leads=False)
    assert_good(message)
    assert "Due by 10:30: The update that was promised" in message["text"]
    assert "Next update 10:30 &lt;here&gt;" in message["text"]
    desk.clock.goes_on(hours=2)
    late = desk.draw("reminder", reminder=id_, leads=False)["text"]
    assert "The time for this has passed: The update that was promised" in late
    desk.person.sends(dict(values(message["blocks"]))["say:0"])
    with desk.database.read() as session:
        assert completion.of(session.get_one(Incident, 1)).promises[0].kept


def test_in_the_leads_channel_a_restricted_incident_keeps_its_promise_to_itself(desk):  # noqa: F811
    due = desk.clock() + timedelta(hours=1)
    desk.acts(acts.promise, "Next update on the photo", due)
    desk.changes(restricted=True)
    id_ = reminder(desk, "promise", "promise-1", due_at=due)
    assert "photo" not in json.dumps(desk.draw("reminder", reminder=id_, leads=True))


def test_the_cards_say_what_is_not_finished(desk):  # noqa: F811
    replied(desk)
    lead = desk.draw("lead_card", incident=1)
    advice = desk.draw("advice", slot="advice:1:x")
    for card in (lead, advice):
        assert_good({key: card[key] for key in ("text", "blocks")})
        assert "Not finished yet: questions that nobody has answered" in card["text"]
    assert "I ask again at" in advice["text"]
    desk.acts(acts.close, reason="It was a test.")
    assert "Not finished" not in desk.draw("lead_card", incident=1)["text"]
    assert "Not finished" not in desk.draw("advice", slot="advice:1:x")["text"]


def test_the_window_is_a_good_one_with_each_question_and_the_words_of_promises(desk):  # noqa: F811
    replied(desk)
    desk.acts(acts.promise, "Next update 10:30", desk.clock() + timedelta(hours=1))
    with desk.database.read() as session:
        incident = session.get_one(Incident, 1)
        view = finishing.window(incident, completion.of(incident).left, "INC-2026-0001:9")
    assert_good_view(view)
    drawn = json.dumps(view)
    asks = [question.ask for question in QUESTIONS.values()]
    assert all(part in drawn for part in (*asks, "Next update 10:30", "why is it closed all the same?"))
    assert "None was promised" not in drawn


def responded(office):
    """The reply is out: a lead presses Close, and is asked."""
    advised(office)
    incident = office.incident()
    office.gateway_says(office.ada, press_done("respond", f"{incident.reference}:{incident.state_number}"))
    office.quiet()
    return window(office, lead_card(office), "Close")


def test_closing_asks_a_lead_first_and_what_was_answered_is_recorded(office):
    view = responded(office)
    office.slack.submits(office.lena, view, **QUIET, update="None was promised")
    office.quiet()
    assert office.incident().state == "closed"
    assert office.kinds().count("looked_again") == 4
    assert "left_unfinished" not in office.kinds()
    assert office.sees(office.ada, f"Lena Lead, comms lead, has closed {reference()}")
    assert office.slack.refused == []


@pytest.mark.parametrize("answers", [QUIET, {**QUIET, "update": "Not yet"}, {}])
def test_what_stays_open_needs_a_reason(answers, office):
    view = responded(office)
    office.slack.submits(office.lena, view, **answers)
    office.quiet()
    assert "say why it is closed all the same" in office.slack.view_of(office.lena).errors["reason"]
    assert office.incident().state == "advised"
    assert "looked_again" not in office.kinds()

    office.slack.submits(office.lena, office.slack.view_of(office.lena), **answers, reason="The account is gone.")
    office.quiet()
    assert office.incident().state == "closed"
    why = next(entry for entry in office.trail() if entry.kind == "left_unfinished")
    assert why.payload["reason"] == "The account is gone."
    assert "the update that was promised" in why.payload["left"]
    assert office.sees(office.ada, f"has closed {reference()}", "Not finished yet:", "the update that was promised")


def test_what_changed_meanwhile_is_not_closed(office):
    view = responded(office)
    with office.database.begin() as session:
        session.get_one(Incident, office.incident().id).state_number += 1
    office.slack.submits(office.lena, view, reason="Enough.")
    office.quiet()
    assert office.incident().state == "advised"
    assert any("has changed" in card.text for card in office.cards(office.lena))
