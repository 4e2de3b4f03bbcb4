"""People in the fake can do what people in Slack can do, and nothing else."""

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook.async_client import AsyncWebhookClient

from tests.slack.fake import FakeSlack, NotPossible
from tests.slack.listening import Listening

PLAIN = "plain_text"


def plain(text):
    return {"type": PLAIN, "text": text}


def option(text, value=None):
    return {"text": plain(text), "value": value or text}


def button(label, action_id, value="v", **more):
    return {"type": "button", "text": plain(label), "action_id": action_id, "value": value, **more}


def actions(*elements, block_id="acts"):
    return {"type": "actions", "block_id": block_id, "elements": list(elements)}


def field(block_id, element, **more):
    return {"type": "input", "block_id": block_id, "label": plain(block_id.title()), "element": element, **more}


def modal(*blocks, title="Hello", submit="Save", **more):
    view = {"type": "modal", "callback_id": "form", "title": plain(title), "blocks": list(blocks), **more}
    return view | ({"submit": plain(submit)} if submit else {})


TEXT = {"type": "plain_text_input", "action_id": "value", "max_length": 20}
NOTE = field("note", TEXT)
BOXES = {"type": "checkboxes", "action_id": "many", "options": [option("Slip", "slip"), option("Data", "data")]}
SELECT = {"type": "static_select", "action_id": "pick", "options": [option("Yes", "y"), option("No", "n")]}
WHEN = {"type": "datetimepicker", "action_id": "posted"}


@pytest.fixture
def slack():
    with FakeSlack(MANIFEST) as slack:
        yield slack


MANIFEST = {
    "settings": {"socket_mode_enabled": True, "interactivity": {"is_enabled": True}},
    "oauth_config": {"scopes": {"bot": ["chat:write", "commands", "im:history"]}},
    "features": {
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True, "messages_tab_read_only_enabled": False},
        "slash_commands": [{"command": "/amends", "description": "x"}],
        "shortcuts": [
            {"name": "Triage", "type": "message", "callback_id": "triage_this", "description": "x"},
            {"name": "Report", "type": "global", "callback_id": "report", "description": "x"},
        ],
    },
}


@pytest.fixture
def bolt(slack):
    """Acks every press and keeps its body."""
    with Listening(slack) as bolt:
        bolt.answer = None

        @bolt.app.middleware
        async def acked(body, ack, next_):
            if body.get("type") in {"block_actions", "view_submission", "view_closed", "shortcut", "message_action"}:
                bolt.hear(body)
                answer = bolt.answer or {}
                return await ack(**answer)
            return await next_()

        bolt.connect()
        slack.until(lambda: slack.connections == 1)
        yield bolt


@pytest.fixture
def priya(slack):
    return slack.add_user("Priya Shah")


@pytest.fixture
def post(slack, bolt, priya):
    def post(*blocks, to=priya, **more):
        answer = bolt.run(bolt.client.chat_postMessage(channel=to, text="Hello", blocks=list(blocks), **more))
        return slack.message(answer["channel"], answer["ts"])

    return post


@pytest.fixture
def opened(slack, bolt, priya):
    """Opens a modal by a global shortcut."""

    def opened(view):
        slack.global_shortcut(priya, "report")
        bolt.run(bolt.client.views_open(trigger_id=bolt.heard[-1]["trigger_id"], view=view))
        return slack.view_of(priya)

    return opened


# -- presses


def test_a_press_has_slacks_shape(slack, bolt, priya, post):
    message = post(actions(button("Go", "go", "42")))
    assert slack.presses(priya, message, "Go").ok
    body = bolt.heard[0]
    assert set(body) == {
        "type",
        "team",
        "user",
        "api_app_id",
        "token",
        "trigger_id",
        "enterprise",
        "is_enterprise_install",
        "container",
        "channel",
        "state",
        "message",
        "response_url",
        "actions",
    }
    where = {"message_ts": message.ts, "channel_id": message.channel, "is_ephemeral": False}
    assert body["container"] == {"type": "message", **where}
    pressed = body["actions"][0]
    assert pressed.pop("action_ts")
    assert pressed == {"type": "button", "action_id": "go", "block_id": "acts", "text": plain("Go"), "value": "42"}
    assert body["message"]["blocks"][0]["block_id"] == "acts"
    assert body["user"]["id"] == priya


