"""The fake delivers as Slack does: sockets, signed HTTP, retries, and what goes wrong on the way."""

import asyncio
import json
import time

import aiohttp
import pytest
from slack_bolt import BoltResponse
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier

from tests.slack.fake import FakeSlack, File
from tests.slack.fake.signed import signature
from tests.slack.listening import Listening


@pytest.fixture
def slack():
    with FakeSlack(MANIFEST) as slack:
        slack.retry_waits = [0.05, 0.05, 0.05]
        slack.echo = False
        yield slack


@pytest.fixture
def bolt(slack):
    with Listening(slack) as bolt:
        yield bolt


@pytest.fixture
def priya(slack):
    return slack.add_user("Priya Shah")


EVENTS = ["message.channels", "message.groups", "message.im", "app_mention", "app_home_opened", "member_joined_channel"]
RIGHTS = ["channels:history", "groups:history", "im:history", "app_mentions:read", "chat:write", "commands"]
MANIFEST = {
    "oauth_config": {"scopes": {"bot": [*RIGHTS, "channels:read", "users:read"]}},
    "features": {
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True, "messages_tab_read_only_enabled": False},
        "slash_commands": [{"command": "/amends", "description": "x"}],
        "shortcuts": [
            {"name": "Triage", "type": "message", "callback_id": "triage_this", "description": "x"},
            {"name": "Report", "type": "global", "callback_id": "report", "description": "x"},
        ],
    },
    "settings": {
        "socket_mode_enabled": True,
        "interactivity": {"is_enabled": True},
        "event_subscriptions": {"bot_events": EVENTS},
    },
}


def hears(bolt, name="message"):
    @bolt.app.event(name)
    async def listen(body):
        bolt.hear(body)


def heard(slack, bolt, number):
    """Everything has come, and it was so many."""
    assert slack.settle()
    slack.until(lambda: len(bolt.heard) >= number)  # Bolt acks events before it calls the listener
    assert len(bolt.heard) == number
    return bolt.heard


def headers_of(bolt):
    """What comes with each request: retry number and reason."""
    seen = []

    @bolt.app.middleware
    async def look(req, next_):
        seen.append({name: value[0] for name, value in req.headers.items()})
        await next_()

    return seen


# -- events


def test_a_direct_message_has_slacks_shape(slack, bolt, priya):
    hears(bolt)
    bolt.connect()
    ts = slack.says(priya, "dm", "We said <b> & more on https://example.org/a?b=1.")
    body = slack.until(lambda: bolt.heard)[0]
    assert set(body) == {
        "token",
        "team_id",
        "context_team_id",
        "context_enterprise_id",
        "api_app_id",
        "event",
        "type",
        "event_id",
        "event_time",
        "authorizations",
        "is_ext_shared_channel",
        "event_context",
    }
    event = body["event"]
    assert event["text"] == "We said &lt;b&gt; &amp; more on <https://example.org/a?b=1>."
    assert event["blocks"][0]["elements"][0]["elements"] == [
        {"type": "text", "text": "We said <b> & more on "},
        {"type": "link", "url": "https://example.org/a?b=1"},
        {"type": "text", "text": "."},
    ]
    assert (event["user"], event["ts"], event["event_ts"], event["channel_type"]) == (priya, ts, ts, "im")
    assert (event["type"], event["team"], event["channel"]) == ("message", slack.team, slack.dm(priya))
    assert body["authorizations"][0]["user_id"] == slack.bot_user


def test_a_mention_comes_twice_with_one_ts_and_two_event_ids(slack, bolt, priya):
    hears(bolt)
    hears(bolt, "app_mention")
    bolt.connect()
    general = slack.add_channel("general", [priya])
    ts = slack.mentions(priya, general, "help")
    slack.until(lambda: len(bolt.heard) == 2)
    assert {each["event"]["type"] for each in bolt.heard} == {"message", "app_mention"}
    assert {each["event"]["ts"] for each in bolt.heard} == {ts}
    assert len({each["event_id"] for each in bolt.heard}) == 2


