"""The one way into the bot: a channel that demands the shared secret and believes nothing else.

Rasa loads this module in its own environment (Python 3.10), so it keeps to Rasa, Sanic and the standard
library. Loading it also makes Rasa do less around every turn; see `faster`.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import os
from typing import TYPE_CHECKING, Any

from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from rasa.shared.exceptions import RasaException
from sanic import Blueprint, response

from amends.rasa import whole
from amends.rasa.ahead import Ahead
from amends.rasa.bodies import parsed, read_body
from amends.rasa.faster import speed_up

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sanic.request import Request
    from sanic.response import HTTPResponse

logger = logging.getLogger(__name__)


class GuardedChannel(InputChannel):
    """Takes messages only from who knows the token. Its name, and so its address, is `amends`.

    POST `/webhooks/amends/webhook` with `Authorization: Bearer TOKEN` and JSON
    `{"sender", "message", "metadata": {"key", "actor_id", "actor_name", "said_at", "source"}}`
    answers the list of what the bot says: `{"recipient_id", "text", "buttons"}` or
    `{"recipient_id", "custom"}`.
    """

    def __init__(self, token: str) -> None:
        if not token or token.startswith("${"):  # the second is what Rasa makes of a variable in quotes
            raise RasaException("BOT_TOKEN is empty. Set it in .env to a long random text, or let 'make run' do it.")
        self._token = token.encode()
        self._ahead = Ahead(os.environ.get("ACTIONS_PORT", ""))

    @classmethod
    def name(cls) -> str:
        """The channel's name in Rasa and in its addresses."""
        return "amends"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> GuardedChannel:
        """The channel as `credentials.yml` describes it."""
        return cls(str((credentials or {}).get("token") or "").strip())

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The two addresses of the channel."""
        blueprint = Blueprint("amends_channel")

        @blueprint.route("/", methods=["GET"])
        async def health(_request: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @blueprint.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            if not self._is_allowed(request):
                return _refusal("The token is missing or wrong.", 401)
            try:
                sender, text, metadata = read_body(request.body)
            except ValueError as error:
                return _refusal(str(error), 400)
            collector = CollectingOutputChannel()
            press = parsed(text)
            if press is None:
                await self._ahead.ask(text)
            message = UserMessage(text, collector, sender, press, self.name(), metadata=metadata)
            whole.begin()
            try:
                await on_new_message(message)
            except asyncio.CancelledError:
                logger.warning("A message was given up half-way: the caller did not wait.")
                raise
            except Exception as error:  # noqa: BLE001 - whatever went wrong, the caller gets an answer
                # Only the kind of error is logged: its text and its traceback can hold what somebody wrote.
                logger.error("A message could not be handled: %s.", type(error).__name__)  # noqa: TRY400
                return _refusal("The message could not be handled.", 500)
            said = collector.messages
            if missing := whole.failed():
                logger.error("A message could not be handled: %s could not be called.", missing)
                said = [each for each in said if each.get("custom", {}).get("type") == "failure"]
            return response.json(said)

        return blueprint

    def _is_allowed(self, request: Request) -> bool:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        return scheme.lower() == "bearer" and hmac.compare_digest(token.strip().encode(), self._token)


def _refusal(sentence: str, status: int) -> HTTPResponse:
    return response.json({"error": sentence}, status=status)


__all__ = ["GuardedChannel"]

speed_up()
whole.watch()