@pytest.mark.parametrize("what", ["Go", "go", "Go on with INC-1"])
def test_a_button_is_found_by_label_action_id_or_accessibility_label(slack, priya, post, what):
    message = post(actions(button("Go", "go", accessibility_label="Go on with INC-1"), button("Stop", "stop")))
    assert slack.presses(priya, message, what).ok


def test_a_button_that_is_not_there_cannot_be_pressed(slack, bolt, priya, post):
    message = post(actions(button("Go", "go")))
    with pytest.raises(NotPossible, match="no 'Stop' here, only"):
        slack.presses(priya, message, "Stop")
    bolt.run(bolt.client.chat_update(channel=message.channel, ts=message.ts, text="Gone", blocks=[]))
    with pytest.raises(NotPossible):
        slack.presses(priya, message, "Go")
    assert bolt.heard == []


def test_one_of_several_has_to_be_named(slack, bolt, priya, post):
    message = post(actions(button("Done", "one"), button("Done", "two")))
    with pytest.raises(NotPossible, match="say which"):
        slack.presses(priya, message, "Done")
    slack.presses(priya, message, "Done", nth=1)
    assert bolt.heard[0]["actions"][0]["action_id"] == "two"


def test_a_deleted_message_cannot_be_pressed(slack, bolt, priya, post):
    message = post(actions(button("Go", "go")))
    bolt.run(bolt.client.chat_delete(channel=message.channel, ts=message.ts))
    with pytest.raises(NotPossible, match="not there"):
        slack.presses(priya, message, "Go")


def test_only_who_sees_a_message_can_press(slack, bolt, priya, post):
    omar = slack.add_user("Omar Ali")
    message = post(actions(button("Go", "go")))
    with pytest.raises(NotPossible, match="is not in"):
        slack.presses(omar, message, "Go")
    general = slack.add_channel("general", [priya, omar])
    blocks = [actions(button("Go", "go"))]
    bolt.run(bolt.client.chat_postEphemeral(channel=general, user=priya, text="Psst", blocks=blocks))
    hint = slack.ephemerals(priya)[0]
    with pytest.raises(NotPossible, match="not there"):
        slack.presses(omar, hint, "Go")
    slack.presses(priya, hint, "Go")
    assert bolt.heard[0]["container"]["is_ephemeral"] is True
    assert "message" not in bolt.heard[0]


def test_somebody_deactivated_can_do_nothing(slack, priya, post):
    message = post(actions(button("Go", "go")))
    slack.change_user(priya, deleted=True)
    with pytest.raises(NotPossible, match="deactivated"):
        slack.presses(priya, message, "Go")
    with pytest.raises(NotPossible):
        slack.says(priya, "dm", "Hello")


def test_ticks_are_sent_one_by_one_and_are_in_the_state_of_the_button(slack, bolt, priya, post):
    message = post(actions(BOXES, block_id="many|harm|3"), actions(button("Submit", "submit_many")))
    slack.presses(priya, message, "Submit", {"many": ["Slip", "data"]})
    ticked, submitted = bolt.heard
    assert [each["value"] for each in ticked["actions"][0]["selected_options"]] == ["slip", "data"]
    state = submitted["state"]["values"]["many|harm|3"]["many"]
    assert [each["value"] for each in state["selected_options"]] == ["slip", "data"]
    assert submitted["actions"][0]["action_id"] == "submit_many"


def test_untouched_fields_are_in_the_state_as_empty(slack, bolt, priya, post):
    message = post(
        actions(BOXES, block_id="one"),
        actions(SELECT, block_id="two"),
        actions(WHEN, block_id="three"),
        actions(button("Go", "go")),
    )
    slack.presses(priya, message, "Go")
    assert bolt.heard[0]["state"]["values"] == {
        "one": {"many": {"type": "checkboxes", "selected_options": []}},
        "two": {"pick": {"type": "static_select", "selected_option": None}},
        "three": {"posted": {"type": "datetimepicker", "selected_date_time": None}},
    }


def test_what_one_has_chosen_another_has_not(slack, bolt, priya, post):
    omar = slack.add_user("Omar Ali")
    general = slack.add_channel("general", [priya, omar])
    message = post(actions(BOXES, block_id="one"), actions(button("Go", "go")), to=general)
    slack.presses(priya, message, "Go", {"one": ["slip"]})
    slack.presses(omar, message, "Go")
    assert bolt.heard[-1]["state"]["values"]["one"]["many"]["selected_options"] == []


