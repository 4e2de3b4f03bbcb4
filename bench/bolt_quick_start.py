"""The quick start of Bolt for Python: acknowledges messages and does nothing. `bench.slack_ack` measures against it.

    python -m bench.bolt_quick_start socket|http

The settings are in the environment, as the desk's are; with http also PORT.
"""

from __future__ import annotations

import asyncio
import os
import sys

from aiohttp import web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient


async def serve(transport: str) -> None:
    """Acknowledge until the process is killed."""
    token, base_url = os.environ["SLACK_BOT_TOKEN"], os.environ["SLACK_API_URL"]
    client = AsyncWebClient(token=token, base_url=base_url)
    client.proxy = None
    app = AsyncApp(client=client, signing_secret=os.environ["SLACK_SIGNING_SECRET"])

    @app.event("message")
    async def heard() -> None:
        """Bolt acknowledges an event by itself."""

    if transport == "socket":
        handler = AsyncSocketModeHandler(app, os.environ["SLACK_APP_TOKEN"], web_client=client)
        handler.client.proxy = None
        await handler.connect_async()
    else:
        runner = web.AppRunner(app.web_app("/slack/events"), access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", int(os.environ["PORT"])).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]))
