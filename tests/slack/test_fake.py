"""The fake's Web API refuses what Slack refuses, asked through Slack's own client library."""

import asyncio

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from tests.slack.fake import FakeSlack, File, RemoteSlack
from tests.waiting import LONGEST

GO = {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}, "value": "1"}
BUTTONS = {"type": "actions", "elements": [GO]}
MODAL = {"type": "modal", "title": {"type": "plain_text", "text": "Hello"}, "blocks": [{"type": "divider"}]}
MANIFEST = {
    "oauth_config": {"scopes": {"bot": ["chat:write", "im:write", "channels:history", "app_mentions:read"]}},
    "settings": {"event_subscriptions": {"bot_events": ["message.channels", "message.groups", "app_mention"]}},
}


def section(text="Hello"):
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


@pytest.fixture
def slack():
    with FakeSlack(EVERYTHING) as slack:
        yield slack


EVERYTHING = {
    "oauth_config": {
        "scopes": {
            "bot": [f"{kind}:{right}" for kind in ("channels", "groups", "im", "mpim") for right in ("history", "read")]
            + ["im:write", "mpim:write", "chat:write", "files:read", "users:read", "usergroups:read", "team:read"]
        }
    },
    "features": {
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True, "messages_tab_read_only_enabled": False}
    },
    "settings": {"socket_mode_enabled": True, "interactivity": {"is_enabled": True}},
}


def call(slack, method, *, token=None, retry=False, **arguments):
    client = AsyncWebClient(token=slack.bot_token if token is None else token, base_url=slack.api_url, timeout=LONGEST)
    if not retry:
        client.retry_handlers.clear()  # the usual one repeats a call whose answer was lost
    if retry:
        client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=2))
    named = getattr(client, method, None)

    async def ask():
        if named is None:
            return await client.api_call(method, json=arguments)
        return await named(**arguments)

    return asyncio.run(ask()).data


def refused(slack, method, **arguments):
    """Slack's answer, which is also in the log of what was refused."""
    with pytest.raises(SlackApiError) as wrong:
        call(slack, method, **arguments)
    body = wrong.value.response.data
    assert body["ok"] is False
    assert slack.refused[-1].error == body["error"]
    return body


def error(slack, method, **arguments):
    return refused(slack, method, **arguments)["error"]


# -- tokens, scopes, methods


def test_the_bots_token_says_who_the_bot_is(slack):
    said = call(slack, "auth_test")
    assert (said["team_id"], said["user_id"], said["bot_id"]) == (slack.team, slack.bot_user, slack.bot)
    assert slack.refused == []


def test_a_wrong_token_is_refused(slack):
    assert error(slack, "auth_test", token="xoxb-wrong") == "invalid_auth"


def test_no_token_is_refused(slack):
    assert error(slack, "auth_test", token="") == "not_authed"


def test_the_bots_token_opens_no_socket_and_the_apps_token_posts_nothing(slack):
    assert error(slack, "apps_connections_open", app_token=slack.bot_token) == "not_allowed_token_type"
    general = slack.add_channel("general")
    assert (
        error(slack, "chat_postMessage", token=slack.app_token, channel=general, text="x") == "not_allowed_token_type"
    )
    assert call(slack, "apps_connections_open", app_token=slack.app_token)["url"].startswith("ws://")


def test_a_revoked_token_is_refused(slack):
    slack.revoked = "token_revoked"
    assert error(slack, "auth_test") == "token_revoked"


def test_an_unknown_method_is_refused(slack):
    body = refused(slack, "chat.shout")
    assert (body["error"], body["req_method"]) == ("unknown_method", "chat.shout")


def test_an_argument_that_slack_does_not_know_is_refused(slack):
    body = refused(slack, "chat_postMessage", channel=slack.add_channel("general"), text="x", loudly=True)
    assert body["error"] == "invalid_arguments"
    assert body["response_metadata"]["messages"] == ["[ERROR] unknown argument: loudly"]