def test_an_option_is_chosen_by_its_label(slack, bolt, priya, post):
    message = post(actions(SELECT))
    slack.presses(priya, message, "No")
    assert bolt.heard[0]["actions"][0]["selected_option"] == option("No", "n")
    slack.presses(priya, message, "pick", choose="y")
    assert bolt.heard[1]["actions"][0]["selected_option"] == option("Yes", "y")
    with pytest.raises(NotPossible, match="no option 'Perhaps'"):
        slack.presses(priya, message, "pick", choose="Perhaps")


def test_a_time_is_chosen_as_seconds(slack, bolt, priya, post):
    message = post(actions(WHEN, block_id="posted|when|1"), actions(button("Save", "submit_times")))
    slack.presses(priya, message, "Save", {"posted": 1_700_000_000})
    values = bolt.heard[-1]["state"]["values"]["posted|when|1"]
    assert values == {"posted": {"type": "datetimepicker", "selected_date_time": 1_700_000_000}}
    with pytest.raises(NotPossible, match="number of seconds"):
        slack.presses(priya, message, "Save", {"posted": "noon"})


def test_a_response_address_replaces_the_message_that_was_pressed(slack, bolt, priya, post):
    message = post(actions(button("Go", "go")))
    slack.presses(priya, message, "Go")

    async def respond():
        return await AsyncWebhookClient(bolt.heard[0]["response_url"]).send(text="Gone", replace_original=True)

    bolt.run(respond())
    assert slack.message(message.channel, message.ts).text == "Gone"


# -- triggers and modals


def test_a_trigger_opens_one_view(bolt, opened):
    opened(modal(NOTE))
    with pytest.raises(SlackApiError, match="exchanged_trigger_id"):
        bolt.run(bolt.client.views_open(trigger_id=bolt.heard[-1]["trigger_id"], view=modal(NOTE)))


def test_a_trigger_is_too_old_after_three_seconds(slack, opened):
    slack.trigger_life = 0.0
    with pytest.raises(SlackApiError, match="expired_trigger_id"):
        opened(modal(NOTE))


def test_a_view_that_breaks_a_rule_is_refused_with_the_place(slack, opened):
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        opened(modal(NOTE, title="A title that is too long for Slack"))
    assert "[json-pointer:/view/title" in slack.refused[-1].detail
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        opened(modal(NOTE, submit=None))


def test_a_submission_has_slacks_shape_and_closes_the_view(slack, bolt, priya, opened):
    view = opened(modal(NOTE, private_metadata="meta"))
    assert slack.submits(priya, view, note="It was me").ok
    body = bolt.heard[-1]
    assert (body["type"], body["response_urls"]) == ("view_submission", [])
    sent = body["view"]
    assert sent["state"]["values"] == {"note": {"value": {"type": "plain_text_input", "value": "It was me"}}}
    assert (sent["private_metadata"], sent["callback_id"], sent["hash"]) == ("meta", "form", view.hash)
    assert slack.view_of(priya) is None


def test_an_empty_field_is_not_submitted_unless_it_is_optional(slack, bolt, priya, opened):
    view = opened(modal(NOTE))
    with pytest.raises(NotPossible, match="Note"):
        slack.submits(priya, view)
    slack.closes(priya)
    slack.submits(priya, opened(modal(NOTE | {"optional": True})))
    assert bolt.heard[-1]["view"]["state"]["values"]["note"]["value"]["value"] is None


def test_a_field_takes_no_more_than_it_takes(slack, priya, opened):
    view = opened(modal(NOTE))
    with pytest.raises(NotPossible, match="0 to 20 characters"):
        slack.submits(priya, view, note="x" * 21)
    with pytest.raises(NotPossible, match="one line"):
        slack.submits(priya, view, note="x\ny")
    with pytest.raises(NotPossible, match="no field 'remark'"):
        slack.submits(priya, view, remark="x")


def test_errors_stand_below_fields_and_the_view_stays(slack, bolt, priya, opened):
    view = opened(modal(NOTE))
    bolt.answer = {"response_action": "errors", "errors": {"note": "Say more."}}
    slack.submits(priya, view, note="x")
    assert slack.view_of(priya).errors == {"note": "Say more."}
    bolt.answer = {"response_action": "errors", "errors": {"else": "x"}}
    slack.submits(priya, view, note="x")
    assert slack.refused[-1].what == "response_action errors"


