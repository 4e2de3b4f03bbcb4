"""Delivery over HTTP: signed, with Slack's headers on retries."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import aiohttp

from tests.slack.fake import payloads
from tests.slack.fake.delivering import Answer

if TYPE_CHECKING:
    from tests.slack.fake.core import Core
    from tests.slack.fake.delivering import Delivery

FORM = "application/x-www-form-urlencoded"
REASONS = {"timeout": "http_timeout", "no_connection": "connection_failed"}


def signature(secret: str, timestamp: str, body: str) -> str:
    """`v0=` and the HMAC over version, timestamp and raw body."""
    made = hmac.new(secret.encode(), f"v0:{timestamp}:{body}".encode(), hashlib.sha256)
    return f"v0={made.hexdigest()}"


class Signed:
    def __init__(self, slack: Core) -> None:
        self.slack = slack
        self.session: aiohttp.ClientSession | None = None

    def headers(self, body: str, content_type: str) -> dict[str, str]:
        timestamp = str(int(time.time()))
        return {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": signature(self.slack.signing_secret, timestamp, body),
        }

    async def send(self, delivery: Delivery, attempt: int, reason: str, timeout: float) -> Answer:
        if delivery.kind == "events_api":
            body, content_type = json.dumps(delivery.payload), "application/json"
        elif delivery.kind == "interactive":
            body, content_type = urlencode({"payload": json.dumps(delivery.payload)}), FORM
        else:
            body, content_type = urlencode(delivery.payload), FORM
        headers = self.headers(body, content_type)
        if attempt:
            headers |= {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": REASONS.get(reason, reason)}
        return await self.post(body, headers, timeout)

    async def post(self, body: str, headers: dict[str, str], timeout: float) -> Answer:
        if self.session is None:
            self.session = aiohttp.ClientSession()
        try:
            async with asyncio.timeout(timeout):
                async with self.session.post(
                    self.slack.http_url, data=body.encode(), headers=headers, max_redirects=2
                ) as response:
                    text = await response.text()
                    return _answer(response, text)
        except TimeoutError:
            return Answer(ok=False, reason="http_timeout")
        except aiohttp.TooManyRedirects:
            return Answer(ok=False, reason="too_many_redirects")
        except (aiohttp.ClientError, ConnectionError):
            return Answer(ok=False, reason="connection_failed")

    async def verify_url(self) -> bool:
        """What Slack does when somebody enters the address of the app."""
        body = json.dumps({"token": payloads.TOKEN, "challenge": "3eZbrw1aB10", "type": "url_verification"})
        answer = await self.post(body, self.headers(body, "application/json"), 3.0)
        said = answer.extra.get("text", "")
        return answer.ok and (said == "3eZbrw1aB10" or (answer.payload or {}).get("challenge") == "3eZbrw1aB10")

    async def ssl_check(self) -> bool:
        body = urlencode({"ssl_check": "1", "token": payloads.TOKEN})
        return (await self.post(body, self.headers(body, FORM), 3.0)).ok

    async def stop(self) -> None:
        if self.session is not None:
            await self.session.close()


def _answer(response: aiohttp.ClientResponse, text: str) -> Answer:
    extra: dict[str, Any] = {"status": response.status, "text": text}
    if not 200 <= response.status < 300:
        no_retry = response.headers.get("X-Slack-No-Retry") == "1"
        return Answer(ok=False, reason="http_error", no_retry=no_retry, extra=extra)
    if not text.strip():
        return Answer(ok=True, extra=extra)
    if response.content_type == "application/json":
        return Answer(ok=True, payload=json.loads(text) or None, extra=extra)
    return Answer(ok=True, payload={"text": text}, extra=extra)