def test_a_method_without_its_scope_says_which_is_missing():
    with FakeSlack(MANIFEST) as slack:
        person = slack.add_user("Priya Shah")
        body = refused(slack, "users_info", user=person)
        assert (body["error"], body["needed"]) == ("missing_scope", "users:read")
        assert body["provided"] == "chat:write,im:write,channels:history,app_mentions:read"


def test_history_needs_the_scope_of_its_kind_of_channel():
    with FakeSlack(MANIFEST) as slack:
        assert call(slack, "conversations_history", channel=slack.add_channel("general"))["messages"] == []
        body = refused(slack, "conversations_history", channel=slack.add_channel("secret", private=True))
        assert body["needed"] == "groups:history"


def test_the_answer_names_the_scopes_that_the_bot_has(slack):
    async def headers():
        client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
        return (await client.auth_test()).headers

    assert "chat:write" in asyncio.run(headers())["X-OAuth-Scopes"].split(",")


# -- messages


def test_a_message_is_posted_updated_and_deleted(slack):
    general = slack.add_channel("general")
    ts = call(slack, "chat_postMessage", channel=general, text="Hello", blocks=[section(), BUTTONS])["ts"]
    assert slack.last(general).labels == ["Go"]
    call(slack, "chat_update", channel=general, ts=ts, text="Bye", blocks=[section("Bye")])
    assert (slack.last(general).text, slack.last(general).shown, slack.last(general).labels) == ("Bye", "Bye", [])
    call(slack, "chat_delete", channel=general, ts=ts)
    assert slack.messages(general) == []
    assert slack.refused == []


def test_a_message_without_text_is_refused_even_with_blocks(slack):
    general = slack.add_channel("general")
    with pytest.warns(UserWarning, match="text"):
        assert error(slack, "chat_postMessage", channel=general, blocks=[section()]) == "no_text"


def test_wrong_blocks_are_refused_with_the_place(slack):
    general = slack.add_channel("general")
    body = refused(slack, "chat_postMessage", channel=general, text="x", blocks=[section(), section("x" * 3001)])
    assert body["error"] == "invalid_blocks"
    assert "[json-pointer:/blocks/1/text" in body["response_metadata"]["messages"][0]
    assert slack.messages(general) == []


def test_too_much_text_is_refused_and_an_update_takes_less(slack):
    general = slack.add_channel("general")
    assert error(slack, "chat_postMessage", channel=general, text="x" * 40_001) == "msg_too_long"
    ts = call(slack, "chat_postMessage", channel=general, text="x" * 4001)["ts"]
    assert error(slack, "chat_update", channel=general, ts=ts, text="x" * 4001) == "msg_too_long"


def test_blocks_that_are_too_long_in_all_are_refused(slack):
    general = slack.add_channel("general")
    body = refused(slack, "chat_postMessage", channel=general, text="x", blocks=[section("x" * 2900)] * 5)
    assert body["error"] == "msg_blocks_too_long"


def test_a_channel_that_is_not_there_or_that_the_bot_cannot_see_is_not_found(slack):
    assert error(slack, "chat_postMessage", channel="C0NOWHERE", text="x") == "channel_not_found"
    secret = slack.add_channel("secret", private=True, app=False)
    assert error(slack, "chat_postMessage", channel=secret, text="x") == "channel_not_found"


def test_a_channel_that_the_bot_is_not_in_is_refused(slack):
    channel = slack.add_channel("general", app=False)
    assert error(slack, "chat_postMessage", channel=channel, text="x") == "not_in_channel"
    assert error(slack, "conversations_history", channel=channel) == "not_in_channel"


def test_an_archived_channel_is_refused(slack):
    channel = slack.add_channel("general")
    slack.archive(channel)
    assert error(slack, "chat_postMessage", channel=channel, text="x") == "is_archived"


def test_a_thread_needs_its_first_message(slack):
    general = slack.add_channel("general")
    post = {"channel": general, "text": "x"}
    assert error(slack, "chat_postMessage", **post, thread_ts="1700000000.000001") == "thread_not_found"
    assert error(slack, "chat_postMessage", **post, thread_ts="soon") == "invalid_thread_ts"
    first = call(slack, "chat_postMessage", **post)["ts"]
    call(slack, "chat_postMessage", **post, thread_ts=first)
    assert len(slack.messages(general, first)) == 2


