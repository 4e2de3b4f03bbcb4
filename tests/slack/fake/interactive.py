"""Presses, submissions, shortcuts and commands as Slack sends them, shape for shape."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from tests.slack.fake import payloads
from tests.slack.fake.workspace import APP, DOMAIN, TEAM, Channel, User

if TYPE_CHECKING:
    from tests.slack.fake.seen import Message, View

NAMES = {"im": "directmessage", "group": "privategroup"}


def _who(user: User) -> dict[str, Any]:
    return {"id": user.id, "username": user.name, "name": user.name, "team_id": user.home_of or TEAM}


def _where(channel: Channel) -> dict[str, Any]:
    return {"id": channel.id, "name": NAMES.get(channel.kind, channel.name)}


def _interactive(kind: str, user: User, trigger: str) -> dict[str, Any]:
    return {
        "type": kind,
        "team": {"id": TEAM, "domain": DOMAIN},
        "user": _who(user),
        "api_app_id": APP,
        "token": payloads.TOKEN,
        "trigger_id": trigger,
        "enterprise": None,
        "is_enterprise_install": False,
    }


def pressed_message(
    user: User,
    channel: Channel,
    message: Message,
    parent: Message | None,
    action: dict[str, Any],
    values: dict[str, Any],
    trigger: str,
    response_url: str,
) -> dict[str, Any]:
    """block_actions on a message; an ephemeral message itself is not in the payload."""
    container: dict[str, Any] = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": message.only_for is not None,
    }
    if message.thread:
        container["thread_ts"] = message.thread
    made = _interactive("block_actions", user, trigger)
    made |= {"container": container, "channel": _where(channel), "state": {"values": values}}
    if not message.only_for:
        made["message"] = payloads.message_object(message, parent)
    return made | {"response_url": response_url, "actions": [action]}


def pressed_view(
    user: User, view: View, action: dict[str, Any], values: dict[str, Any], trigger: str
) -> dict[str, Any]:
    made = _interactive("block_actions", user, trigger)
    made |= {"container": {"type": "view", "view_id": view.id}, "view": payloads.view_object(view, values)}
    return made | {"actions": [action]}


def submitted(user: User, view: View, values: dict[str, Any], trigger: str) -> dict[str, Any]:
    made = _interactive("view_submission", user, trigger)
    return made | {"view": payloads.view_object(view, values), "response_urls": []}


def closed(user: User, view: View) -> dict[str, Any]:
    made = _interactive("view_closed", user, "")
    del made["trigger_id"]
    return made | {"view": payloads.view_object(view), "is_cleared": False}


def message_shortcut(
    user: User, channel: Channel, message: Message, parent: Message | None, callback: str, trigger: str, url: str
) -> dict[str, Any]:
    made = _interactive("message_action", user, trigger)
    made |= {"action_ts": f"{time.time():.6f}", "callback_id": callback, "message_ts": message.ts}
    made |= {"channel": _where(channel), "message": payloads.message_object(message, parent), "response_url": url}
    return made


def global_shortcut(user: User, callback: str, trigger: str) -> dict[str, Any]:
    made = _interactive("shortcut", user, trigger)
    del made["api_app_id"]
    return made | {"action_ts": f"{time.time():.6f}", "callback_id": callback}


def slash_command(user: User, channel: Channel, command: str, text: str, trigger: str, url: str) -> dict[str, str]:
    """Flat, as in the form of HTTP delivery."""
    return {
        "token": payloads.TOKEN,
        "team_id": TEAM,
        "team_domain": DOMAIN,
        "channel_id": channel.id,
        "channel_name": NAMES.get(channel.kind, channel.name),
        "user_id": user.id,
        "user_name": user.name,
        "command": command,
        "text": text,
        "api_app_id": APP,
        "is_enterprise_install": "false",
        "response_url": url,
        "trigger_id": trigger,
    }
