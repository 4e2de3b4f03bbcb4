"""Finds a message again that may have been sent, by the key that every message carries."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from amends.outbox.outgoing import LEASE
from amends.outbox.wire import WireError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from amends.outbox.tables import Outgoing
    from amends.outbox.wire import Wire

logger = logging.getLogger(__name__)

EVENT = "amends_outgoing"
SKEW = timedelta(hours=3)
"""How far Slack's clock may be behind ours: a machine that takes its local time for UTC is hours ahead. What is looked
for is among the newest, so the first page has it."""
PAGES = 10


class Unsure(Exception):  # noqa: N818 - it reads as what it says
    """It may have been sent, or was sent in part; `ts` is the part that is there."""

    def __init__(self, error: WireError, ts: str | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self.ts = ts


def metadata(row: Outgoing) -> dict[str, Any]:
    """What a message carries, unseen, to be found again."""
    return {"event_type": EVENT, "event_payload": {"key": row.key}}


async def find(wire: Wire, row: Outgoing, channel: str) -> str | None:
    """The `ts` of a message that may have been sent; None when it was not.

    Raises:
        Unsure: it cannot be looked for now.
    """
    assert row.started_at is not None
    # If the clock was put back since, nobody knows when that was.
    begun = (row.started_at - SKEW).timestamp() if row.started_at <= row.not_before - LEASE else 0.0
    arguments: dict[str, Any] = {
        "channel": channel,
        "oldest": f"{begun:.6f}",
        "include_all_metadata": True,
        "limit": 200,
    }
    method = "conversations.history"
    if row.thread:
        method, arguments["ts"] = "conversations.replies", row.thread
    for _ in range(PAGES):
        try:
            answer = await wire.call(method, **arguments)
        except WireError as error:
            if error.kind in {"never", "invalid"} or error.reason == "missing_scope":
                logger.warning("It cannot be seen whether %s was sent (%s); it is sent again.", row.key, error)
                return None
            raise Unsure(error) from error
        for message in answer.get("messages", ()):
            if _key_of(message) == row.key:
                return str(message["ts"])
        cursor = (answer.get("response_metadata") or {}).get("next_cursor")
        if not cursor:
            return None
        arguments["cursor"] = cursor
    return None


def _key_of(message: Mapping[str, Any]) -> str | None:
    carried = message.get("metadata") or {}
    if carried.get("event_type") != EVENT:
        return None
    key: str | None = (carried.get("event_payload") or {}).get("key")
    return key
