"""The socket is held open: it follows Slack, comes back when it is lost, and acknowledges only what is kept."""

import asyncio
import json
from contextlib import asynccontextmanager

import pytest
from pydantic import SecretStr
from slack_bolt.response import BoltResponse

from amends.slack import clients
from amends.slack import connection as module
from amends.slack.connection import Connection
from tests.console.fake_bot import settings_for
from tests.slack.fake import FakeSlack
from tests.waiting import LONGEST, until


@pytest.fixture
def slack():
    with FakeSlack() as slack:
        slack.ack_timeout = 0.5
        slack.retry_waits = (0.1,) * 100
        yield slack


class Taking:
    """Takes payloads; `status` is what comes of them."""

    def __init__(self):
        self.taken = []
        self.status = 200
        self.body = ""

    async def __call__(self, payload):
        self.taken.append(payload)
        return BoltResponse(status=self.status, body=self.body)

    @property
    def texts(self):
        return [payload["event"]["text"] for payload in self.taken if payload.get("type") == "event_callback"]


@pytest.fixture
def taking():
    return Taking()


@asynccontextmanager
async def connected(slack, taking, *, waits=True, **more):
    token = {"slack_bot_token": SecretStr(slack.bot_token), "slack_app_token": SecretStr(slack.app_token)}
    settings = settings_for(1, "sqlite://", slack_api_url=slack.api_url, **(token | more))
    async with clients.session() as session:
        connection = Connection(settings, clients.client(settings, session, retrying=False), taking)
        running = asyncio.create_task(connection.run())
        try:
            if waits:
                await until(lambda: connection.connected)
            yield connection
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def says(slack, user, text):
    await asyncio.to_thread(slack.says, user, "dm", text)


def test_what_comes_is_taken_and_acknowledged(slack, taking):
    slack.ack_timeout = LONGEST
    ada = slack.add_user("Ada")

    async def work():
        async with connected(slack, taking) as connection:
            assert (connection.trouble, connection.warning, connection.connections) == ("", "", 1)
            await says(slack, ada, "Hello")
            assert await asyncio.to_thread(slack.settle)

    asyncio.run(work())
    assert taking.texts == ["Hello"]
    assert [ack.ok for ack in slack.acks] == [True]


def test_what_was_not_kept_is_not_acknowledged_and_comes_again(slack, taking):
    ada = slack.add_user("Ada")
    taking.status = 503

    async def work():
        async with connected(slack, taking):
            await says(slack, ada, "Hello")
            await until(lambda: len(taking.taken) > 1)
            taking.status = 200
            assert await asyncio.to_thread(slack.settle)

    asyncio.run(work())
    assert set(taking.texts) == {"Hello"}
    assert [ack.ok for ack in slack.acks][-1] is True
    assert slack.given_up == []


def test_an_answer_goes_with_the_acknowledgement(slack, taking):
    slack.ack_timeout = LONGEST
    ada = slack.add_user("Ada")
    taking.body = json.dumps({"response_action": "clear"})

    async def work():
        async with connected(slack, taking):
            payload = {"type": "view_submission", "user": {"id": ada}, "view": {}}
            return await asyncio.to_thread(slack.deliver, "interactive", payload)

    assert asyncio.run(work()).payload == {"response_action": "clear"}


@pytest.mark.parametrize("reason", ["warning", "refresh_requested", "link_disabled", ""])
def test_when_slack_ends_the_connection_the_next_one_is_opened_at_once(reason, slack, taking):
    ada = slack.add_user("Ada")

    async def work():
        async with connected(slack, taking) as connection:
            for number in range(3):
                before = connection._greeted
                await asyncio.to_thread(slack.faults.disconnect, reason)
                await until(lambda before=before: connection.connected and connection._greeted is not before)
                await says(slack, ada, str(number))
            await until(lambda: set(taking.texts) == {"0", "1", "2"})
            assert slack.connections == 1

    asyncio.run(work())
    assert [each.error for each in slack.refused] == []


def test_while_slack_does_not_answer_it_is_tried_again_and_said_why(slack, taking, caplog):
    slack.faults.fail_next("apps.connections.open", error="internal_error", times=2)

    async def work():
        async with connected(slack, taking, waits=False) as connection:
            await until(lambda: connection.trouble == "The socket cannot be opened: internal_error.")
            assert not connection.connected
            await until(lambda: connection.connected)
            assert connection.trouble == ""

    asyncio.run(work())
    assert caplog.text.count("internal_error") == 1


def test_a_wrong_app_token_is_said(slack, taking):
    async def work():
        async with connected(slack, taking, waits=False, slack_app_token=SecretStr("xapp-wrong")) as connection:
            await until(lambda: "invalid_auth" in connection.trouble)

    asyncio.run(work())


def test_an_address_that_does_not_work_is_not_tried_for_ever(slack, taking, monkeypatch):
    monkeypatch.setattr(module, "OPENING", 0.3)
    broken = ["ws://127.0.0.1:9/dead"]
    issue = module.SocketModeClient.issue_new_wss_url

    async def once_dead(client):
        return broken.pop() if broken else await issue(client)

    monkeypatch.setattr(module.SocketModeClient, "issue_new_wss_url", once_dead)

    async def work():
        async with connected(slack, taking):
            assert broken == []

    asyncio.run(work())


def test_more_connections_than_expected_are_warned_of(slack, taking, caplog):
    slack.faults.ghost(1)

    async def work():
        async with connected(slack, taking) as connection:
            return connection.warning

    assert "2 connections" in asyncio.run(work())
    assert "2 connections" in caplog.text


def test_an_error_while_taking_is_logged_without_what_was_written_and_the_next_ones_go_on(slack, taking, caplog):
    ada = slack.add_user("Ada")
    first = []

    async def broken(payload):
        if not first:
            first.append(1)
            raise KeyError("what somebody wrote")
        return await taking(payload)

    async def work():
        async with connected(slack, broken):
            await says(slack, ada, "Hello")
            await until(lambda: taking.texts)

    asyncio.run(work())
    assert "KeyError" in caplog.text
    assert "what somebody wrote" not in caplog.text


@pytest.mark.parametrize("hangs", [False, True])
def test_it_ends_whatever_the_client_does(slack, taking, monkeypatch, hangs):
    async def never(_client):
        await asyncio.Event().wait()

    if hangs:
        monkeypatch.setattr(module.SocketModeClient, "close", never)

    async def work():
        async with asyncio.timeout(LONGEST), connected(slack, taking):
            assert slack.connections == 1
        await until(lambda: slack.connections == 0)

    asyncio.run(work())
