"""Signing in and out: with a provider, or by a link that works once. There is no password of our own."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.responses import RedirectResponse

from amends.access import links
from amends.access.claims import SLACK, NotWelcome, person_of
from amends.access.links import NoSuchLink
from amends.access.people import with_staff
from amends.access.permissions import Permission, Role, roles_in_words
from amends.access.providers import NotSignedIn
from amends.console.access import SIGN_IN
from amends.console.forms import NotSent, read_form
from amends.console.routes import Page, page
from amends.console.visitor import LONGEST_NAME, is_own_form, new_token, signed_in

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from typing import Any

    from starlette.requests import Request
    from starlette.responses import Response

    from amends.access.people import SignedIn
    from amends.access.tables import SignInLink
    from amends.console.access import Access
    from amends.console.pages import Pages

_OURS = re.compile(r"/(?!/)[\w.%/~-]*(?:\?[\w.%/~&=+:,;@!*'()-]*)?\Z", re.ASCII)
"""An address of this desk: nothing that a browser could read as another host."""
_TO = "to"
_FOREIGN = "This form was drawn for another visit, so nothing was done. Try again; it needs cookies to be allowed."
_OTHER_TITLE = "You were not signed in"
_SHUT_OUT = frozenset({"gone", "stranger", "bot"})


def here_only(address: str) -> str:
    """An address to go on to, if it is one of ours; else nothing."""
    return address if _OURS.match(address) else ""


@dataclass(frozen=True)
class SigningIn:
    """The pages of signing in and out."""

    pages: Pages
    access: Access
    role_in_slack: Callable[[str], Awaitable[str]] | None = None

    def routes(self) -> list[Page]:
        """The addresses."""
        open_to_all, post = Permission.NONE_NEEDED, ["POST"]
        return [
            page("/sign-in", self.show, open_to_all),
            page("/sign-in/with/{way}", self.send_away, open_to_all, limit=SIGN_IN),
            page("/sign-in/back/{way}", self.come_back, open_to_all, limit=SIGN_IN),
            page("/sign-in/{secret}", self.show_link, open_to_all, limit=SIGN_IN),
            page("/sign-in/{secret}", self.use_link, open_to_all, post, limit=SIGN_IN),
            page("/sign-out", self.sign_out, open_to_all, post),
            page("/me", self.me, open_to_all),
        ]

    async def show(self, request: Request) -> Response:
        """The ways to sign in."""
        person, to = signed_in(request), here_only(request.query_params.get(_TO, ""))
        if person is not None and person.session_id:
            return RedirectResponse(to or self.pages.home(person), 303)
        ways = [(way.label, f"/sign-in/with/{way.name}?to={quote(to)}") for way in self.access.providers.ways]
        return self.pages.draw(request, "sign_in.html", ways=ways)

    async def send_away(self, request: Request) -> Response:
        """To the provider."""
        way = request.path_params["way"]
        if not self.access.providers.knows(way):
            return self._not_signed_in(request, 404, "There is no such way to sign in. Start again from here.")
        request.session[_TO] = here_only(request.query_params.get(_TO, ""))
        back = f"{self.access.settings.address}/sign-in/back/{way}"
        try:
            return await self.access.providers.send_away(request, way, back)
        except NotSignedIn as error:
            return self._not_signed_in(request, error.status, str(error))

    async def come_back(self, request: Request) -> Response:
        """From the provider, who says who somebody is."""
        way = request.path_params["way"]
        if not self.access.providers.knows(way):
            return self._not_signed_in(request, 404, "There is no such way to sign in. Start again from here.")
        try:
            claims = await self.access.providers.take_back(request, way)
            person = person_of(self.access.settings, way, claims, self._named_leads())
            if way == SLACK:
                person = await self._as_in_slack(person)
        except NotSignedIn as error:
            return self._not_signed_in(request, error.status, str(error))
        except NotWelcome as error:
            return self._not_signed_in(request, 403, str(error))
        to = here_only(request.session.pop(_TO, ""))
        old = request.cookies.get(self.access.cookie, "")
        secret = await asyncio.to_thread(self.access.sessions.begin, person, way, old)
        return self._in(request, person, secret, to)

    async def show_link(self, request: Request) -> Response:
        """What a link is for. It is used up by the button, so that a preview of it does no harm."""
        try:
            link = await asyncio.to_thread(self._find, request.path_params["secret"])
        except NoSuchLink as error:
            return self._not_signed_in(request, 404, str(error))
        return self._link_page(request, link)

    async def use_link(self, request: Request) -> Response:
        """Sign in by a link."""
        form, secret = await read_form(request), request.path_params["secret"]
        if not is_own_form(request, form["csrf"]):
            return self._not_signed_in(request, 403, _FOREIGN)
        name = " ".join(form["name"].split())[:LONGEST_NAME]
        old = request.cookies.get(self.access.cookie, "")
        try:
            person, cookie = await asyncio.to_thread(self._use, secret, name, old)
        except NoSuchLink as error:
            return self._not_signed_in(request, 404, str(error))
        except NotSent as error:
            link = await asyncio.to_thread(self._find, secret)
            return self._link_page(request, link, 422, str(error))
        return self._in(request, person, cookie, "")

    async def sign_out(self, request: Request) -> Response:
        """Sign out here, or everywhere."""
        form, person = await read_form(request), signed_in(request)
        if not is_own_form(request, form["csrf"]):
            return self._not_signed_in(request, 403, _FOREIGN)
        if person is not None and person.session_id:
            end = self.access.sessions.end_all if form["everywhere"] else self.access.sessions.end
            await asyncio.to_thread(end, person)
        request.session.clear()
        response = RedirectResponse("/sign-in", 303)
        self.access.forget(response)
        return response

    async def me(self, request: Request) -> Response:
        """Who somebody is here, and where they are signed in."""
        person = signed_in(request)
        if person is None:
            return RedirectResponse("/sign-in", 303)
        sessions = await asyncio.to_thread(self.access.sessions.of, person) if person.session_id else []
        return self.pages.draw(
            request, "me.html", sessions=sessions, roles=roles_in_words(person.roles), page="me", mine=person.session_id
        )

    def _in(self, request: Request, person: SignedIn, secret: str, to: str) -> Response:
        new_token(request)
        response = RedirectResponse(to or self.pages.home(person), 303)
        self.access.remember(response, secret)
        return response

    def _find(self, secret: str) -> SignInLink:
        with self.access.database.read() as session:
            return links.find(session, secret, datetime.now(UTC))

    def _use(self, secret: str, name: str, old: str) -> tuple[SignedIn, str]:
        with self.access.database.begin() as session:
            now = datetime.now(UTC)
            if not links.find(session, secret, now).name and (not name or not name.isprintable()):
                raise NotSent("Say who you are: your name stands in the record.")
            person = links.use(session, secret, name, now)
            return person, self.access.sessions.begin_in(session, person, "link", old)

    def _link_page(self, request: Request, link: SignInLink, status: int = 200, notice: str = "") -> Response:
        person = signed_in(request)
        return self.pages.draw(
            request,
            "sign_in_link.html",
            status,
            name=link.name,
            given=person.name if person else "",
            roles=roles_in_words(link.roles.split()),
            notice=notice,
        )

    def _named_leads(self) -> frozenset[str]:
        return frozenset(each.strip() for each in self.access.settings.slack_leads.split(",")) - {""}

    async def _as_in_slack(self, person: SignedIn) -> SignedIn:
        """The same person as in Slack: a lead there is a lead here, and who is no member there stays outside.

        Raises:
            NotWelcome: they are a guest, or no longer there.
        """
        role = await self.role_in_slack(person.id.rpartition(":")[2]) if self.role_in_slack else ""
        if role in _SHUT_OUT or (role == "guest" and not self.access.settings.slack_guests):
            raise NotWelcome("This is for the members of our Slack workspace. Ask those who run this to let you in.")
        return replace(person, roles=with_staff(person.roles | {Role.LEAD})) if role == "lead" else person

    def _not_signed_in(self, request: Request, status: int, sentence: str) -> Response:
        what: Mapping[str, Any] = {"title": _OTHER_TITLE, "sentence": sentence}
        return self.pages.draw(request, "problem.html", status, **what, back="/sign-in", back_label="To the signing in")
