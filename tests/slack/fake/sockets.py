"""Socket Mode: single-use addresses, at most ten connections, each payload to one of them."""

from __future__ import annotations

import asyncio
import json
import secrets
import uuid
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web

from tests.slack.fake.delivering import Answer
from tests.slack.fake.workspace import APP

if TYPE_CHECKING:
    from tests.slack.fake.core import Core
    from tests.slack.fake.delivering import Delivery

MOST = 10


class Sockets:
    def __init__(self, slack: Core) -> None:
        self.slack = slack
        self.tickets: set[str] = set()
        self.open: list[web.WebSocketResponse] = []
        self.waiting: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self.late: set[str] = set()
        self.closing: list[asyncio.Task[None]] = []
        self._next = 0

    def new_url(self) -> str:
        ticket = secrets.token_hex(16)
        self.tickets.add(ticket)
        return f"{self.slack.url.replace('http', 'ws', 1)}/link/?ticket={ticket}&app_id={APP}"

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """A connection, for as long as it holds."""
        ticket = request.query.get("ticket", "")
        if ticket not in self.tickets:
            self.slack.log.refuse("socket", "used_url", "an address of Socket Mode opens one connection")
            return web.Response(status=404)
        self.tickets.discard(ticket)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        if len(self.open) >= MOST:
            self.slack.log.refuse("socket", "too_many_websockets", f"at most {MOST} connections")
            await socket.send_json(self._disconnect("too_many_websockets"))
            await socket.close()
            return socket
        self.open.append(socket)
        await socket.send_json(self._hello())
        try:
            async for frame in socket:
                if frame.type == WSMsgType.TEXT:
                    self._received(frame.data)
        finally:
            if socket in self.open:
                self.open.remove(socket)
        return socket

    def _hello(self) -> dict[str, Any]:
        return {
            "type": "hello",
            "num_connections": len(self.open) + self.slack.faults.ghosts,
            "debug_info": self._debug(),
            "connection_info": {"app_id": APP},
        }

    @staticmethod
    def _debug() -> dict[str, Any]:
        return {"host": "applink-7fc4fdbb64-4x5xq", "build_number": 10, "approximate_connection_time": 18060}

    def _disconnect(self, reason: str) -> dict[str, Any]:
        return {"type": "disconnect", "reason": reason, "debug_info": self._debug()}

    def _received(self, text: str) -> None:
        try:
            frame = json.loads(text)
            envelope = frame["envelope_id"]
        except (ValueError, KeyError, TypeError):
            self.slack.log.refuse("socket", "invalid_frame", text[:200])
            return
        if set(frame) - {"envelope_id", "payload"}:
            self.slack.log.refuse("socket", "invalid_frame", text[:200])
        there = self.waiting.pop(envelope, None)
        if there is not None and not there.done():
            there.set_result(frame.get("payload") or {})
        elif envelope in self.late:
            self.late.discard(envelope)
        else:
            self.slack.log.refuse("socket", "unknown_envelope", envelope)

    def _one(self) -> web.WebSocketResponse | None:
        """The connection whose turn it is; None is a ghost's turn."""
        turns: list[web.WebSocketResponse | None] = [*self.open, *[None] * self.slack.faults.ghosts]
        self._next += 1
        return turns[self._next % len(turns)]

    async def send(self, delivery: Delivery, attempt: int, _reason: str, timeout: float) -> Answer:
        if not self.open and not self.slack.faults.ghosts:
            return Answer(ok=False, reason="no_connection")
        envelope = str(uuid.uuid4())
        frame: dict[str, Any] = {
            "envelope_id": envelope,
            "payload": delivery.payload,
            "type": delivery.kind,
            "accepts_response_payload": delivery.kind != "events_api",
        }
        if delivery.kind == "events_api":
            frame |= {"retry_attempt": attempt, "retry_reason": "timeout" if attempt else ""}
        answer = self.waiting[envelope] = asyncio.get_running_loop().create_future()
        socket = self._one()
        try:
            if socket is not None:
                await socket.send_json(frame)
            payload = await asyncio.wait_for(answer, timeout)
        except TimeoutError:
            self.waiting.pop(envelope, None)
            self.late.add(envelope)
            return Answer(ok=False, reason="timeout")
        except (ConnectionError, RuntimeError):
            self.waiting.pop(envelope, None)
            return Answer(ok=False, reason="timeout")
        return Answer(ok=True, payload=payload or None)

    async def disconnect(self, reason: str) -> None:
        """Asks the app to connect anew, and closes a moment later; an empty reason cuts the line without a word."""
        for socket in list(self.open):
            if reason:
                await socket.send_json(self._disconnect(reason))
            elif socket._req is not None and socket._req.transport is not None:
                socket._req.transport.abort()
            if reason and reason != "warning":
                self.closing.append(asyncio.ensure_future(self._close(socket)))

    @staticmethod
    async def _close(socket: web.WebSocketResponse) -> None:
        await asyncio.sleep(0.5)
        await socket.close()

    async def stop(self) -> None:
        for task in self.closing:
            task.cancel()
        await asyncio.gather(*self.closing, return_exceptions=True)
        for socket in list(self.open):
            await socket.close()
