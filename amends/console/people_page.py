"""Who is signed in, for administrators: sign somebody out everywhere, or make a link that lets somebody in."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from amends.access import links
from amends.access.permissions import IN_WORDS, Permission, Role, roles_in_words
from amends.console.forms import read_form
from amends.console.routes import NotAllowed, Page, page
from amends.console.visitor import LONGEST_NAME, is_own_form, signed_in

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from amends.access.people import SignedIn
    from amends.console.access import Access
    from amends.console.forms import Form
    from amends.console.pages import Pages

GIVEN = tuple(role for role in Role if role is not Role.STAFF)
MINUTES = 15
_FOREIGN = "This form was drawn for another visit, so nothing was done. Try again; it needs cookies to be allowed."


@dataclass(frozen=True)
class PeoplePage:
    """The page of those who are signed in."""

    pages: Pages
    access: Access

    def routes(self) -> list[Page]:
        """The addresses."""
        return [
            page("/people", self.show, may=Permission.ADMIN),
            page("/people/sign-out", self.sign_out, may=Permission.ADMIN, methods=["POST"]),
            page("/people/link", self.link, may=Permission.ADMIN, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """Who is signed in, and the form for a link."""
        return await self._page(request)

    async def sign_out(self, request: Request) -> Response:
        """Sign somebody out everywhere."""
        form = await own_form(request)
        by = signed_in(request)
        assert by is not None
        found = [each for each in await asyncio.to_thread(self.access.sessions.all) if each.id == form["person"]]
        if not found:
            return await self._page(request, notice="They are not signed in any more.", status=422)
        await asyncio.to_thread(self.access.sessions.end_all, found[0], by)
        return await self._page(request, good=f"{found[0].name} is signed out everywhere.")

    async def link(self, request: Request) -> Response:
        """Make a link. It is shown once."""
        form = await own_form(request)
        by = signed_in(request)
        assert by is not None
        name, role = " ".join(form["name"].split())[:LONGEST_NAME], form["role"]
        if self.access.everybody_signs_in:
            raise NotAllowed("People sign in with a provider here, so there are no links to make.")
        if not name or not name.isprintable() or role not in GIVEN:
            return await self._page(request, notice="Say who the link is for, and what they will be.", status=422)
        secret = await asyncio.to_thread(self._make, name, role, by)
        made = f"{self.access.settings.address}/sign-in/{secret}"
        return await self._page(request, made=made, for_whom=name, role=IN_WORDS[role])

    def _make(self, name: str, role: str, by: SignedIn) -> str:
        with self.access.database.begin() as session:
            return links.make(session, [role], datetime.now(UTC), name=name, minutes=MINUTES, by=by)

    async def _page(self, request: Request, status: int = 200, **what: str) -> Response:
        people: dict[str, SignedIn] = {}
        for each in await asyncio.to_thread(self.access.sessions.all):
            people.setdefault(each.id, each)
        return self.pages.draw(
            request,
            "people.html",
            status,
            people=[(each, roles_in_words(each.roles)) for each in people.values()],
            by_link=not self.access.everybody_signs_in,
            roles=[(role, IN_WORDS[role]) for role in GIVEN],
            minutes=MINUTES,
            page="people",
            **what,
        )


async def own_form(request: Request) -> Form:
    """The form that was sent, if we drew it for this visitor.

    Raises:
        NotAllowed: we did not.
    """
    form = await read_form(request)
    if not is_own_form(request, form["csrf"]):
        raise NotAllowed(_FOREIGN)
    return form
