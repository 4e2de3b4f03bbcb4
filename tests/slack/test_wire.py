"""Each failure of a call is sorted by what it means for the message; nothing is called twice."""

import asyncio
import socket
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from pydantic import SecretStr

from amends.outbox.wire import WireError
from amends.slack import clients
from amends.slack.wire import SlackWire
from tests.console.fake_bot import settings_for
from tests.slack.fake import FakeSlack


@pytest.fixture
def slack():
    with FakeSlack() as slack:
        yield slack


@asynccontextmanager
async def wire(url, token="xoxb-1", limit=5.0):
    settings = settings_for(1, "sqlite://", slack_bot_token=SecretStr(token), slack_api_url=url)
    async with clients.session() as session:
        yield SlackWire(clients.client(settings, session, retrying=False), limit)


def call(url, token="xoxb-1", method="chat.postMessage", limit=5.0, **arguments):
    async def work():
        async with wire(url, token, limit) as line:
            return await line.call(method, **(arguments or {"channel": "C1", "text": "Hello"}))

    return asyncio.run(work())


def failure(*args, **kwargs):
    with pytest.raises(WireError) as error:
        call(*args, **kwargs)
    return error.value


def test_a_call_returns_what_slack_answered(slack):
    ada = slack.add_user("Ada")
    room = call(slack.api_url, slack.bot_token, "conversations.open", users=ada)["channel"]["id"]
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "Hello"}}]
    metadata = {"event_type": "amends_outgoing", "event_payload": {"key": "k1"}}
    posted = call(
        slack.api_url, slack.bot_token, channel=room, text="Hello", blocks=blocks, metadata=metadata, unfurl_links=False
    )
    found = call(
        slack.api_url, slack.bot_token, "conversations.history", channel=room, include_all_metadata=True, limit=5
    )
    assert [message["metadata"]["event_payload"] for message in found["messages"]] == [{"key": "k1"}]
    assert found["messages"][0]["ts"] == posted["ts"]
    assert slack.refused == []


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("internal_error", "later"),
        ("fatal_error", "later"),
        ("ratelimited", "limited"),
        ("invalid_blocks", "invalid"),
        ("msg_blocks_too_long", "invalid"),
        ("invalid_arguments", "invalid"),
        ("channel_not_found", "never"),
        ("not_in_channel", "never"),
        ("is_archived", "never"),
        ("message_not_found", "never"),
        ("user_not_in_channel", "never"),
        ("an_error_that_slack_will_think_of", "never"),
        ("invalid_auth", "closed"),
        ("token_revoked", "closed"),
        ("account_inactive", "closed"),
        ("missing_scope", "closed"),
    ],
)
def test_what_slack_says_is_sorted(error, kind, slack):
    slack.faults.fail_next("chat.postMessage", error=error)
    failed = failure(slack.api_url, slack.bot_token)
    assert (failed.kind, failed.reason) == (kind, error)
    assert len(slack.calls_of("chat.postMessage")) == 1


def test_too_many_calls_say_how_long_to_wait(slack):
    slack.faults.fail_next("chat.postMessage", status=429, retry_after=7)
    failed = failure(slack.api_url, slack.bot_token)
    assert (failed.kind, failed.retry_after) == ("limited", 7.0)
    assert len(slack.calls_of("chat.postMessage")) == 1


@pytest.mark.parametrize("status", [500, 502, 503])
def test_an_error_of_slacks_own_passes(status, slack):
    slack.faults.fail_next("chat.postMessage", status=status)
    assert failure(slack.api_url, slack.bot_token).kind == "later"


def test_a_wrong_token_closes(slack):
    assert failure(slack.api_url, "xoxb-wrong").kind == "closed"


def test_when_the_answer_is_lost_nobody_knows_whether_it_was_carried_out(slack):
    ada = slack.add_user("Ada")
    slack.faults.swallow_response("chat.postMessage")
    failed = failure(slack.api_url, slack.bot_token, channel=slack.dm(ada), text="Hello")
    assert (failed.kind, failed.reason) == ("unknown", "connection")
    assert [message.text for message in slack.messages(slack.dm(ada))] == ["Hello"]


def test_when_no_answer_comes_in_time_nobody_knows_either(slack):
    slack.faults.slow("chat.postMessage", 1.0)
    failed = failure(slack.api_url, slack.bot_token, limit=0.3)
    assert (failed.kind, failed.reason) == ("unknown", "timeout")


def test_when_slack_cannot_be_reached_it_was_not_carried_out():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    failed = failure(f"http://127.0.0.1:{port}/api/")
    assert (failed.kind, failed.reason) == ("later", "connection")


@pytest.mark.parametrize(
    ("status", "body", "kind_of", "kind"),
    [
        (200, "<html>proxy</html>", "text/html", "unknown"),
        (200, "{broken", "application/json", "unknown"),
        (200, "[]", "application/json", "unknown"),
        (200, "plain", "text/plain", "unknown"),
        (200, "", "application/json", "unknown"),
        (502, "<html>bad gateway</html>", "text/html", "later"),
        (503, "", "text/plain", "later"),
    ],
)
def test_an_answer_that_is_none_of_slacks_is_sorted_too(status, body, kind_of, kind):
    async def answer(_request):
        return web.Response(status=status, text=body, content_type=kind_of)

    async def work():
        app = web.Application()
        app.router.add_route("*", "/{rest:.*}", answer)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            async with wire(f"http://127.0.0.1:{runner.addresses[0][1]}/api/") as line:
                await line.call("chat.postMessage", channel="C1", text="Hello")
        finally:
            await runner.cleanup()

    with pytest.raises(WireError) as error:
        asyncio.run(work())
    assert error.value.kind == kind


def test_a_response_url_is_posted_to_until_it_is_used_up(slack):
    ada = slack.add_user("Ada")
    url = slack.ask("response_url", ada, slack.add_channel("open", [ada]))

    async def work():
        async with wire(slack.api_url) as line:
            for _ in range(6):
                await line.call("respond", url=url, text="Only you see this.", response_type="ephemeral")

    with pytest.raises(WireError) as error:
        asyncio.run(work())
    assert (error.value.kind, error.value.reason) == ("never", "used_url")
    assert [message.text for message in slack.ephemerals(ada)] == ["Only you see this."] * 5
