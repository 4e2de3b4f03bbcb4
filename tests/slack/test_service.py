"""The desk with Slack: connected or not, it says so; what people write is answered; it stops soon."""

import time
from contextlib import contextmanager

import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient

from amends.console.app import create_app
from amends.slack.service import off_because
from tests.console.fake_bot import running_bot, settings_for
from tests.slack.fake import FakeSlack
from tests.waiting import LONGEST, at_last


@pytest.fixture
def bot():
    with running_bot() as bot:
        yield bot


@pytest.fixture
def slack():
    with FakeSlack() as slack:
        yield slack
        assert [each for each in slack.refused if each.error != "invalid_auth"] == []


def settings(bot, tmp_path, slack, **more):
    tokens = {
        "slack_bot_token": SecretStr(slack.bot_token),
        "slack_app_token": SecretStr(slack.app_token),
        "slack_signing_secret": SecretStr(slack.signing_secret),
        "slack_api_url": slack.api_url,
    }
    return settings_for(bot.port, f"sqlite:///{tmp_path / 'record.db'}", **(tokens | more))


@contextmanager
def desk(settings, *, connected=True):
    """A running desk; not `connected`: it need not be."""
    with TestClient(create_app(settings, catch_up_every=0.2), base_url="http://127.0.0.1") as client:
        if connected:
            at_last(lambda: readyz(client)["slack"] == "connected")
        yield client


def readyz(client):
    return client.get("/readyz").json()


def answered(slack, channel, text):
    return at_last(lambda: [each for each in slack.messages(channel) if each.by_app and text in each.text])


def test_by_socket_what_somebody_writes_is_answered_where_they_wrote_it(bot, slack, tmp_path):
    ada = slack.add_user("Ada")
    with desk(settings(bot, tmp_path, slack)) as client:
        assert client.get("/readyz").status_code == 200
        slack.says(ada, "dm", "It went wrong")
        assert len(answered(slack, slack.dm(ada), "Heard: It went wrong")) == 1
        assert slack.settle()
    (call,) = bot.calls
    assert call["sender"] == f"slack:{slack.team}:{slack.dm(ada)}"
    assert (call["metadata"]["actor_id"], call["metadata"]["actor_name"]) == (f"slack:{slack.team}:{ada}", "Ada")
    assert {ack.attempt for ack in slack.acks} == {0}


def test_by_http_what_somebody_writes_is_answered_where_they_wrote_it(bot, slack, tmp_path):
    ada = slack.add_user("Ada")
    with desk(settings(bot, tmp_path, slack, slack_mode="http")) as client:
        event = slack_event(slack, ada, "It went wrong")
        raw, headers = signed(slack, event)
        assert [client.post("/slack/events", content=raw, headers=headers).status_code for _ in range(2)] == [200] * 2
        assert len(answered(slack, slack.dm(ada), "Heard: It went wrong")) == 1
        said = readyz(client)
        assert said.pop("record") == "The record was not checked yet; it is young."
        assert said == {"status": "ready", "bot": True, "database": True, "slack": "connected"}
    assert bot.texts == ["It went wrong"]
    assert slack.connections == 0


def test_when_the_socket_is_lost_it_is_opened_again_and_nothing_that_was_written_is_lost(bot, slack, tmp_path):
    ada = slack.add_user("Ada")
    with desk(settings(bot, tmp_path, slack)) as client:
        for reason in ("warning", "refresh_requested", ""):
            slack.faults.disconnect(reason)
            slack.says(ada, "dm", f"after {reason or 'a cut'}")
            at_last(lambda: slack.connections == 1 and readyz(client)["slack"] == "connected")
            assert len(answered(slack, slack.dm(ada), f"Heard: after {reason or 'a cut'}")) == 1
    assert len(bot.texts) == 3


def test_while_slack_cannot_be_reached_the_desk_runs_and_says_so_and_connects_when_it_can(bot, slack, tmp_path):
    slack.revoked = "invalid_auth"
    with desk(settings(bot, tmp_path, slack), connected=False) as client:
        said = at_last(lambda: found if "invalid_auth" in (found := readyz(client)).get("slack_says", "") else None)
        assert (said["status"], said["slack"]) == ("not ready", "on")
        assert client.get("/readyz").status_code == 503
        assert client.get("/").status_code == 200
        slack.revoked = ""
        at_last(lambda: client.get("/readyz").status_code == 200)


def test_without_tokens_the_desk_runs_and_says_in_one_line_how_to_turn_slack_on(bot, tmp_path, caplog):
    without = settings_for(bot.port, f"sqlite:///{tmp_path / 'record.db'}")
    with TestClient(create_app(without), base_url="http://127.0.0.1") as client:
        assert readyz(client)["slack"] == "off"
        assert client.post("/slack/events", content=b"{}").status_code == 404
    (line,) = [record.getMessage() for record in caplog.records if "Slack" in record.getMessage()]
    assert line == off_because(without)
    assert "SLACK_BOT_TOKEN and SLACK_APP_TOKEN" in line
    assert "\n" not in line


def test_with_one_token_missing_it_is_named(bot):
    half = settings_for(bot.port, "sqlite://", slack_bot_token=SecretStr("xoxb-1"))
    assert "set SLACK_APP_TOKEN in" in off_because(half)
    by_http = settings_for(bot.port, "sqlite://", slack_bot_token=SecretStr("xoxb-1"), slack_mode="http")
    assert "set SLACK_SIGNING_SECRET in" in off_because(by_http)


def test_more_connections_than_expected_are_a_warning(bot, slack, tmp_path, caplog):
    slack.faults.ghost(2)
    with desk(settings(bot, tmp_path, slack, slack_connections=2)) as client:
        said = readyz(client)
    assert (said["status"], said["slack_connections"]) == ("ready", 3)
    assert "3 connections" in said["slack_says"]
    assert "3 connections" in caplog.text


def test_the_desk_stops_soon_whatever_is_under_way(bot, slack, tmp_path):
    ada = slack.add_user("Ada")
    slack.faults.slow("chat.postMessage", 2 * LONGEST)
    with desk(settings(bot, tmp_path, slack)):
        slack.says(ada, "dm", "It went wrong")
        at_last(lambda: slack.messages(slack.dm(ada))[1:])  # it stands there, and is not answered
        begun = time.monotonic()
    assert time.monotonic() - begun < LONGEST
    assert slack.connections == 0


def test_what_was_stored_and_not_handled_is_handled_by_the_next_desk(bot, slack, tmp_path):
    ada = slack.add_user("Ada")
    slack.faults.fail_next("users.info", status=500, times=1000)
    with desk(settings(bot, tmp_path, slack)):
        slack.says(ada, "dm", "It went wrong")
        at_last(lambda: slack.acks)
        assert slack.settle()
    assert bot.texts == []
    slack.faults.clear()
    with desk(settings(bot, tmp_path, slack)):
        assert len(answered(slack, slack.dm(ada), "Heard: It went wrong")) == 1


def slack_event(slack, user, text):
    event = {"type": "message", "user": user, "text": text, "channel": slack.dm(user), "channel_type": "im"}
    stamp = f"{time.time():.6f}"
    return {"type": "event_callback", "event_id": "Ev1", "team_id": slack.team, "event": event | {"ts": stamp}}


def signed(slack, body):
    from tests.slack import sent

    return sent.signed(body, secret=slack.signing_secret)
