"""chat.*: messages, and what is wrong with them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from tests.slack import strict
from tests.slack.fake import payloads
from tests.slack.fake.errors import SlackError, invalid_arguments, invalid_blocks
from tests.slack.fake.methods import method
from tests.slack.fake.seen import Message
from tests.slack.fake.workspace import BOT_USER, DOMAIN, Channel
from tests.slack.strict_parts import Refused

if TYPE_CHECKING:
    from tests.slack.fake.core import Core

LOOKS = "attachments link_names parse mrkdwn markdown_text as_user"
PLACE = "unfurl_links unfurl_media username icon_emoji icon_url reply_broadcast"


def checked(args: dict[str, Any], *, update: bool = False) -> tuple[str, list[dict[str, Any]]]:
    """Text and blocks, if Slack would take them. A text is always wanted, for those who do not see the blocks."""
    try:
        blocks = _json(args.get("blocks") or [])
        strict.check_message({**args, "blocks": blocks}, update=update)
    except Refused as wrong:
        raise as_slack(wrong) from wrong
    text = str(args.get("text") or "")
    if not text.strip():
        raise SlackError("no_text")
    return text, blocks


def as_slack(wrong: Refused) -> SlackError:
    """Slack's answer, with the place in response_metadata."""
    problem = f"{wrong.reason} [json-pointer:{wrong.pointer}]"
    if wrong.error in {"invalid_blocks", "invalid_blocks_format"}:
        return invalid_blocks([problem], wrong.error)
    if wrong.error == "invalid_arguments":
        return invalid_arguments(problem)
    return SlackError(wrong.error)


def _json(value: Any) -> Any:
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        raise SlackError("invalid_blocks_format") from None


def _metadata(args: dict[str, Any]) -> dict[str, Any] | None:
    """Metadata has a type and a flat payload."""
    metadata = _json(args.get("metadata"))
    if not metadata:
        return None
    if set(metadata) != {"event_type", "event_payload"} or not isinstance(metadata["event_payload"], dict):
        raise SlackError("invalid_metadata_format")
    if not re.fullmatch(r"[A-Za-z0-9_.\-]{1,255}", str(metadata["event_type"])):
        raise SlackError("invalid_metadata_schema")
    if len(json.dumps(metadata)) > 16_000:
        raise SlackError("metadata_too_large")
    return dict(metadata)


def writable(slack: Core, name: str) -> Channel:
    """Where the app may write: a channel it is in, or a person."""
    if name in slack.space.users:
        user = slack.space.users[name]
        if user.deleted or user.id == BOT_USER:
            raise SlackError("channel_not_found")
        return slack.space.direct(name)
    channel = slack.space.channel(name)
    if channel.archived:
        raise SlackError("is_archived")
    public = channel.kind == "channel" and slack.permissions.manifest is not None
    if BOT_USER not in channel.members and not (public and slack.permissions.has("chat:write.public")):
        raise SlackError("not_in_channel")
    return channel


def _thread(slack: Core, channel: Channel, args: dict[str, Any]) -> str | None:
    """The thread: its first message has to be there, and no reply itself."""
    thread = args.get("thread_ts")
    if not thread:
        return None
    if not re.fullmatch(r"\d{10}\.\d{6}", str(thread)):
        raise SlackError("invalid_thread_ts")
    first = slack.space.messages.get((channel.id, str(thread)))
    if first is None or first.only_for:
        raise SlackError("thread_not_found")
    return first.thread or first.ts


@method("chat.postMessage", "channel", f"text blocks metadata thread_ts {LOOKS} {PLACE}", scope="chat:write")
async def post_message(slack: Core, args: dict[str, Any]) -> dict[str, Any]:
    channel = writable(slack, str(args["channel"]))
    text, blocks = checked(args)
    thread = _thread(slack, channel, args)
    slack.hold_rate(channel.id)
    message = Message(channel.id, slack.space.new_ts(), BOT_USER, text, blocks, thread, by_app=True)
    message.metadata = _metadata(args)
    slack.space.put(message)
    slack.echo_message(message)
    shown = payloads.message_object(message, slack.parent(message), metadata=True)
    return {"channel": channel.id, "ts": message.ts, "message": shown}


@method("chat.update", "channel ts", f"text blocks metadata {LOOKS} reply_broadcast file_ids", scope="chat:write")
async def update(slack: Core, args: dict[str, Any]) -> dict[str, Any]:
    if str(args["channel"]) in slack.space.users:
        raise SlackError("channel_not_found")  # a direct message is updated under its own id
    channel = slack.space.channel(str(args["channel"]))
    message = slack.space.message(channel.id, str(args["ts"]))
    if message.user != BOT_USER:
        raise SlackError("cant_update_message")
    text, blocks = checked(args, update=True)
    before = payloads.message_object(message)
    message.text, message.edited = text, slack.space.new_ts()
    if "blocks" in args:  # otherwise the blocks that are there stay
        message.blocks = blocks
    if "metadata" in args:
        message.metadata = _metadata(args)
    slack.space.put(message)
    slack.forget_choices(message.ts)
    slack.echo_changed(message, before)
    shown = payloads.message_object(message, slack.parent(message), metadata=True)
    return {"channel": channel.id, "ts": message.ts, "text": text, "message": shown}


@method("chat.delete", "channel ts", "as_user", scope="chat:write")
async def delete(slack: Core, args: dict[str, Any]) -> dict[str, Any]:
    if str(args["channel"]) in slack.space.users:
        raise SlackError("channel_not_found")
    channel = slack.space.channel(str(args["channel"]))
    message = slack.space.message(channel.id, str(args["ts"]))
    if message.user != BOT_USER:
        raise SlackError("cant_delete_message")
    message.deleted = True
    slack.echo_deleted(message)
    return {"channel": channel.id, "ts": message.ts}


@method("chat.postEphemeral", "channel user", f"text blocks thread_ts {LOOKS} {PLACE}", scope="chat:write")
async def post_ephemeral(slack: Core, args: dict[str, Any]) -> dict[str, Any]:
    channel = writable(slack, str(args["channel"]))
    text, blocks = checked(args)
    if str(args["user"]) not in channel.members:
        raise SlackError("user_not_in_channel")
    thread = _thread(slack, channel, args)
    message = Message(channel.id, slack.space.new_ts(), BOT_USER, text, blocks, thread, by_app=True)
    message.only_for = str(args["user"])
    slack.space.put(message)
    return {"message_ts": message.ts}


@method("chat.getPermalink", "channel message_ts")
async def get_permalink(slack: Core, args: dict[str, Any]) -> dict[str, Any]:
    channel = slack.space.channel(str(args["channel"]))
    message = slack.space.message(channel.id, str(args["message_ts"]))
    link = f"https://{DOMAIN}.slack.com/archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.thread:
        link += f"?thread_ts={message.thread}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}
