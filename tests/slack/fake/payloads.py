"""Events, messages, views and people as Slack sends them, shape for shape."""

from __future__ import annotations

import copy
import re
import secrets
import time
from typing import TYPE_CHECKING, Any

from tests.slack.fake.permissions import KINDS
from tests.slack.fake.workspace import APP, BOT, BOT_USER, TEAM, Channel, User

if TYPE_CHECKING:
    from tests.slack.fake.seen import Message, View

TOKEN = "verification0token"
LINK = r"https?://[^\s<>|]*[^\s<>|.,;:!?)]"


def event_callback(event: dict[str, Any], event_id: str | None = None) -> dict[str, Any]:
    """The wrapper of every event."""
    return {
        "token": TOKEN,
        "team_id": TEAM,
        "context_team_id": TEAM,
        "context_enterprise_id": None,
        "api_app_id": APP,
        "event": event,
        "type": "event_callback",
        "event_id": event_id or f"Ev{secrets.token_hex(5).upper()}",
        "event_time": int(time.time()),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": TEAM,
                "user_id": BOT_USER,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
        "event_context": f"4-{secrets.token_hex(20)}",
    }


def message_object(message: Message, parent: Message | None = None, *, metadata: bool = False) -> dict[str, Any]:
    """A message as history, the answer of chat.postMessage and interactive payloads show it."""
    made: dict[str, Any] = {"type": "message", "user": message.user, "text": message.text, "ts": message.ts}
    made["team"] = TEAM
    if message.by_app:
        made |= {"bot_id": BOT, "app_id": APP, "bot_profile": bot_profile()}
    else:
        made["client_msg_id"] = message.client_msg_id
    if message.blocks:
        made["blocks"] = copy.deepcopy(message.blocks)
    if message.files:
        made |= {"files": copy.deepcopy(message.files), "upload": False, "subtype": "file_share"}
    if message.thread:
        made["thread_ts"] = message.thread
        if parent is not None and parent.ts != message.ts:
            made["parent_user_id"] = parent.user
    if message.edited:
        made["edited"] = {"user": message.user, "ts": message.edited}
    if metadata and message.metadata:
        made["metadata"] = copy.deepcopy(message.metadata)
    return made


def bot_profile() -> dict[str, Any]:
    return {"id": BOT, "app_id": APP, "name": "Amends", "deleted": False, "team_id": TEAM, "icons": {}}


def message_event(message: Message, channel: Channel, parent: Message | None) -> dict[str, Any]:
    extra = {"channel": channel.id, "event_ts": message.ts, "channel_type": channel.kind}
    return message_object(message, parent) | extra


def mention_event(message: Message, parent: Message | None) -> dict[str, Any]:
    made = message_object(message, parent)
    made.pop("subtype", None)
    return made | {"type": "app_mention", "channel": message.channel, "event_ts": message.ts}


def changed_event(message: Message, before: dict[str, Any], channel: Channel, ts: str) -> dict[str, Any]:
    return {
        "type": "message",
        "subtype": "message_changed",
        "message": message_object(message),
        "previous_message": before,
        "channel": channel.id,
        "hidden": True,
        "ts": ts,
        "event_ts": ts,
        "channel_type": channel.kind,
    }


def deleted_event(message: Message, channel: Channel, ts: str) -> dict[str, Any]:
    return {
        "type": "message",
        "subtype": "message_deleted",
        "previous_message": message_object(message),
        "channel": channel.id,
        "hidden": True,
        "deleted_ts": message.ts,
        "ts": ts,
        "event_ts": ts,
        "channel_type": channel.kind,
    }


def event_name(channel: Channel) -> str:
    """What the manifest calls a message in a conversation of this kind."""
    return f"message.{KINDS[channel.kind]}"


def view_object(view: View, values: dict[str, Any] | None = None) -> dict[str, Any]:
    """A view as views.open answers with it and as payloads carry it."""
    sent = copy.deepcopy(view.view)
    made: dict[str, Any] = {
        "id": view.id,
        "team_id": TEAM,
        "type": sent["type"],
        "blocks": sent["blocks"],
        "private_metadata": sent.get("private_metadata", ""),
        "callback_id": sent.get("callback_id", ""),
        "state": {"values": values or {}},
        "hash": view.hash,
        "title": sent.get("title", {"type": "plain_text", "text": "View Title", "emoji": True}),
        "clear_on_close": sent.get("clear_on_close", False),
        "notify_on_close": sent.get("notify_on_close", False),
        "close": sent.get("close"),
        "submit": sent.get("submit"),
        "previous_view_id": view.previous,
        "root_view_id": view.root,
        "app_id": APP,
        "external_id": sent.get("external_id", ""),
        "app_installed_team_id": TEAM,
        "bot_id": BOT,
    }
    return made


def home_opened(user: User, channel: Channel, view: View | None, ts: str, tab: str = "home") -> dict[str, Any]:
    event: dict[str, Any] = {"type": "app_home_opened", "user": user.id, "channel": channel.id, "tab": tab}
    if view is not None and tab == "home":
        event["view"] = view_object(view)
    return event | {"event_ts": ts}


def user_object(user: User) -> dict[str, Any]:
    """As users.info answers; a deactivated user has no time zone."""
    made: dict[str, Any] = {
        "id": user.id,
        "team_id": user.home_of or TEAM,
        "name": user.name,
        "deleted": user.deleted,
        "profile": {
            "title": "",
            "real_name": user.real_name,
            "real_name_normalized": user.real_name,
            "display_name": user.real_name.split()[0],
            "display_name_normalized": user.real_name.split()[0],
            "team": user.home_of or TEAM,
        },
        "is_bot": user.bot,
        "is_app_user": False,
        "updated": 1_700_000_000,
    }
    if user.deleted:
        return made
    made |= {"color": "9f69e7", "real_name": user.real_name, "tz": user.tz, "tz_label": user.tz, "tz_offset": 0}
    made |= dict.fromkeys(("is_admin", "is_owner", "is_primary_owner", "is_ultra_restricted"), False)
    made |= {"is_restricted": user.guest, "is_email_confirmed": True, "who_can_share_contact_card": "EVERYONE"}
    return made | ({"is_stranger": True} if user.home_of else {})


def rich_text(text: str) -> list[dict[str, Any]]:
    """The block that Slack makes of what somebody typed; nothing is escaped in it."""
    parts: list[dict[str, Any]] = []
    for part in re.split(rf"(<@[A-Z0-9]+>|{LINK})", text):
        if re.fullmatch(r"<@[A-Z0-9]+>", part):
            parts.append({"type": "user", "user_id": part[2:-1]})
        elif re.fullmatch(LINK, part):
            parts.append({"type": "link", "url": part})
        elif part:
            parts.append({"type": "text", "text": part})
    section = {"type": "rich_text_section", "elements": parts}
    return [{"type": "rich_text", "block_id": secrets.token_hex(2), "elements": [section]}]


def typed(text: str) -> str:
    """Text as Slack stores it: `&`, `<` and `>` escaped, links and addresses in angle brackets."""
    made = []
    for part in re.split(r"(<[@#!][^<>]*>)", text):
        if re.fullmatch(r"<[@#!][^<>]*>", part):
            made.append(part)
            continue
        escaped = part.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        escaped = re.sub(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b", r"<mailto:\g<0>|\g<0>>", escaped)
        made.append(re.sub(LINK, r"<\g<0>>", escaped))
    return "".join(made)
