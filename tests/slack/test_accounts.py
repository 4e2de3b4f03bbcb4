"""Official accounts in Slack: their owner is woken, asked twice a year, and finds them on the Home tab."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from amends.accounts import reminding
from amends.accounts.importing import take_in
from amends.accounts.tables import OfficialAccount
from amends.incidents import record
from amends.incidents.actor import Actor
from amends.leads import acts
from amends.settings import Settings
from amends.slack import account_cards as cards
from amends.slack import accounts, views
from amends.slack.home_tab import HomeModel
from amends.slack.registry import Refused
from tests.references import reference
from tests.slack.manners import assert_good, assert_good_view

TEXT = "Someone has got into our Twitter account and is posting swear words"
LINE = cards.AccountLine(
    id=1,
    revision=2,
    label="@exampleuni on Twitter / X",
    parts=("owner", "keys"),
    owner="Grace <Hopper>",
    deputy="",
    keys=("Grace & co",),
    two_factor="",
    checked="2 March 2026",
    due=True,
)


def registered(office):
    file = f"platform,handle,owner,keys\nX,exampleuni,Grace Hopper <{office.grace}>,Grace Hopper\n"
    take_in(office.database, office.settings, file, "operator", datetime.now(UTC))


def account(office):
    with office.database.read() as session:
        return session.scalars(select(OfficialAccount)).one()


def asks(office, weeks=1):
    """Owners are asked; each time a week later, on a working day."""
    monday = datetime.now(office.settings.zone).replace(hour=11, minute=0) + timedelta(days=1)
    monday += timedelta(days=-monday.weekday() % 7)
    for week in range(weeks):
        reminding.look(office.database, office.settings, (monday + timedelta(days=7 * week)).astimezone(UTC))
    office.quiet()


def test_the_owner_is_woken_and_reads_no_more_of_it_once_it_is_restricted(office):
    registered(office)
    office.says(office.ada, TEXT)
    assert office.sees(office.ada, "I am letting Grace Hopper know, who looks after @exampleuni on Twitter / X.")
    woken = office.sees(office.grace, "@exampleuni on Twitter / X is named in an incident")
    assert "You are set down as its owner." in woken.shown
    assert "reported by Ada Lovelace" in woken.shown
    assert f"{office.settings.address}/incidents/{reference()}" in woken.shown
    office.slack.opens_home(office.grace)
    office.quiet()
    assert reference() in office.slack.home_of(office.grace).shown

    lena = Actor(f"slack:{office.slack.team}:{office.lena}", "Lena Lead", "slack", datetime.now(UTC))
    with office.database.begin() as session:
        acts.mark_drill(session, office.settings, record.find(session, reference()), lena, datetime.now(UTC))
    office.quiet()
    assert office.sees(office.grace, "is named in an incident", "This is practice.")
    with office.database.begin() as session:
        incident = record.find(session, reference())
        acts.restrict(session, office.settings, incident, lena, (), datetime.now(UTC))
    office.quiet()
    assert office.sees(office.grace, f"{reference()} is restricted. Only those named see it.")
    assert not [card for card in office.cards(office.grace) if "Twitter" in card.shown]
    assert office.slack.refused == []


def test_the_deputy_is_woken_when_slack_does_not_take_the_message(office):
    file = f"platform,handle,owner,deputy\nX,exampleuni,Dee Roe <UNOBODY01>,Lena Lead <{office.lena}>\n"
    take_in(office.database, office.settings, file, "operator", datetime.now(UTC))
    office.says(office.ada, TEXT)
    woken = office.sees(office.lena, "is named in an incident")
    assert "You are set down as its deputy. No message reaches its owner." in woken.shown


def test_one_tap_says_that_all_is_still_right_as_it_was_shown(office):
    registered(office)
    asks(office)
    card = office.sees(office.grace, "Is this still right?", "Two-factor login: nobody knows.")
    file = "platform,handle,two_factor\nX,exampleuni,no\n"
    take_in(office.database, office.settings, file, "operator", datetime.now(UTC))
    office.presses(office.grace, card, "All still right")
    assert account(office).checked_on is None
    assert any("Somebody changed @exampleuni on Twitter / X" in hint for hint in office.hints(office.grace))

    card = office.sees(office.grace, "Is this still right?", "Two-factor login: no.")
    office.slack.opens_home(office.grace)
    office.quiet()
    assert "All still right" in office.slack.home_of(office.grace).labels
    office.presses(office.grace, card, "All still right")
    assert account(office).checked_on == datetime.now(UTC).astimezone(office.settings.zone).date()
    assert office.sees(office.grace, "Confirmed. Thank you.")
    home = office.slack.home_of(office.grace)
    assert "All still right" not in home.labels
    assert "Last confirmed" in home.shown
    assert office.slack.refused == []


def test_the_leads_see_what_nobody_confirmed_and_whose_keys_are_to_be_taken_back(office):
    registered(office)
    asks(office, weeks=3)
    assert office.sees(office.lena, "This account waits for somebody to confirm", where=office.leads)

    file = f"name,left_on\nGrace Hopper,{datetime.now(UTC).date() - timedelta(days=1)}\n"
    take_in(office.database, office.settings, file, "operator", datetime.now(UTC))
    office.quiet()
    card = office.sees(office.lena, "Grace Hopper has left. Take their keys back", where=office.leads)
    assert "@exampleuni on Twitter / X: owns it, can sign in" in card.shown


@pytest.mark.parametrize("count", [1, 2, 60])
def test_cards_keep_to_slack_s_rules_and_ours(count):
    lines = tuple(cards.AccountLine(**{**LINE.__dict__, "id": n, "label": f"@a{n} & <b>"}) for n in range(count))
    assert_good(cards.due(lines, "https://example.org/accounts/mine"))
    assert_good(cards.late(tuple(line.label for line in lines), "https://example.org/accounts"))
    held = tuple((line.label, line.parts) for line in lines)
    assert_good(cards.keys_of_leaver("Ada <Lovelace>", held, "https://example.org/accounts"))
    zone = Settings(_env_file=None).zone
    assert_good_view(views.home(HomeModel(accounts=lines), zone=zone, now=datetime.now(UTC)), "home")


@pytest.mark.parametrize("role", ["owner", "deputy", "leads"])
def test_the_card_of_a_named_account_keeps_to_the_rules(role):
    page = "https://example.org/incidents/INC-2026-0001"
    model = cards.NamedModel(
        "@a & <b> on X", role, "INC-2026-0001", "It <went> out " * 40, "Ada & co", page, "its owner left"
    )
    assert_good(cards.named(model))
    assert_good(cards.hidden("INC-2026-0001"))


@pytest.mark.parametrize("carries", ["x", [1], [["a", "b"]], [[1]], {"1": 2}, None, 7])
def test_a_press_that_cannot_be_read_is_refused(carries):
    with pytest.raises(Refused, match="cannot be read"):
        accounts._shown(SimpleNamespace(value={"accounts": carries}))


def test_a_press_for_an_account_that_cannot_be_names_none():
    assert accounts._shown(SimpleNamespace(value={"accounts": [[2**40, 1], [-1, 1]]})) == {}
