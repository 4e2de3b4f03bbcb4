"""Response addresses: five uses within thirty minutes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.slack.fake.chat import checked
from tests.slack.fake.errors import SlackError
from tests.slack.fake.seen import Message
from tests.slack.fake.workspace import BOT_USER, Response

if TYPE_CHECKING:
    from tests.slack.fake.core import Core

MOST = 5
KNOWN = {"text", "blocks", "attachments", "response_type", "replace_original", "delete_original", "thread_ts"}
KNOWN |= {"unfurl_links", "unfurl_media", "metadata", "mrkdwn"}


def respond(slack: Core, key: str, args: dict[str, Any]) -> None:
    """One use of an address: a message, or what becomes of the original."""
    there = slack.space.responses.get(key)
    if there is None or slack.space.clock() - there.at > slack.space.response_life:
        raise SlackError("expired_url")
    if there.used >= MOST:
        raise SlackError("used_url")
    if set(args) - KNOWN:
        raise SlackError("invalid_payload")
    there.used += 1
    original = there.message
    if args.get("delete_original"):
        _original(original).deleted = True
    elif args.get("replace_original"):
        message = _original(original)
        message.text, message.blocks = checked(args)
        slack.space.put(message)
        slack.forget_choices(message.ts)
    else:
        said(slack, there, args)


def _original(message: Message | None) -> Message:
    if message is None or message.deleted:
        raise SlackError("message_not_found")
    return message


def said(slack: Core, there: Response, args: dict[str, Any]) -> None:
    """A new message: seen by the person alone unless it is for the channel."""
    kind = args.get("response_type", "ephemeral")
    if kind not in {"ephemeral", "in_channel"}:
        raise SlackError("invalid_response_type")
    text, blocks = checked(args)
    message = Message(there.channel, slack.space.new_ts(), BOT_USER, text, blocks, args.get("thread_ts"), by_app=True)
    message.only_for = there.user if kind == "ephemeral" else None
    slack.space.put(message)
    if kind == "in_channel":
        slack.echo_message(message)