def test_a_reply_names_its_thread_and_who_began_it(slack, bolt, priya):
    hears(bolt)
    bolt.connect()
    general = slack.add_channel("general", [priya])
    first = slack.says(priya, general, "one")
    slack.says(priya, general, "two", thread=first)
    slack.until(lambda: len(bolt.heard) == 2)
    reply = next(each["event"] for each in bolt.heard if each["event"]["text"] == "two")
    assert (reply["thread_ts"], reply["parent_user_id"]) == (first, priya)


def test_a_file_comes_as_a_message_with_a_private_address(slack, bolt, priya):
    hears(bolt, {"type": "message", "subtype": "file_share"})
    bolt.connect()
    slack.says(priya, "dm", "Look", files=[File("shot.png", b"123")])
    file = slack.until(lambda: bolt.heard)[0]["event"]["files"][0]
    assert (file["name"], file["mimetype"], file["size"]) == ("shot.png", "image/png", 3)
    assert file["url_private_download"].startswith(slack.url)


def test_edits_and_deletions_are_events_with_a_subtype(slack, bolt, priya):
    hears(bolt, {"type": "message", "subtype": "message_changed"})
    hears(bolt, {"type": "message", "subtype": "message_deleted"})
    general = slack.add_channel("general", [priya])
    ts = slack.says(priya, general, "one")
    slack.settle()
    bolt.connect()
    slack.edits(priya, general, ts, "two")
    slack.until(lambda: bolt.heard)
    slack.deletes(priya, general, ts)
    slack.until(lambda: len(bolt.heard) == 2)
    changed, deleted = (each["event"] for each in bolt.heard)
    assert (changed["message"]["text"], changed["previous_message"]["text"]) == ("two", "one")
    assert deleted["deleted_ts"] == ts


def test_the_app_hears_its_own_messages_and_bolt_leaves_them_out(slack, bolt, priya):
    slack.echo = True
    hears(bolt)
    bolt.connect()
    bolt.run(bolt.client.chat_postMessage(channel=priya, text="Hello"))
    assert slack.settle()
    assert [(each.what, each.ok) for each in slack.acks] == [("message", True)]
    assert bolt.heard == []


def test_nothing_is_heard_of_a_channel_that_the_app_is_not_in(slack, bolt, priya):
    bolt.connect()
    slack.mentions(priya, slack.add_channel("general", [priya], app=False), "help")
    assert slack.settle()
    assert slack.acks == []


def test_an_event_that_is_not_subscribed_to_or_has_no_scope_is_not_delivered():
    for events, scopes in (([], ["im:history"]), (["message.im"], [])):
        manifest = MANIFEST | {
            "settings": {"event_subscriptions": {"bot_events": events}},
            "oauth_config": {"scopes": {"bot": scopes}},
        }
        with FakeSlack(manifest) as slack:
            slack.says(slack.add_user("Priya Shah"), "dm", "Hello")
            assert slack.settle()
            assert slack.acks == slack.given_up == []


def test_opening_home_is_an_event_with_the_view_that_is_there(slack, bolt, priya):
    hears(bolt, "app_home_opened")
    bolt.connect()
    slack.opens_home(priya)
    event = slack.until(lambda: bolt.heard)[0]["event"]
    assert (event["user"], event["tab"], "view" in event) == (priya, "home", False)
    home = {"type": "home", "blocks": [{"type": "divider"}]}
    bolt.run(bolt.client.views_publish(user_id=priya, view=home))
    slack.opens_home(priya)
    assert slack.until(lambda: bolt.heard[1:])[0]["event"]["view"]["type"] == "home"


def test_a_new_member_is_an_event(slack, bolt, priya):
    hears(bolt, "member_joined_channel")
    bolt.connect()
    general = slack.add_channel("general")
    slack.joins(priya, general)
    assert slack.until(lambda: bolt.heard)[0]["event"]["user"] == priya


