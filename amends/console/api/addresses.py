"""The addresses of the API, each with the permission and the scope that it asks for. One that names none is refused."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from fastapi.routing import APIRoute

from amends.access.permissions import Permission, roles_in_words
from amends.console.access import WHOSE
from amends.console.api.described import answers
from amends.console.api.problems import Refused
from amends.console.routes import Undeclared

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

    from amends.access.limits import Limit
    from amends.access.people import SignedIn
    from amends.access.tokens import Caller, Tokens
    from amends.access.tokens import Scope as Reach

NO_TOKEN = "Send a token: Authorization: Bearer amends_... Those who run this make tokens."  # noqa: S105
BAD_TOKEN = "This token is not good: it was never made, it was taken back, or its time is over."  # noqa: S105
NO_PARAMETERS = "There are no parameters here. /api/v1/openapi.json lists those there are elsewhere."
NO_TEXT = "The address holds a character that is in no text (NUL). Take it out."


@dataclass(frozen=True)
class Gate:
    """What every call has to pass: a good token, not used too often."""

    tokens: Tokens
    calls: Limit
    searches: Limit
    """By person, together with what they search for and take out on the pages."""

    async def caller(self, request: Request) -> Caller:
        """The program that calls.

        Raises:
            Refused: it sends no good token.
            TooOften: it calls too often; so does an address from which bad tokens come.
        """
        kind, _, secret = request.headers.get("authorization", "").partition(" ")
        secret = secret.strip() if kind.casefold() == "bearer" else ""
        found = await asyncio.to_thread(self.tokens.find, secret) if secret else None
        self.calls.take(f"token {found.number}" if found else f"from {request.client.host if request.client else ''}")
        if found is None:
            error = ', error="invalid_token"' if secret else ""
            headers = {"WWW-Authenticate": f'Bearer realm="Amends"{error}'}
            raise Refused(401, "no-token", BAD_TOKEN if secret else NO_TOKEN, headers)
        return found


class Address(APIRoute):
    """An address of the API.

    Args:
        may: what the person must be allowed as whom a program calls.
        scope: what its token must reach; None where any token will do, or none is needed.
        counted: whether it counts as a search.
        gives: the media type, where that is not JSON.
    """

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        may: Permission,
        scope: Reach | None,
        counted: bool = False,
        gives: str = "",
        **how: Any,
    ) -> None:
        self.may, self.scope, self.counted = may, scope, counted
        is_open = may is Permission.NONE_NEEDED
        super().__init__(
            path,
            endpoint,
            operation_id=endpoint.__name__,
            responses=answers(gives, is_open=is_open),
            openapi_extra={"security": [] if is_open else [{"token": [str(scope)] if scope else []}]},
            **how,
        )

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The endpoint, called only for those who may."""
        endpoint = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            if self.may is not Permission.NONE_NEEDED:
                gate = gate_of(request)
                caller = await gate.caller(request)
                self._check(caller)
                if self.counted:
                    gate.searches.take(caller.person.id)
                request.state.caller = caller
            self._check_words(request)
            return await endpoint(request)

        return guarded

    def _check_words(self, request: Request) -> None:
        if request.query_params and not self.dependant.query_params:
            raise Refused(400, "bad-request", NO_PARAMETERS)
        given = (*request.path_params.values(), *(value for _, value in request.query_params.multi_items()))
        if any("\x00" in value for value in given):
            raise Refused(400, "bad-request", NO_TEXT)

    def _check(self, caller: Caller) -> None:
        if self.scope is not None and self.scope not in caller.scopes:
            sentence = f"This token does not reach {self.scope}. Those who run this can make one that does."
            headers = {"WWW-Authenticate": f'Bearer realm="Amends", error="insufficient_scope", scope="{self.scope}"'}
            raise Refused(403, "no-scope", sentence, headers)
        if not caller.person.may(self.may):
            is_now = roles_in_words(caller.person.roles) or "nobody"
            raise Refused(403, "not-allowed", f"This is {WHOSE.get(self.may, 'for others')}; the token is of {is_now}.")


def gate_of(request: Request) -> Gate:
    """What calls have to pass."""
    gate: Gate = request.app.state.gate
    return gate


def caller_of(request: Request) -> Caller:
    """The program that calls."""
    caller: Caller = request.state.caller
    return caller


def person_of(request: Request) -> SignedIn:
    """The person as whom it calls."""
    return caller_of(request).person


def declared(routes: Iterable[BaseRoute]) -> list[BaseRoute]:
    """The routes, where each one that does not say who may come is replaced by a refusal."""
    refusal = partial(Refused, 403, "not-allowed")
    return [each if isinstance(each, Address) else Undeclared(each, refusal) for each in routes]
