"""What cannot be done, as a page: the right status and a plain sentence, never a traceback."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from amends.access.limits import TooOften
from amends.console.forms import NotSent
from amends.console.pages import is_htmx
from amends.console.routes import NotAllowed, SaysWhoFirst
from amends.incidents.database import RecordUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from starlette.requests import Request

    from amends.bot import Gateway
    from amends.console.pages import Pages

TITLES = {
    400: "This could not be read",
    403: "This is not allowed",
    404: "There is no such page",
    405: "This page does not take that",
    411: "This could not be read",
    413: "That is too long",
    422: "Please look again",
}


@dataclass(frozen=True)
class Problems:
    """The pages that say what went wrong."""

    pages: Pages
    gateway: Gateway

    def handlers(self) -> dict[int | type[Exception], Callable[[Request, Exception], Coroutine[Any, Any, Response]]]:
        """Which exception is answered by which page."""
        return {
            HTTPException: self._refused,
            NotSent: self._not_sent,
            NotAllowed: self._not_allowed,
            SaysWhoFirst: self._says_who_first,
            TooOften: self._too_often,
            RecordUnavailable: self._no_record,
        }

    def broken(self, request: Request) -> Response:
        """The answer to an error that nobody foresaw."""
        sentence = (
            "This is our mistake, not yours. If you just sent something, go back to the conversation to see "
            "whether it arrived."
        )
        return self.pages.problem(request, 500, "Something broke here", sentence)

    async def _refused(self, request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        sentence = "Check the address, or start from the conversation."
        return self.pages.problem(request, status, TITLES.get(status, "This did not work"), sentence)

    async def _not_sent(self, request: Request, error: Exception) -> Response:
        status = error.status if isinstance(error, NotSent) else 400
        return self.pages.problem(request, status, TITLES[status], str(error))

    async def _not_allowed(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, NotAllowed)
        if not error.sign_in or is_htmx(request):
            return self.pages.problem(request, 403, TITLES[403], str(error), error.text)
        what = {"title": TITLES[403], "sentence": str(error), "text": error.text}
        return self.pages.draw(request, "problem.html", 403, **what, back="/sign-in", back_label="Sign in")

    async def _says_who_first(self, request: Request, error: Exception) -> Response:
        if is_htmx(request):
            return Response(headers={"HX-Redirect": str(error)})
        return RedirectResponse(str(error), 303)

    async def _too_often(self, request: Request, error: Exception) -> Response:
        response = self.pages.problem(request, 429, "Not so fast", str(error))
        response.headers["Retry-After"] = str(error.seconds if isinstance(error, TooOften) else 60)
        return response

    async def _no_record(self, request: Request, error: Exception) -> Response:
        sentence = self.gateway.failure(str(error)).text
        return self.pages.problem(request, 503, "The record cannot be reached", sentence)
