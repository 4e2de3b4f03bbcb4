"""Keys of programs that read the JSON API. Each acts as a person, in some roles, and reaches what its scopes name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from amends.access import audit
from amends.access.audit import What
from amends.access.people import SignedIn
from amends.access.permissions import Permission, permissions_of, roles_in_words
from amends.access.secret import hash_of, new_secret
from amends.access.sessions import SEEN_EVERY
from amends.access.tables import ApiToken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sqlalchemy.orm import Session

    from amends.incidents.database import Database

BEGINS = "amends_"
"""So that a token that got into a file or a message is noticed for what it is."""
DAYS = 90
MOST_DAYS = 366
LONGEST_NAME = 80
LONGEST_TOKEN = 200


class Scope(StrEnum):
    """What a token reaches."""

    INCIDENTS = "incidents"
    EVIDENCE = "evidence"
    INSIGHTS = "insights"
    EXPORTS = "exports"
    POLICIES = "policies"
    AUDIT = "audit"


NEEDS: Mapping[Scope, Permission] = {
    Scope.INCIDENTS: Permission.SEE_OWN,
    Scope.EVIDENCE: Permission.SEE_OWN,
    Scope.INSIGHTS: Permission.SEE_INSIGHTS,
    Scope.EXPORTS: Permission.EXPORT,
    Scope.POLICIES: Permission.READ_POLICY,
    Scope.AUDIT: Permission.SEE_AUDIT,
}
"""What somebody must be allowed for a token of theirs to have a scope."""
IN_WORDS: Mapping[Scope, str] = {
    Scope.INCIDENTS: "incidents, their trails, stories, reviews and follow-ups",
    Scope.EVIDENCE: "files of evidence",
    Scope.INSIGHTS: "insights",
    Scope.EXPORTS: "exports",
    Scope.POLICIES: "flows, policies and their history",
    Scope.AUDIT: "the audit",
}


class NoToken(ValueError):  # noqa: N818 - it reads as what it says
    """A token cannot be made, or there is none to take back. The message is a sentence for the person."""


@dataclass(frozen=True)
class Caller:
    """A program that sent a token: the person it acts as, the number of its token, and what it reaches."""

    person: SignedIn
    number: int
    name: str
    scopes: frozenset[str]
    ends_at: datetime


@dataclass(frozen=True)
class Tokens:
    """The tokens of a record."""

    database: Database
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def find(self, secret: str) -> Caller | None:
        """Who sends this token; None when there is no such token, or not any more. That it was used is noted."""
        if len(secret) > LONGEST_TOKEN:
            return None
        now = self.now()
        with self.database.read() as session:
            row = session.scalars(select(ApiToken).where(ApiToken.hash == hash_of(secret))).first()
        if row is None or row.ends_at is None or not is_good(row, now):
            return None
        if row.used_at is None or now - row.used_at > SEEN_EVERY:
            with self.database.begin() as session:
                session.execute(update(ApiToken).where(ApiToken.id == row.id).values(used_at=now))
        return Caller(_person(row), row.id, row.name, frozenset(row.scopes.split()), row.ends_at)


def is_good(row: ApiToken, at: datetime) -> bool:
    """Whether a token can be used: it was not taken back, and its time is not over."""
    return row.revoked_at is None and (row.ends_at is None or row.ends_at > at)


def standing(row: ApiToken, at: datetime) -> str:
    """How a token stands, in words: whether it is good, and when it was used last. Days are in UTC."""
    if row.revoked_at is not None:
        return f"taken back on {row.revoked_at:%Y-%m-%d}"
    used = f"last used on {row.used_at:%Y-%m-%d}" if row.used_at else "never used"
    good = "good until" if is_good(row, at) else "ended on"
    return f"{good} {row.ends_at:%Y-%m-%d}, {used}"


def make(
    session: Session,
    person: SignedIn,
    name: str,
    scopes: Iterable[str],
    at: datetime,
    *,
    by: SignedIn,
    days: int = DAYS,
) -> tuple[ApiToken, str]:
    """Make a token that acts as a person. Its secret is returned and kept nowhere.

    Args:
        person: with the roles that the token has for as long as it is good.
        name: what it is for.
        by: who makes it.
        days: how long it is good.

    Raises:
        NoToken: it has no name, no scope, one that there is none of or that the roles do not allow, or lasts too long.
    """
    plain = " ".join(name.split())
    if not plain or not plain.isprintable() or len(plain) > LONGEST_NAME:
        raise NoToken(f"Say in at most {LONGEST_NAME} characters what the token is for.")
    if not 1 <= days <= MOST_DAYS:
        raise NoToken(f"A token is good for 1 to {MOST_DAYS} days.")
    wanted = _allowed(scopes, person)
    secret = BEGINS + new_secret()
    row = ApiToken(
        hash=hash_of(secret),
        name=plain,
        participant_id=person.id,
        person=person.name,
        roles=" ".join(sorted(person.roles)),
        scopes=" ".join(wanted),
        made_by=by.name,
        made_at=at,
        ends_at=at + timedelta(days=days),
    )
    session.add(row)
    session.flush()
    details = {"number": row.id, "name": plain, "whom": person.name, "roles": sorted(person.roles), "scopes": wanted}
    audit.viewed(session, by, What.TOKEN_MADE, "", at, details)
    return row, secret


def revoke(session: Session, number: int, at: datetime, by: SignedIn) -> ApiToken:
    """Take a token back: it is refused from now on.

    Raises:
        NoToken: there is no such token, or it was taken back before.
    """
    row = session.get(ApiToken, number) if 0 < number < 2**31 else None
    if row is None or row.revoked_at is not None:
        raise NoToken(f"There is no token {number} that could be taken back. Look at the list for those there are.")
    row.revoked_at = at
    session.flush()
    audit.viewed(session, by, What.TOKEN_REVOKED, "", at, {"number": row.id, "name": row.name, "whom": row.person})
    return row


def all_of(session: Session) -> Sequence[ApiToken]:
    """Every token that was made, the newest first."""
    return session.scalars(select(ApiToken).order_by(ApiToken.id.desc())).all()


def _allowed(scopes: Iterable[str], person: SignedIn) -> list[str]:
    given = sorted(set(scopes))
    strange = [scope for scope in given if scope not in list(Scope)]
    if strange or not given:
        raise NoToken(f"There is no scope {', '.join(strange) or '(none)'}. There are: {', '.join(Scope)}.")
    may = permissions_of(person.roles)
    refused = [scope for scope in given if NEEDS[Scope(scope)] not in may]
    if refused:
        whose = roles_in_words(person.roles) or "nobody"
        raise NoToken(f"A token of {whose} cannot have the scope {' or '.join(refused)}.")
    return given


def _person(row: ApiToken) -> SignedIn:
    return SignedIn(row.participant_id, row.person, frozenset(row.roles.split()), token=f"{row.id}, {row.name}")