def test_any_event_can_be_sent_under_its_name_in_the_manifest(slack, bolt, priya):
    hears(bolt, "app_home_opened")
    bolt.connect()
    slack.event("app_home_opened", {"type": "app_home_opened", "user": priya, "tab": "about"}, "Ev0SAME")
    slack.event("tokens_revoked", {"type": "tokens_revoked"})
    assert heard(slack, bolt, 1)[0]["event_id"] == "Ev0SAME"


def test_any_payload_can_be_delivered_even_a_strange_one(slack, bolt):
    bolt.connect()
    slack.ack_timeout = 0.3
    assert slack.deliver("interactive", {"type": "no_such_type", "trigger_id": "1.2.3"}).ok is False
    assert slack.acks[0].what == "no_such_type"


def test_a_stranger_says_which_organisation_they_are_from(slack, bolt):
    hears(bolt)
    bolt.connect()
    other = slack.add_user("Other Person", home_of="T0OTHER")
    slack.says(other, slack.add_channel("shared", [other]), "Hello")
    assert heard(slack, bolt, 1)[0]["event"]["user_team"] == "T0OTHER"


# -- acks and retries


def test_an_event_without_an_ack_comes_again_three_times_with_the_same_id(slack, bolt, priya):
    seen = headers_of(bolt)
    slack.faults.drop_ack()
    hears(bolt)
    bolt.connect()
    slack.says(priya, "dm", "Hello")
    assert len({each["event_id"] for each in heard(slack, bolt, 4)}) == 1
    assert [each["x-slack-retry-num"] for each in seen] == ["0", "1", "2", "3"]
    assert seen[1]["x-slack-retry-reason"] == "timeout"
    assert [(each.attempt, each.ok) for each in slack.acks] == [(0, False), (1, False), (2, False), (3, False)]
    assert len(slack.given_up) == 1


def test_an_event_that_waits_for_a_socket_comes_when_there_is_one(slack, bolt, priya):
    slack.retry_waits = [0.05, 1.0, 3.0]
    hears(bolt)
    slack.says(priya, "dm", "Hello")
    slack.until(lambda: slack.acks)
    assert slack.acks[0].reason == "no_connection"
    bolt.connect()
    slack.until(lambda: bolt.heard)
    assert slack.settle()
    assert slack.given_up == []


def test_a_late_ack_counts_as_none(slack, bolt, priya):
    slack.ack_timeout = 0.1
    slack.retry_waits = []

    @bolt.app.event("message")
    async def late(body):
        bolt.hear(body)

    @bolt.app.middleware
    async def slow(next_):
        await asyncio.sleep(0.3)
        await next_()

    bolt.connect()
    slack.says(priya, "dm", "Hello")
    assert slack.settle()
    assert (slack.acks[0].ok, slack.acks[0].reason) == (False, "timeout")
    slack.until(lambda: bolt.heard)
    time.sleep(0.2)
    assert slack.refused == []


def test_an_interactive_payload_never_comes_again(slack, bolt, priya):
    ack = slack.global_shortcut(priya, "report")
    assert (ack.ok, ack.reason) == (False, "no_connection")
    bolt.connect()
    slack.faults.drop_ack()

    @bolt.app.shortcut("report")
    async def report(ack, body):
        bolt.hear(body)
        await ack()

    assert slack.global_shortcut(priya, "report").ok is False
    heard(slack, bolt, 1)
    assert len(slack.acks) == 2


def test_latencies_are_measured(slack, bolt, priya):
    hears(bolt)
    bolt.connect()
    slack.says(priya, "dm", "Hello")
    assert slack.settle()
    assert 0 < slack.acks[0].latency < 1


def test_an_ack_for_nothing_is_refused(slack, bolt):
    bolt.connect()
    socket = bolt._handlers[0].client
    bolt.run(socket.send_message(json.dumps({"envelope_id": "invented"})))
    bolt.run(socket.send_message("no json"))
    slack.until(lambda: len(slack.refused) == 2)
    assert {each.error for each in slack.refused} == {"unknown_envelope", "invalid_frame"}


