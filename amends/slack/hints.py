"""Short messages of the app's own: to a conversation, or only to one person in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amends.outbox import outgoing
from amends.slack import blocks, ids

if TYPE_CHECKING:
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
