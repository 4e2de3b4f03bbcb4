"""A Bolt app in a thread of its own, connected to the fake Slack by the real client libraries."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any, Self

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from tests.waiting import LONGEST

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from tests.slack.fake.driver import Driver


class Listening:
    """`app` takes listeners; `heard` collects what `hear` is given."""

    def __init__(self, slack: Driver) -> None:
        self.slack = slack
        self.heard: list[Any] = []
        self.client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
        self.app = AsyncApp(client=self.client, signing_secret=slack.signing_secret)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="bolt", daemon=True)
        self._handlers: list[AsyncSocketModeHandler] = []
        self._runner: web.AppRunner | None = None
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(LONGEST)

    def hear(self, thing: Any) -> None:
        self.heard.append(thing)

    def connect(self, ping: float = 0.2) -> None:
        """One more socket."""

        async def connect() -> None:
            handler = AsyncSocketModeHandler(self.app, self.slack.app_token, ping_interval=ping)
            self._handlers.append(handler)
            await handler.connect_async()  # type: ignore[no-untyped-call]

        self.run(connect())

    def serve(self) -> None:
        """HTTP instead of a socket."""

        async def answer(request: web.Request) -> web.Response:
            return await to_aiohttp_response(await self.app.async_dispatch(await to_bolt_request(request)))

        async def serve() -> str:
            served = web.Application()
            served.router.add_post("/slack/events", answer)
            self._runner = web.AppRunner(served, shutdown_timeout=0.1)
            await self._runner.setup()
            await web.TCPSite(self._runner, "127.0.0.1", 0).start()
            return f"http://127.0.0.1:{self._runner.addresses[0][1]}/slack/events"

        self.slack.http_url = self.run(serve())
        self.slack.transport = "http"

    def stop(self) -> None:
        async def stop() -> None:
            for handler in self._handlers:
                await handler.close_async()  # type: ignore[no-untyped-call]
            if self._runner is not None:
                await self._runner.cleanup()
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

        self.run(stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
