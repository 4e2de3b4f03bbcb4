"""The tokens of programs, for administrators: which there are, making one, taking one back."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from amends.access import tokens
from amends.access.links import person_id
from amends.access.people import SignedIn, with_staff
from amends.access.permissions import IN_WORDS, Permission, Role, roles_in_words
from amends.console.people_page import own_form
from amends.console.routes import Page, page
from amends.console.visitor import LONGEST_NAME, signed_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from amends.access.tables import ApiToken
    from amends.console.access import Access
    from amends.console.forms import Form
    from amends.console.pages import Pages

DAYS = (30, 90, 180, 366)


@dataclass(frozen=True)
class TokensPage:
    """The page of the tokens."""

    pages: Pages
    access: Access

    def routes(self) -> list[Page]:
        """The addresses."""
        return [
            page("/people/tokens", self.show, may=Permission.ADMIN),
            page("/people/tokens", self.make, may=Permission.ADMIN, methods=["POST"]),
            page("/people/tokens/{number:int}/revoke", self.revoke, may=Permission.ADMIN, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """The list, and the form for a new one."""
        return await self._page(request)

    async def make(self, request: Request) -> Response:
        """Make a token. It is shown once."""
        form, by = await own_form(request), _who(request)
        try:
            row, secret = await asyncio.to_thread(self._make, form, by)
        except tokens.NoToken as error:
            return await self._page(request, 422, notice=str(error), typed=form)
        return await self._page(request, made=secret, row=row)

    async def revoke(self, request: Request) -> Response:
        """Take a token back."""
        await own_form(request)
        number, by = int(request.path_params["number"]), _who(request)
        try:
            row = await asyncio.to_thread(self._revoke, number, by)
        except tokens.NoToken as error:
            return await self._page(request, 422, notice=str(error))
        return await self._page(request, good=f"Token {row.id}, {row.name}, is refused from now on.")

    def _make(self, form: Form, by: SignedIn) -> tuple[ApiToken, str]:
        days = form["days"]
        if days not in map(str, DAYS):
            raise tokens.NoToken("Choose from the list how long the token is good.")
        with self.access.database.begin() as session:
            person = self._acts_as(form, by)
            now = datetime.now(UTC)
            return tokens.make(session, person, form["name"], form.options, now, by=by, days=int(days))

    def _acts_as(self, form: Form, by: SignedIn) -> SignedIn:
        """Whom a new token acts as.

        Where people sign in with a provider, an administrator cannot make somebody else of themselves, so they cannot
        make a token that is somebody else.
        """
        if self.access.everybody_signs_in:
            return SignedIn(by.id, by.name, by.roles)
        name, role = " ".join(form["person"].split())[:LONGEST_NAME], form["role"]
        if not name or not name.isprintable() or role not in list(Role):
            raise tokens.NoToken("Say as whom the token acts, and what they are.")
        return SignedIn(person_id(name), name, with_staff([role]))

    def _revoke(self, number: int, by: SignedIn) -> ApiToken:
        with self.access.database.begin() as session:
            return tokens.revoke(session, number, datetime.now(UTC), by)

    async def _page(self, request: Request, status: int = 200, **what: Any) -> Response:
        now = datetime.now(UTC)
        found = await asyncio.to_thread(self._all)
        return self.pages.draw(
            request,
            "tokens.html",
            status,
            tokens=[
                {
                    "row": row,
                    "good": tokens.is_good(row, now),
                    "roles": roles_in_words(row.roles.split()),
                    "reaches": [tokens.IN_WORDS[tokens.Scope(scope)] for scope in row.scopes.split()],
                }
                for row in found
            ],
            by_link=not self.access.everybody_signs_in,
            roles=list(IN_WORDS.items()),
            scopes=list(tokens.IN_WORDS.items()),
            days=DAYS,
            usual=tokens.DAYS,
            page="people",
            **{"typed": None, **what},
        )

    def _all(self) -> Sequence[ApiToken]:
        with self.access.database.read() as session:
            return tokens.all_of(session)


def _who(request: Request) -> SignedIn:
    by = signed_in(request)
    assert by is not None
    return by
