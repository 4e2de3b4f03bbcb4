"""What leads see and do of the conversation after a public reply, on the page of an incident."""

import re
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from amends.conversation import recording
from amends.incidents import completion
from amends.incidents import record as incident_record
from amends.incidents.actor import Actor
from amends.incidents.advice import steps_of
from amends.incidents.models import Participant
from amends.leads import acts
from tests.console.test_lead_incident import SETTINGS, do, entries_of, form_of, state_of, words
from tests.console.whole import whole_incident
from tests.console.workshop import give_name
from tests.waiting import LONGEST

SETTLED = {"unanswered": "none", "quiet": "yes", "pinned": "pinned", "update": "none"}


def answers(database, reference):
    """The steps of an incident are done since three hours, the apology with them."""
    at = datetime.now(UTC) - timedelta(hours=3)
    chris = Actor("slack:T1:U7", "Chris", "slack", at)
    with database.begin() as session:
        incident = recording.locked(session, incident_record.find(session, reference), chris, at)
        assert "apologise" in [step["code"] for step in steps_of(incident)]
        for step in steps_of(incident):
            recording.mark_done(session, SETTINGS, incident, step["code"], actor=chris, at=at)


@pytest.fixture
def replied(record, incident):
    answers(record, incident)
    return incident


def local(time):
    return time.astimezone(SETTINGS.zone).strftime("%Y-%m-%dT%H:%M")


def test_before_a_public_reply_there_is_nothing_to_show(grace, incident):
    page = grace.get(f"/incidents/{incident}").text
    assert "After the reply</h2>" not in page
    assert 'id="after-form"' not in page


def test_the_page_shows_what_is_not_answered_and_a_lead_answers_it(grace, record, replied):
    page = words(grace.get(f"/incidents/{replied}"))
    assert "The conversation is not finished yet." in page
    assert page.count("Not answered yet.") == 4
    page = words(do(grace, replied, "after", quiet="no", pinned="pinned"))
    assert "Your answers are in the record." in page
    assert re.search(r"Has it died down\? Not yet\. Grace Hopper, today at", page)
    assert completion.of(state_of(record, replied)).left == ("unanswered", "quiet", "update")
    assert [each.kind for each in entries_of(record, replied)][-2:] == ["looked_again", "looked_again"]
    page = words(do(grace, replied, "after", **SETTLED))
    assert "The conversation is finished" in page


def test_closing_asks_for_the_answers_or_a_reason_and_keeps_what_was_typed(grace, record, replied):
    form = form_of(grace, replied, "close")
    form["reason"] = " "
    page = form.send(grace)
    assert page.status_code == 409
    assert "is not finished: questions that nobody has answered" in words(page)
    assert state_of(record, replied).state == "advised"
    page = do(grace, replied, "close", reason="The account is gone.")
    assert "This incident is closed." in words(page)
    assert "It was closed before the conversation was finished." in words(page)
    assert "The account is gone." in words(page)
    assert [each.kind for each in entries_of(record, replied)][-2:] == ["left_unfinished", "closed"]


def test_a_promise_is_noted_shown_as_a_clock_and_kept(grace, record, incident):
    typed = local(datetime.now(UTC) + timedelta(hours=4))
    due = datetime.fromisoformat(typed).replace(tzinfo=SETTINGS.zone).astimezone(UTC)
    page = words(do(grace, incident, "promise", text="Next update at five <b>", due=typed))
    assert "The promise is in the record, and is a deadline from now on." in page
    assert "Clock: the update that was promised by" in page
    assert "Next update at five &lt;b&gt;" in page
    assert completion.of(state_of(record, incident)).open_promises[0].due == due
    assert "Promised in public: an update" in words(grace.get("/open"))
    page = words(do(grace, incident, "after", **{"promise-1": "kept"}))
    assert "Kept, today at" in page
    assert "Clock: the update" not in page


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"text": "Next update", "due": ""}, "Say by when it was promised"),
        ({"text": "Next update", "due": "tomorrow"}, "Say by when it was promised"),
        ({"text": "Next update", "due": "2001-01-01T10:00"}, "That time cannot be meant"),
        ({"text": " ", "due": "2001-01-01T10:00"}, "What was promised is empty"),
    ],
)
def test_a_promise_that_cannot_be_read_is_refused_and_the_words_stay(fields, said, grace, record, incident):
    page = do(grace, incident, "promise", **fields)
    assert page.status_code == 409
    assert said in words(page)
    assert fields["text"].strip() in page.text
    assert state_of(record, incident).completion is None


def test_nothing_chosen_is_refused_and_so_is_what_is_no_answer(grace, record, replied):
    assert "Nothing was chosen" in words(do(grace, replied, "after"))
    assert "not an answer" in words(do(grace, replied, "after", quiet="perhaps"))
    assert state_of(record, replied).completion is None


def test_who_reported_sees_it_and_answers_in_the_conversation(desk, record):
    with httpx.Client(base_url=desk.url, follow_redirects=True, timeout=LONGEST) as ada:
        give_name(ada)
        with record.read() as session:
            id_ = session.query(Participant.id).filter_by(name="Ada Okafor").scalar()
        reference = whole_incident(record, reporter=id_)
        answers(record, reference)
        page = ada.get(f"/incidents/{reference}")
        assert "The conversation is not finished yet." in words(page)
        assert 'id="after-form"' not in page.text


def test_opened_again_it_asks_again(grace, record, replied):
    do(grace, replied, "after", **SETTLED)
    do(grace, replied, "close")
    do(grace, replied, "reopen", reason="A new video of it.")
    assert completion.of(state_of(record, replied)).left == tuple(SETTLED)


def test_a_change_by_somebody_else_is_shown_before_an_answer_is_kept(grace, record, replied):
    form = form_of(grace, replied, "after")
    with record.begin() as session:
        other = Actor("slack:T1:U7", "Chris", "slack", datetime.now(UTC))
        acts.add_note(session, SETTINGS, incident_record.find(session, replied), other, "Wait.", datetime.now(UTC))
    form["quiet"] = "yes"
    page = form.send(grace)
    assert "Chris changed" in words(page)
    assert state_of(record, replied).completion is None


def test_whoever_takes_part_is_told_on_every_page_when_it_is_time(grace, record, incident):
    notice = "It is time to look again"
    answers(record, incident)
    assert notice not in words(grace.get("/flows")), "She takes no part in it."
    do(grace, incident, "take-over")
    assert notice in words(grace.get("/flows")), "The level says to look again after two hours."
    do(grace, incident, "after", **SETTLED)
    assert notice not in words(grace.get("/flows"))
    soon = datetime.now(UTC) + timedelta(minutes=50)
    do(grace, incident, "promise", text="Next update soon", due=local(soon))
    assert f'href="/incidents/{incident}#after-the-reply"' in grace.get("/flows").text
    do(grace, incident, "drill")
    assert notice not in words(grace.get("/flows")), "A drill reminds nobody of anything real."