# -- sockets


def test_hello_counts_the_connections(slack, bolt):
    seen = []

    async def look(_client, message, _raw):
        seen.append(message)

    for number in (1, 2):
        bolt.connect()
        slack.until(lambda number=number: slack.connections == number)
    bolt._handlers[1].client.message_listeners.append(look)
    slack.faults.ghost()
    slack.faults.disconnect("refresh_requested")
    hello = slack.until(lambda: [each for each in seen if each.get("type") == "hello"])[0]
    assert hello["num_connections"] >= 2
    assert hello["connection_info"] == {"app_id": slack.app}
    slack.until(lambda: slack.connections == 2)


def test_each_payload_goes_to_one_connection(slack, bolt, priya):
    hears(bolt)
    bolt.connect()
    bolt.connect()
    slack.until(lambda: slack.connections == 2)
    for number in range(6):
        slack.says(priya, "dm", str(number))
    assert sorted(each["event"]["text"] for each in heard(slack, bolt, 6)) == ["0", "1", "2", "3", "4", "5"]


def test_an_eleventh_connection_is_turned_away(slack, bolt):
    for _ in range(10):
        bolt.connect(ping=5)
    slack.until(lambda: slack.connections == 10)
    bolt.connect(ping=5)
    slack.until(lambda: slack.refused)
    assert slack.refused[0].error == "too_many_websockets"
    assert slack.connections == 10


def test_an_address_opens_one_connection(slack, bolt):
    url = bolt.run(bolt.client.apps_connections_open(app_token=slack.app_token))["url"]

    async def use():
        async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
            return (await socket.receive_json())["type"]

    assert bolt.run(use()) == "hello"
    with pytest.raises(aiohttp.WSServerHandshakeError):
        bolt.run(use())
    assert slack.refused[-1].error == "used_url"


@pytest.mark.parametrize("reason", ["refresh_requested", "warning", ""])
def test_the_client_comes_back_after_a_disconnect(slack, bolt, priya, reason):
    slack.retry_waits = [0.5, 1.0, 3.0]
    hears(bolt)
    bolt.connect()
    slack.until(lambda: slack.connections == 1)
    slack.faults.disconnect(reason)
    slack.says(priya, "dm", "Hello")
    slack.until(lambda: bolt.heard)
    assert slack.settle()
    assert slack.given_up == []
    slack.until(lambda: slack.connections == 1)


def test_a_ghost_swallows_its_share(slack, bolt, priya):
    slack.ack_timeout = 2.0
    slack.faults.ghost()
    bolt.connect()

    @bolt.app.shortcut("report")
    async def report(ack):
        await ack()

    assert {slack.global_shortcut(priya, "report").ok for _ in range(2)} == {True, False}


def test_without_socket_mode_there_is_no_address():
    with FakeSlack(MANIFEST | {"settings": {}}) as slack, Listening(slack) as bolt, pytest.raises(SlackApiError):
        bolt.run(bolt.client.apps_connections_open(app_token=slack.app_token))


# -- misfortunes


def test_a_duplicate_comes_at_the_same_instant_with_the_same_id(slack, bolt, priya):
    slack.faults.duplicate()
    hears(bolt)
    bolt.connect()
    slack.says(priya, "dm", "Hello")
    assert len({each["event_id"] for each in heard(slack, bolt, 2)}) == 1


def test_a_press_is_duplicated_only_when_asked(slack, bolt, priya):
    @bolt.app.shortcut("report")
    async def report(ack, body):
        bolt.hear(body["trigger_id"])
        await ack()

    bolt.connect()
    slack.faults.duplicate()
    slack.global_shortcut(priya, "report")
    assert len(bolt.heard) == 1
    slack.faults.duplicate(kinds=["interactive"])
    slack.global_shortcut(priya, "report")
    assert heard(slack, bolt, 3)[1] == bolt.heard[2]


