"""Lets the action server begin with a text while Rasa still looks at it, on another core.

Both turn the words into vectors, each with its own encoder; one after the other that is half of a typed turn. Nothing
depends on it: what was not encoded ahead is encoded when the action comes.
"""

from __future__ import annotations

import asyncio

import aiohttp

ROUNDS = 5
"""Rounds of the event loop until a text is on its way, on a connection that is kept; then Rasa's work holds it up."""
PATIENCE = 5.0


class Ahead:
    """Tells the action server on this machine what is coming.

    Args:
        port: of the action server; empty tells nobody.
    """

    def __init__(self, port: str) -> None:
        self._address = f"http://127.0.0.1:{port}/ahead" if port else ""
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def tell(self, text: str) -> None:
        """Send a text, and do not wait for what comes of it."""
        if self._address:
            task = asyncio.ensure_future(self._send(text))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            for _ in range(ROUNDS):
                await asyncio.sleep(0)

    async def _send(self, text: str) -> None:
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=PATIENCE)
            self._session = aiohttp.ClientSession(timeout=timeout, trust_env=False)
        try:
            async with self._session.post(self._address, data=text.encode()) as answer:
                await answer.read()
        except (aiohttp.ClientError, asyncio.TimeoutError):
            return


__all__ = ["Ahead"]
