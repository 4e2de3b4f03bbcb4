"""What counts of what Slack sends, how it is named, and in which lane it waits."""

import pytest

from amends.slack import arrivals
from amends.slack.arrivals import read, value_of
from amends.slack.registry import EVERYBODY, May, Registry
from tests.slack import sent
from tests.slack.sent import APP


async def handler(_desk, _call):
    """Does nothing."""


@pytest.fixture
def registry():
    registry = Registry()
    for kind, id_ in (
        ("message", "message"),
        ("message", "mention"),
        ("press", "say:"),
        ("press", "pick|"),
        ("command", "/amends"),
        ("shortcut", "triage_this"),
        ("submission", "note"),
        ("home", "home"),
        ("file", "file"),
    ):
        registry.on(kind, id_, May(EVERYBODY))(handler)
    return registry


def only(body, registry):
    (arrival,) = read(body, APP, registry)
    return arrival


def test_a_direct_message_counts_and_waits_in_the_lane_of_its_conversation(registry):
    arrival = only(sent.message(), registry)
    assert (arrival.key, arrival.kind) == ("message:D1:1700000000.000100", "message")
    assert (arrival.lane, arrival.place) == ("slack:T1:D1", "")
    assert arrivals.id_of("message", arrival.payload, registry) == "message"


def test_a_thread_of_a_direct_message_is_the_same_conversation(registry):
    assert only(sent.message(thread_ts="1699999999.000001"), registry).lane == "slack:T1:D1"


def test_a_mention_and_its_message_are_one(registry):
    first = only(sent.mention(), registry)
    second = only(sent.message("<@UBOT> help", channel="C1"), registry)
    assert (first.key, first.lane) == (second.key, second.lane) == ("message:C1:1700000000.000100", f"slack:T1:C1:{TS}")
    for arrival in (first, second):
        assert arrivals.id_of("message", arrival.payload, registry) == "mention"


TS = "1700000000.000100"


@pytest.mark.parametrize("text", ["<@UBOT>", "hi <@UBOT|amends>, help"])
def test_a_message_that_speaks_to_the_app_is_a_mention(text, registry):
    assert only(sent.message(text, channel="G1"), registry).payload["mentioned"] is True


def test_an_answer_in_a_thread_counts_only_if_that_thread_is_a_conversation(registry):
    arrival = only(sent.message(channel="C1", thread_ts="1699999999.000001"), registry)
    assert arrival.place == arrival.lane == "slack:T1:C1:1699999999.000001"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(sent.message(channel="C1"), id="said in a channel, not to the app"),
        pytest.param(sent.message(user="UBOT"), id="said by the app itself"),
        pytest.param(sent.message(bot_id="B9"), id="said by another bot"),
        pytest.param(sent.message(subtype="bot_message"), id="said by an old bot"),
        pytest.param(sent.message(subtype="message_changed", hidden=True), id="edited"),
        pytest.param(sent.message(subtype="message_deleted", hidden=True), id="deleted"),
        pytest.param(sent.message(subtype="channel_join"), id="somebody joined"),
        pytest.param(sent.message(user=None), id="said by nobody"),
        pytest.param(sent.message(ts=None), id="without a time"),
        pytest.param(sent.event({"type": "reaction_added", "user": "UADA"}), id="an event of no concern"),
        pytest.param(sent.event({"type": "app_home_opened", "user": "UADA", "tab": "messages"}), id="another tab"),
        pytest.param(sent.event(None), id="no event"),
        pytest.param(sent.event(["message"]), id="an event that is a list"),
        pytest.param({"type": "event_callback"}, id="an event that is missing"),
        pytest.param(sent.press("somebody_elses"), id="a button that nobody handles"),
        pytest.param(sent.press() | {"actions": []}, id="a press of nothing"),
        pytest.param(sent.press() | {"actions": "say:0"}, id="a press that cannot be read"),
        pytest.param(sent.shortcut("another"), id="a shortcut that nobody handles"),
        pytest.param(sent.submission("another"), id="a modal that nobody handles"),
        pytest.param(sent.command() | {"command": "/other"}, id="a command that nobody handles"),
        pytest.param({"type": "view_closed", "view": {}}, id="a modal was closed"),
        pytest.param({"type": "something_new"}, id="an unknown type"),
        pytest.param({}, id="nothing"),
    ],
)
def test_all_else_is_not_stored(body, registry):
    assert read(body, APP, registry) == ()