def test_only_the_bots_own_messages_can_be_changed(slack):
    priya = slack.add_user("Priya Shah")
    general = slack.add_channel("general", [priya])
    ts = slack.says(priya, general, "Hello")
    assert error(slack, "chat_update", channel=general, ts=ts, text="x") == "cant_update_message"
    assert error(slack, "chat_delete", channel=general, ts=ts) == "cant_delete_message"


def test_a_message_that_is_not_there_cannot_be_changed(slack):
    general = slack.add_channel("general")
    assert error(slack, "chat_update", channel=general, ts="1700000000.000001", text="x") == "message_not_found"
    ts = call(slack, "chat_postMessage", channel=general, text="x")["ts"]
    call(slack, "chat_delete", channel=general, ts=ts)
    assert error(slack, "chat_delete", channel=general, ts=ts) == "message_not_found"


def test_an_update_without_blocks_keeps_the_blocks(slack):
    general = slack.add_channel("general")
    ts = call(slack, "chat_postMessage", channel=general, text="Hello", blocks=[section(), BUTTONS])["ts"]
    call(slack, "chat_update", channel=general, ts=ts, text="Bye")
    assert (slack.last(general).text, slack.last(general).labels) == ("Bye", ["Go"])
    call(slack, "chat_update", channel=general, ts=ts, text="Bye", blocks=[])
    assert slack.last(general).labels == []


def test_an_ephemeral_message_goes_only_to_members_and_cannot_be_changed(slack):
    priya, omar = slack.add_user("Priya Shah"), slack.add_user("Omar Ali")
    general = slack.add_channel("general", [priya])
    assert error(slack, "chat_postEphemeral", channel=general, user=omar, text="x") == "user_not_in_channel"
    ts = call(slack, "chat_postEphemeral", channel=general, user=priya, text="For you")["message_ts"]
    assert [each.text for each in slack.ephemerals(priya)] == ["For you"]
    assert slack.ephemerals(omar) == slack.messages(general) == []
    assert call(slack, "conversations_history", channel=general)["messages"] == []
    assert error(slack, "chat_update", channel=general, ts=ts, text="x") == "message_not_found"


def test_metadata_has_a_shape_and_comes_back_only_when_asked_for(slack):
    general = slack.add_channel("general")
    post = {"channel": general, "text": "x"}
    assert error(slack, "chat_postMessage", **post, metadata={"event_type": "x"}) == "invalid_metadata_format"
    unnamed = {"event_type": "has spaces", "event_payload": {}}
    assert error(slack, "chat_postMessage", **post, metadata=unnamed) == "invalid_metadata_schema"
    metadata = {"event_type": "amends_outgoing", "event_payload": {"key": "1"}}
    ts = call(slack, "chat_postMessage", **post, metadata=metadata)["ts"]
    assert "metadata" not in call(slack, "conversations_history", channel=general)["messages"][0]
    asked = call(slack, "conversations_history", channel=general, include_all_metadata=True)["messages"]
    assert asked[0]["metadata"] == metadata
    call(slack, "chat_update", channel=general, ts=ts, text="y")
    asked = call(slack, "conversations_replies", channel=general, ts=ts, include_all_metadata=True)["messages"]
    assert asked[0]["metadata"] == metadata


def test_a_permalink_names_channel_message_and_thread(slack):
    general = slack.add_channel("general")
    first = call(slack, "chat_postMessage", channel=general, text="x")["ts"]
    reply = call(slack, "chat_postMessage", channel=general, text="y", thread_ts=first)["ts"]
    link = call(slack, "chat_getPermalink", channel=general, message_ts=reply)["permalink"]
    assert link.endswith(f"/archives/{general}/p{reply.replace('.', '')}?thread_ts={first}&cid={general}")
    assert error(slack, "chat_getPermalink", channel=general, message_ts="1.000000") == "message_not_found"


# -- conversations and people


