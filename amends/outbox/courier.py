"""Carries one message to Slack: draws it, finds it again when it may have been sent, falls back to plain text."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any, NamedTuple

from amends.incidents.database import RecordUnavailable
from amends.incidents.threads import in_thread
from amends.outbox import outgoing
from amends.outbox.finding import Unsure, find, metadata
from amends.outbox.wire import WireError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from amends.incidents.database import Database
    from amends.outbox.tables import Outgoing, Posted
    from amends.outbox.wire import Wire

    Drawing = Callable[[Session, Mapping[str, Any], datetime], dict[str, Any] | None]

logger = logging.getLogger(__name__)

LONGEST_TEXT = 11_000
LONGEST_SECTION = 3_000
UPDATED = ("text", "blocks", "attachments")


class Delivered(NamedTuple):
    """A message that was sent: where it stands, and what it says (see `Posted.body`). `gone`: it was deleted."""

    channel: str = ""
    ts: str = ""
    thread: str | None = None
    body: str = "{}"
    gone: bool = False


class Courier:
    """Carries messages to Slack.

    Args:
        posting: called with `to` whenever something is posted there, for the rate.
    """

    def __init__(
        self,
        database: Database,
        wire: Wire,
        drawings: Mapping[str, Drawing],
        now: Callable[[], datetime],
        posting: Callable[[str], None],
    ) -> None:
        self._database = database
        self._wire = wire
        self._drawings = drawings
        self._now = now
        self._posting = posting
        self._channels: dict[str, str] = {}

    async def carry(self, row: Outgoing) -> Delivered | None:
        """Carry out what a row says; None when there is nothing to send any more.

        Raises:
            WireError: it was not sent.
            Unsure: it may have been.
        """
        message, posted = await in_thread(self._read, row)
        if row.action == "delete":
            return await self._delete(posted)
        if message is None:
            return None
        kept = self._kept(row, message, posted)
        if row.action == "home":
            answer = await self._call("views.publish", message, _view, user_id=row.to)
            return Delivered(row.to, str(answer.get("view", {}).get("id", ""))[:20], None, kept)
        if row.action == "respond":
            await self._call("respond", message, _blocks, url=row.to)
            return Delivered()
        channel = await self._channel(row.to)
        if row.action == "ephemeral":
            thread = {"thread_ts": row.thread} if row.thread else {}
            await self._call("chat.postEphemeral", message, _blocks, channel=channel, **thread)
            return Delivered(channel)
        if row.action == "update" and posted is not None and await self._update(row, message, posted):
            return Delivered(posted.channel, posted.ts, posted.thread, kept)
        ts = row.ts or await self._post(row, channel, message)
        if row.action == "replace" and posted is not None and posted.ts != ts:
            await self._take_away(posted, ts)
        return Delivered(channel, ts, row.thread, kept)

    def _read(self, row: Outgoing) -> tuple[dict[str, Any] | None, Posted | None]:
        """The message, drawn from the record as it is now, and what stands in the slot."""
        try:
            with self._database.read() as session:
                posted = outgoing.stands(session, row.slot) if row.slot else None
                body = json.loads(row.body)
                if row.draw is None or row.action == "delete":
                    return body, posted
                return self._drawings[row.draw](session, body, self._now()), posted
        except RecordUnavailable as error:
            raise WireError("later", "record") from error
        except Exception as error:
            # A drawing that fails would fail again, and hold up what waits behind it. A traceback could hold what
            # people typed.
            logger.error("The drawing %s of %s failed: %s", row.draw, row.key, type(error).__name__)  # noqa: TRY400
            raise WireError("never", f"drawing: {type(error).__name__}") from error

    @staticmethod
    def _kept(row: Outgoing, message: dict[str, Any], posted: Posted | None) -> str:
        keep = message.pop("keep", None)
        if keep is not None:
            return json.dumps(keep, ensure_ascii=False)
        if row.draw and posted is not None and set(json.loads(row.body)) <= {"slot"}:
            return posted.body  # the arguments say only which message it is
        return row.body

    async def _channel(self, to: str) -> str:
        """The channel to post to; that of a user is their direct message."""
        if to[:1] not in {"U", "W"}:
            return to
        if to not in self._channels:
            try:
                answer = await self._wire.call("conversations.open", users=to)
            except WireError as error:
                if error.kind == "unknown":  # opening it again does no harm
                    raise WireError("later", error.reason) from error
                raise
            self._channels[to] = answer["channel"]["id"]
        return self._channels[to]

    async def _post(self, row: Outgoing, channel: str, message: dict[str, Any]) -> str:
        """Post it, unless it is there already; its `ts`."""
        if outgoing.may_be_sent(row) and (found := await find(self._wire, row, channel)):
            return found
        self._posting(row.to)
        thread = {"thread_ts": row.thread} if row.thread else {}
        options = {"unfurl_links": False, "unfurl_media": False, "metadata": metadata(row), **thread}
        answer = await self._call("chat.postMessage", message, _blocks, channel=channel, **options)
        return str(answer["ts"])

    async def _update(self, row: Outgoing, message: dict[str, Any], posted: Posted) -> bool:
        """Change the message that stands; False when somebody has deleted it."""
        drawn = {name: message[name] for name in UPDATED if name in message}
        where = {"channel": posted.channel, "ts": posted.ts, "metadata": metadata(row)}
        try:
            await self._call("chat.update", drawn, _blocks, **where)
        except WireError as error:
            if error.reason == "message_not_found":
                return False
            raise
        return True

    async def _delete(self, posted: Posted | None) -> Delivered:
        if posted is not None:
            try:
                await self._wire.call("chat.delete", channel=posted.channel, ts=posted.ts)
            except WireError as error:
                if error.reason != "message_not_found":
                    raise
        return Delivered(gone=True)

    async def _take_away(self, posted: Posted, ts: str) -> None:
        """Delete what the new message `ts` replaces; what cannot be deleted stays."""
        try:
            await self._delete(posted)
        except WireError as error:
            if error.kind not in {"never", "invalid"}:
                raise Unsure(error, ts) from error
            logger.warning("A message that was replaced could not be deleted: %s", error)

    async def _call(
        self,
        method: str,
        message: dict[str, Any],
        form: Callable[[dict[str, Any]], dict[str, Any]],
        **where: Any,
    ) -> dict[str, Any]:
        """Call a method with a message; when Slack does not take it, with its text alone."""
        try:
            return await self._wire.call(method, **{**where, **form(message)})
        except WireError as error:
            if error.kind != "invalid":
                raise
            logger.warning("Slack did not take a message (%s: %s); its text is sent alone.", method, error.reason)
        try:
            return await self._wire.call(method, **{**where, **form(_plain(message))})
        except WireError as error:
            if error.kind == "invalid":
                raise WireError("never", error.reason) from error
            raise


def _blocks(message: dict[str, Any]) -> dict[str, Any]:
    return message


def _view(message: dict[str, Any]) -> dict[str, Any]:
    text = {"type": "plain_text", "text": message.get("text", "")[:LONGEST_SECTION] or "…"}
    return {"view": {"type": "home", "blocks": message.get("blocks") or [{"type": "section", "text": text}]}}


def _plain(message: dict[str, Any]) -> dict[str, Any]:
    """The message without what Slack may have refused. The blocks are named, or an update would leave the old ones."""
    text = message.get("text") or "This message cannot be shown."
    rest = {name: value for name, value in message.items() if name not in {"attachments", "blocks", "text"}}
    if len(text) > LONGEST_TEXT:
        text = f"{text[:LONGEST_TEXT].rsplit(maxsplit=1)[0]} …"
    return {**rest, "text": text, "blocks": []}
