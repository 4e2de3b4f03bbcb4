"""Delivers to the app, over a socket or signed HTTP, again and again as Slack does."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.slack.fake.seen import Ack

if TYPE_CHECKING:
    from tests.slack.fake.core import Core


@dataclass
class Delivery:
    """One payload for the app."""

    kind: str  # events_api, interactive, slash_commands
    what: str
    id: str
    payload: dict[str, Any]


@dataclass
class Answer:
    """What an attempt came to."""

    ok: bool
    reason: str = ""
    payload: dict[str, Any] | None = None
    no_retry: bool = False
    extra: dict[str, Any] = field(default_factory=dict)


def event_delivery(payload: dict[str, Any]) -> Delivery:
    return Delivery("events_api", payload["event"]["type"], payload["event_id"], payload)


def interactive_delivery(payload: dict[str, Any]) -> Delivery:
    return Delivery("interactive", payload["type"], payload.get("trigger_id", ""), payload)


class Delivering:
    """Events are tried four times in all; presses, submissions and commands once."""

    def __init__(self, slack: Core) -> None:
        self.slack = slack
        self.ack_timeout = 3.0
        self.retry_waits = [0.05, 1.0, 3.0]  # Slack: at once, a minute, five minutes
        self.running: set[asyncio.Task[Any]] = set()

    def start(self, delivery: Delivery) -> None:
        """Delivers without waiting for it."""
        self._keep(self.deliver(delivery))

    def _keep(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self.running.add(task)
        task.add_done_callback(self.running.discard)

    async def deliver(self, delivery: Delivery) -> Ack:
        """Delivers, and says what came of it."""
        faults = self.slack.faults
        wait = faults.waits(delivery.kind)
        if wait:
            await asyncio.sleep(wait)
        if faults.twice(delivery.kind):
            self._keep(self._until_acked(delivery))
        return await self._until_acked(delivery)

    async def _until_acked(self, delivery: Delivery) -> Ack:
        waits = list(self.retry_waits) if delivery.kind == "events_api" else []
        attempt, reason = 0, ""
        while True:
            ack = await self._attempt(delivery, attempt, reason)
            if ack.ok or attempt >= len(waits) or ack.reason == "no_retry":
                break
            attempt, reason = attempt + 1, ack.reason
            await asyncio.sleep(waits[attempt - 1])
        if not ack.ok and delivery.kind == "events_api":
            self.slack.log.given_up.append(ack)
        return ack

    async def _attempt(self, delivery: Delivery, attempt: int, reason: str) -> Ack:
        started = time.monotonic()
        way = self.slack.signed if self.slack.transport == "http" else self.slack.sockets
        answer = await way.send(delivery, attempt, reason, self.ack_timeout)
        took = time.monotonic() - started
        if answer.ok and self.slack.faults.happens(self.slack.faults.dropped_acks):
            answer = Answer(ok=False, reason="http_timeout" if self.slack.transport == "http" else "timeout")
        ack = Ack(delivery.kind, delivery.what, delivery.id, answer.ok, attempt, took, answer.payload, answer.reason)
        if answer.no_retry:
            ack.reason = "no_retry"
        self.slack.log.acks.append(ack)
        return ack

    async def settled(self, timeout: float) -> bool:
        """Waits until nothing is on its way any more, nor what came of it."""
        end = time.monotonic() + timeout
        while self.running and time.monotonic() < end:
            await asyncio.wait(set(self.running), timeout=end - time.monotonic())
        return not self.running

    async def stop(self) -> None:
        for task in set(self.running):
            task.cancel()
        await asyncio.gather(*self.running, return_exceptions=True)
