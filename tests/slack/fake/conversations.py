"""conversations.*: channels, their members and what was said there."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from tests.slack.fake import payloads
from tests.slack.fake.errors import SlackError
from tests.slack.fake.methods import method, number, truth
from tests.slack.fake.permissions import KINDS
from tests.slack.fake.workspace import BOT_USER, TEAM, Channel

if TYPE_CHECKING:
    from tests.slack.fake.core import Core
    from tests.slack.fake.seen import Message

PAGES = "cursor inclusive latest oldest limit include_all_metadata"


def _scoped(slack: Core, name: Any, right: str) -> Channel:
    """The conversation, if the app has the right for its kind: `channels:history`, `im:read` ..."""
    channel = slack.space.channel(str(name))
    slack.need(f"{KINDS[channel.kind]}:{right}")
    return channel


@method("conversations.open", "", "users channel return_im prevent_creation")
async def open_conversation(slack: Core, args: dict[str, Any]) -> dict[str, Any]:
    users = [each for each in str(args.get("users", "")).split(",") if each]
    if args.get("channel"):
        return {"channel": {"id": _scoped(slack, args["channel"], "write").id}, "no_op": True}
    if not users:
        raise SlackError("users_list_not_supplied")
    slack.need("im:write" if len(users) == 1 else "mpim:write")
    if len(users) > 8:
        raise SlackError("too_many_users")
    for user in map(slack.space.user, users):
        if user.deleted:
            raise SlackError("user_disabled")
        if user.bot:
            raise SlackError("cannot_dm_bot")
    known = len(slack.space.channels)
    channel = slack.space.direct(*users)
    answer: dict[str, Any] = {"channel": {"id": channel.id}}
    return answer | ({"no_op": True, "already_open": True} if len(slack.space.channels) == known else {})


@method("conversations.info", "channel", "include_locale include_num_members")
async def info(slack: Core, args: dict[str, Any]) -> dict[str, Any]:
    channel = _scoped(slack, args["channel"], "read")
    made: dict[str, Any] = {"id": channel.id, "created": 1_700_000_000, "is_archived": channel.archived}
    made |= {f"is_{kind}": channel.kind == kind for kind in KINDS}
    made |= {"is_private": channel.kind != "channel", "context_team_id": TEAM, "updated": 1_700_000_000_000}
    if channel.kind == "im":
        made["user"] = next(each for each in channel.members if each != BOT_USER)
    else:
        made |= {"name": channel.name, "name_normalized": channel.name, "is_member": BOT_USER in channel.members}
    if truth(args, "include_num_members"):
        made["num_members"] = len(channel.members)
    return {"channel": made}


@method("conversations.members", "channel", "cursor limit")
async def members(slack: Core, args: dict[str, Any]) -> dict[str, Any]:
    channel = _scoped(slack, args["channel"], "read")
    page, cursor = _page(sorted(channel.members), args, 100)
    return {"members": page, "response_metadata": {"next_cursor": cursor}}


@method("conversations.history", "channel", PAGES)
async def history(slack: Core, args: dict[str, Any]) -> dict[str, Any]:
    channel = _scoped(slack, args["channel"], "history")
    if BOT_USER not in channel.members:
        raise SlackError("not_in_channel")
    there = [each for each in slack.space.in_channel(channel.id) if not each.thread or each.thread == each.ts]
    found = [each for each in reversed(there) if _within(each, args)]
    page, cursor = _page(found, args, 100)
    return _messages(slack, page, args, cursor)


@method("conversations.replies", "channel ts", PAGES)
async def replies(slack: Core, args: dict[str, Any]) -> dict[str, Any]:
    channel = _scoped(slack, args["channel"], "history")
    if BOT_USER not in channel.members:
        raise SlackError("not_in_channel")
    first = slack.space.messages.get((channel.id, str(args["ts"])))
    if first is None or first.only_for:
        raise SlackError("thread_not_found")
    thread = slack.space.in_channel(channel.id, first.thread or first.ts)
    found = [each for each in thread if each.ts == first.ts or _within(each, args)]  # the first is always there
    page, cursor = _page(found, args, 1000)
    return _messages(slack, page, args, cursor)


def _order(ts: Any) -> tuple[int, int]:
    seconds, _, rest = str(ts).partition(".")
    return int(seconds), int(rest.ljust(6, "0")[:6])


def _within(message: Message, args: dict[str, Any]) -> bool:
    """Between `oldest` and `latest`; these themselves only with `inclusive`."""
    ts, inclusive = _order(message.ts), truth(args, "inclusive")
    oldest = _order(args.get("oldest") or "0")
    latest = _order(args.get("latest") or "99999999999")
    return oldest <= ts <= latest if inclusive else oldest < ts < latest


def _page(found: list[Any], args: dict[str, Any], usual: int) -> tuple[list[Any], str]:
    limit = number(args, "limit", usual)
    if not 1 <= limit <= 1000:
        raise SlackError("invalid_limit")
    try:
        start = int(base64.b64decode(args["cursor"]).decode().partition(":")[2]) if args.get("cursor") else 0
    except ValueError:
        raise SlackError("invalid_cursor") from None
    more = start + limit < len(found)
    cursor = base64.b64encode(f"next:{start + limit}".encode()).decode() if more else ""
    return found[start : start + limit], cursor


def _messages(slack: Core, page: list[Message], args: dict[str, Any], cursor: str) -> dict[str, Any]:
    metadata = truth(args, "include_all_metadata")
    shown = []
    for message in page:
        made = payloads.message_object(message, slack.parent(message), metadata=metadata)
        answers = [each for each in slack.space.in_channel(message.channel, message.ts) if each.ts != message.ts]
        if answers and not message.thread:
            made |= {"thread_ts": message.ts, "reply_count": len(answers), "latest_reply": answers[-1].ts}
            made |= {"reply_users": sorted({each.user for each in answers})}
        shown.append(made)
    answer: dict[str, Any] = {"messages": shown, "has_more": bool(cursor)}
    return answer | ({"response_metadata": {"next_cursor": cursor}} if cursor else {})
