"""Whoever answers for an account that is named is woken: once, if they may see it, or the next one after them."""

import json
from datetime import timedelta

import pytest

from amends.accounts import waking
from amends.accounts.reminding import Pressing, pressing
from amends.accounts.waking import named_of
from amends.incidents import record
from amends.incidents.trail import Kind
from amends.incidents.visible import Viewer, incidents_of
from amends.leads import acts
from amends.outbox.tables import SlackUser
from amends.settings import Settings
from tests.accounts.conftest import FILE, NOW, Register, slack_settings
from tests.leads.conftest import GRACE, Room

ADA, BO = "slack:T1:UADA0001", "slack:T1:UBO00001"
X = "@exampleuni on Twitter / X"


class Reported(Room):
    """An incident whose reporter or a lead says something; the register stands beside it."""

    def __init__(self, database, settings=None):
        self.settings = settings or slack_settings()
        self.register = Register(database, self.settings)
        self.register.takes(FILE)
        super().__init__(database)

    def hears(self, text, kind=Kind.REPORTED, actor="slack:T1:U1"):
        with self.database.begin() as session:
            incident = record.lock(session, record.find(session, self.reference).id)
            return waking.heard(session, self.settings, incident, kind, {"text": text}, actor, NOW)

    def hears_all(self, *texts):
        """One text after the other, each kept in the trail as it is when somebody writes it."""
        for text in texts:
            self.do(acts.add_note, GRACE, text)

    def sent(self):
        return [(row.to, json.loads(row.body)["role"]) for row in self.register.sent("account_named")]

    def told(self):
        return [entry.payload for entry in self.trail if entry.kind == "account_named"]


@pytest.fixture
def room(database):
    return Reported(database)


def test_the_owner_is_woken_takes_part_and_it_stands_in_the_trail(room):
    (woken,) = room.hears("I swore on @exampleuni on X")
    assert (woken.account, woken.name, woken.role, woken.written) == (X, "Ada Lovelace", "owner", True)
    assert room.sent() == [("UADA0001", "owner")]
    assert room.seen_by(ADA) == [room.reference]
    assert room.told() == [{"account": X, "told": "Ada Lovelace", "as": "owner"}]
    assert (room.last.actor_id, room.last.source) == ("amends", "outbox")
    with room.database.read() as session:
        ((account, person, how),) = named_of(session, room.incident)
    assert (account.label, person.name, how) == (X, "Ada Lovelace", "owner")


def test_nobody_is_woken_twice_for_one_account(room):
    room.hears("I swore on @exampleuni on X")
    assert room.hears("it is still on @exampleuni on twitter") == []
    assert room.sent() == [("UADA0001", "owner")]


def test_a_note_of_a_lead_that_names_an_account_wakes_its_owner(room):
    room.do(acts.add_note, GRACE, "They say that @exampleuni on X has it, too")
    assert room.sent() == [("UADA0001", "owner")]


@pytest.mark.parametrize("kind", [Kind.DRAFT_CHECKED, Kind.ASKED, Kind.EXPLAINED])
def test_what_is_no_report_and_no_note_wakes_nobody(room, kind):
    assert room.hears("@exampleuni on X", kind) == []


def test_who_names_their_own_account_is_not_written_to(room):
    assert room.hears("I swore on @exampleuni on X", actor=ADA) == []
    assert room.sent() == []
    assert room.told() == []


def test_a_deputy_who_names_the_account_does_not_keep_its_owner_asleep(room):
    room.hears("I swore on @exampleuni on X", actor=BO)
    assert room.sent() == [("UADA0001", "owner")]


@pytest.mark.parametrize(
    ("fields", "because"),
    [
        ({"away_until": "2026-03-02"}, "its owner is away until 2 March"),
        ({"left_on": "2026-03-02"}, "its owner has left"),
    ],
)
def test_the_deputy_is_woken_when_the_owner_is_not_there(room, fields, because):
    room.register.person("Ada Lovelace", **fields)
    (woken,) = room.hears("I swore on @exampleuni on X")
    assert (woken.name, woken.role) == ("Bo Diaz", "deputy")
    assert room.told() == [{"account": X, "told": "Bo Diaz", "as": "deputy", "because": because}]
    assert room.seen_by(ADA) == []


def test_who_is_back_from_being_away_is_woken(room):
    room.register.person("Ada Lovelace", away_until="2026-03-01")
    assert room.hears("I swore on @exampleuni on X")[0].role == "owner"


def test_the_deputy_is_woken_when_slack_says_that_the_owner_is_gone(room):
    with room.database.begin() as session:
        session.add(SlackUser(id="UADA0001", team="T1", name="Ada", zone="UTC", standing="gone", fetched_at=NOW))
    assert room.hears("I swore on @exampleuni on X")[0].role == "deputy"


