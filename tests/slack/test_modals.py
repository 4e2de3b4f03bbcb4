"""Windows for staff: words are checked, clauses are read."""

import json

from amends.incidents import record
from amends.slack import views
from tests.references import reference

DRAFT = "We are sorry if anybody was offended by the post that was made. It has been removed now."


def check(office, card, text=DRAFT, user=None):
    user = user or office.ada
    office.slack.presses(user, card, "Check my words")
    view = office.until(lambda: office.slack.view_of(user))
    office.slack.submits(user, view, draft=text)
    return view


def test_a_draft_is_checked_in_its_window_and_posted_nowhere(office):
    advice = office.advise(office.ada)
    before = len(office.cards(office.ada))

    view = check(office, advice)
    office.until(lambda: "hedges" in office.slack.view_of(office.ada).shown)
    office.quiet()

    assert office.slack.view_of(office.ada).id == view.id
    assert len(office.cards(office.ada)) == before
    assert [card for card in office.slack.messages(office.open) if card.by_app] == []
    checked = next(entry for entry in office.trail() if entry.kind == "draft_checked")
    assert checked.payload["draft"] == DRAFT
    assert office.slack.refused == []


def test_a_draft_can_be_changed_and_checked_again_in_the_same_window(office):
    check(office, office.advise(office.ada))
    office.until(lambda: "hedges" in office.slack.view_of(office.ada).shown)

    better = "We are sorry. We posted the photos on the wrong account and have taken them down."
    office.slack.submits(office.ada, office.slack.view_of(office.ada), draft=better)
    office.until(lambda: "hedges" not in office.slack.view_of(office.ada).shown)
    office.quiet()

    drafts = [entry.payload["draft"] for entry in office.trail() if entry.kind == "draft_checked"]
    assert drafts == [DRAFT, better]
    assert office.incident().state == "advised"


def test_a_draft_is_taken_as_it_was_typed(office):
    typed = "We are sorry: our <new> page said 3 < 2 & worse. We have put it right."
    check(office, office.advise(office.ada), typed)
    office.until(lambda: "Check again" in str(office.slack.view_of(office.ada).view))
    office.quiet()

    checked = next(entry for entry in office.trail() if entry.kind == "draft_checked")
    assert checked.payload["draft"] == typed


def test_what_was_found_goes_to_the_conversation_when_the_window_was_closed(office):
    advice = office.advise(office.ada)
    office.bot.delay = 0.3
    check(office, advice)
    office.slack.closes(office.ada)
    office.bot.delay = 0.0
    office.quiet()

    assert office.sees(office.ada, "hedges")


def test_a_few_words_are_no_draft_and_the_window_says_so(office):
    check(office, office.advise(office.ada), "We are sorry")

    view = office.slack.view_of(office.ada)
    assert "whole sentence" in view.errors["draft"]
    assert "draft_checked" not in office.kinds()


def test_a_draft_does_not_answer_a_question_that_was_asked_meanwhile(office):
    advice = office.advise(office.ada)
    office.slack.presses(office.ada, advice, "Check my words")
    view = office.until(lambda: office.slack.view_of(office.ada))
    with office.database.begin() as session:
        incident = record.lock(session, office.incident().id)
        incident.state, incident.asked = "asking", "evidence"
    answers = office.incident().answers

    office.slack.submits(office.ada, view, draft=DRAFT)
    office.quiet()

    assert office.incident().answers == answers
    assert "draft_checked" not in office.kinds()


def test_a_draft_of_another_incident_than_the_one_talked_about_is_checked_for_its_own(office):
    advice = office.advise(office.ada)
    office.assisting.intents["something else"] = "report_problem"
    office.says(office.ada, "something else: the spreadsheet with student grades was e-mailed to everybody")
    office.presses(office.ada, office.sees(office.ada, "something new"), "Something new")
    assert len(office.incidents()) == 2

    check(office, advice)
    office.until(lambda: "hedges" in office.slack.view_of(office.ada).shown)
    office.quiet()

    assert "draft_checked" in office.kinds(reference())
    assert "draft_checked" not in office.kinds(reference(2))


def test_the_clauses_behind_the_advice_are_shown_in_a_window(office):
    advice = office.advise(office.ada)
    label = next(label for label in advice.labels if label.startswith("The clause"))

    office.slack.presses(office.ada, advice, label)
    view = office.until(lambda: office.slack.view_of(office.ada))

    assert view.callback_id == "clauses"
    assert "Owner:" in view.shown
    assert office.slack.refused == []


def test_somebody_who_may_not_see_an_incident_gets_no_window(office):
    advice = office.advise(office.ada)
    payload = {
        "type": "block_actions",
        "team": {"id": office.slack.team},
        "user": {"id": office.grace},
        "trigger_id": "1.2.abc",
        "channel": {"id": office.open},
        "container": {"type": "message", "message_ts": advice.ts, "channel_id": office.open},
        "message": {"ts": advice.ts},
        "actions": [{"type": "button", "action_id": "open_clauses", "value": json.dumps({"incident": reference()})}],
    }
    office.slack.deliver("interactive", payload)
    office.quiet()

    assert office.slack.view_of(office.grace) is None
    assert any("no such incident" in card.text for card in office.cards(office.grace))


def test_a_window_that_opens_too_late_is_told(office):
    advice = office.advise(office.ada)
    office.slack.trigger_life = 0.0

    office.slack.presses(office.ada, advice, "Check my words")
    office.quiet()

    assert office.slack.view_of(office.ada) is None
    told = [*office.hints(office.ada), *(card.text for card in office.cards(office.ada))]
    assert any("Press it once more" in text for text in told)


def test_the_window_that_waits_has_nothing_to_submit():
    assert "submit" not in views.checking()
