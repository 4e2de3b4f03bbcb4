"""The tables of who may come in. The audit may not be changed: triggers refuse it (see `migrations/`)."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLAlchemy reads the annotations

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from amends.incidents.models import Base


class SessionRow(Base):
    """Somebody who is signed in, in one browser. `hash` is the SHA-256 of what their cookie holds.

    `roles` are words with spaces between, `way` is how they signed in: oidc, slack or link.
    """

    __tablename__ = "access_session"
    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    participant_id: Mapped[str] = mapped_column(String(120), index=True)
    name: Mapped[str]
    roles: Mapped[str]
    way: Mapped[str] = mapped_column(String(10))
    begun_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ends_at: Mapped[datetime]


class SignInLink(Base):
    """A link that signs somebody in once. `hash` is the SHA-256 of its secret; without a name it is asked for."""

    __tablename__ = "sign_in_link"
    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str]
    roles: Mapped[str]
    made_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class ApiToken(Base):
    """A key of a program. `hash` is the SHA-256 of what it sends; `scopes` and `roles` are words with spaces between.

    The program acts as a person: `participant_id`, called `person`, in these roles. `name` says what it is for.
    """

    __tablename__ = "api_token"
    id: Mapped[int] = mapped_column(primary_key=True)
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str]
    participant_id: Mapped[str] = mapped_column(String(120))
    person: Mapped[str]
    roles: Mapped[str]
    scopes: Mapped[str]
    made_by: Mapped[str]
    made_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class AuditEntry(Base):
    """One time that somebody looked at, took out or came in. `sequence` orders; clocks do not.

    `what` is one of `audit.What`; `reference` is the incident's, or says in short what it was.
    """

    __tablename__ = "access_audit"
    __table_args__ = (
        Index("access_audit_by_reference", "reference", "sequence"),
        Index("access_audit_by_participant", "participant_id", "sequence"),
    )
    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    participant_id: Mapped[str] = mapped_column(String(120))
    name: Mapped[str]
    roles: Mapped[str]
    what: Mapped[str] = mapped_column(String(40))
    reference: Mapped[str]
    details: Mapped[str]
    at: Mapped[datetime]
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
