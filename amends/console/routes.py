"""The addresses of the console, each with what it asks of those who come. One that asks nothing is refused."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Mount, Route

from amends.access.permissions import Permission, permissions_of
from amends.console.access import SIGN_IN, WHOSE
from amends.console.forms import NotSent, read_form
from amends.console.visitor import access_of, signed_in

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

    from amends.access.people import SignedIn

    Endpoint = Callable[[Request], Awaitable[Response]]

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
NOT_DECLARED = "Nobody has said who may come here, so nobody may. Tell the people who run this."


class NotAllowed(Exception):  # noqa: N818 - it reads as what it says
    """This is not for them. The message is a sentence for the person; `text` is what they wrote.

    `sign_in` says that signing in would help.
    """

    def __init__(self, sentence: str, text: str = "", *, sign_in: bool = False) -> None:
        super().__init__(sentence)
        self.text = text
        self.sign_in = sign_in


class SaysWhoFirst(Exception):  # noqa: N818 - it reads as what it says
    """They have to say who they are first, at the address `to`."""

    def __init__(self, to: str) -> None:
        super().__init__(to)
        self.to = to


class Page(Route):
    """An address with the permission that it asks for."""

    def __init__(
        self,
        path: str,
        endpoint: Endpoint,
        *,
        may: Permission,
        methods: Sequence[str],
        name: str | None,
        limit: str,
    ) -> None:
        super().__init__(path, guarded(endpoint, may, limit), methods=list(methods), name=name or endpoint.__name__)
        self.may = may


class Part(Mount):
    """An application of its own under an address; `may` says what it asks for, and it looks itself."""

    def __init__(self, path: str, app: ASGIApp, *, may: Permission, name: str | None = None) -> None:
        super().__init__(path, app, name=name)
        self.path_regex = re.compile(self.path_regex.pattern, re.DOTALL)  # a line break in an address leads inside, too
        self.may = may


def page(
    path: str,
    endpoint: Endpoint,
    may: Permission,
    methods: Sequence[str] = ("GET",),
    name: str | None = None,
    limit: str = "",
) -> Page:
    """An address of the console.

    Args:
        path: as Starlette writes it.
        endpoint: draws the page; it is only called for those who may.
        may: what somebody needs to be allowed.
        methods: of HTTP.
        name: of the route, where something looks it up.
        limit: what is counted, so that it is not done too often: `search`, by person, or `sign_in`, by address.
    """
    return Page(path, endpoint, may=may, methods=methods, name=name, limit=limit)


def guarded(endpoint: Endpoint, may: Permission, limit: str = "") -> Endpoint:
    """An endpoint that is only called for those who may."""

    async def guard(request: Request) -> Response:
        check_text(request)
        check_origin(request)
        if may is not Permission.NONE_NEEDED:
            check_place(request)
        person = signed_in(request)
        if may is not Permission.NONE_NEEDED and may not in permissions_of(access_of(request).roles_of(person)):
            raise await _refusal(request, person, may)
        if limit:
            whose = person.id if person is not None and limit != SIGN_IN else ""
            access_of(request).limits[limit].take(whose or (request.client.host if request.client else ""))
        return await endpoint(request)

    return guard


def check_text(request: Request) -> None:
    """Refuse NUL in an address: PostgreSQL takes none in a text, not even to look for it.

    Raises:
        HTTPException: there is no such page.
    """
    if "\x00" in request.scope["path"]:
        raise HTTPException(404)


def check_origin(request: Request) -> None:
    """Refuse what another site makes a browser send; forms carry a token besides.

    Raises:
        NotAllowed: it comes from another site.
    """
    if request.method in SAFE:
        return
    origin = request.headers.get("origin", "")
    foreign = bool(origin) and urlsplit(origin).netloc.lower() != request.headers.get("host", "").lower()
    if foreign or request.headers.get("sec-fetch-site") == "cross-site":
        raise NotAllowed("This was sent from another site, so nothing was done. Open the page here and try again.")


def check_place(request: Request) -> None:
    """Refuse what cannot be answered for: the record is away, or the name that was called is not ours.

    Raises:
        RecordUnavailable: who is signed in cannot be looked up now.
        NotAllowed: nobody signs in here, and the request was meant for somewhere else.
    """
    if unavailable := request.scope.get("amends.unavailable"):
        raise unavailable
    access = access_of(request)
    if not access.everybody_signs_in and not access.is_our_host(request.headers.get("host", "")):
        raise NotAllowed(
            "This desk does not know the address that you came by. Whoever runs it can set DESK_URL to it."
        )


def declared(routes: Iterable[BaseRoute]) -> list[BaseRoute]:
    """The routes, where each one that does not say who may come is replaced by a refusal."""
    return [each if isinstance(each, Page | Part) else Undeclared(each, NotAllowed) for each in routes]


class Undeclared(BaseRoute):
    """Stands where a route did not say who may come. `error` makes of a sentence what says so to those who do."""

    def __init__(self, route: BaseRoute, error: Callable[[str], Exception]) -> None:
        self._route = route
        self._error = error
        self.may = None

    def matches(self, scope: Scope) -> tuple[object, Scope]:  # type: ignore[override]
        return self._route.matches(scope)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - as Starlette has it
        raise self._error(NOT_DECLARED)


async def _refusal(request: Request, person: SignedIn | None, may: Permission) -> Exception:
    access, read = access_of(request), request.method in SAFE
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    if person is None and read:
        if may is Permission.EDIT_POLICY and not access.everybody_signs_in:
            return SaysWhoFirst(f"/who?back={quote(here)}")
        return SaysWhoFirst(f"/sign-in?to={quote(here)}")
    if person is None:
        sentence = "You are not signed in, or no longer, so nothing was done. Sign in, and send it again."
        return NotAllowed(sentence, await _words(request), sign_in=True)
    whose = f"This is {WHOSE.get(may, 'for others')}, and {person.name} is none."
    change = " You can look, but only policy owners can change it." if may is Permission.EDIT_POLICY else ""
    return NotAllowed(f"{whose}{change} Those who run this can change that.", await _words(request))


async def _words(request: Request) -> str:
    """What was written in a form that is refused, so that it is not lost."""
    if request.method in SAFE:
        return ""
    try:
        form = await read_form(request)
    except (NotSent, HTTPException):
        return ""
    return form["text"] or form["note"] or form["reason"]