def test_an_answer_updates_pushes_or_clears(slack, bolt, priya, opened):
    view = opened(modal(NOTE))
    bolt.answer = {"response_action": "update", "view": modal(NOTE, title="Two")}
    slack.submits(priya, view, note="x")
    assert slack.view_of(priya).view["title"]["text"] == "Two"
    assert slack.view_of(priya).id == view.id
    bolt.answer = {"response_action": "push", "view": modal(NOTE, title="Three")}
    slack.submits(priya, note="x")
    assert [each.view["title"]["text"] for each in slack.stack_of(priya)] == ["Two", "Three"]
    bolt.answer = {"response_action": "clear"}
    slack.submits(priya, note="x")
    assert slack.stack_of(priya) == slack.refused == []


def test_an_answer_with_a_wrong_view_is_refused(slack, bolt, priya, opened):
    view = opened(modal(NOTE))
    bolt.answer = {"response_action": "update", "view": modal(NOTE, title="A title that is too long for Slack")}
    slack.submits(priya, view, note="x")
    assert (slack.refused[0].what, slack.refused[0].error) == ("response_action update", "invalid_arguments")


def test_three_views_are_the_most(slack, bolt, priya, opened):
    view = opened(modal(NOTE))
    for title in ("Two", "Three"):
        bolt.answer = {"response_action": "push", "view": modal(NOTE, title=title)}
        slack.submits(priya, note="x")
    with pytest.raises(NotPossible, match="not open on top"):
        slack.submits(priya, view, note="x")
    slack.submits(priya, note="x")
    assert slack.refused[-1].error == "push_limit_reached"


def test_a_press_in_a_modal_pushes_with_its_trigger(slack, bolt, priya, opened):
    view = opened(modal(actions(button("More", "more"))))
    slack.presses(priya, view, "More")
    body = bolt.heard[-1]
    assert body["container"] == {"type": "view", "view_id": view.id}
    assert "response_url" not in body
    bolt.run(bolt.client.views_push(trigger_id=body["trigger_id"], view=modal(NOTE, title="Two")))
    assert len(slack.stack_of(priya)) == 2
    assert slack.view_of(priya).previous == view.id


def test_nothing_is_pushed_where_no_view_is_open(slack, bolt, priya):
    slack.global_shortcut(priya, "report")
    with pytest.raises(SlackApiError, match="not_found"):
        bolt.run(bolt.client.views_push(trigger_id=bolt.heard[0]["trigger_id"], view=modal(NOTE)))


def test_a_trigger_from_elsewhere_pushes_nothing_on_a_modal(slack, bolt, priya, opened):
    opened(modal(NOTE))
    slack.global_shortcut(priya, "report")
    with pytest.raises(SlackApiError, match="not_found"):
        bolt.run(bolt.client.views_push(trigger_id=bolt.heard[-1]["trigger_id"], view=modal(NOTE)))


def test_a_hash_guards_an_update(slack, bolt, priya, opened):
    view = opened(modal(NOTE))
    update = bolt.client.views_update
    bolt.run(update(view_id=view.id, hash=view.hash, view=modal(NOTE, title="Two")))
    with pytest.raises(SlackApiError, match="hash_conflict"):
        bolt.run(update(view_id=view.id, hash=view.hash, view=modal(NOTE, title="Three")))
    with pytest.raises(SlackApiError, match="not_found"):
        bolt.run(update(view_id="V0NONE", view=modal(NOTE)))
    slack.closes(priya)
    with pytest.raises(SlackApiError, match="not_found"):
        bolt.run(update(view_id=view.id, view=modal(NOTE)))


def test_what_was_typed_stays_in_fields_that_stay(slack, bolt, priya, opened):
    view = opened(modal(NOTE, field("more", TEXT)))
    bolt.answer = {"response_action": "errors", "errors": {"more": "No."}}
    slack.submits(priya, view, note="kept", more="gone")
    bolt.run(bolt.client.views_update(view_id=view.id, view=modal(NOTE)))
    bolt.answer = None
    slack.submits(priya)
    assert bolt.heard[-1]["view"]["state"]["values"] == {
        "note": {"value": {"type": "plain_text_input", "value": "kept"}}
    }