@pytest.mark.parametrize("subtype", ["file_share", "thread_broadcast", "me_message"])
def test_these_subtypes_are_something_that_somebody_wrote(subtype, registry):
    assert only(sent.message(subtype=subtype), registry).kind == "message"


def test_each_file_of_a_message_waits_for_itself_in_a_lane_beside_the_conversation(registry):
    files = [{"id": "F1"}, {"id": "F2"}, "not a file"]
    message, *rest = read(sent.message(subtype="file_share", files=files), APP, registry)
    assert message.kind == "message"
    assert [each.key for each in rest] == [f"file:D1:{TS}:F1", f"file:D1:{TS}:F2"]
    assert {each.lane for each in rest} == {"slack:T1:D1|files"}
    assert [each.payload["file"]["id"] for each in rest] == ["F1", "F2"]


def test_a_press_waits_in_the_lane_of_the_conversation_it_was_pressed_in(registry):
    assert only(sent.press(), registry).lane == "slack:T1:D1"
    assert only(sent.press(channel="C1"), registry).lane == "slack:T1:C1:1700000000.000200"
    in_thread = sent.press(channel="C1") | {"message": {"ts": "2.0", "thread_ts": "1.0"}}
    assert only(in_thread, registry).lane == "slack:T1:C1:1.0"
    in_modal = sent.press() | {"container": {"type": "view", "view_id": "V1"}, "message": None}
    assert only(in_modal, registry).lane == "slack:T1:UADA"


def test_of_several_actions_of_a_press_the_one_that_is_handled_is_meant(registry):
    body = sent.press("ticks")
    body["actions"].append({"action_id": "say:3", "block_id": "b2", "value": "/deny"})
    arrival = only(body, registry)
    assert arrivals.id_of("press", arrival.payload, registry) == "say:3"
    assert value_of("press", arrival.payload) == "/deny"


def test_a_press_is_found_by_its_block_when_its_action_says_nothing(registry):
    body = sent.press("pick", None, block_id="pick|harm|INC-2026-0001:3")
    body["actions"][0]["selected_option"] = {"value": "upset"}
    arrival = only(body, registry)
    assert arrivals.id_of("press", arrival.payload, registry) == "pick|harm|INC-2026-0001:3"
    assert value_of("press", arrival.payload) == "upset"


@pytest.mark.parametrize(
    ("body", "key", "kind"),
    [
        (sent.press(), "press:1.2.a", "press"),
        (sent.command(), "command:1.2.c", "command"),
        (sent.shortcut(), "shortcut:1.2.s", "shortcut"),
        (sent.submission(), "submission:V1:h1", "submission"),
        (sent.event({"type": "app_home_opened", "user": "UADA", "tab": "home"}), "event:Ev1", "home"),
    ],
)
def test_everything_has_a_key_of_its_own(body, key, kind, registry):
    arrival = only(body, registry)
    assert (arrival.key, arrival.kind) == (key, kind)
    assert arrivals.user_of(kind, arrival.payload) == "UADA"


def test_a_modal_waits_in_the_lane_of_the_conversation_it_names(registry):
    named = sent.submission(metadata='{"conversation": "slack:T1:D1"}')
    assert only(named, registry).lane == "slack:T1:D1"
    assert only(sent.submission(metadata="not JSON"), registry).lane == "slack:T1:UADA"


def test_what_is_carried_is_a_mapping_if_it_is_a_json_object_and_else_a_text():
    assert value_of("press", {"action": {"value": '{"incident": "INC-2026-0001"}'}}) == {"incident": "INC-2026-0001"}
    assert value_of("press", {"action": {"value": '/affirm{"a": 1}'}}) == '/affirm{"a": 1}'
    assert value_of("press", {"action": {"value": "[1]"}}) == "[1]"
    assert value_of("press", {"action": {"type": "static_select"}}) == ""
    assert value_of("command", sent.command("status")) == "status"


def test_keys_and_lanes_hold_nothing_that_a_database_refuses(registry):
    body = sent.message(channel="D" + "\x00" * 200)
    arrival = only(body, registry)
    assert "\x00" not in arrival.key + arrival.lane
    assert len(arrival.lane) <= 120
    assert len(arrival.key) <= 120
