"""Somebody who uses the console: their id in the record, their name, and what they are here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from amends.access.permissions import Permission, Role, permissions_of
from amends.incidents.visible import Viewer

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class SignedIn:
    """Somebody with a name.

    Attributes:
        id: of the participant in the record: `slack:TEAM:USER`, `oidc:...`, `web:...`.
        name: stands in the record.
        roles: what they are here.
        session_id: of the session they signed in to; empty for a visitor who only said their name.
        token: what a program that acts as them is called, with the number of its token; else empty.
    """

    id: str
    name: str
    roles: frozenset[str] = frozenset({Role.STAFF})
    session_id: str = field(default="", compare=False)
    token: str = field(default="", compare=False)

    def may(self, permission: Permission) -> bool:
        """Whether they may do this."""
        return permission in permissions_of(self.roles)

    @property
    def viewer(self) -> Viewer:
        """Them as somebody who looks at incidents."""
        return Viewer(self.id, lead=self.may(Permission.SEE_ALL), everything=Role.AUDITOR in self.roles)

    @property
    def conversation_id(self) -> str:
        """Their conversation with the assistant in the browser: one, for as long as they are who they are."""
        return self.id if self.id.startswith("web:") else f"web:{self.id}"


def with_staff(roles: Iterable[str]) -> frozenset[str]:
    """The roles of somebody who has signed in: everybody is staff, but not who only audits."""
    given = frozenset(roles)
    return given if given == {Role.AUDITOR} else given | {Role.STAFF}