def test_an_external_id_belongs_to_one_view(slack, bolt, opened):
    opened(modal(NOTE, external_id="mine"))
    omar = slack.add_user("Omar Ali")
    slack.global_shortcut(omar, "report")
    with pytest.raises(SlackApiError, match="duplicate_external_id"):
        view = modal(NOTE, external_id="mine")
        bolt.run(bolt.client.views_open(trigger_id=bolt.heard[-1]["trigger_id"], view=view))


def test_closing_is_heard_of_only_when_asked_for(slack, bolt, priya, opened):
    opened(modal(NOTE))
    assert slack.closes(priya) is None
    opened(modal(NOTE, notify_on_close=True))
    assert slack.closes(priya).ok
    assert bolt.heard[-1]["type"] == "view_closed"


def test_a_submission_without_an_ack_leaves_the_view_open(slack, priya, opened):
    view = opened(modal(NOTE))
    slack.faults.drop_ack()
    assert slack.submits(priya, view, note="x").ok is False
    assert slack.view_of(priya).id == view.id


def test_a_home_is_pressed_like_a_view(slack, bolt, priya):
    home = {"type": "home", "blocks": [actions(button("Start", "home:start"))]}
    bolt.run(bolt.client.views_publish(user_id=priya, view=home))
    slack.presses(priya, slack.home_of(priya), "Start")
    assert bolt.heard[0]["view"]["type"] == "home"
    opened = bolt.client.views_open(trigger_id=bolt.heard[0]["trigger_id"], view=modal(NOTE))
    bolt.run(opened)
    assert slack.view_of(priya) is not None


# -- shortcuts, commands, places


def test_a_message_shortcut_carries_the_message_even_where_the_app_is_not(slack, bolt, priya):
    general = slack.add_channel("general", [priya], app=False)
    ts = slack.says(priya, general, "Look at this")
    assert slack.shortcut(priya, general, ts, "triage_this").ok
    body = bolt.heard[0]
    assert (body["type"], body["callback_id"], body["message_ts"]) == ("message_action", "triage_this", ts)
    assert (body["message"]["text"], body["channel"]["name"]) == ("Look at this", "general")
    assert body["response_url"].startswith(slack.url)


def test_shortcuts_are_not_offered_on_ephemeral_messages(slack, bolt, priya):
    general = slack.add_channel("general", [priya])
    bolt.run(bolt.client.chat_postEphemeral(channel=general, user=priya, text="Psst"))
    with pytest.raises(NotPossible, match="everybody"):
        slack.shortcut(priya, general, slack.ephemerals(priya)[0].ts, "triage_this")


def test_only_what_the_manifest_offers_can_be_called(slack, priya):
    general = slack.add_channel("general", [priya])
    ts = slack.says(priya, general, "x")
    with pytest.raises(NotPossible, match="no message shortcut report"):
        slack.shortcut(priya, general, ts, "report")
    with pytest.raises(NotPossible, match="no global shortcut triage_this"):
        slack.global_shortcut(priya, "triage_this")
    with pytest.raises(NotPossible, match="/other is not a valid command"):
        slack.command(priya, general, "/other")


def test_one_has_to_be_in_a_channel_to_speak_there(slack, priya):
    general = slack.add_channel("general")
    with pytest.raises(NotPossible, match="is not in"):
        slack.says(priya, general, "x")
    with pytest.raises(NotPossible, match="no message 1"):
        slack.says(priya, "dm", "x", thread="1.0")


def test_a_read_only_messages_tab_takes_no_messages():
    home = {"home_tab_enabled": True, "messages_tab_enabled": True, "messages_tab_read_only_enabled": True}
    with FakeSlack({"features": {"app_home": home}}) as slack, pytest.raises(NotPossible, match="read only"):
        slack.says(slack.add_user("Priya Shah"), "dm", "x")


def test_without_interactivity_nothing_can_be_pressed():
    with FakeSlack({"oauth_config": {"scopes": {"bot": ["chat:write"]}}}) as slack, Listening(slack) as bolt:
        priya = slack.add_user("Priya Shah")
        blocks = [actions(button("Go", "go"))]
        bolt.run(bolt.client.chat_postMessage(channel=priya, text="x", blocks=blocks))
        with pytest.raises(NotPossible, match="interactivity is off"):
            slack.presses(priya, slack.last(slack.dm(priya)), "Go")