def test_events_overtake_each_other(slack, bolt, priya):
    slack.faults.seed(3)
    slack.faults.reorder()
    hears(bolt)
    bolt.connect()
    for number in range(8):
        slack.says(priya, "dm", str(number))
    came = [each["event"]["text"] for each in heard(slack, bolt, 8)]
    assert sorted(came) == list("01234567")
    assert came != sorted(came)


def test_deliveries_are_delayed(slack, bolt, priya):
    slack.faults.seed(1)
    slack.faults.delay(0.4)
    hears(bolt)
    bolt.connect()
    started = time.monotonic()
    for _ in range(5):
        slack.says(priya, "dm", "Hello")
    assert slack.settle()
    assert time.monotonic() - started > 0.1


# -- signed HTTP


def test_events_come_signed_over_http(slack, bolt, priya):
    seen = headers_of(bolt)
    hears(bolt)
    bolt.serve()
    slack.says(priya, "dm", "Hello")
    assert heard(slack, bolt, 1)[0]["event"]["text"] == "Hello"
    assert seen[0]["content-type"] == "application/json"
    assert "x-slack-retry-num" not in seen[0]
    assert slack.acks[0].ok


def test_a_signature_is_slacks(slack):
    now = str(int(time.time()))
    assert SignatureVerifier(slack.signing_secret).is_valid("body", now, signature(slack.signing_secret, now, "body"))


def test_a_wrong_secret_is_not_taken_by_bolt_and_slack_tries_again(slack, bolt, priya):
    hears(bolt)
    bolt.serve()
    slack._core.signing_secret = "another"
    slack.says(priya, "dm", "Hello")
    assert slack.settle()
    assert bolt.heard == []
    assert [each.reason for each in slack.acks] == ["http_error"] * 4


def test_retries_over_http_say_number_and_reason(slack, bolt, priya):
    seen = headers_of(bolt)
    hears(bolt)
    bolt.serve()
    slack.faults.drop_ack()
    slack.says(priya, "dm", "Hello")
    assert slack.settle()
    assert [each.get("x-slack-retry-num") for each in seen] == [None, "1", "2", "3"]
    assert seen[1]["x-slack-retry-reason"] == "http_timeout"


def test_no_retry_stops_the_retries(slack, bolt, priya):
    @bolt.app.middleware
    async def refuse():
        return BoltResponse(status=500, headers={"X-Slack-No-Retry": ["1"]})

    bolt.serve()
    slack.says(priya, "dm", "Hello")
    assert slack.settle()
    assert len(slack.acks) == len(slack.given_up) == 1


def test_nobody_at_the_address_is_a_failed_connection(slack, priya):
    slack.transport, slack.http_url = "http", "http://127.0.0.1:9/slack/events"
    slack.retry_waits = []
    slack.says(priya, "dm", "Hello")
    assert slack.settle()
    assert slack.acks[0].reason == "connection_failed"


def test_bolt_answers_url_verification_and_ssl_check(slack, bolt):
    bolt.serve()
    assert slack.verify_url()
    assert slack.ssl_check()


def test_commands_and_presses_come_as_forms(slack, bolt, priya):
    seen = headers_of(bolt)

    @bolt.app.command("/amends")
    async def amends(ack, command):
        bolt.hear(command)
        await ack("Seen.")

    @bolt.app.shortcut("report")
    async def report(ack, shortcut):
        bolt.hear(shortcut)
        await ack()

    bolt.serve()
    general = slack.add_channel("general", [priya], app=False)
    assert slack.command(priya, general, "/amends", "a & b").ok
    assert slack.global_shortcut(priya, "report").ok
    assert {each["content-type"] for each in seen} == {"application/x-www-form-urlencoded"}
    command, shortcut = bolt.heard
    assert (command["text"], command["user_id"], command["channel_id"]) == ("a &amp; b", priya, general)
    assert (shortcut["type"], shortcut["user"]["id"], "channel" in shortcut) == ("shortcut", priya, False)
    assert [each.text for each in slack.ephemerals(priya)] == ["Seen."]
