"""Telling the people who have to be brought in."""

import json
from datetime import UTC, datetime

import pytest

from amends.incidents import record
from amends.outbox.tables import SlackUser
from tests.references import reference

TEXT = "Someone has got into our Twitter account and is posting swear words"


def tell(office, advice=None):
    advice = advice or office.advise(office.ada, TEXT)
    label = next(label for label in advice.labels if label.startswith("Tell "))
    office.presses(office.ada, advice, label)
    return advice


def test_one_press_tells_a_person_and_the_step_is_done(office_with):
    office = office_with(slack_tell_security="@grace")
    advice = tell(office)

    assert office.sees(office.grace, "You are needed", reference())
    assert "security" in json.loads(office.incident().done)
    told = next(entry for entry in office.trail() if entry.kind == "told")
    assert (told.payload["told"], told.actor_id.endswith(office.ada)) == ("Grace Hopper", True)
    assert "Tell information security" not in office.slack.message(advice.channel, advice.ts).labels
    assert office.slack.refused == []


def test_who_was_told_may_see_the_incident(office_with):
    office = office_with(slack_tell_security="@grace")
    tell(office)
    office.slack.opens_home(office.grace)
    office.quiet()

    assert reference() in office.slack.home_of(office.grace).shown


def test_a_channel_is_told(office_with):
    office = office_with(slack_tell_security="@open")
    tell(office)

    assert any("You are needed" in card.shown for card in office.slack.messages(office.open))
    assert "security" in json.loads(office.incident().done)


def test_each_member_of_a_group_is_told_and_it_is_recorded_once(office_with):
    office = office_with(slack_tell_security="@group")
    tell(office)

    assert office.sees(office.grace, "You are needed")
    assert office.sees(office.lena, "You are needed")
    told = [entry for entry in office.trail() if entry.kind == "told"]
    assert [entry.payload["told"] for entry in told] == ["Grace Hopper, Lena Lead"]


def test_a_role_without_anybody_has_no_button(office):
    advice = office.advise(office.ada, TEXT)

    assert not any(label.startswith("Tell ") for label in advice.labels)
    assert "Contact:" in advice.shown


def test_a_message_that_does_not_arrive_is_told_and_the_step_stays_open(office_with):
    office = office_with(slack_tell_security="U0NOBODY1")
    advice = office.advise(office.ada, TEXT)
    with office.database.begin() as session:
        known = {"team": office.slack.team, "name": "Nobody", "zone": "Europe/London", "standing": "member"}
        session.merge(SlackUser(id="U0NOBODY1", fetched_at=datetime.now(UTC), **known))
    tell(office, advice)

    assert office.sees(office.ada, "did not arrive", "The step stays open")
    assert "security" not in json.loads(office.incident().done)
    assert "told" not in office.kinds()


def test_two_who_press_at_once_tell_once(office_with):
    office = office_with(slack_tell_security="@grace")
    ts = office.slack.mentions(office.ada, office.open, TEXT)
    office.quiet()
    where = {"where": office.open, "thread": ts}
    advice = office.advise(office.ada, **where)
    label = next(label for label in advice.labels if label.startswith("Tell "))
    office.slack.presses(office.ada, advice, label)
    try:
        office.slack.presses(office.lena, advice, label)
    except AssertionError:
        pytest.fail("the button was gone before the second press")
    office.quiet()

    told = [card for card in office.cards(office.grace) if "You are needed" in card.shown]
    assert len(told) == 1
    assert office.kinds().count("told") == 1


def test_a_press_on_an_older_card_tells_nobody(office_with):
    office = office_with(slack_tell_security="@grace")
    advice = office.advise(office.ada, TEXT)
    with office.database.begin() as session:
        record.lock(session, office.incident().id).state_number += 1
    tell(office, advice)

    assert office.cards(office.grace) == []
    assert any(
        "has changed" in text for text in [*office.hints(office.ada), *(c.text for c in office.cards(office.ada))]
    )
