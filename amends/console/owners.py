"""Who may change flows and policies, and who may look at what only they may see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amends.access.permissions import Permission
from amends.console.visitor import visitor_of
from amends.workshop.documents import Owner

if TYPE_CHECKING:
    from starlette.requests import Request

    from amends.settings import Settings


class NotAnOwner(PermissionError):  # noqa: N818 - it reads as what it says
    """This is for policy owners. The message is a sentence for the person."""


def owner_of(request: Request, settings: Settings) -> Owner:
    """The visitor as a policy owner.

    Raises:
        NotAnOwner: they have no name yet, or are not one.
    """
    del settings
    visitor = visitor_of(request)
    if visitor is None:
        raise NotAnOwner("Say who you are first; the page of a flow asks you for your name.")
    if not visitor.may(Permission.EDIT_POLICY):
        raise NotAnOwner(f"This is for policy owners, and {visitor.name} is none. Those who run this can change that.")
    return Owner(visitor.id, visitor.name)


def is_owner(request: Request, settings: Settings) -> bool:
    """Whether the visitor is a policy owner."""
    del settings
    visitor = visitor_of(request)
    return visitor is not None and visitor.may(Permission.EDIT_POLICY)
