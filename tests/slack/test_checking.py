"""Drafts in Slack: checked before they are posted, kept only for who says so, and read first by who is asked."""

import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import MetaData, select, update

from amends.outbox import readings as kept
from amends.outbox.tables import DraftReading, Outgoing

THIEF = "Eve Marlow is a thief and nobody should buy from her."
ASK = "Ask legal services to read it first"


@pytest.fixture
def office(office_with):
    return office_with(slack_tell_legal="@grace", contact_legal="Lee Legal, 01234 777")


def window(office, user=None, *words):
    """The window that somebody sees, once it says these words."""

    def look():
        view = office.slack.view_of(user or office.ada)
        return view if view is not None and all(word in view.shown for word in words) else None

    return office.until(look)


def command(office, text):
    office.slack.command(office.ada, office.open, "/amends", text)
    return window(office, office.ada, "about to post" if text == "check" else "thief")


def holding(database, words):
    """The tables that hold these words."""
    metadata, found = MetaData(), set()
    metadata.reflect(database.engine)
    with database.engine.connect() as connection:
        for table in metadata.tables.values():
            if any(words in str(value) for row in connection.execute(select(table)) for value in row):
                found.add(table.name)
    return found


def readings(database):
    with database.read() as session:
        return list(session.scalars(select(DraftReading)))


def asked(office):
    """A draft of Ada's that Grace was asked to read first, and the message with it."""
    view = command(office, f"check {THIEF}")
    office.presses(office.ada, view, ASK)
    window(office, office.ada, "gets your draft now")
    return office.sees(office.grace, "to read this before it is posted", "Eve Marlow is a thief")


def test_the_command_shows_what_could_go_wrong_in_a_window_and_keeps_nothing(office):
    view = command(office, f"check {THIEF}")
    office.quiet()
    assert "An accusation" in view.shown
    assert "DF-7.1" in view.shown
    assert "Lee Legal, 01234 777" in view.shown
    assert holding(office.database, "Marlow") == set()
    assert office.incidents() == []
    assert office.slack.refused == []


def test_without_words_they_are_asked_for_and_checked_in_the_same_window(office):
    view, politics = command(office, "check"), "I am voting Green, and I hope that the Tories lose."
    office.slack.submits(office.ada, view, draft=politics, whose="official")
    window(office, office.ada, "A political side")
    office.slack.submits(office.ada, office.slack.view_of(office.ada), draft=politics, whose="own")
    window(office, office.ada, "I found nothing. That is not a promise")
    office.quiet()
    assert holding(office.database, "Tories") == set()
    assert office.slack.refused == []


def test_an_empty_draft_is_said_in_the_window(office):
    view = command(office, "check")
    office.slack.submits(office.ada, view, draft=" ")
    assert "Paste what you are about to post" in office.slack.view_of(office.ada).errors["draft"]


def test_a_window_that_could_not_be_opened_in_time_is_told_and_leaves_nothing(office):
    office.slack.trigger_life = 0.0
    office.slack.command(office.ada, office.open, "/amends", f"check {THIEF}")
    office.quiet()
    assert any("Press it once more" in text for text in office.hints(office.ada))
    assert holding(office.database, "Marlow") == set()


def test_the_shortcut_on_a_message_checks_that_message(office):
    ts = office.slack.says(office.grace, office.open, THIEF)
    office.quiet()
    office.slack.shortcut(office.ada, office.open, ts, "check_this")
    assert "An accusation" in window(office, office.ada, "thief").shown
    office.quiet()
    assert holding(office.database, "Marlow") == set()
    assert office.slack.refused == []


def test_a_draft_is_kept_for_who_presses_that(office):
    office.presses(office.ada, command(office, f"check {THIEF}"), "Keep it for me")
    window(office, office.ada, "Kept for you")
    [row] = readings(office.database)
    assert (row.text, row.role, row.owner_id.endswith(office.ada)) == (THIEF, "", True)
    assert holding(office.database, "Marlow") == {"draft_reading"}


def test_who_should_read_it_first_gets_it_and_the_answer_comes_back(office):
    card = asked(office)
    assert "Ada Lovelace asks you" in card.shown
    assert "The check found: An accusation" in card.shown
    office.presses(office.grace, card, "Read it, fine")
    assert office.sees(office.ada, "Grace Hopper has read your draft: fine as it is.")
    assert office.sees(office.grace, "Grace Hopper read it: fine as it is.")
    office.quiet()
    [row] = readings(office.database)
    assert (row.answer, row.answered_by.endswith(office.grace)) == ("fine", True)
    assert office.slack.refused == []


