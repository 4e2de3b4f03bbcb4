"""Who may do what is checked in one place; what does not say who may do it, nobody may."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from amends.incidents import record
from amends.incidents.record import State
from amends.outbox import outgoing
from amends.outbox.tables import Outgoing, Reminder
from amends.slack import permission
from amends.slack.people import Person
from amends.slack.registry import COLLEAGUES, EVERYBODY, LEADS, May, Refused
from tests.console.fake_bot import settings_for
from tests.flows.small import small

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
OWN = May(EVERYBODY, incident="seen")


def person(user="UADA", role="staff"):
    return Person(user, "T1", user.title(), ZoneInfo("Europe/London"), role)


@pytest.fixture
def reference(sqlite_database):
    """Ada's incident."""
    with sqlite_database.begin() as session:
        ada = "slack:T1:UADA"
        record.ensure_participant(session, ada, "Ada", NOW)
        conversation = record.ensure_conversation(session, "slack:T1:D1", ada, NOW)
        incident = record.open_incident(session, conversation, small(), "A post", "slack", NOW, 2026, reporter_id=ada)
        return incident.reference


@pytest.fixture
def refusal(sqlite_database):
    """The sentence with which somebody is refused; empty when they may."""

    def refusal(may, who, reference="", **settings):
        with sqlite_database.read() as session:
            try:
                permission.check(session, settings_for(1, "sqlite://", **settings), may, who, reference)
            except Refused as error:
                return str(error)
        return ""

    return refusal


@pytest.mark.parametrize("role", ["staff", "lead", "guest", "bot", "gone", "stranger", "something new", ""])
def test_what_does_not_say_who_may_do_it_nobody_may(role, refusal):
    assert refusal(None, person(role=role), slack_guests=True)


@pytest.mark.parametrize(
    ("roles", "allowed"),
    [(EVERYBODY, {"staff", "lead"}), (COLLEAGUES, {"staff", "lead"}), (LEADS, {"lead"}), (frozenset(), set())],
)
def test_only_the_roles_that_are_named_may(roles, allowed, refusal):
    roles_tried = ["staff", "lead", "guest", "bot", "gone", "stranger"]
    assert {role for role in roles_tried if not refusal(May(roles), person(role=role))} == allowed


def test_guests_may_only_where_they_are_let_in_and_only_what_guests_may(refusal):
    assert "Ask a colleague" in refusal(May(EVERYBODY), person(role="guest"))
    assert refusal(May(EVERYBODY), person(role="guest"), slack_guests=True) == ""
    assert refusal(May(COLLEAGUES), person(role="guest"), slack_guests=True)


def test_an_incident_is_open_to_whoever_takes_part_in_it_and_to_leads(reference, refusal):
    assert refusal(OWN, person(), reference) == ""
    assert refusal(OWN, person("ULENA", "lead"), reference) == ""
    assert refusal(OWN, person("UEVE"), reference)


def test_an_incident_that_somebody_may_not_see_is_refused_like_one_that_does_not_exist(reference, refusal):
    eve = person("UEVE")
    assert refusal(OWN, eve, reference) == refusal(OWN, eve, "INC-2026-0999") == refusal(OWN, eve, "")
    assert reference not in refusal(OWN, eve, reference)


def test_a_restricted_incident_is_closed_to_leads_who_are_not_named(sqlite_database, reference, refusal):
    with sqlite_database.begin() as session:
        record.find(session, reference).restricted = True
    lena = person("ULENA", "lead")
    assert refusal(OWN, lena, reference) == refusal(OWN, lena, "INC-2026-0999")
    assert refusal(OWN, person(), reference) == ""


@pytest.mark.parametrize("state", list(State))
def test_what_may_be_done_in_some_states_is_refused_in_the_others_with_a_reason(
    state, sqlite_database, reference, refusal
):
    with sqlite_database.begin() as session:
        record.find(session, reference).state = state
    assert refusal(May(EVERYBODY, "seen", frozenset({state})), person(), reference) == ""
    others = frozenset(State) - {state}
    sentence = refusal(May(EVERYBODY, "seen", others), person(), reference)
    assert reference in sentence
    assert "cannot be done" in sentence


def test_the_incident_that_is_named_is_found_whatever_names_it(sqlite_database, reference):
    with sqlite_database.begin() as session:
        incident = record.find(session, reference)
        outgoing.put(session, "k1", to="C1", body={"text": "x"}, incident_id=incident.id, at=NOW)
        outgoing.put(session, "k2", to="C1", body={"text": "x"}, at=NOW)
        reminder = Reminder(
            incident_id=incident.id,
            kind="step",
            code="legal",
            title="Legal",
            due_at=NOW,
            next_at=NOW,
            stage=0,
            state="waiting",
        )
        session.add(reminder)
        session.flush()
        rows = {row.key: row.id for row in session.query(Outgoing)}
        named = [
            reference,
            {"incident": reference},
            {"incident": incident.id},
            {"question": "harm", "state": f"{reference}:3"},
            {"reminder": reminder.id, "minutes": 60},
            {"outgoing": rows["k1"]},
        ]
        assert [permission.named(session, value) for value in named] == [reference] * 6
        others = [
            "",
            "INC-2026-1",
            f'/affirm{{"state": "{reference}:3"}}',
            {},
            {"outgoing": rows["k2"]},
            {"outgoing": 10**12},
            {"incident": None},
            {"incident": -1, "state": 3},
            {"reminder": "1"},
            {"state": "-"},
        ]
        assert [permission.named(session, value) for value in others] == [""] * 10
