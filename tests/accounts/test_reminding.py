"""Owners are asked twice a year, each week again, and in time their deputies and the leads as well."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import update

from amends.accounts import reminding
from amends.accounts.reminding import Pressing, pressing
from amends.incidents.visible import Viewer
from amends.outbox.tables import Outgoing
from amends.settings import Settings
from tests.accounts.conftest import FILE, NOW, Register, slack_settings

TUESDAY = NOW + timedelta(days=1)
ADA, BO = Viewer("slack:T1:UADA0001"), Viewer("slack:T1:UBO00001")
X, INSTAGRAM = "@exampleuni on Twitter / X", "@exampleuni on Instagram"


@pytest.fixture
def database(sqlite_database):
    """One database is enough: what differs between the two is tested in `test_keeping` and `test_waking`."""
    return sqlite_database


def look(register, at):
    """Look once; what is put goes out."""
    asked = reminding.look(register.database, register.settings, at)
    with register.database.begin() as session:
        session.execute(update(Outgoing).where(Outgoing.sent_at.is_(None)).values(sent_at=at))
    return asked


def asked(register):
    return [row.to for row in register.sent("accounts_due")]


@pytest.fixture
def register(empty):
    """Ada owns two accounts: one was confirmed in January, one never was."""
    empty.takes("\n".join(FILE.splitlines()[:3]))
    return empty


def test_an_owner_is_asked_once_a_week_until_they_confirm(register):
    assert look(register, NOW) == 0, "from tomorrow on"
    assert look(register, TUESDAY.replace(hour=7)) == 0, "not outside office hours"
    assert look(register, TUESDAY) == 1
    assert look(register, TUESDAY + timedelta(hours=3)) == 0
    assert look(register, TUESDAY + timedelta(days=7)) == 1
    assert asked(register) == ["UADA0001", "UADA0001"]
    assert [row.action for row in register.sent("accounts_due")] == ["replace", "replace"]
    register.confirm("Ada Lovelace", register.revisions(INSTAGRAM), TUESDAY + timedelta(days=8))
    assert look(register, TUESDAY + timedelta(days=21)) == 0


def test_in_time_the_deputy_and_the_leads_hear_of_it(register):
    for week in range(3):
        look(register, TUESDAY + timedelta(days=7 * week))
    assert sorted(asked(register)[2:]) == ["UADA0001", "UBO00001"]
    (late,) = register.sent("accounts_late")
    assert (late.to, json.loads(late.body)) == ("C9", {"accounts": [register.account(INSTAGRAM).id]})


def test_the_deputy_is_asked_at_once_when_the_owner_is_away_or_has_left(register):
    register.person("Ada Lovelace", away_until="2026-03-20")
    look(register, TUESDAY)
    assert asked(register) == ["UBO00001"]


def test_the_leads_hear_at_once_of_an_account_that_nobody_can_be_asked_about(register):
    register.save(platform="TikTok", handle="example", owner="Dee Roe")
    look(register, TUESDAY)
    assert asked(register) == ["UADA0001"]
    (late,) = register.sent("accounts_late")
    assert json.loads(late.body)["accounts"] == [register.account("@example on TikTok").id]


def test_all_accounts_of_an_owner_are_asked_about_in_one_message(register):
    july = datetime(2026, 7, 13, 10, 0, tzinfo=UTC)
    assert look(register, july) == 2
    assert asked(register) == ["UADA0001"]


def test_asking_stands_in_the_history(register):
    look(register, TUESDAY)
    newest = register.history(account_id=register.account(INSTAGRAM).id)[0]
    assert (newest.what, newest.who) == ("Asked to confirm it", "Amends")
    assert newest.parts == (("Asked", "nobody", "Ada Lovelace"),)


def test_two_desks_ask_once(register):
    assert [look(register, TUESDAY) for _ in range(2)] == [1, 0]


def test_the_leads_hear_of_keys_on_the_day_that_somebody_leaves(register):
    register.person("Bo Diaz", left_on="2026-03-04")
    look(register, TUESDAY)
    assert register.sent("account_keys") == []
    for hour in (10, 11):
        look(register, datetime(2026, 3, 4, hour, 0, tzinfo=UTC))
    assert [row.to for row in register.sent("account_keys")] == ["C9"]


def test_who_leaves_on_a_closed_day_is_told_of_on_the_next_open_one(register):
    register.person("Bo Diaz", left_on="2026-03-07")
    saturday = datetime(2026, 3, 7, 11, 0, tzinfo=UTC)
    look(register, saturday)
    assert register.sent("account_keys") == []
    for days in (2, 3):
        look(register, saturday + timedelta(days=days))
    assert [row.to for row in register.sent("account_keys")] == ["C9"]


def test_nothing_is_told_of_who_left_without_a_part_in_an_account(register):
    register.person("Dee Roe", left_on="2026-03-04")
    look(register, datetime(2026, 3, 4, 11, 0, tzinfo=UTC))
    assert register.sent("account_keys") == []


def test_the_pages_ask_with_and_without_slack(database):
    for settings in (slack_settings(), Settings(_env_file=None, slack_team="T1")):
        register = Register(database, settings)
        register.takes("\n".join(FILE.splitlines()[:3]))
        with database.read() as session:
            for viewer, at, due in ((ADA, NOW, 0), (ADA, TUESDAY, 1), (BO, TUESDAY, 0)):
                assert pressing(session, viewer, at, at.date()) == Pressing(any=True, due=due)
            far = datetime(2026, 7, 13, 10, 0, tzinfo=UTC)
            assert pressing(session, ADA, far, date(2026, 7, 13)).due == 2
