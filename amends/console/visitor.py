"""Who visits: a named local user, kept in a signed cookie. Logins come later."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.requests import Request

LONGEST_NAME = 80


@dataclass(frozen=True)
class Visitor:
    """Somebody with a name. Their id is random: the same name at another desk is another person."""

    id: str
    name: str

    @property
    def conversation_id(self) -> str:
        """Their conversation with the assistant: one, for as long as the cookie lives."""
        return self.id


def visitor_of(request: Request) -> Visitor | None:
    """The visitor that the cookie names, or None at a first visit."""
    id_, name = request.session.get("id"), request.session.get("name")
    return Visitor(id_, name) if isinstance(id_, str) and isinstance(name, str) else None


def welcome(request: Request, name: str) -> Visitor:
    """Give the visitor the name that they said."""
    request.session["name"] = name
    return Visitor(request.session["id"], name)


def csrf_token(request: Request) -> str:
    """The token that every form of this visitor carries.

    The visitor's id is made with it, before they have a name: a first form that is sent twice has one sender.
    """
    token = request.session.get("csrf")
    if not isinstance(token, str):
        token = secrets.token_urlsafe(24)
        request.session.update(csrf=token, id=f"web:{secrets.token_hex(8)}")
    return token


def is_own_form(request: Request, token: str) -> bool:
    """Whether a form was drawn by us for this visitor."""
    ours = request.session.get("csrf")
    return isinstance(ours, str) and secrets.compare_digest(ours.encode(), token.encode())
