"""The way in: what goes before every page, so that it knows who asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from amends.access.permissions import Permission, Role

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from amends.access.people import SignedIn
    from amends.settings import Settings


@dataclass(frozen=True)
class Access:
    """Who may come in here, and how."""

    settings: Settings

    @property
    def everybody_signs_in(self) -> bool:
        """Whether there is a place to sign in with; if not, saying a name is enough for staff."""
        return False

    def roles_of(self, person: SignedIn | None) -> frozenset[str]:
        """What somebody is. Who has not said who they are is staff where a name is enough: the pages ask for it."""
        if person is not None:
            return person.roles
        return frozenset() if self.everybody_signs_in else frozenset({Role.STAFF})


class WhoAsks:
    """Puts before every page who asks for it."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "http":
            scope["amends.access"] = self._access
        await self._app(scope, receive, send)


WHOSE = {
    Permission.TALK: "for staff",
    Permission.SEE_ALL: "for comms leads and auditors",
    Permission.ACT: "for comms leads",
    Permission.SIGN_OFF: "for comms leads",
    Permission.EXPORT: "for comms leads and auditors",
    Permission.SEE_INSIGHTS: "for comms leads and auditors",
    Permission.EDIT_POLICY: "for policy owners",
    Permission.ADMIN: "for administrators",
}
"""Whom a page is for, in words."""
