"""Signing in with a provider or with Slack, by way of a desk that runs and a provider that checks."""

import asyncio
import re
import time

import httpx
import pytest
from joserfc.jwk import RSAKey
from pydantic import SecretStr
from sqlalchemy import select

from amends.access import audit
from amends.access.claims import NotWelcome
from amends.access.limits import MOST_KEYS, Limit, TooOften
from amends.access.people import SignedIn
from amends.access.tables import SessionRow
from amends.console.access import Access
from amends.console.checks_at_start import SettingsError, check_host, check_secrets
from amends.console.pages import Pages
from amends.console.signing_in import SigningIn
from tests.access.conftest import with_oidc, with_slack
from tests.access.signing import sign_in
from tests.console.fake_bot import settings_for

GO = "/sign-in/with/oidc"


def field(page, name):
    return re.search(rf'name="{name}"[^>]*value="([^"]*)"', page.text)[1]


def rows(record):
    with record.read() as session:
        return list(session.scalars(select(SessionRow)))


def test_nobody_sees_anything_before_they_sign_in(desk_with, provider, visit):
    client = visit(desk_with(provider, **with_oidc(provider)), cookies={"amends": "made up"})
    for path in ("/", "/incidents", "/flows", "/policies", "/incidents/INC-2026-0001"):
        answer = client.get(path)
        assert answer.url.path == "/sign-in", path
        assert "Sign in with your work account" in answer.text
    refused = client.post("/start", data={"name": "Eve", "text": "my long words"})
    assert refused.status_code == 403
    assert "my long words" in refused.text
    live = client.get("/talk", headers={"HX-Request": "true"})
    assert live.headers["HX-Redirect"] == "/sign-in?to=/talk"


def test_saying_a_name_is_not_enough_where_people_sign_in(desk_with, provider, visit):
    client = visit(desk_with(provider, **with_oidc(provider)))
    assert client.get("/who").url.path == "/sign-in"
    assert client.post("/who", data={"csrf": "none", "back": "/flows", "name": "Eve"}).status_code == 403
    assert client.get("/flows").url.path == "/sign-in"


def test_somebody_signs_in_and_comes_to_where_they_wanted(desk_with, provider, visit, record):
    provider.claims |= {"groups": ["/comms", "everybody"]}
    client = visit(desk_with(provider, **with_oidc(provider, role_lead="/Comms, other")))
    page = client.get("/policies?x=1")
    answer = client.get(re.search(r'href="(/sign-in/with/oidc[^"]*)"', page.text)[1].replace("&amp;", "&"))
    assert answer.status_code == 200
    assert answer.url.path == "/policies"
    assert "Ada Okafor" in answer.text
    (row,) = rows(record)
    assert (row.participant_id, row.roles, row.way) == ("oidc:u-1", "lead staff", "oidc")
    assert client.cookies["amends-in"] not in row.hash
    with record.read() as session:
        assert [each.what for each in audit.entries(session)] == ["signed_in"]


@pytest.mark.parametrize(
    ("claims", "roles"),
    [
        ({}, "staff"),
        ({"groups": ["leads"]}, "lead staff"),
        ({"groups": "leads"}, "lead staff"),
        ({"groups": ["owners", "admins"]}, "admin policy_owner staff"),
        ({"groups": ["auditors"]}, "auditor"),
        ({"groups": ["auditors", "leads"]}, "auditor lead staff"),
        ({"groups": ["lead", {"a": 1}, 7]}, "staff"),
        ({"email": "boss@example.org", "email_verified": True}, "admin staff"),
        ({"email": "boss@example.org", "email_verified": False}, "staff"),
        ({"email": "boss@example.org"}, "staff"),
        ({"roles": ["leads"]}, "staff"),
    ],
)
def test_groups_become_roles(desk_with, provider, visit, record, claims, roles):
    provider.claims |= claims
    given = {"role_lead": "leads", "role_policy_owner": "owners", "role_auditor": "auditors"}
    desk = desk_with(provider, **with_oidc(provider, role_admin="admins, boss@example.org", **given))
    assert visit(desk).get(GO).status_code == 200
    assert [row.roles for row in rows(record)] == [roles]


def spoilt(**more):
    return lambda claims: {name: value for name, value in (claims | more).items() if value is not None}


