"""Who somebody is comes from Slack, is kept for a while, and is not made up while Slack is away."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from amends.slack import clients
from amends.slack.people import FRESH, STALE, People, SlackAway, standing
from tests.console.fake_bot import settings_for
from tests.slack.fake import FakeSlack


@pytest.fixture
def slack():
    with FakeSlack() as slack:
        yield slack


class Clock:
    def __init__(self):
        self.now = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@asynccontextmanager
async def people(slack, database, clock, **more):
    token = SecretStr(slack.bot_token)
    settings = settings_for(1, "sqlite://", slack_bot_token=token, slack_api_url=slack.api_url, **more)
    async with clients.session() as session:
        client = clients.client(settings, session, retrying=False)
        yield People(database, client, settings, slack.team, clock)


def role_of(slack, database, clock, user, **more):
    async def work():
        async with people(slack, database, clock, **more) as those:
            return (await those.get(user)).role

    return asyncio.run(work())


def test_name_zone_and_role_come_from_slack_and_are_asked_once(slack, database, clock):
    ada = slack.add_user("Ada Lovelace", tz="America/New_York")

    async def work():
        async with people(slack, database, clock) as those:
            return await asyncio.gather(*(those.get(ada) for _ in range(5)))

    person = asyncio.run(work())[0]
    assert (person.name, person.zone.key, person.role) == ("Ada Lovelace", "America/New_York", "staff")
    assert person.id == f"slack:{slack.team}:{ada}"
    assert len(slack.calls_of("users.info")) == 1


def test_what_was_said_is_known_after_a_restart_and_asked_again_when_it_is_old(slack, sqlite_database, clock):
    ada = slack.add_user("Ada")
    assert role_of(slack, sqlite_database, clock, ada) == "staff"
    assert role_of(slack, sqlite_database, clock, ada) == "staff"
    assert len(slack.calls_of("users.info")) == 1
    slack.change_user(ada, guest=True)
    clock.now += FRESH + timedelta(seconds=1)
    assert role_of(slack, sqlite_database, clock, ada) == "guest"


@pytest.mark.parametrize(
    ("about", "role"),
    [({}, "staff"), ({"guest": True}, "guest"), ({"bot": True}, "bot"), ({"deleted": True}, "gone")],
)
def test_guests_bots_and_those_who_left_are_known_for_what_they_are(about, role, slack, sqlite_database, clock):
    user = slack.add_user("Somebody", **about)
    assert role_of(slack, sqlite_database, clock, user, slack_leads=user) == (role if about else "lead")


def test_people_of_other_organisations_and_unknown_ones_are_strangers(slack, sqlite_database, clock):
    other = slack.add_user("Otto", home_of="T0OTHER")
    assert role_of(slack, sqlite_database, clock, other, slack_leads=other) == "stranger"
    assert role_of(slack, sqlite_database, clock, "U0NOBODY") == "stranger"


def test_leads_are_those_who_are_named_and_the_members_of_the_group(slack, sqlite_database, clock):
    ada, bo, cy = (slack.add_user(name) for name in ("Ada", "Bo", "Cy"))
    group = slack.add_group("comms", [bo])

    async def work():
        async with people(slack, sqlite_database, clock, slack_leads=f"U9, {ada}", slack_leads_group=group) as those:
            return [(await those.get(user)).role for user in (ada, bo, cy)], await those.leads()

    roles, leads = asyncio.run(work())
    assert roles == ["lead", "lead", "staff"]
    assert leads == {ada, bo, "U9"}
    assert len(slack.calls_of("usergroups.users.list")) == 1


def test_who_leaves_the_group_is_no_lead_any_more(slack, sqlite_database, clock):
    bo = slack.add_user("Bo")
    group = slack.add_group("comms", [bo])

    async def work():
        async with people(slack, sqlite_database, clock, slack_leads_group=group) as those:
            before = (await those.get(bo)).role
            await asyncio.to_thread(slack.change_group, group, [])
            clock.now += FRESH + timedelta(seconds=1)
            return before, (await those.get(bo)).role

    assert asyncio.run(work()) == ("lead", "staff")


def test_who_was_refused_is_asked_for_again_so_that_what_they_became_counts_at_once(slack, sqlite_database, clock):
    bo, cy = slack.add_user("Bo", guest=True), slack.add_user("Cy")
    group = slack.add_group("comms", [cy])

    async def work():
        async with people(slack, sqlite_database, clock, slack_leads_group=group) as those:
            assert (await those.get(cy)).role == "lead"
            before = (await those.get(bo)).role
            await asyncio.to_thread(slack.change_user, bo, guest=False)
            await asyncio.to_thread(slack.change_group, group, [bo])
            cached = (await those.get(bo)).role
            those.forget(bo)
            clock.now += timedelta(seconds=31)
            return before, cached, (await those.get(bo)).role

    assert asyncio.run(work()) == ("guest", "guest", "lead")


def test_while_the_group_cannot_be_read_nobody_becomes_a_lead_by_it_and_those_known_stay(
    slack, sqlite_database, clock, caplog
):
    bo = slack.add_user("Bo")
    group = slack.add_group("comms", [bo])

    async def work():
        async with people(slack, sqlite_database, clock, slack_leads_group=group) as those:
            slack.faults.fail_next("usergroups.users.list", error="fatal_error", times=1)
            unknown = (await those.get(bo)).role
            clock.now += timedelta(minutes=1)
            known = (await those.get(bo)).role
            slack.faults.fail_next("usergroups.users.list", error="fatal_error", times=100)
            clock.now += FRESH + timedelta(seconds=1)
            stays = (await those.get(bo)).role
            clock.now += STALE + timedelta(seconds=1)
            return unknown, known, stays, (await those.get(bo)).role

    assert asyncio.run(work()) == ("staff", "lead", "lead", "staff")
    assert "fatal_error" in caplog.text


def test_while_slack_is_away_somebody_known_is_still_known_for_a_day_and_nobody_is_made_up(
    slack, sqlite_database, clock
):
    ada, bo = slack.add_user("Ada"), slack.add_user("Bo")

    async def work():
        async with people(slack, sqlite_database, clock) as those:
            await those.get(ada)
            slack.faults.fail_next("users.info", status=503, times=100)
            clock.now += FRESH + timedelta(seconds=1)
            assert (await those.get(ada)).name == "Ada"
            with pytest.raises(SlackAway):
                await those.get(bo)
            clock.now += STALE
            with pytest.raises(SlackAway):
                await those.get(ada)

    asyncio.run(work())


@pytest.mark.parametrize(
    ("info", "expected"),
    [
        ({"team_id": "T1"}, "member"),
        ({}, "member"),
        ({"id": "USLACKBOT"}, "bot"),
        ({"is_workflow_bot": True}, "bot"),
        ({"is_ultra_restricted": True}, "guest"),
        ({"team_id": "T2"}, "stranger"),
        ({"team_id": "T2", "enterprise_user": {"teams": ["T1", "T2"]}}, "member"),
        ({"is_stranger": True}, "stranger"),
        ({"deleted": True, "is_bot": True}, "gone"),
    ],
)
def test_what_somebody_is_to_the_workspace(info, expected):
    assert standing(info, "T1") == expected


def test_an_unknown_time_zone_is_that_of_the_organisation(slack, sqlite_database, clock):
    ada = slack.add_user("Ada", tz="Mars/Olympus_Mons")

    async def work():
        async with people(slack, sqlite_database, clock) as those:
            return (await those.get(ada)).zone.key

    assert asyncio.run(work()) == "Europe/London"
