"""What cannot be done, for a program: a problem as RFC 9457 has it, with the right status and a plain sentence."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from amends.access.limits import TooOften
from amends.exports import CannotExport
from amends.incidents.database import RecordUnavailable
from amends.incidents.record import UnknownIncident
from amends.insights.ledger import StillCounting
from amends.insights.scope import NotAScope
from amends.register.filters import BadFilter
from amends.workshop.versions import UnknownVersion

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

    from starlette.requests import Request
    from starlette.responses import Response

MEDIA_TYPE = "application/problem+json"
_URN = "urn:amends:problem:"


class Problem(BaseModel):
    """What went wrong. `type` is for programs and stays the same; `detail` is a sentence for people."""

    type: str = Field(description="One of the kinds that docs/api.md lists.")
    title: str
    status: int
    detail: str


class Refused(Exception):  # noqa: N818 - it reads as what it says
    """This is answered with a problem. The message is its detail."""

    def __init__(self, status: int, kind: str, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.kind, self.headers = status, kind, headers


class NotThere(Refused):
    """There is no such thing, or none for this person to see."""

    def __init__(self, detail: str) -> None:
        super().__init__(404, "not-found", detail)


def problem(status: int, kind: str, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """The answer to a request that cannot be served."""
    return JSONResponse(body_of(status, kind, detail), status, headers, MEDIA_TYPE)


def body_of(status: int, kind: str, detail: str) -> dict[str, Any]:
    """What a problem says."""
    return Problem(type=_URN + kind, title=HTTPStatus(status).phrase, status=status, detail=detail).model_dump()


def broken(_request: Request) -> Response:
    """The answer to an error that nobody foresaw."""
    return problem(500, "broken", "Something broke here. It is our mistake, not yours; the log says where.")


def handlers() -> dict[int | type[Exception], Callable[[Request, Exception], Coroutine[Any, Any, Response]]]:
    """Which exception is answered by which problem."""
    return {
        Refused: _refused,
        HTTPException: _http,
        RequestValidationError: _unreadable,
        BadFilter: _says(400, "bad-request"),
        NotAScope: _says(400, "bad-request"),
        UnknownIncident: _says(404, "not-found"),
        UnknownVersion: _says(404, "not-found"),
        TooOften: _too_often,
        StillCounting: _says(503, "not-now", {"Retry-After": "10"}),
        RecordUnavailable: _says(503, "not-now", {"Retry-After": "5"}),
        CannotExport: _says(503, "not-now", {"Retry-After": "60"}),
    }


def _says(
    status: int, kind: str, headers: Mapping[str, str] | None = None
) -> Callable[[Request, Exception], Coroutine[Any, Any, Response]]:
    async def answer(_request: Request, error: Exception) -> Response:
        return problem(status, kind, str(error), headers)

    return answer


async def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return problem(error.status, error.kind, str(error), error.headers)


async def _http(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        return problem(405, "not-allowed-here", "Everything here is read with GET.", error.headers)
    return problem(404, "not-found", "There is no such address. /api/v1/openapi.json lists those there are.")


async def _unreadable(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return problem(400, "bad-request", " ".join(_sentence(each) for each in error.errors()[:5]))


def _sentence(mistake: Mapping[str, Any]) -> str:
    name = str(mistake["loc"][1])[:40] if len(mistake["loc"]) > 1 else "The request"
    if mistake["type"] == "extra_forbidden":
        return f"There is no parameter '{name}'. /api/v1/openapi.json lists those there are."
    said = str(mistake["msg"])
    return f"'{name}' cannot be read: {said[:1].lower()}{said[1:]}."


async def _too_often(_request: Request, error: Exception) -> Response:
    seconds = error.seconds if isinstance(error, TooOften) else 60
    return problem(429, "too-often", str(error), {"Retry-After": str(seconds)})
