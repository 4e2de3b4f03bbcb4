"""What a payload of Slack is: whether it counts, its name, the lane it waits in. Pure.

What does not count is not stored at all: what bots say, edits and joins, and what people say in channels without
speaking to the app.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from amends.slack import ids
from amends.slack.parts import map_of, maps_of, slack_id_of, text_of
from amends.slack.registry import HANDLERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from amends.slack.registry import Registry

SUBTYPES = frozenset({"", "file_share", "thread_broadcast", "me_message"})
"""Messages that somebody wrote. All other subtypes say what became of a message or a channel."""
LONGEST_LANE = 120
SHORTCUTS = frozenset({"shortcut", "message_action"})

_not_plain = re.compile(r"[^!-~]")


@dataclass(frozen=True)
class Identity:
    """Who the app is in its workspace: the ids of the team, of its user and of its bot."""

    team: str
    user: str
    bot: str


@dataclass(frozen=True)
class Arrival:
    """Something to be handled.

    Attributes:
        lane: what waits in one lane is handled one after the other.
        place: the conversation in which this was said without speaking to the app; it counts only if that
            conversation is known. Empty: it counts.
    """

    key: str
    kind: str
    lane: str
    payload: Mapping[str, Any]
    place: str = ""


def read(body: Mapping[str, Any], app: Identity, registry: Registry = HANDLERS) -> tuple[Arrival, ...]:
    """What has to be handled of a payload; nothing, if it is of no concern or of an unknown type."""
    kind = text_of(body, "type")
    if kind == "event_callback":
        found = _event(body, app)
    elif kind == "block_actions":
        found = _press(body, app, registry)
    elif kind in SHORTCUTS:
        key = ids.shortcut_key(text_of(body, "trigger_id"))
        found = _one(key, "shortcut", _lane_of(slack_id_of(map_of(body, "user"), "id"), app), body)
    elif kind == "view_submission":
        found = _submission(body, app)
    elif text_of(body, "command"):
        key = ids.command_key(text_of(body, "trigger_id"))
        found = _one(key, "command", _lane_of(slack_id_of(body, "user_id"), app), body)
    else:
        found = iter(())
    return tuple(each for each in found if registry.find(each.kind, id_of(each.kind, each.payload, registry)))


def id_of(kind: str, payload: Mapping[str, Any], registry: Registry = HANDLERS) -> str:
    """What a handler of this is declared with."""
    if kind == "message":
        return "mention" if payload.get("mentioned") else "message"
    if kind == "press":
        action = map_of(payload, "action")
        id_, block = text_of(action, "action_id"), text_of(action, "block_id")
        return block if registry.find("press", id_) is None and registry.find("press", block) else id_
    if kind == "command":
        return text_of(payload, "command")
    if kind == "submission":
        return text_of(map_of(payload, "view"), "callback_id")
    return text_of(payload, "callback_id") if kind == "shortcut" else kind


def user_of(kind: str, payload: Mapping[str, Any]) -> str:
    """Who did it."""
    if kind in {"message", "file", "home"}:
        return slack_id_of(payload, "user")
    return slack_id_of(payload, "user_id") if kind == "command" else slack_id_of(map_of(payload, "user"), "id")


def value_of(kind: str, payload: Mapping[str, Any]) -> Mapping[str, Any] | str:
    """What it carries: see `Call`."""
    if kind in {"message", "command"}:
        return text_of(payload, "text")
    if kind == "submission":
        return _json_of(text_of(map_of(payload, "view"), "private_metadata"))
    if kind == "press":
        action = map_of(payload, "action")
        return _json_of(text_of(action, "value") or text_of(map_of(action, "selected_option"), "value"))
    return ""


def _json_of(text: str) -> Mapping[str, Any] | str:
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, dict) else text


def _event(body: Mapping[str, Any], app: Identity) -> Iterator[Arrival]:
    event = {**map_of(body, "event"), "team": app.team}
    user, type_ = slack_id_of(event, "user"), text_of(event, "type")
    if not user or user == app.user or event.get("bot_id") or event.get("hidden"):
        return
    if type_ == "app_home_opened" and event.get("tab") == "home":
        yield from _one(ids.event_key(text_of(body, "event_id")), "home", _lane_of(user, app), event)
    elif type_ in {"message", "app_mention"} and text_of(event, "subtype") in SUBTYPES:
        yield from _message(event, app)


def _message(event: dict[str, Any], app: Identity) -> Iterator[Arrival]:
    channel, ts, thread = (slack_id_of(event, name) for name in ("channel", "ts", "thread_ts"))
    if not channel or not ts:
        return
    mentioned = event["type"] == "app_mention" or mentions(text_of(event, "text"), app.user)
    place = ""
    if event.get("channel_type") == "im" or ids.is_direct(channel):
        conversation = ids.conversation(app.team, channel)
    elif mentioned:
        event["mentioned"] = True
        conversation = ids.conversation(app.team, channel, thread or ts)
    elif thread:
        place = conversation = ids.conversation(app.team, channel, thread)
    else:
        return
    yield from _one(ids.message_key(channel, ts), "message", conversation, event, place)
    for file in maps_of(event, "files"):
        key = ids.file_key(channel, ts, text_of(file, "id"))
        # A file may wait for its message to be handled; what is said after it does not wait for the file.
        yield from _one(key, "file", f"{conversation}|files", {**event, "file": file}, place)


def _press(body: Mapping[str, Any], app: Identity, registry: Registry) -> Iterator[Arrival]:
    for action in maps_of(body, "actions"):
        payload = {**body, "action": action}
        if registry.find("press", id_of("press", payload, registry)) is not None:
            trigger = text_of(body, "trigger_id") or text_of(action, "action_ts")
            yield from _one(ids.press_key(trigger), "press", _lane_of_press(body, app), payload)
            return


def _lane_of_press(body: Mapping[str, Any], app: Identity) -> str:
    container, message = map_of(body, "container"), map_of(body, "message")
    channel = slack_id_of(container, "channel_id")
    if not channel:
        return _lane_of(slack_id_of(map_of(body, "user"), "id"), app)
    if ids.is_direct(channel):
        return ids.conversation(app.team, channel)
    thread = slack_id_of(container, "thread_ts") or slack_id_of(message, "thread_ts")
    return ids.conversation(app.team, channel, thread or slack_id_of(container, "message_ts"))


def _submission(body: Mapping[str, Any], app: Identity) -> Iterator[Arrival]:
    view = map_of(body, "view")
    key = ids.submission_key(text_of(view, "id"), text_of(view, "hash"))
    carried = _json_of(text_of(view, "private_metadata"))
    conversation = text_of(carried, "conversation") if not isinstance(carried, str) else ""
    yield from _one(key, "submission", conversation or _lane_of(slack_id_of(map_of(body, "user"), "id"), app), body)


def _one(key: str, kind: str, lane: str, payload: Mapping[str, Any], place: str = "") -> Iterator[Arrival]:
    yield Arrival(_plain(key), kind, _plain(lane)[:LONGEST_LANE], payload, place)


def _lane_of(user: str, app: Identity) -> str:
    return ids.participant(app.team, user)


def mentions(text: str, user: str) -> bool:
    """Whether a text speaks to this user."""
    return f"<@{user}>" in text or f"<@{user}|" in text


def _plain(text: str) -> str:
    """Without what a database may refuse; ids of Slack hold nothing of that."""
    return _not_plain.sub("?", text)
