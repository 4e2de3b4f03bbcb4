"""The message that somebody asked for help with: read as a report, and kept as it came."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import aiohttp
from slack_sdk.errors import SlackClientError

from amends.outbox import outgoing
from amends.outbox.tables import Inbound
from amends.slack import ids, talking
from amends.slack.clipping import clip
from amends.slack.parts import map_of, maps_of, slack_id_of, text_of
from amends.slack.registry import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from zoneinfo import ZoneInfo

    from sqlalchemy.orm import Session

    from amends.slack.desk import Desk
    from amends.slack.registry import Call

NAME = "original-message.json"
LONGEST = 4_500
"""Characters of a message that become the report; all of it is kept as evidence. Rasa takes 10,000, marks included."""
NO_TEXT = "A message without words, which somebody asks for help with."
WHICH = "Slack did not say which message you mean, so nothing was done. Choose it from the menu of the message again."
ATTACHED = ("fallback", "pretext", "title", "text")


async def report_of(desk: Desk, payload: Mapping[str, Any]) -> str:
    """The report that a message makes: its own words first, then who wrote it, when and where.

    The words are not put into quotation marks: what is quoted is not taken for what happened.

    Args:
        payload: of the message shortcut.

    Raises:
        Refused: it does not say which message.
    """
    message = map_of(payload, "message")
    channel, ts = _named(payload)
    at = written_at(ts, desk.settings.zone)
    text = await talking.typed(desk, "\n".join(texts(message)))
    author = await _author(desk, message)
    link = await _link(desk, channel, ts)
    return f"{clip(text, LONGEST) or NO_TEXT}\n\n{author} wrote this in Slack on {at}{f': {link}' if link else '.'}"


def written_at(ts: str, zone: ZoneInfo) -> str:
    """When a message was written, in words that the assistant reads as that time.

    Raises:
        Refused: that is no time.
    """
    try:
        time = datetime.fromtimestamp(float(ts), UTC).astimezone(zone)
    except (ValueError, OverflowError, OSError) as error:
        raise Refused(WHICH) from error
    return f"{time.day} {time:%B %Y} at {time:%H:%M}"


def keep_later(session: Session, call: Call, conversation_id: str) -> None:
    """Have the message, as it came, and its files kept as evidence when its incident is open.

    They wait in the lane of files, so that they hold up nothing that is said meanwhile.
    """
    message = map_of(call.payload, "message")
    _wait(session, call, conversation_id, {"id": "original", "name": NAME}, {"original": message})
    for file in maps_of(message, "files"):
        _wait(session, call, conversation_id, file, {})


def _wait(session: Session, call: Call, conversation_id: str, file: Mapping[str, Any], more: Mapping[str, Any]) -> None:
    channel, ts = _named(call.payload)
    payload = {
        "type": "message",
        "team": call.person.team,
        "user": call.person.user,
        "channel": channel,
        "ts": ts,
        "file": file,
        "pointed": {"conversation": conversation_id, "after": call.key},
        **more,
    }
    values = {
        "key": ids.file_key(channel, ts, f"{slack_id_of(file, 'id')}:{call.key}"),
        "kind": "file",
        "lane": f"{conversation_id}|files",
        "payload": json.dumps(payload),
        "received_at": call.at,
        "not_before": call.at,
        "attempts": 0,
        "set_aside": False,
    }
    statement = outgoing.insert(session)(Inbound).values(**values)
    session.execute(statement.on_conflict_do_nothing(index_elements=["key"]))


def texts(message: Mapping[str, Any]) -> Iterator[str]:
    """The words of a message, and of what is attached to it: a forwarded message, a preview of a post."""
    own = text_of(message, "text")
    if own:
        yield own
    for attached in maps_of(message, "attachments"):
        said = next((text for part in reversed(ATTACHED) if (text := text_of(attached, part))), "")
        if said and said not in own:
            yield said


def _named(payload: Mapping[str, Any]) -> tuple[str, str]:
    """The channel and the time stamp of the message that somebody asks for help with."""
    channel, ts = slack_id_of(map_of(payload, "channel"), "id"), slack_id_of(map_of(payload, "message"), "ts")
    if not channel or not ts:
        raise Refused(WHICH)
    return channel, ts


async def _author(desk: Desk, message: Mapping[str, Any]) -> str:
    user = slack_id_of(message, "user")
    if user:
        name = await talking.name_of(desk, user)
        return f"{name[:1].upper()}{name[1:]}"
    return text_of(message, "username") or text_of(map_of(message, "bot_profile"), "name") or "An app"


async def _link(desk: Desk, channel: str, ts: str) -> str:
    """The address of a message; empty where the app may not see it."""
    try:
        answer = await desk.client.chat_getPermalink(channel=channel, message_ts=ts)
    except (SlackClientError, aiohttp.ClientError, TimeoutError, OSError):
        return ""
    return str(answer.get("permalink") or "")
