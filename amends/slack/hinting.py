"""A sentence for one person about what they just did, where nobody else sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from amends.outbox import outgoing
from amends.slack import arrivals, hints, ids

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session


def tell(
    session: Session, key: str, kind: str, payload: Mapping[str, Any], sentence: str, at: datetime, *, team: str
) -> None:
    """Tell whoever did something a sentence about it.

    Args:
        key: names what they did; they are told once.
        kind, payload: of what they did.
    """
    name, user = f"told:{key}", arrivals.user_of(kind, payload)
    url, channel = arrivals.text_of(payload, "response_url"), arrivals.text_of(payload, "channel")
    if url:
        body = {**hints.message(sentence), "response_type": "ephemeral", "replace_original": False}
        outgoing.put(session, name, to=url, action="respond", body=body, at=at)
    elif kind in {"message", "file"} and channel:
        thread = arrivals.text_of(payload, "thread_ts") or None
        where = ids.Where(team, channel, None if ids.is_direct(channel) else thread)
        hints.hint(session, where, user, name, sentence, at, thread=thread)
    elif user and kind != "home":
        outgoing.put(session, name, to=user, body=hints.message(sentence), at=at)