def test_history_has_no_replies_and_replies_have_the_thread(slack):
    general = slack.add_channel("general")
    first = call(slack, "chat_postMessage", channel=general, text="one")["ts"]
    call(slack, "chat_postMessage", channel=general, text="two", thread_ts=first)
    call(slack, "chat_postMessage", channel=general, text="three")
    seen = call(slack, "conversations_history", channel=general)["messages"]
    assert [each["text"] for each in seen] == ["three", "one"]
    assert seen[1]["reply_count"] == 1
    seen = call(slack, "conversations_replies", channel=general, ts=first)["messages"]
    assert [each["text"] for each in seen] == ["one", "two"]
    assert error(slack, "conversations_replies", channel=general, ts="1.000000") == "thread_not_found"


def test_oldest_is_left_out_unless_inclusive(slack):
    general = slack.add_channel("general")
    times = [call(slack, "chat_postMessage", channel=general, text=text)["ts"] for text in ("one", "two", "three")]
    seen = call(slack, "conversations_history", channel=general, oldest=times[1])["messages"]
    assert [each["text"] for each in seen] == ["three"]
    seen = call(slack, "conversations_history", channel=general, oldest=times[1], inclusive=True)["messages"]
    assert [each["text"] for each in seen] == ["three", "two"]


def test_history_comes_in_pages(slack):
    general = slack.add_channel("general")
    for text in ("one", "two", "three"):
        call(slack, "chat_postMessage", channel=general, text=text)
    first = call(slack, "conversations_history", channel=general, limit=2)
    assert first["has_more"] is True
    rest = call(
        slack, "conversations_history", channel=general, limit=2, cursor=first["response_metadata"]["next_cursor"]
    )
    assert [each["text"] for each in first["messages"] + rest["messages"]] == ["three", "two", "one"]


def test_a_direct_message_is_opened_once_and_not_with_everybody(slack):
    priya, bot = slack.add_user("Priya Shah"), slack.add_user("Other", bot=True)
    gone = slack.add_user("Gone Girl", deleted=True)
    opened = call(slack, "conversations_open", users=priya)["channel"]["id"]
    assert opened == call(slack, "conversations_open", users=[priya])["channel"]["id"] == slack.dm(priya)
    assert error(slack, "conversations_open", users=gone) == "user_disabled"
    assert error(slack, "conversations_open", users=bot) == "cannot_dm_bot"
    assert error(slack, "conversations_open", users="U0NOBODY") == "user_not_found"


def test_a_message_to_a_person_goes_to_the_direct_message(slack):
    priya = slack.add_user("Priya Shah")
    posted = call(slack, "chat_postMessage", channel=priya, text="Hello")
    assert posted["channel"] == slack.dm(priya)
    assert error(slack, "chat_update", channel=priya, ts=posted["ts"], text="x") == "channel_not_found"


def test_people_are_members_guests_bots_gone_or_strangers(slack):
    about = {"guest": {"guest": True}, "bot": {"bot": True}, "gone": {"deleted": True}, "other": {"home_of": "T0OTHER"}}
    found = {}
    for name, states in about.items():
        found[name] = call(slack, "users_info", user=slack.add_user(f"{name} person", **states))["user"]
    assert found["guest"]["is_restricted"]
    assert found["bot"]["is_bot"]
    assert found["gone"]["deleted"]
    assert "tz" not in found["gone"]
    assert found["other"]["is_stranger"]
    assert found["other"]["team_id"] == "T0OTHER"
    assert error(slack, "users_info", user="U0NOBODY") == "user_not_found"


def test_a_group_has_members(slack):
    priya = slack.add_user("Priya Shah")
    group = slack.add_group("comms-leads", [priya])
    assert call(slack, "usergroups_users_list", usergroup=group)["users"] == [priya]
    assert error(slack, "usergroups_users_list", usergroup="S0NONE") == "no_such_subteam"


def test_a_channel_says_what_it_is(slack):
    priya = slack.add_user("Priya Shah")
    info = call(slack, "conversations_info", channel=slack.add_channel("secret", [priya], private=True))["channel"]
    assert (info["is_private"], info["is_group"], info["is_member"]) == (True, True, True)
    info = call(slack, "conversations_info", channel=slack.dm(priya))["channel"]
    assert (info["is_im"], info["user"]) == (True, priya)


