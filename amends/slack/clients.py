"""The clients of Slack's Web API, and what their errors mean."""

from __future__ import annotations

import urllib.request
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
)
from slack_sdk.web.async_client import AsyncWebClient

from amends.slack.logs import quiet

if TYPE_CHECKING:
    from slack_sdk.http_retry.async_handler import AsyncRetryHandler

    from amends.settings import Settings

NOT_REACHED = (SlackClientError, aiohttp.ClientError, TimeoutError, OSError)
"""What a call of Slack raises: it was refused, or Slack was not reached."""
LIMIT = 20
"""Seconds that a call may take."""
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def client(settings: Settings, session: aiohttp.ClientSession, *, retrying: bool) -> AsyncWebClient:
    """A client with the app's token.

    Args:
        session: its connections.
        retrying: whether it tries again by itself when there were too many calls or the connection failed.
    """
    handlers: list[AsyncRetryHandler] = []
    if retrying:
        handlers = [AsyncConnectionErrorRetryHandler(), AsyncRateLimitErrorRetryHandler(max_retry_count=1)]
    made = AsyncWebClient(
        token=settings.slack_bot_token.get_secret_value(),
        base_url=settings.slack_api_url,
        timeout=LIMIT,
        session=session,
        logger=quiet("amends.slack.sdk"),
        retry_handlers=handlers,
    )
    made.proxy = proxy(settings, made.proxy)
    return made


def proxy(settings: Settings, found: str | None) -> str | None:
    """The proxy for calls of Slack; slack-sdk takes the one of the environment even where NO_PROXY excludes it."""
    host = urlsplit(settings.slack_api_url).hostname or ""
    return None if host in LOOPBACK or urllib.request.proxy_bypass(host) else found


def session() -> aiohttp.ClientSession:
    """Connections for the clients; to be closed. Made inside the running loop."""
    return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=LIMIT, connect=5))


def reason_of(error: BaseException) -> str:
    """Why a call failed: Slack's own word for it, or the kind of error. Holds nothing that was sent."""
    if isinstance(error, SlackApiError):
        return slack_error(error) or f"status {status_of(error)}"
    return "timeout" if isinstance(error, TimeoutError) else type(error).__name__


def slack_error(error: SlackApiError) -> str:
    """Slack's word for an error, such as `channel_not_found`; empty if the answer holds none."""
    response: Any = error.response
    data = getattr(response, "data", response)
    found = data.get("error") if isinstance(data, dict) else None
    return found if isinstance(found, str) else ""


def status_of(error: SlackApiError) -> int:
    """The HTTP status of the answer; 0 if it is not known."""
    response: Any = error.response
    status = getattr(response, "status_code", None) or getattr(response, "status", None)
    return status if isinstance(status, int) else 0