@pytest.mark.parametrize(
    "spoil",
    [
        spoilt(aud="somebody else"),
        spoilt(iss="https://evil.example"),
        spoilt(nonce="another"),
        spoilt(nonce=None),
        spoilt(exp=int(time.time()) - 1000),
        spoilt(sub=None),
        spoilt(aud=["amends", "other"], azp="other"),
    ],
)
def test_a_token_that_does_not_fit_signs_nobody_in(desk_with, provider, visit, record, spoil):
    provider.spoil = spoil
    client = visit(desk_with(provider, **with_oidc(provider)))
    answer = client.get(GO)
    assert answer.status_code == 400
    assert "does not fit" in answer.text
    assert rows(record) == []
    assert client.get("/").url.path == "/sign-in"


def test_a_token_signed_by_another_signs_nobody_in(desk_with, provider, visit, record):
    provider.signs_with = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
    assert visit(desk_with(provider, **with_oidc(provider))).get(GO).status_code == 400
    assert rows(record) == []


def test_a_code_of_somebody_else_is_not_taken(desk_with, provider, visit, record):
    desk = desk_with(provider, **with_oidc(provider))
    thief, victim = visit(desk), visit(desk)
    thief.follow_redirects = False
    at_provider = httpx.get(thief.get(GO).headers["Location"])
    back = at_provider.headers["Location"]
    assert victim.get(back).status_code == 400
    assert rows(record) == []
    assert thief.get(back).status_code == 303
    assert thief.get(back).status_code == 400
    assert len(rows(record)) == 1


def test_who_says_no_at_the_provider_stays_outside(desk_with, provider, visit, record):
    provider.denies = True
    answer = visit(desk_with(provider, **with_oidc(provider))).get(GO)
    assert answer.status_code == 400
    assert "You were not signed in" in answer.text
    assert rows(record) == []


def test_a_provider_that_is_away_is_said_in_words(desk_with, provider, visit):
    desk = desk_with(provider, **with_oidc(provider))
    provider.down = True
    answer = visit(desk).get(GO)
    assert answer.status_code == 502
    assert "Try again in a moment" in answer.text


def test_a_provider_that_calls_itself_something_else_is_not_trusted(desk_with, provider, visit):
    provider.calls_itself = "https://evil.example"
    assert visit(desk_with(provider, **with_oidc(provider))).get(GO).status_code == 502


def test_ways_that_do_not_exist(desk_with, provider, visit):
    client = visit(desk_with(provider, **with_oidc(provider)))
    for path in ("/sign-in/with/slack", "/sign-in/back/slack?code=x&state=y", "/sign-in/with/none"):
        assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    "to",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/%0d%0aX: y",
        "javascript:alert(1)",
        "/a\tb",
        "/ok@@",
    ],
)
def test_the_way_back_stays_here(desk_with, provider, visit, to):
    client = visit(desk_with(provider, **with_oidc(provider)))
    answer = client.get(GO, params={"to": to})
    assert answer.status_code in {200, 404}
    assert answer.url.host == "127.0.0.1"
    assert all(
        "evil" not in each.headers.get("Location", "") for each in answer.history if each.url.port == answer.url.port
    )


def test_slack_gives_the_same_id_as_in_slack(desk_with, slack, visit, record):
    client = visit(desk_with(slack, **with_slack(slack, slack_leads="U9, U1")))
    assert "Sign in with Slack" in client.get("/").text
    assert client.get("/sign-in/with/slack").status_code == 200
    (row,) = rows(record)
    assert (row.participant_id, row.roles, row.way) == ("slack:T1:U1", "lead staff", "slack")


def test_another_workspace_of_slack_stays_outside(desk_with, slack, visit, record):
    slack.claims["https://slack.com/team_id"] = "T2"
    answer = visit(desk_with(slack, **with_slack(slack))).get("/sign-in/with/slack")
    assert answer.status_code == 403
    assert "another Slack workspace" in answer.text
    assert rows(record) == []


def test_both_ways_stand_side_by_side(desk_with, provider, slack, visit):
    desk = desk_with(
        provider, slack, **with_oidc(provider), **{k: v for k, v in with_slack(slack).items() if "slack" in k}
    )
    page = visit(desk).get("/sign-in")
    assert "Sign in with Slack" in page.text
    assert "Sign in with your work account" in page.text


