"""What goes around every page: headers that keep it ours, and a page instead of a traceback."""

from __future__ import annotations

import logging
import traceback
from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

logger = logging.getLogger(__name__)

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
ONLY_BY_HTTPS = {"Strict-Transport-Security": "max-age=31536000"}


class Guard:
    """Adds the headers, and answers an unforeseen error with `page`.

    The error's text is not logged: it can hold what somebody wrote. Its kind and place are. Where people come by HTTPS
    (`secure`), their browsers are told never to come without.
    """

    def __init__(self, app: ASGIApp, page: Callable[[Request], Response], *, secure: bool = False) -> None:
        self._app = app
        self._page = page
        self._headers = {**HEADERS, **(ONLY_BY_HTTPS if secure else {})}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def guarded(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers[name] = value
                if not scope["path"].startswith("/static/"):
                    headers["Cache-Control"] = "no-store"
            await send(message)

        try:
            await self._app(scope, receive, guarded)
        except ClientDisconnect:
            logger.info("Somebody left before all that they sent was here; nothing was done with it.")
            if not begun:
                await Response(status_code=400)(scope, receive, guarded)  # nobody reads it; it is counted
        except Exception as error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            kind = type(error).__name__
            logger.error("%s in %s, line %s", kind, place.filename, place.lineno)  # noqa: TRY400
            if begun:
                raise
            await self._page(Request(scope))(scope, receive, guarded)