# -- limits and faults


def test_a_channel_takes_one_message_a_second_when_limits_are_on(slack):
    slack.enforce_rates = True
    one, two = slack.add_channel("one"), slack.add_channel("two")
    call(slack, "chat_postMessage", channel=one, text="x")
    call(slack, "chat_postMessage", channel=two, text="x")
    with pytest.raises(SlackApiError) as limited:
        call(slack, "chat_postMessage", channel=one, text="y")
    assert limited.value.response.status_code == 429
    assert limited.value.response.headers["Retry-After"] == "1"
    assert slack.refused == []
    call(slack, "chat_postMessage", retry=True, channel=one, text="z")
    assert [each.text for each in slack.messages(one)] == ["x", "z"]


def test_calls_fail_on_demand_without_effect_and_without_being_counted_as_refused(slack):
    general = slack.add_channel("general")
    slack.faults.fail_next("chat.postMessage", status=429, retry_after=7)
    with pytest.raises(SlackApiError) as limited:
        call(slack, "chat_postMessage", channel=general, text="x")
    assert limited.value.response.headers["Retry-After"] == "7"
    slack.faults.fail_next("chat.postMessage", status=500)
    with pytest.raises(SlackApiError):
        call(slack, "chat_postMessage", channel=general, text="x")
    slack.faults.fail_next("chat.postMessage", error="fatal_error")
    with pytest.raises(SlackApiError, match="fatal_error"):
        call(slack, "chat_postMessage", channel=general, text="x")
    assert slack.messages(general) == slack.refused == []
    assert [(each.status, each.on_demand) for each in slack.calls_of("chat.postMessage")] == [
        (429, True),
        (500, True),
        (200, True),
    ]


def test_the_client_library_by_itself_posts_twice_when_an_answer_is_lost(slack):
    general = slack.add_channel("general")
    slack.faults.swallow_response("chat.postMessage")
    call(slack, "chat_postMessage", retry=True, channel=general, text="x")
    assert len(slack.messages(general)) == 2


def test_a_swallowed_response_has_acted(slack):
    general = slack.add_channel("general")
    slack.faults.swallow_response("chat.postMessage")
    with pytest.raises(aiohttp.ClientError):
        call(slack, "chat_postMessage", channel=general, text="x")
    assert len(slack.messages(general)) == 1


def test_calls_fail_at_random_with_a_seed_until_all_is_well_again(slack):
    general = slack.add_channel("general")
    slack.faults.seed(5)
    slack.faults.fail_often("*", 0.5, status=500)

    async def post():
        client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
        calls = (client.chat_postMessage(channel=general, text="x") for _ in range(20))
        return await asyncio.gather(*calls, return_exceptions=True)

    failed = sum(isinstance(each, SlackApiError) for each in asyncio.run(post()))
    assert 0 < failed < 20
    assert len(slack.messages(general)) == 20 - failed
    slack.faults.clear()
    call(slack, "auth_test")


def test_a_slow_answer_has_acted_before_the_client_gives_up(slack):
    general = slack.add_channel("general")
    slack.faults.slow("chat.postMessage", LONGEST)

    async def post():
        client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, timeout=1)
        await client.chat_postMessage(channel=general, text="x")

    with pytest.raises(TimeoutError):
        asyncio.run(post())
    assert len(slack.until(lambda: slack.messages(general))) == 1


# -- files and response addresses


def test_a_file_needs_the_bots_token(slack):
    priya = slack.add_user("Priya Shah")
    slack.says(priya, "dm", "Look", files=[File("shot.png", b"\x89PNG...", "image/png")])
    shared = slack.messages(slack.dm(priya))[0].files[0]

    async def get(token):
        async with aiohttp.ClientSession() as session:
            headers = {"Authorization": f"Bearer {token}"}
            async with session.get(shared["url_private_download"], headers=headers) as response:
                return response.content_type, await response.read()

    assert asyncio.run(get(slack.bot_token)) == ("image/png", b"\x89PNG...")
    assert asyncio.run(get("wrong"))[0] == "text/html"
    assert slack.refused[-1].what == "files"
    slack.faults.fail_next("files", status=500)
    assert asyncio.run(get(slack.bot_token))[0] == "text/html"


