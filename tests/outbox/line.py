"""A small Slack in memory: it keeps messages, refuses what Slack refuses, and fails in every way when it is told to."""

import asyncio
import itertools
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from amends.outbox.sender import WireError

NOW = datetime(2026, 3, 2, 9, 20, 30, 123456, tzinfo=UTC)  # a Monday, in office hours


class Clock:
    def __init__(self, at=NOW):
        self.at = at

    def __call__(self):
        return self.at

    def forward(self, seconds):
        self.at += timedelta(seconds=seconds)


@dataclass
class Fault:
    """`acts`: the call is carried out, and only then fails."""

    error: Exception
    acts: bool = False
    to: str | None = None


@dataclass
class Line:
    """The wire. `messages[channel][ts]` are the messages that stand now; `calls` is what was called."""

    clock: Clock
    channels: set[str] = field(default_factory=lambda: {"C1", "C2", "C3", "CLEADS", "D1"})
    calls: list = field(default_factory=list)
    messages: dict = field(default_factory=lambda: defaultdict(dict))
    homes: dict = field(default_factory=dict)
    faults: dict = field(default_factory=lambda: defaultdict(list))
    gates: dict = field(default_factory=dict)
    under_way: set = field(default_factory=set)
    behind: float = 0.0  # seconds by which Slack's clock is behind ours
    _numbers: itertools.count = field(default_factory=lambda: itertools.count(1))

    def fails(self, method, kind, reason="broken", *, times=1, acts=False, retry_after=None, to=None):
        error = WireError(kind, reason, retry_after)
        self.faults[method] += [Fault(error, acts, to) for _ in range(times)]

    def raises(self, method, error, *, acts=False):
        self.faults[method].append(Fault(error, acts))

    def texts(self, channel="C1"):
        return [message["text"] for message in self.messages[channel].values()]

    def called(self, *methods):
        return [method for method, _ in self.calls if not methods or method in methods]

    async def until(self, calls):
        """Wait until so many calls have come."""
        while len(self.calls) < calls:  # noqa: ASYNC110 - nothing of the sender is watched but its calls
            await asyncio.sleep(0.01)

    async def call(self, method, **arguments):
        self.calls.append((method, arguments))
        to = arguments.get("channel") or arguments.get("user_id") or arguments.get("url") or arguments.get("users")
        if method.startswith("chat."):
            assert (to, method) not in self.under_way, "two calls of one channel at the same time"
            self.under_way.add((to, method))
        try:
            if to in self.gates:
                await self.gates[to].wait()
            await asyncio.sleep(0)
            fault = next((each for each in self.faults[method] if each.to in {None, to}), None)
            if fault is not None:
                self.faults[method].remove(fault)
                if fault.acts:
                    self._act(method, arguments)
                raise fault.error
            return self._act(method, arguments)
        finally:
            self.under_way.discard((to, method))

    def _act(self, method, arguments):
        return getattr(self, "_" + method.replace(".", "_").lower())(**arguments)

    def _in(self, channel):
        if channel not in self.channels:
            raise WireError("never", "channel_not_found")
        return self.messages[channel]

    def _checked(self, message):
        assert message.get("text"), "the text says what the blocks say"
        blocks = message.get("blocks", [])
        if len(blocks) > 50 or any("type" not in block for block in blocks):
            raise WireError("invalid", "invalid_blocks")
        return message

    def _ts(self):
        return f"{self.clock().timestamp() - self.behind:.0f}.{next(self._numbers):06d}"

    def _chat_postmessage(self, *, channel, metadata, unfurl_links, unfurl_media, **message):
        assert unfurl_links is unfurl_media is False
        messages = self._in(channel)
        ts = self._ts()
        messages[ts] = {"ts": ts, "metadata": metadata, **self._checked(message)}
        return {"ok": True, "ts": ts, "channel": channel}

    def _chat_update(self, *, channel, ts, metadata, text, blocks=None):
        messages = self._in(channel)
        if ts not in messages:
            raise WireError("never", "message_not_found")
        changed = {"text": text, "metadata": metadata}
        if blocks is not None:
            changed["blocks"] = blocks
        messages[ts] |= self._checked(changed)
        return {"ok": True, "ts": ts, "channel": channel}

    def _chat_delete(self, *, channel, ts):
        if self._in(channel).pop(ts, None) is None:
            raise WireError("never", "message_not_found")
        return {"ok": True}

    def _chat_postephemeral(self, *, channel, user, text, blocks=(), thread_ts=None):
        self._in(channel)
        assert user.startswith("U")
        assert thread_ts is None or "." in thread_ts
        self._checked({"text": text, "blocks": blocks})
        return {"ok": True, "message_ts": self._ts()}

    def _respond(self, *, url, text, **_):
        assert url.startswith("https://")
        assert text
        return {"ok": True}

    def _views_publish(self, *, user_id, view):
        assert view["type"] == "home"
        assert view["blocks"]
        if any("type" not in block for block in view["blocks"]):
            raise WireError("invalid", "invalid_blocks")
        self.homes[user_id] = view
        return {"ok": True, "view": {"id": f"V{user_id}"}}

    def _conversations_open(self, *, users):
        self.channels.add(f"D{users}")
        return {"ok": True, "channel": {"id": f"D{users}"}}

    def _conversations_history(self, *, channel, **arguments):
        found = [message for message in self._in(channel).values() if "thread_ts" not in message]
        return self._page(found, **arguments)

    def _conversations_replies(self, *, channel, ts, **arguments):
        found = [message for message in self._in(channel).values() if ts in {message.get("thread_ts"), message["ts"]}]
        return self._page(found, **arguments)

    def _page(self, found, *, oldest, include_all_metadata, limit, cursor="0"):
        assert include_all_metadata is True
        found = sorted(found, key=lambda message: message["ts"], reverse=True)
        found = [message for message in found if float(message["ts"]) >= float(oldest)]
        start, end = int(cursor), int(cursor) + min(limit, 2)  # small pages, so that they are turned
        more = {"next_cursor": str(end)} if end < len(found) else {}
        return {"ok": True, "messages": found[start:end], "response_metadata": more}
