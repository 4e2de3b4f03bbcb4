"""The socket to Slack: opened, watched, and opened anew, for as long as the desk runs.

slack-sdk follows Slack's `disconnect` by itself. When that fails it would try the same address for ever, though each
is good for one connection only; so a client that stays without a connection is thrown away, and a new one begins
with a new address.
"""

from __future__ import annotations

import asyncio
import logging
import random
from typing import TYPE_CHECKING, Any

from slack_bolt.adapter.socket_mode.async_internals import send_async_response
from slack_sdk.socket_mode.aiohttp import SocketModeClient

from amends.slack.clients import NOT_REACHED, proxy, reason_of
from amends.slack.logs import log_error, quiet

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from slack_bolt.response import BoltResponse
    from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
    from slack_sdk.socket_mode.request import SocketModeRequest
    from slack_sdk.web.async_client import AsyncWebClient

    from amends.settings import Settings

logger = logging.getLogger(__name__)
_chance = random.SystemRandom()

PING = 5.0
"""Seconds between two pings; four without an answer, and the connection is taken for lost."""
WATCH = 0.2
"""Seconds between two looks at the connection."""
OPENING = 10.0
"""Seconds that opening a connection may take."""
LONGEST_WAIT = 30.0
"""Seconds between two attempts while Slack cannot be reached."""


class Connection:
    """Holds one socket open.

    Args:
        client: for `apps.connections.open`.
        take: takes a payload; it is acknowledged when the answer has the status 200.
    """

    def __init__(
        self, settings: Settings, client: AsyncWebClient, take: Callable[[Mapping[str, Any]], Awaitable[BoltResponse]]
    ) -> None:
        self._settings = settings
        self._web = client
        self._take = take
        self._client: SocketModeClient | None = None
        self._greeted: object = None
        self._hello = asyncio.Event()
        self.trouble = "The socket is not open yet."
        """Why there is no connection, as a sentence; empty while there is one."""
        self.connections = 0
        """How many connections the app had when this one was opened."""

    @property
    def connected(self) -> bool:
        """Whether Slack has said hello on the connection that stands now."""
        client = self._client
        session = client.current_session if client is not None else None
        return session is not None and not session.closed and session is self._greeted

    async def run(self) -> None:
        """Keep the socket open until cancelled."""
        failures = 0
        while True:
            client = self._made()
            try:
                await self._open(client)
                failures = 0
                await self._watch(client)
                self._say("The socket was lost.")
            except NOT_REACHED as error:
                failures += 1
                self._say(f"The socket cannot be opened: {reason_of(error)}.")
            finally:
                self._greeted = None
                await _close(client)
            longest = min(LONGEST_WAIT, 0.5 * 2**failures)
            await asyncio.sleep(longest * _chance.uniform(0.5, 1.0) if failures else 0)

    def _made(self) -> SocketModeClient:
        client = SocketModeClient(
            app_token=self._settings.slack_app_token.get_secret_value(),
            web_client=self._web,
            logger=quiet("amends.slack.socket"),
            auto_reconnect_enabled=False,
            ping_interval=PING,
        )
        client.proxy = proxy(self._settings, client.proxy)
        client.message_listeners.append(self._hear)
        client.socket_mode_request_listeners.append(self._handle)
        self._client = client
        return client

    async def _open(self, client: SocketModeClient) -> None:
        self._hello.clear()
        async with asyncio.timeout(OPENING):
            client.wss_uri = await client.issue_new_wss_url()
            await client.connect()  # type: ignore[no-untyped-call]
            await self._hello.wait()

    async def _watch(self, client: SocketModeClient) -> None:
        """Return when the connection is lost."""
        lost_at: float | None = None
        while True:
            await asyncio.sleep(WATCH)
            if self.connected and await client.is_connected():
                lost_at = None
                continue
            now = asyncio.get_running_loop().time()
            lost_at = lost_at or now
            if now - lost_at > OPENING or not self._is_renewing(client):
                return

    def _is_renewing(self, client: SocketModeClient) -> bool:
        """Whether slack-sdk opens the next connection, or that one waits for its hello."""
        session = client.current_session
        open_ = session is not None and not session.closed
        return client.connect_operation_lock.locked() or (open_ and not self.connected)

    async def _hear(self, client: AsyncBaseSocketModeClient, message: dict[str, Any], _raw: str | None = None) -> None:
        if message.get("type") != "hello" or not isinstance(client, SocketModeClient):
            return
        self._greeted = client.current_session
        self._hello.set()
        self.trouble = ""
        count = message.get("num_connections")
        self.connections = count if isinstance(count, int) else 1
        logger.info("The socket to Slack is open.")
        if self.connections > self._settings.slack_connections:
            logger.warning("%s", self.warning)

    @property
    def warning(self) -> str:
        """What is wrong although there is a connection; empty, if nothing is."""
        expected = self._settings.slack_connections
        if self.connections <= expected:
            return ""
        return (
            f"Slack has {self.connections} connections of this app open, and {expected} was expected. Presses may go "
            "to one that nobody reads. Stop the other processes, or set SLACK_CONNECTIONS."
        )

    async def _handle(self, _client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        try:
            answer = await self._take(request.payload)
            # Through the connection that stands now: the one it came by may be closed already.
            if self._client is not None and answer.status == 200:
                await send_async_response(self._client, request, answer, 0.0)
        except NOT_REACHED as error:
            logger.info("An acknowledgement could not be sent: %s", reason_of(error))
        except Exception as error:  # noqa: BLE001 - the next ones have to go on
            log_error(logger, error)

    def _say(self, trouble: str) -> None:
        """Remember and log why there is no connection; the same reason only once."""
        if trouble != self.trouble:
            logger.warning("Slack: %s It is tried again.", trouble)
        self.trouble = trouble


async def _close(client: SocketModeClient) -> None:
    try:
        async with asyncio.timeout(1.0):
            await client.close()  # type: ignore[no-untyped-call]
    except NOT_REACHED:
        await client.aiohttp_client_session.close()
