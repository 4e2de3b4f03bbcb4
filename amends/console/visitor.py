"""Who visits: somebody who signed in, or, where nobody has to, a named local user, kept in a signed cookie."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING

from amends.access.people import SignedIn
from amends.access.permissions import Role

if TYPE_CHECKING:
    from starlette.requests import Request

    from amends.console.access import Access

LONGEST_NAME = 80

Visitor = SignedIn
"""The name under which older pages know somebody."""


def access_of(request: Request) -> Access:
    """Who may come in here, and how."""
    access: Access = request.scope["amends.access"]
    return access


def signed_in(request: Request) -> SignedIn | None:
    """Who asks for this page: with their roles; None when nobody has said who they are."""
    person: SignedIn | None = request.scope.get("amends.person")
    return _with_policies(request, person) if person is not None else _named(request)


def visitor_of(request: Request) -> SignedIn | None:
    """The same as `signed_in`."""
    return signed_in(request)


def _named(request: Request) -> SignedIn | None:
    """Somebody who only said their name, where that is enough. Their id is random: elsewhere the name is another."""
    access = access_of(request)
    id_, name = request.session.get("id"), request.session.get("name")
    if access.everybody_signs_in or not isinstance(id_, str) or not isinstance(name, str):
        return None
    return _with_policies(request, SignedIn(id_, name))


def _with_policies(request: Request, person: SignedIn) -> SignedIn:
    """The same person, a policy owner too where nobody has to sign in and the setting names them, or everybody."""
    access = access_of(request)
    owns = Role.STAFF in person.roles and access.settings.is_policy_owner(person.name)
    if access.everybody_signs_in or not owns:
        return person
    return replace(person, roles=person.roles | {Role.POLICY_OWNER})


def welcome(request: Request, name: str) -> SignedIn:
    """Give the visitor the name that they said."""
    request.session["name"] = name
    return SignedIn(request.session["id"], name)


def csrf_token(request: Request) -> str:
    """The token that every form of this visitor carries.

    The visitor's id is made with it, before they have a name: a first form that is sent twice has one sender.
    """
    token = request.session.get("csrf")
    if not isinstance(token, str):
        token = secrets.token_urlsafe(24)
        request.session.update(csrf=token, id=f"web:{secrets.token_hex(8)}")
    return token


def new_token(request: Request) -> None:
    """Make the forms that were drawn before worthless: somebody signed in or out."""
    csrf_token(request)
    request.session["csrf"] = secrets.token_urlsafe(24)


def is_own_form(request: Request, token: str) -> bool:
    """Whether a form was drawn by us for this visitor."""
    ours = request.session.get("csrf")
    return isinstance(ours, str) and secrets.compare_digest(ours.encode(), token.encode())