def test_the_leads_are_told_when_nobody_is_there(room):
    assert room.hears("The library page is full of spam") == []
    assert room.sent() == [("C9", "leads")]
    because = "its owner cannot be reached from here; no deputy is set down"
    label = "University Library on Facebook"
    assert room.told() == [{"account": label, "told": "the comms leads", "because": because}]


def test_the_next_one_is_woken_when_a_message_cannot_be_sent(room):
    room.hears("I swore on @exampleuni on X")
    account = room.register.account(X)
    for tried in (account.owner_id, account.deputy_id):
        with room.database.begin() as session:
            incident = record.lock(session, record.find(session, room.reference).id)
            waking.pass_on(session, room.settings, incident, account.id, tried, NOW)
            waking.pass_on(session, room.settings, incident, account.id, tried, NOW)
    assert room.sent() == [("UADA0001", "owner"), ("UBO00001", "deputy"), ("C9", "leads")]
    assert [each["told"] for each in room.told()] == ["Ada Lovelace", "Bo Diaz", "the comms leads"]


def test_of_a_restricted_incident_only_those_hear_who_are_named_in_it(room):
    room.do(acts.restrict, GRACE, ())
    assert room.hears("I swore on @exampleuni on X") == []
    assert room.sent() == []
    assert room.seen_by(ADA) == []
    assert room.told() == []
    room.do(acts.restrict, GRACE, (BO,))
    assert room.hears("I swore on @exampleuni on X")[0].name == "Bo Diaz"
    assert room.sent() == [("UBO00001", "deputy")]


@pytest.mark.parametrize(
    "texts",
    [
        ("My manager Ada Lovelace bullies me from @exampleuni on X",),
        ("ada lovelace bullies me from @exampleuni on X",),
        ("I am bullied by Ada.", "It comes from @exampleuni on X"),
    ],
    ids=["by name", "in small letters", "in what was said before"],
)
def test_who_is_spoken_of_is_not_shown_who_reported_it(room, texts):
    room.hears_all(*texts)
    assert room.sent() == [("UBO00001", "deputy")]
    assert room.seen_by(ADA) == []
    assert room.told() == [{"account": X, "told": "Bo Diaz", "as": "deputy", "because": "its owner is spoken of in it"}]


def test_when_owner_and_deputy_are_spoken_of_only_the_leads_hear_of_it(room):
    room.hears_all("Ada and Bo laugh about me from @exampleuni on X")
    assert room.sent() == [("C9", "leads")]
    assert (room.seen_by(ADA), room.seen_by(BO)) == ([], [])


def test_a_report_about_somebodys_own_account_wakes_no_owner(room):
    with room.database.begin() as session:
        record.find(session, room.reference).flow_id = "personal_use"
    room.hears_all("Somebody here mocks me from @exampleuni on X")
    assert room.sent() == [("C9", "leads")]
    assert room.seen_by(ADA) == []
    assert room.told()[0]["because"] == "it is about somebody's own account"


def test_in_a_drill_nobody_is_woken(room):
    with room.database.begin() as session:
        record.find(session, room.reference).drill = True
    assert room.hears("I swore on @exampleuni on X") == []
    assert room.sent() == []


def test_two_accounts_wake_both_their_owners(room):
    woken = room.hears("It is on @exampleuni on X and on the library page")
    assert [each.name for each in woken] == ["Ada Lovelace"]
    assert sorted(room.sent()) == [("C9", "leads"), ("UADA0001", "owner")]


def test_an_owner_who_comes_by_the_pages_takes_part_and_finds_it_there(database):
    room = Reported(database, Settings(_env_file=None))
    room.register.takes("name,contact\nAda Lovelace <UADA0001>,\nDee Roe,oidc:dee\n")
    room.register.save(platform="X", handle="exampleuni", owner="Dee Roe")
    (woken,) = room.hears("I swore on @exampleuni on X")
    assert (woken.name, woken.written) == ("Dee Roe", False)
    assert room.sent() == []
    dee = Viewer("oidc:dee")
    with database.read() as session:
        assert [each.reference for each in incidents_of(session, dee)] == [room.reference]
        assert pressing(session, dee, NOW, NOW.date()) == Pressing(any=True, due=0, named=(room.reference,))
        later = NOW + timedelta(days=2)
        assert pressing(session, dee, later, later.date()).named == ()
        assert pressing(session, Viewer("oidc:other"), NOW, NOW.date()) == Pressing()
    room.do(acts.mark_drill, GRACE)
    with database.read() as session:
        assert pressing(session, dee, NOW, NOW.date()).named == ()  # it was practice, so it presses no more


def test_an_empty_register_wakes_nobody(database):
    room = Room(database)
    room.do(acts.add_note, GRACE, "It is on @exampleuni on X")
    assert [entry.kind for entry in room.trail] == ["reported", "note_added", "note_added"]