def test_what_is_to_be_changed_comes_back_in_words(office):
    office.slack.presses(office.grace, asked(office), "Please change")
    view = office.until(lambda: office.slack.view_of(office.grace))
    office.slack.submits(office.grace, view, note="Leave out her name.")
    card = office.sees(office.ada, "Grace Hopper has read your draft, and asks you to change it.")
    assert "Leave out her name." in card.shown
    assert office.slack.refused == []


def two_hours_later(office):
    """What waits for later goes out now."""
    with office.database.begin() as session:
        at = datetime.now(UTC)
        session.execute(update(Outgoing).where(Outgoing.sent_at.is_(None)).values(not_before=at))
    office.quiet()


def test_where_nobody_answers_both_sides_hear_of_it_once(office):
    asked(office)
    office.quiet()
    assert not [each for each in office.cards(office.grace) if "still waits" in each.text]
    two_hours_later(office)
    card = office.sees(office.ada, "Nobody has answered about your draft yet. Legal services was asked once more.")
    assert "Leave it unposted" in card.text
    assert "ring Lee Legal, 01234 777" in card.text
    [again] = [each for each in office.cards(office.grace) if "Ada Lovelace still waits for you" in each.text]
    assert "Marlow" not in again.text
    assert office.slack.refused == []


@pytest.mark.parametrize("what", ["answered", "taken back", "not arrived"])
def test_once_there_is_nothing_to_wait_for_nobody_is_reminded(what, office):
    if what == "not arrived":
        office.slack.faults.fail_next("chat.postMessage", error="channel_not_found")
        office.presses(office.ada, command(office, f"check {THIEF}"), ASK)
        office.sees(office.ada, "did not arrive")
    elif what == "answered":
        office.presses(office.grace, asked(office), "Read it, fine")
    else:
        asked(office)
        office.quiet()
        with office.database.begin() as session:
            [row] = session.scalars(select(DraftReading))
            kept.delete(session, row.id, row.owner_id, datetime.now(UTC))
    two_hours_later(office)
    for user in (office.ada, office.grace):
        assert not [each for each in office.cards(user) if "still waits" in each.text or "Nobody has" in each.text]


def test_only_the_first_answer_counts(office):
    card = asked(office)
    office.presses(office.grace, card, "Read it, fine")
    press(office, office.grace, card, "reading:fine")
    assert any("has answered that already" in each.text for each in office.cards(office.grace))
    assert len([each for each in office.cards(office.ada) if "has read your draft" in each.text]) == 1


def test_who_was_not_asked_cannot_answer(office):
    card = asked(office)
    press(office, office.lena, card, "reading:fine")
    assert any("You were not asked" in each.text for each in office.cards(office.lena))
    assert readings(office.database)[0].answer == ""


def press(office, user, card, action):
    """A press that the message does not offer to this person any more, or never did."""
    payload = {
        "type": "block_actions",
        "team": {"id": office.slack.team},
        "user": {"id": user},
        "trigger_id": f"9.9.{user}",
        "channel": {"id": office.open},
        "container": {"type": "message", "message_ts": card.ts, "channel_id": office.open},
        "message": {"ts": card.ts},
        "actions": [{"type": "button", "action_id": action, "value": json.dumps({"reading": 1})}],
    }
    office.slack.deliver("interactive", payload)
    office.quiet()


def test_each_of_a_group_is_asked(office_with):
    office = office_with(slack_tell_legal="@group")
    office.presses(office.ada, command(office, f"check {THIEF}"), ASK)
    for user in (office.grace, office.lena):
        assert office.sees(user, "Eve Marlow is a thief")
    assert sorted(readings(office.database)[0].asked.split(",")) == sorted([office.grace, office.lena])


def test_who_wrote_it_is_told_when_it_could_not_be_sent(office):
    view = command(office, f"check {THIEF}")
    office.slack.faults.fail_next("chat.postMessage", error="channel_not_found")
    office.presses(office.ada, view, ASK)
    assert office.sees(office.ada, "did not arrive. Ask them yourself: Lee Legal, 01234 777.")
