"""Drills in Slack: alone by the command, as a team in a thread, followed by a lead; nobody else is told."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from amends.drills.library import load_drills
from amends.drills.tables import Practice
from amends.incidents.actor import Actor
from amends.leads.facilitating import tell_next
from amends.leads.opening import CannotAct
from amends.outbox.tables import Reminder
from amends.settings import ROOT
from tests.references import reference

TOLD = "The council account has reposted an indecent picture before four in the morning, somebody signed in as us"


def begins_as_team(office, name="Before dawn"):
    """Ada mentions the app in a channel; the drill takes place in the thread of that message."""
    office.assisting.intents["practise"] = "practise"
    ts = office.slack.mentions(office.ada, office.open, "let us practise")
    office.quiet()
    card = office.sees(office.ada, "Which one?", where=office.open, thread=ts)
    office.presses(office.ada, card, next(label for label in card.labels if name in label))
    return ts


def go_of(session):
    return session.scalars(select(Practice)).one()


def lead_tells(office, at=None):
    lena = Actor(f"slack:{office.slack.team}:{office.lena}", "Lena Lead", "web", datetime.now(UTC))
    drills = load_drills(ROOT / "data")
    with office.database.begin() as session:
        go = go_of(session)
        tell_next(session, office.settings, go, drills.drills[go.drill], lena, at or datetime.now(UTC))
    office.quiet()


@pytest.mark.parametrize("text", ["practise", "Practice", "drill"])
def test_the_command_offers_the_drills_in_a_direct_message(office, text):
    office.slack.command(office.ada, office.open, "/amends", text)
    office.quiet()
    card = office.sees(office.ada, "without names", "Which one?")
    assert len(card.labels) == 10
    assert office.slack.refused == []


@pytest.mark.parametrize(
    ("text", "title"), [("practise 3", "The wrong river"), ("practise HARD", "Blame it on a hacker")]
)
def test_the_command_begins_the_drill_that_it_names_and_only_whoever_asked_sees_it(office, text, title):
    office.slack.command(office.ada, office.open, "/amends", text)
    office.quiet()
    assert office.sees(office.ada, title, "This is practice.", "Only you see how it goes.")
    with office.database.read() as session:
        assert go_of(session).team is False


def test_a_report_that_begins_with_the_word_is_a_report(office):
    office.slack.command(office.ada, office.open, "/amends", "practice photos of our students went to the wrong list")
    office.quiet()
    assert office.incident().drill is False


def test_a_team_practises_in_a_thread_and_nobody_outside_is_told(office_with):
    office = office_with(slack_tell_security="@grace", slack_here_from_level=0)
    ts = begins_as_team(office)
    here = {"where": office.open, "thread": ts}
    assert office.sees(office.ada, "You practise as a team", "06:50", **here)
    office.says(office.grace, TOLD, where=office.open, thread=ts)
    assert office.sees(office.ada, reference(kind="DRILL"), "This is practice.", **here)
    card = office.advise(office.ada, **here)
    assert "practice" in card.shown
    assert [label for label in card.labels if label.startswith("Tell ")] == []
    assert office.cards(office.lena, office.leads) == []
    with office.database.read() as session:
        assert session.scalars(select(Reminder)).all() == []
    assert office.slack.refused == []


def test_a_lead_has_the_next_part_told_in_the_thread_when_they_see_fit(office):
    ts = begins_as_team(office)
    with pytest.raises(CannotAct, match="Nobody has said yet what happened"):
        lead_tells(office)
    office.says(office.grace, TOLD, where=office.open, thread=ts)
    lead_tells(office)
    assert office.sees(office.ada, "Drill, 06:58", where=office.open, thread=ts)
    lead_tells(office)
    assert office.sees(office.ada, "Drill, 07:10", where=office.open, thread=ts)
    with pytest.raises(CannotAct, match="all of the story is told"):
        lead_tells(office)
    told = [entry.actor_id for entry in office.trail(reference(kind="DRILL")) if entry.kind == "drill_told"]
    assert len(told) == 3
    assert told[1] == told[2] == f"slack:{office.slack.team}:{office.lena}"


def test_a_role_is_not_told_of_practice_even_by_a_button_that_stood_before(office_with):
    """Somebody marks a real incident as a drill while its card with 'Tell' stands in a channel."""
    from amends.incidents import record
    from amends.leads import acts

    office = office_with(slack_tell_security="@grace")
    card = office.advise(office.ada)
    tell = next(label for label in card.labels if label.startswith("Tell "))
    lena = Actor(f"slack:{office.slack.team}:{office.lena}", "Lena Lead", "slack", datetime.now(UTC))
    with office.database.begin() as session:
        acts.mark_drill(session, office.settings, record.find(session, reference()), lena, datetime.now(UTC))
    office.presses(office.ada, card, tell)
    assert any("is practice, so nobody is told" in hint for hint in office.hints(office.ada))
    assert office.cards(office.grace) == []


def test_the_home_tab_marks_what_is_practice(office):
    office.slack.command(office.ada, office.open, "/amends", "practise 6")
    office.quiet()
    office.says(office.ada, TOLD)
    office.slack.opens_home(office.ada)
    office.quiet()
    shown = office.slack.home_of(office.ada).shown
    assert reference(kind="DRILL") in shown
    assert "This is practice." in shown