def test_signing_in_cannot_be_tried_again_and_again(desk_with, provider, visit):
    client = visit(desk_with(provider, **(with_oidc(provider) | {"sign_ins_a_minute": 3})))
    answers = [client.get("/sign-in/guess") for _ in range(5)]
    assert [each.status_code for each in answers] == [404, 404, 404, 429, 429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert "Wait" in answers[-1].text


@pytest.mark.parametrize(
    ("role", "roles"),
    [
        ("lead", {"staff", "lead"}),
        ("staff", {"staff"}),
        ("", {"staff"}),
        ("guest", None),
        ("gone", None),
        ("bot", None),
    ],
)
def test_somebody_is_here_what_they_are_in_slack(role, roles):
    async def in_slack(user):
        assert user == "U1"
        return role

    access = Access(settings_for(5005, "sqlite://"), None)
    asked = SigningIn(Pages(access.settings), access, in_slack)._as_in_slack(SignedIn("slack:T1:U1", "Ada"))
    if roles is None:
        with pytest.raises(NotWelcome, match="members of our Slack workspace"):
            asyncio.run(asked)
    else:
        assert asyncio.run(asked).roles == roles


def test_guests_come_in_where_they_may_talk():
    async def in_slack(_user):
        return "guest"

    access = Access(settings_for(5005, "sqlite://", slack_guests=True), None)
    asked = SigningIn(Pages(access.settings), access, in_slack)._as_in_slack(SignedIn("slack:T1:U1", "Ada"))
    assert asyncio.run(asked).roles == {"staff"}


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"oidc_issuer": "https://id.example.org"}, "OIDC_CLIENT_ID is empty"),
        ({"oidc_client_id": "x"}, "OIDC_ISSUER is empty"),
        ({"oidc_client_secret": SecretStr("x")}, "OIDC_CLIENT_ID and OIDC_ISSUER is empty"),
        ({"slack_client_id": "x", "slack_team": "T1"}, "SLACK_CLIENT_SECRET is empty"),
        ({"slack_client_id": "x", "slack_client_secret": SecretStr("x")}, "SLACK_TEAM is empty"),
        ({"oidc_issuer": "http://id.example.org", "oidc_client_id": "x"}, "OIDC_ISSUER is http://id.example.org"),
        ({"desk_url": "amends.example.org"}, "DESK_URL is amends.example.org"),
        ({"desk_url": "http://amends.example.org"}, "It has to begin with https://"),
    ],
)
def test_half_of_a_provider_keeps_the_desk_from_starting(more, says):
    with pytest.raises(SettingsError, match=says):
        check_secrets(settings_for(5005, "sqlite://", **more))


def test_where_people_sign_in_the_desk_may_be_reached_from_elsewhere():
    provider = {"oidc_issuer": "https://id.example.org", "oidc_client_id": "x", "desk_host": "0.0.0.0"}
    with pytest.raises(SettingsError, match="Set DESK_URL"):
        check_host(settings_for(5005, "sqlite://", **provider))
    check_host(settings_for(5005, "sqlite://", desk_url="https://amends.example.org", **provider))


def test_a_limit_fills_again_and_is_kept_for_each_alone():
    now = [0.0]
    limit = Limit(2, now=lambda: now[0])
    for key in ("a", "a", "b"):
        limit.take(key)
    with pytest.raises(TooOften) as refused:
        limit.take("a")
    assert refused.value.seconds == 30
    now[0] += 30
    limit.take("a")
    with pytest.raises(TooOften):
        limit.take("a")
    limit.take("b")


def test_a_limit_does_not_grow_without_end():
    limit = Limit(2)
    for number in range(3 * MOST_KEYS):
        limit.take(str(number))
    assert len(limit._left) <= MOST_KEYS + 1


def test_search_is_counted_by_person(desk_with, visit, record):
    desk = desk_with(searches_a_minute=2)
    lea, lin = visit(desk), visit(desk)
    sign_in(lea, record, "lead", name="Lea Lead")
    sign_in(lin, record, "lead", name="Lin Osei")
    assert [lea.get("/all", params={"q": "x"}).status_code for _ in range(3)] == [200, 200, 429]
    assert lin.get("/all", params={"q": "x"}).status_code == 200
