"""A desk that people sign in to, and the provider that they sign in with."""

import httpx
import pytest
from pydantic import SecretStr

from tests.access.provider import CLIENT, SECRET, running_provider
from tests.console.conftest import Desk, bot, database_url, record  # noqa: F401 - fixtures
from tests.console.fake_bot import settings_for
from tests.ports import free_port
from tests.waiting import LONGEST


@pytest.fixture
def provider():
    with running_provider() as provider:
        yield provider
    assert provider.mistakes == []


@pytest.fixture
def slack():
    """Slack's own provider: it knows no proof key."""
    with running_provider(proof=False) as provider:
        provider.claims = {
            "sub": "U1",
            "name": "Ada Okafor",
            "https://slack.com/user_id": "U1",
            "https://slack.com/team_id": "T1",
        }
        yield provider
    assert provider.mistakes == []


@pytest.fixture
def desk_with(bot, database_url, record):  # noqa: ARG001, F811
    """Starts a desk with these settings; its address is known before it starts, as a provider needs it."""
    desks = []

    def start(*providers, **more):
        port = free_port()
        settings = settings_for(bot.port, database_url, desk_url=f"http://127.0.0.1:{port}", **more)
        for provider in providers:
            provider.redirects |= {f"{settings.address}/sign-in/back/{way}" for way in ("oidc", "slack")}
        desk = Desk(settings, port)
        desk.start()
        desks.append(desk)
        return desk

    yield start
    for desk in desks:
        desk.stop()


def with_oidc(provider, **more):
    return {
        "oidc_issuer": provider.issuer,
        "oidc_client_id": CLIENT,
        "oidc_client_secret": SecretStr(SECRET),
        "sign_ins_a_minute": 1000,
        **more,
    }


def with_slack(provider, **more):
    return {
        "slack_issuer": provider.issuer,
        "slack_client_id": CLIENT,
        "slack_client_secret": SecretStr(SECRET),
        "slack_team": "T1",
        "sign_ins_a_minute": 1000,
        **more,
    }


@pytest.fixture
def visit():
    clients = []

    def visit(desk, **how):
        client = httpx.Client(base_url=desk.url, timeout=LONGEST, follow_redirects=True, **how)
        clients.append(client)
        return client

    yield visit
    for client in clients:
        client.close()
