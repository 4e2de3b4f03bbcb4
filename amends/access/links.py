"""Links that sign somebody in once: for a desk that has nowhere to sign in with."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import update

from amends.access import audit
from amends.access.audit import What
from amends.access.people import SignedIn, with_staff
from amends.access.permissions import Role
from amends.access.secret import hash_of, new_secret
from amends.access.tables import SignInLink

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

OPERATOR = SignedIn("operator", "Whoever runs this", frozenset())
"""Who makes links from the command line."""


class NoSuchLink(LookupError):  # noqa: N818 - it reads as what it says
    """The link was used, is too old, or was never made; these are not told apart. The message is a sentence."""


def make(
    session: Session, roles: Iterable[str], at: datetime, *, name: str = "", minutes: int = 15, by: SignedIn = OPERATOR
) -> str:
    """Make a link and return its secret, which is kept nowhere.

    Args:
        roles: what the person will be.
        name: theirs; without one the page asks for it.
        minutes: how long it may be used.
        by: who makes it.

    Raises:
        ValueError: there is no such role.
    """
    given = frozenset(roles)
    strange = sorted(given - set(Role))
    if strange or not given:
        raise ValueError(f"There is no role {', '.join(strange) or '(none)'}. There are: {', '.join(Role)}.")
    secret = new_secret()
    session.add(
        SignInLink(
            hash=hash_of(secret),
            name=" ".join(name.split()),
            roles=" ".join(sorted(given)),
            made_at=at,
            ends_at=at + timedelta(minutes=minutes),
        )
    )
    audit.viewed(session, by, What.LINK_MADE, "", at, {"roles": sorted(given), "name": name})
    return secret


def find(session: Session, secret: str, at: datetime) -> SignInLink:
    """The link with this secret, if it can be used now.

    Raises:
        NoSuchLink: it cannot.
    """
    link = session.get(SignInLink, hash_of(secret))
    if link is None or link.used_at is not None or link.ends_at <= at:
        raise NoSuchLink(
            "This link was used already, or it is too old. Each works once, for a short time. Ask those who run this "
            "for a new one."
        )
    return link


def use(session: Session, secret: str, name: str, at: datetime) -> SignedIn:
    """Use a link up, and tell who is signed in with it.

    Args:
        name: of the person, where the link has none.

    Raises:
        NoSuchLink: it cannot be used, or somebody else just used it.
    """
    link = find(session, secret, at)
    taken = session.execute(
        update(SignInLink).where(SignInLink.hash == link.hash, SignInLink.used_at.is_(None)).values(used_at=at)
    )
    if taken.rowcount != 1:  # type: ignore[attr-defined]
        raise NoSuchLink("This link was used just now. Ask those who run this for a new one.")
    who = link.name or name
    return SignedIn(person_id(who), who, with_staff(link.roles.split()))


def person_id(name: str) -> str:
    """The id of somebody who comes by link: the same name is the same person, as whoever makes links says."""
    plain = " ".join(name.split()).casefold()
    return f"web:link-{hashlib.sha256(plain.encode()).hexdigest()[:16]}"