def test_a_response_address_works_five_times(slack):
    priya = slack.add_user("Priya Shah")
    general = slack.add_channel("general", [priya])
    address = slack.ask("response_url", priya, general)

    async def use(**body):
        return await AsyncWebhookClient(address).send_dict({"text": "x", **body})

    for _ in range(5):
        assert asyncio.run(use()).status_code == 200
    answer = asyncio.run(use())
    assert (answer.status_code, "used_url" in answer.body) == (404, True)
    assert len(slack.ephemerals(priya)) == 5


def test_a_response_address_works_for_thirty_minutes(slack):
    priya = slack.add_user("Priya Shah")
    address = slack.ask("response_url", priya, slack.add_channel("general", [priya]))
    slack.response_life = 0.0

    async def use():
        return await AsyncWebhookClient(address).send(text="x")

    assert asyncio.run(use()).status_code == 404
    assert slack.refused[-1].error == "expired_url"


def test_a_response_address_speaks_to_one_or_to_all(slack):
    priya = slack.add_user("Priya Shah")
    general = slack.add_channel("general", [priya])
    address = slack.ask("response_url", priya, general)

    async def use(**body):
        await AsyncWebhookClient(address).send(**body)

    asyncio.run(use(text="For you"))
    asyncio.run(use(text="For all", response_type="in_channel"))
    assert [each.text for each in slack.ephemerals(priya, general)] == ["For you"]
    assert [each.text for each in slack.messages(general)] == ["For all"]
    asyncio.run(use(text="x", response_type="for_nobody"))
    assert slack.refused[-1].error == "invalid_response_type"


def test_a_response_address_refuses_wrong_blocks(slack):
    priya = slack.add_user("Priya Shah")
    address = slack.ask("response_url", priya, slack.add_channel("general", [priya]))

    async def use():
        return await AsyncWebhookClient(address).send(text="x", blocks=[section("x" * 3001)])

    assert asyncio.run(use()).status_code == 400
    assert slack.refused[-1].error == "invalid_blocks"


# -- Home


def test_a_home_is_published_and_its_hash_guards_it(slack):
    priya = slack.add_user("Priya Shah")
    home = {"type": "home", "blocks": [section("Welcome")]}
    first = call(slack, "views_publish", user_id=priya, view=home)["view"]
    assert slack.home_of(priya).shown == "Welcome"
    call(slack, "views_publish", user_id=priya, view=home, hash=first["hash"])
    assert error(slack, "views_publish", user_id=priya, view=home, hash=first["hash"]) == "hash_conflict"
    assert error(slack, "views_publish", user_id=priya, view=MODAL) == "invalid_arguments"


def test_without_a_home_tab_nothing_is_published():
    with FakeSlack(MANIFEST) as slack:
        home = {"type": "home", "blocks": [section("Welcome")]}
        assert error(slack, "views_publish", user_id=slack.add_user("Priya Shah"), view=home) == "not_enabled"


def test_a_view_needs_a_trigger(slack):
    assert error(slack, "views_open", trigger_id="1.2.invented", view=MODAL) == "invalid_trigger_id"


# -- a process of its own


def test_the_fake_runs_as_a_process_of_its_own():
    with RemoteSlack.launch() as slack:
        priya = slack.add_user("Priya Shah")
        call(slack, "chat_postMessage", channel=priya, text="Hello", blocks=[section(), BUTTONS])
        assert slack.last(slack.dm(priya)).labels == ["Go"]
        slack.says(priya, "dm", "Look", files=[File("shot.png", b"\x00\xff")])
        assert slack.messages(slack.dm(priya))[1].files[0]["size"] == 2
        assert [each.method for each in slack.calls] == ["chat.postMessage"]
        assert slack.refused == []
