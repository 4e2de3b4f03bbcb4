"""The outbox's line to Slack: each call once, and each failure sorted by what it means for the message."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import aiohttp
from slack_sdk.errors import SlackApiError

from amends.outbox.wire import Failure, WireError
from amends.slack.clients import LIMIT, NOT_REACHED, slack_error, status_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slack_sdk.web.async_client import AsyncWebClient

LATER = frozenset(
    {
        "accesslimited",
        "enterprise_is_restricted",
        "fatal_error",
        "internal_error",
        "internal_error_in_channel",
        "request_timeout",
        "service_unavailable",
        "team_added_to_org",
        "unknown_error",
    }
)
LIMITED = frozenset({"message_limit_exceeded", "rate_limited", "ratelimited"})
CLOSED = frozenset(
    {
        "access_denied",
        "account_inactive",
        "ekm_access_denied",
        "invalid_auth",
        "missing_scope",
        "no_permission",
        "not_allowed_token_type",
        "not_authed",
        "org_login_required",
        "team_access_not_granted",
        "token_expired",
        "token_revoked",
        "two_factor_setup_required",
    }
)
INVALID = frozenset(
    {
        "attachment_payload_limit_exceeded",
        "block_mismatch",
        "invalid_arg_name",
        "invalid_arguments",
        "invalid_array_arg",
        "invalid_attachments",
        "invalid_blocks",
        "invalid_blocks_format",
        "invalid_form_data",
        "invalid_json",
        "invalid_metadata_format",
        "invalid_metadata_schema",
        "invalid_post_type",
        "invalid_view",
        "json_not_object",
        "metadata_too_large",
        "msg_blocks_too_long",
        "msg_too_long",
        "no_text",
        "too_many_attachments",
        "view_too_large",
    }
)
"""The message is at fault. All that stands in none of these sets will not get better by trying again: `never`."""


class SlackWire:
    """Calls Slack's methods.

    Args:
        client: without retry handlers: the outbox tries again itself.
        limit: seconds that a call may take.
    """

    def __init__(self, client: AsyncWebClient, limit: float = LIMIT) -> None:
        self._client = client
        self._limit = limit

    async def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        """Call a method; see `amends.outbox.wire.Wire`.

        Raises:
            WireError: it failed.
        """
        function = self._respond if method == "respond" else getattr(self._client, method.replace(".", "_"))
        try:
            async with asyncio.timeout(self._limit):
                answer = await function(**arguments)
        except (*NOT_REACHED, ValueError, AttributeError) as error:
            raise failure_of(error) from error
        return answer if isinstance(answer, dict) else dict(answer.data)

    async def _respond(self, *, url: str, **body: Any) -> dict[str, Any]:
        session, proxy = self._client.session, self._client.proxy
        assert session is not None
        async with session.post(url, json=body, proxy=proxy) as answer:
            text = await answer.text()
            if answer.status == 200:
                return {"ok": True}
            raise _sorted(answer.status, _word(text), answer.headers)


def failure_of(error: BaseException) -> WireError:
    """What it means that a call raised one of `NOT_REACHED`."""
    if isinstance(error, WireError):
        return error
    if isinstance(error, SlackApiError):
        return _sorted(status_of(error), slack_error(error), _headers(error))
    if isinstance(error, aiohttp.ConnectionTimeoutError | aiohttp.ClientConnectorError):
        return WireError("later", "connection")  # it cannot have got there
    if isinstance(error, TimeoutError):
        return WireError("unknown", "timeout")
    if isinstance(error, aiohttp.ClientError | OSError):
        return WireError("unknown", "connection")
    return WireError("unknown", "unreadable")  # slack-sdk, when the answer is none of Slack's


def _sorted(status: int, reason: str, headers: Mapping[str, str]) -> WireError:
    """What an answer of Slack's that is not `ok` means."""
    kinds: tuple[tuple[Failure, bool], ...] = (
        ("limited", status == 429 or reason in LIMITED),
        ("later", status >= 500 or reason in LATER),
        ("closed", reason in CLOSED or (status in {401, 403} and not reason)),
        ("invalid", reason in INVALID),
        ("unknown", not reason),
    )
    kind: Failure = next((name for name, fits in kinds if fits), "never")
    wait = _seconds(headers.get("Retry-After")) if kind in {"limited", "later"} else None
    return WireError(kind, reason or f"status {status}", wait)


def _word(text: str) -> str:
    """The error that a response URL answers with: as JSON, or the bare word."""
    try:
        said = json.loads(text)
    except ValueError:
        said = text
    word = said.get("error") if isinstance(said, dict) else said
    return word.strip()[:100] if isinstance(word, str) else ""


def _headers(error: SlackApiError) -> Mapping[str, str]:
    headers = getattr(error.response, "headers", None)
    return headers if headers is not None else {}


def _seconds(text: str | None) -> float | None:
    try:
        return max(0.0, float(text)) if text is not None else None
    except ValueError:
        return None
