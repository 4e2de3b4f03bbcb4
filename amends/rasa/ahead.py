"""Has the action server encode a text before Rasa looks at it, so that it is encoded once and not in both.

Both turn the words into vectors, with the same encoder; twice that is half of a typed turn. Nothing depends on it: what
did not come, or came from another encoder, the bot encodes itself.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict

import aiohttp

PATIENCE = 1.0
"""Seconds until the bot encodes a text itself."""
MOST = 64
"""Texts whose vectors are kept until Rasa comes to them: those of messages that are handled at once."""

_given: OrderedDict[str, tuple[str, bytes]] = OrderedDict()


def given(text: str, version: str) -> bytes:
    """The vector that the action server made of a text in small letters, once; empty when this encoder made none."""
    made_by, vector = _given.pop(text, ("", b""))
    return vector if made_by == version else b""


class Ahead:
    """Asks the action server on this machine.

    Args:
        port: of the action server; empty asks nobody.
    """

    def __init__(self, port: str) -> None:
        self._address = f"http://127.0.0.1:{port}/ahead" if port else ""
        self._session: aiohttp.ClientSession | None = None

    async def ask(self, text: str) -> None:
        """Keep the vector of a text for Rasa's pipeline, if the action server gives it soon."""
        if not self._address:
            return
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=PATIENCE)
            self._session = aiohttp.ClientSession(timeout=timeout, trust_env=False)
        try:
            async with self._session.post(self._address, data=text.encode()) as answer:
                if answer.status == 200:
                    _given[text.lower()] = (answer.headers.get("X-Encoder", ""), await answer.read())
        except (aiohttp.ClientError, asyncio.TimeoutError):
            return
        while len(_given) > MOST:
            _given.popitem(last=False)


__all__ = ["Ahead", "given"]
