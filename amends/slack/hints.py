"""Short messages of the app's own: to a conversation, or only to one person in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from amends.outbox import outgoing
from amends.slack import arrivals, blocks, ids
from amends.slack.parts import address_of, slack_id_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session


def message(text: str) -> blocks.Message:
    """A text as a message."""
    return blocks.message([blocks.section(text=text)])


def post(session: Session, where: ids.Where, key: str, text: str, at: datetime, *, thread: str | None = None) -> None:
    """Say something in a conversation.

    Args:
        thread: of a direct message, when the person wrote in a thread of it.
    """
    outgoing.put(session, key, to=where.channel, thread=where.thread or thread, body=message(text), at=at)


def hint(
    session: Session, where: ids.Where, user: str, key: str, text: str, at: datetime, *, thread: str | None = None
) -> None:
    """Tell one person something that concerns nobody else; in a direct message it is an ordinary message."""
    if ids.is_direct(where.channel):
        post(session, where, key, text, at, thread=thread)
        return
    body = {**message(text), "user": user}
    outgoing.put(session, key, to=where.channel, thread=where.thread, action="ephemeral", body=body, at=at)


def tell(
    session: Session, key: str, kind: str, payload: Mapping[str, Any], sentence: str, at: datetime, *, team: str
) -> None:
    """Tell whoever did something a sentence about it.

    Args:
        key: names what they did; they are told once.
        kind, payload: of what they did.
    """
    name, user = f"told:{key}", arrivals.user_of(kind, payload)
    url, channel = address_of(payload, "response_url"), slack_id_of(payload, "channel")
    if url:
        body = {**message(sentence), "response_type": "ephemeral", "replace_original": False}
        outgoing.put(session, name, to=url, action="respond", body=body, at=at)
    elif kind in {"message", "file"} and channel:
        thread = slack_id_of(payload, "thread_ts") or None
        where = ids.Where(team, channel, None if ids.is_direct(channel) else thread)
        hint(session, where, user, name, sentence, at, thread=thread)
    elif user:
        # Who opened the Home tab reads it there; without a slot, since nothing draws it again.
        action: outgoing.Action = "home" if kind == "home" else "post"
        outgoing.put(session, name, to=user, action=action, body=message(sentence), at=at)
