"""The way in: what goes before every page, so that it knows who asks."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request

from amends.access.limits import Limit
from amends.access.permissions import Permission, Role
from amends.access.providers import Providers
from amends.access.sessions import Sessions
from amends.accounts import reminding as accounts
from amends.console.visitor import signed_in
from amends.incidents.database import RecordUnavailable
from amends.outbox import readings
from amends.register import asking
from amends.review import reminding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

    from amends.access.people import SignedIn
    from amends.incidents.database import Database
    from amends.settings import Settings

SIGN_IN = "sign_in"
SEARCH = "search"
HERE = frozenset({"127.0.0.1", "localhost", "::1"})
"""Names of this machine for itself."""


@dataclass(frozen=True)
class Access:
    """Who may come in here, and how."""

    settings: Settings
    database: Database

    @cached_property
    def sessions(self) -> Sessions:
        """Those who are signed in."""
        return Sessions(self.database, self.settings)

    @cached_property
    def providers(self) -> Providers:
        """Where people sign in."""
        return Providers(self.settings)

    @cached_property
    def limits(self) -> Mapping[str, Limit]:
        """What may not be done too often."""
        return {
            SIGN_IN: Limit(self.settings.sign_ins_a_minute),
            SEARCH: Limit(self.settings.searches_a_minute),
        }

    @property
    def everybody_signs_in(self) -> bool:
        """Whether there is a place to sign in with; if not, saying a name is enough for staff."""
        return bool(self.providers.ways)

    @property
    def secure(self) -> bool:
        """Whether people come over HTTPS."""
        return self.settings.address.startswith("https://")

    @property
    def cookie(self) -> str:
        """The name of the cookie of those who are signed in. The prefix binds it to this host and to HTTPS."""
        return "__Host-amends-in" if self.secure else "amends-in"

    def roles_of(self, person: SignedIn | None) -> frozenset[str]:
        """What somebody is. Who has not said who they are is staff where a name is enough: the pages ask for it."""
        if person is not None:
            return person.roles
        return frozenset() if self.everybody_signs_in else frozenset({Role.STAFF})

    def is_our_host(self, host: str) -> bool:
        """Whether a request was meant for us, by its Host header.

        Where nobody signs in, a page from elsewhere whose name is made to lead to this machine could read along.
        """
        name = urlsplit(f"//{host}").hostname or ""
        return name in HERE | {self.settings.desk_host, urlsplit(self.settings.address).hostname}

    def remember(self, response: Response, secret: str) -> None:
        """Set the cookie of somebody who signed in."""
        response.set_cookie(
            self.cookie,
            secret,
            max_age=self.settings.session_hours * 3600,
            httponly=True,
            secure=self.secure,
            samesite="lax",
        )

    def forget(self, response: Response) -> None:
        """Take the cookie away."""
        response.delete_cookie(self.cookie, httponly=True, secure=self.secure, samesite="lax")


class WhoAsks:
    """Puts before every page who asks for it."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request. That the record does not answer is said by the page that needs it."""
        if scope["type"] == "http":
            scope["amends.access"] = self._access
            if Request(scope).cookies and not scope["path"].startswith("/static/"):
                try:
                    await asyncio.to_thread(self._look_up, scope)
                except RecordUnavailable as error:
                    scope["amends.unavailable"] = error
        await self._app(scope, receive, send)

    def _look_up(self, scope: Scope) -> None:
        """Who it is, and whether a page has to remind them of something."""
        if secret := Request(scope).cookies.get(self._access.cookie, ""):
            scope["amends.person"] = self._access.sessions.find(secret)
        person = signed_in(Request(scope))
        if person is not None and scope["method"] == "GET" and "hx-request" not in Headers(scope=scope):
            now = datetime.now(UTC)
            today = now.astimezone(self._access.settings.zone).date()
            with self._access.database.read() as session:
                scope["amends.pressing"] = reminding.pressing(session, person.viewer, today)
                scope["amends.accounts"] = accounts.pressing(session, person.viewer, now, today)
                scope["amends.answers"] = readings.unseen(session, person.id)
                scope["amends.unfinished"] = asking.asked_of(session, person.id, now)


WHOSE: Mapping[Permission, str] = {
    Permission.TALK: "for staff",
    Permission.SEE_ALL: "for comms leads and auditors",
    Permission.ACT: "for comms leads",
    Permission.SIGN_OFF: "for comms leads",
    Permission.EXPORT: "for comms leads and auditors",
    Permission.SEE_INSIGHTS: "for comms leads and auditors",
    Permission.SEE_AUDIT: "for auditors",
    Permission.EDIT_POLICY: "for policy owners",
    Permission.ADMIN: "for administrators",
}
"""Whom a page is for, in words."""
