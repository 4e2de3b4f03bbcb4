"""The tables of the workshop: versions and the policy trail, which nobody may change, drafts and requests, which may.

What is live is not a table of its own: it is what the policy trail says was published last.
"""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLAlchemy reads the annotations

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from amends.incidents.models import Base


class DocumentVersion(Base):
    """A document's text as it was published; kept for ever. `hash` is the SHA-256 of the text."""

    __tablename__ = "document_version"
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    text: Mapped[str]
    first_published_at: Mapped[datetime]


class PolicyTrailEntry(Base):
    """One step of an owner: what was done to which document, when, by whom. `sequence` orders; clocks do not.

    `details` is a JSON object as text, see `trail.Kind`. `version` is what it is about, `previous` what was live.
    """

    __tablename__ = "policy_trail"
    __table_args__ = (
        Index("policy_trail_by_document", "document_kind", "document_name", "kind", "sequence"),
        Index("policy_trail_by_kind", "kind", "sequence"),
    )
    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(40))
    document_kind: Mapped[str] = mapped_column(String(10))
    document_name: Mapped[str] = mapped_column(String(80))
    version: Mapped[str | None] = mapped_column(String(64))
    previous: Mapped[str | None] = mapped_column(String(64))
    actor_id: Mapped[str] = mapped_column(String(120))
    actor_name: Mapped[str]
    note: Mapped[str]
    details: Mapped[str]
    at: Mapped[datetime]
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class DraftRow(Base):
    """The one shared edit of a document. `text` is null between drafts, so that `revision` never goes back."""

    __tablename__ = "draft"
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    text: Mapped[str | None]
    base: Mapped[str | None] = mapped_column(String(64))
    revision: Mapped[int]
    owner_id: Mapped[str] = mapped_column(String(120))
    owner_name: Mapped[str]
    at: Mapped[datetime]


class PublishRequest(Base):
    """A text that waits for a second owner, and what became of it."""

    __tablename__ = "publish_request"
    __table_args__ = (Index("publish_request_by_document", "kind", "name", "state"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(80))
    text: Mapped[str]
    version: Mapped[str] = mapped_column(String(64))
    base: Mapped[str | None] = mapped_column(String(64))
    note: Mapped[str]
    owner_id: Mapped[str] = mapped_column(String(120))
    owner_name: Mapped[str]
    asked_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(20))
    decided_by_id: Mapped[str | None] = mapped_column(String(120))
    decided_by_name: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    reason: Mapped[str]
