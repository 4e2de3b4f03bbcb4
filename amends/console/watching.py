"""What those who run Amends watch: whether it lives, whether it is ready, figures for Prometheus, a line a request."""

from __future__ import annotations

import asyncio
import hmac
import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Gauge, generate_latest
from sqlalchemy import text
from starlette.responses import JSONResponse, PlainTextResponse, Response

from amends import measures
from amends.access.permissions import Permission
from amends.console.routes import Page, Part, page
from amends.incidents.database import RecordUnavailable
from amends.integrity.standing import standing
from amends.logs import FIELDS
from amends.outbox import backlog
from amends.production import is_loopback

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.requests import Request
    from starlette.routing import BaseRoute
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from amends.bot import Gateway
    from amends.incidents.database import Database
    from amends.settings import Settings
    from amends.slack.service import Slack

logger = logging.getLogger("amends.requests")

NOT_FOR_YOU = "Figures are for this machine, or for those who bring METRICS_TOKEN as a bearer token.\n"
OFTEN = frozenset({"/healthz", "/readyz", "/metrics", "/static"})
"""Asked for all the time: measured, and not logged."""


@dataclass(frozen=True)
class Watching:
    """The three addresses."""

    settings: Settings
    database: Database
    gateway: Gateway
    slack: Slack | None

    def routes(self) -> list[Page]:
        """The addresses. Who asks for figures is looked at here: no person signs in for them."""
        return [
            page("/healthz", self.lives, Permission.NONE_NEEDED),
            page("/readyz", self.ready, Permission.NONE_NEEDED),
            page("/metrics", self.figures, Permission.NONE_NEEDED),
        ]

    async def lives(self, _request: Request) -> Response:
        """Whether the process answers at all."""
        return JSONResponse({"status": "ok"})

    async def ready(self, _request: Request) -> Response:
        """Whether it reaches what it needs: the bot, the record, Slack."""
        bot, record = await self._reaches()
        connected, about_slack = self._about_slack()
        ready = bot and record and connected
        body = {"status": "ready" if ready else "not ready", "bot": bot, "database": record, **about_slack}
        if record:
            body["record"] = await asyncio.to_thread(self._standing)
        return JSONResponse(body, 200 if ready else 503)

    async def figures(self, request: Request) -> Response:
        """What was measured in this process, and what waits in the record, as Prometheus reads it."""
        if not self._may_see_figures(request):
            return PlainTextResponse(NOT_FOR_YOU, 403)
        bot, record = await self._reaches()
        connected, _ = self._about_slack()
        now = CollectorRegistry()
        _gauge(now, "amends_bot_up", "Whether the bot answers.", bot)
        _gauge(now, "amends_record_up", "Whether the record answers.", record)
        if self.slack is not None:
            _gauge(now, "amends_slack_up", "Whether this desk is connected with Slack.", connected)
            _gauge(now, "amends_slack_connections", "Sockets of the app, as Slack said.", self.slack.connections or 0)
        if record:
            try:
                await asyncio.to_thread(self._backlog, now)
            except RecordUnavailable:
                logger.warning("What waits could not be counted: the record is away.")
        return Response(generate_latest(REGISTRY) + generate_latest(now), headers={"Content-Type": CONTENT_TYPE_LATEST})

    def _may_see_figures(self, request: Request) -> bool:
        token = self.settings.metrics_token.get_secret_value()
        if not token:
            return request.client is not None and is_loopback(request.client.host)
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        return scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), token.encode())

    def _backlog(self, registry: CollectorRegistry) -> None:
        with self.database.read() as session:
            fits = standing(session, datetime.now(UTC)).well
            _gauge(registry, "amends_record_fits", "Whether the record was checked of late, and nothing found.", fits)
            for each in backlog.look(session):
                _gauge(registry, f"amends_{each.name}_waiting", f"{each.what} that wait.", each.waiting)
                _gauge(registry, f"amends_{each.name}_oldest_seconds", "How long the oldest waits.", each.oldest)
                _gauge(registry, f"amends_{each.name}_set_aside", f"{each.what} that were given up.", each.set_aside)

    async def _reaches(self) -> tuple[bool, bool]:
        bot, record = await asyncio.gather(self.gateway.ready(), asyncio.to_thread(_answers, self.database))
        return bot, record

    def _standing(self) -> str:
        """How the record stands. One that does not fit any more is told, and keeps nobody from getting an answer."""
        try:
            with self.database.read() as session:
                return standing(session, datetime.now(UTC)).sentence
        except RecordUnavailable as error:
            return str(error)

    def _about_slack(self) -> tuple[bool, dict[str, Any]]:
        """Whether Slack is as it should be, off or connected, and what /readyz says of it."""
        if self.slack is None:
            return True, {"slack": "off"}
        connected, sentence = self.slack.ready()
        said: dict[str, Any] = {"slack": "connected" if connected else "on"}
        if sentence:
            said["slack_says"] = sentence
        if self.slack.connections is not None:
            said["slack_connections"] = self.slack.connections
        return connected, said


class Measured:
    """Measures each request and writes a line about it. An address can hold words and secrets; its pattern cannot."""

    def __init__(self, app: ASGIApp, routes: Iterable[BaseRoute]) -> None:
        self._app = app
        self._patterns = {each.endpoint: each.path for each in routes if isinstance(each, Page)}
        self._parts = tuple(each.path for each in routes if isinstance(each, Part))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status, began = 500, time.perf_counter()

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            self._note(scope, status, time.perf_counter() - began)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        path = scope["path"]
        part = next((each for each in self._parts if path.startswith(f"{each}/")), "no such page")
        route = self._patterns.get(scope["endpoint"], part) if "endpoint" in scope else part
        method = scope["method"] if scope["method"] in {"GET", "HEAD", "POST", "PUT", "DELETE"} else "other"
        measures.REQUEST.labels(method, route, str(status)).observe(seconds)
        if route not in OFTEN:
            said = {"method": method, "route": route, "status": status, "seconds": round(seconds, 4)}
            logger.info("%s %s %s in %.3f s", method, route, status, seconds, extra={FIELDS: said})


def _gauge(registry: CollectorRegistry, name: str, what: str, value: float) -> None:
    Gauge(name, what, registry=registry).set(value)


def _answers(database: Database) -> bool:
    try:
        with database.read() as session:
            session.execute(text("SELECT 1"))
    except RecordUnavailable:
        return False
    return True
