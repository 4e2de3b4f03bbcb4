"""The way in: by Socket Mode or by HTTP, through slack-bolt, into the intake, and only then acknowledged.

Bolt answers Slack's own checks and fixes who the app is; one middleware of ours takes everything else. Nothing here
asks Slack anything, so that an acknowledgement waits for the record alone.
"""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.response import BoltResponse
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient
from starlette.responses import Response

from amends.slack import arrivals
from amends.slack.logs import log_error, quiet
from amends.slack.registry import HANDLERS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.requests import Request

    from amends.settings import Settings
    from amends.slack.arrivals import Identity
    from amends.slack.intake import Intake
    from amends.slack.registry import Entry, Registry

logger = logging.getLogger(__name__)

LONGEST = 2_000_000
"""Bytes of a request; what Slack sends is far shorter."""


class Receiver:
    """Takes what Slack sends.

    Args:
        intake: where it is kept.
        registry: what is handled; all else is acknowledged and forgotten.
    """

    def __init__(self, settings: Settings, intake: Intake, registry: Registry = HANDLERS) -> None:
        self._token = settings.slack_bot_token.get_secret_value()
        self._intake = intake
        self._registry = registry
        secret = settings.slack_signing_secret.get_secret_value()
        self._verifier = SignatureVerifier(secret) if secret else None
        self.identity: Identity | None = None
        """Who the app is; until that is known nothing is acknowledged."""

        async def authorize() -> AuthorizeResult:
            return self._authorized()

        self._app = AsyncApp(
            logger=quiet("amends.slack.bolt"),
            name="slack_bolt.amends",  # Bolt sets the level of the logger of this name
            client=AsyncWebClient(base_url=settings.slack_api_url, logger=quiet("amends.slack.sdk")),
            authorize=authorize,
            # Signatures are checked below, where a broken header is refused as well; our own messages in `arrivals`.
            request_verification_enabled=False,
            ignoring_self_events_enabled=False,
            attaching_function_token_enabled=False,
        )
        self._app.middleware(_Taking(self._take))

    async def over_socket(self, payload: Mapping[str, Any]) -> BoltResponse:
        """Take the payload of one envelope; it is to be acknowledged when the status is 200."""
        answer = await self._dispatch(dict(payload), {})
        # What nobody can read will not get better by being sent again.
        return BoltResponse(status=200) if answer.status == 400 else answer

    async def over_http(self, request: Request) -> Response:
        """Take one request: 200 when it is kept, 503 when Slack should send it again; else it is refused."""
        raw = bytearray()
        async for chunk in request.stream():
            raw += chunk
            if len(raw) > LONGEST:
                return Response(status_code=413)
        body = _read(bytes(raw), request.headers.get("content-type", ""))
        probe = body is not None and body.get("ssl_check") == "1"  # Slack tries the address out, without a signature
        if not probe and not self._is_signed(bytes(raw), request.headers):
            return Response(status_code=401)
        if body is None:
            return Response(status_code=400)
        answer = await self._dispatch(body, dict(request.headers))
        return Response(answer.body, answer.status, headers=answer.first_headers_without_set_cookie())

    def _is_signed(self, raw: bytes, headers: Mapping[str, str]) -> bool:
        timestamp = headers.get("x-slack-request-timestamp", "")
        signature = headers.get("x-slack-signature", "")
        try:
            return self._verifier is not None and self._verifier.is_valid(raw, timestamp, signature)
        except (ValueError, TypeError, OverflowError):  # a timestamp that is no number, or one without end
            return False

    async def _dispatch(self, body: dict[str, Any], headers: Mapping[str, str]) -> BoltResponse:
        try:
            # Given the text, Bolt would lose a command in which somebody writes the word "payload".
            request = AsyncBoltRequest(body=body, headers=dict(headers), mode="socket_mode")
            answer = await self._app.async_dispatch(request)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is no payload of Slack's
            log_error(logger, error)
            return BoltResponse(status=400)
        # Our middleware raises nothing: Bolt failed to read it.
        return BoltResponse(status=400) if answer.status == 500 else answer

    def _authorized(self) -> AuthorizeResult:
        app = self.identity
        return AuthorizeResult(
            enterprise_id=None,
            team_id=app.team if app else None,
            bot_user_id=app.user if app else None,
            bot_id=app.bot if app else None,
            bot_token=self._token,
        )

    async def _take(self, req: AsyncBoltRequest) -> BoltResponse:
        if self.identity is None:
            return BoltResponse(status=503)
        try:
            found = arrivals.read(req.body, self.identity, self._registry)
            entry = self._entry_of(req.body)
        except Exception as error:  # noqa: BLE001 - it is kept from Slack's next attempts, and seen in the log
            log_error(logger, error)
            return BoltResponse(status=400)
        if wrong := _check(entry, req.body):
            return BoltResponse(status=200, body={"response_action": "errors", "errors": wrong})
        if not await self._intake.keep(found):
            return BoltResponse(status=503)
        return BoltResponse(status=200, body=_answer(entry, req.body))

    def _entry_of(self, body: Mapping[str, Any]) -> Entry | None:
        """The handler of a modal that was sent: it may say at once what is wrong, or what comes next."""
        if body.get("type") != "view_submission":
            return None
        return self._registry.find("submission", arrivals.id_of("submission", body, self._registry))


class _Taking(AsyncMiddleware):
    """Takes all that got here, as it is. Bolt's own listeners would first work out arguments that nobody needs."""

    def __init__(self, take: Callable[[AsyncBoltRequest], Awaitable[BoltResponse]]) -> None:
        self._take = take

    async def async_process(
        self,
        *,
        req: AsyncBoltRequest,
        resp: BoltResponse,  # noqa: ARG002 - Bolt passes it
        next: Callable[[], Awaitable[BoltResponse]],  # noqa: A002, ARG002 - Bolt passes it; nothing comes after us
    ) -> BoltResponse:
        """One request."""
        return await self._take(req)


def _check(entry: Entry | None, body: Mapping[str, Any]) -> dict[str, str] | None:
    if entry is None or entry.check is None:
        return None
    try:
        return entry.check(body)
    except Exception as error:  # noqa: BLE001 - its handler looks again
        log_error(logger, error)
        return None


def _answer(entry: Entry | None, body: Mapping[str, Any]) -> dict[str, Any] | str:
    if entry is None or entry.answer is None:
        return ""
    try:
        answer = entry.answer(body)
    except Exception as error:  # noqa: BLE001 - it is stored: the modal closes, and it is handled
        log_error(logger, error)
        return ""
    return answer if "response_action" in answer else {"response_action": "update", "view": answer}


def _read(raw: bytes, content_type: str) -> dict[str, Any] | None:
    """What a request says: JSON, a form, or a form with JSON in its field `payload`; None if it is none of these."""
    try:
        text = raw.decode()
        if content_type.startswith("application/json") or text.startswith("{"):
            body = json.loads(text)
        else:
            form = dict(parse_qsl(text, keep_blank_values=True))
            body = json.loads(form["payload"]) if "payload" in form else form
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None
