"""Versions, what is live, its history. Each function works inside the caller's transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from amends.workshop import trail
from amends.workshop.documents import Document, Owner, WorkshopError, hash_of
from amends.workshop.tables import DocumentVersion, PolicyTrailEntry

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

SHORTEST_PREFIX = 6
"""Characters of a version that have to be given."""


class UnknownVersion(WorkshopError, LookupError):  # noqa: N818 - it reads as what it says
    """There is no such document or version."""


@dataclass(frozen=True)
class Version:
    """A text that was published. `hash` identifies it."""

    document: Document
    hash: str
    text: str
    first_published_at: datetime


@dataclass(frozen=True)
class Publication:
    """A version going live. `sequence` is its place in the policy trail, `previous` what was live before."""

    sequence: int
    document: Document
    version: str
    previous: str | None
    owner: Owner
    approver: Owner | None
    note: str
    at: datetime


def documents(session: Session) -> list[Document]:
    """All that were ever published: the flows, then the policies, by name."""
    row = PolicyTrailEntry
    query = select(row.document_kind, row.document_name).where(row.kind == trail.Kind.PUBLISHED).distinct()
    return sorted(Document("flow" if kind == "flow" else "policy", name) for kind, name in session.execute(query))


def live_hash(session: Session, document: Document) -> str | None:
    """The version that is live, None when none is."""
    return session.scalars(_publications(document, PolicyTrailEntry.version).limit(1)).first()


def published(session: Session, *, before: int | None = None) -> int:
    """The sequence of the newest publication of any document, or of the newest before one; 0 when there is none."""
    row = PolicyTrailEntry
    query = select(func.max(row.sequence)).where(row.kind == trail.Kind.PUBLISHED)
    if before is not None:
        query = query.where(row.sequence < before)
    return session.execute(query).scalar_one() or 0


def live_hashes(session: Session, *, upto: int | None = None) -> dict[Document, str]:
    """The live version of every document, in the order of `documents`.

    Args:
        upto: as it was after the publication with this sequence.
    """
    row = PolicyTrailEntry
    newest = select(func.max(row.sequence)).where(row.kind == trail.Kind.PUBLISHED)
    if upto is not None:
        newest = newest.where(row.sequence <= upto)
    newest = newest.group_by(row.document_kind, row.document_name)
    query = select(row.document_kind, row.document_name, row.version).where(row.sequence.in_(newest))
    found = {
        Document("flow" if kind == "flow" else "policy", name): version or ""
        for kind, name, version in session.execute(query)
    }
    return dict(sorted(found.items()))


def live_texts(session: Session) -> dict[Document, str]:
    """The live text of every document, in the order of `documents`.

    Raises:
        UnknownVersion: a text is missing, or was changed.
    """
    return texts_of(session, live_hashes(session))


def texts_of(session: Session, hashes: Mapping[Document, str]) -> dict[Document, str]:
    """The texts of versions.

    Raises:
        UnknownVersion: a text is missing, or was changed.
    """
    return {document: _version(session, document, hash_).text for document, hash_ in hashes.items()}


def live(session: Session, document: Document) -> Version:
    """The version that is live.

    Raises:
        UnknownVersion: none is.
    """
    hash_ = live_hash(session, document)
    if hash_ is None:
        raise UnknownVersion(f"There is no {document.kind} called {document.name} that was published.")
    return _version(session, document, hash_)


def version(session: Session, document: Document, hash_or_prefix: str) -> Version:
    """A version by its hash or the beginning of it.

    Args:
        hash_or_prefix: at least 6 characters.

    Raises:
        UnknownVersion: there is none, or several begin so.
    """
    prefix = hash_or_prefix.strip().lower()
    if len(prefix) < SHORTEST_PREFIX:
        raise UnknownVersion(f"Give at least {SHORTEST_PREFIX} characters of a version, not '{hash_or_prefix}'.")
    row = DocumentVersion
    query = select(row.hash).where(row.kind == document.kind, row.name == document.name)
    found = [each for each in session.scalars(query) if each.startswith(prefix)]
    if not found:
        raise UnknownVersion(f"{document} has no version {hash_or_prefix[:64]}. Its history lists those there are.")
    if len(found) > 1:
        raise UnknownVersion(f"{len(found)} versions of {document} begin with {prefix}. Give more of it.")
    return _version(session, document, found[0])


def history(session: Session, document: Document) -> list[Publication]:
    """Every time a version of the document went live, newest first."""
    return [publication_of(trail.entry_of(row)) for row in session.scalars(_publications(document, PolicyTrailEntry))]


def publication_of(entry: trail.Entry) -> Publication:
    """A `published` entry of the trail as a publication."""
    approver = entry.details.get("approver")
    return Publication(
        sequence=entry.sequence,
        document=entry.document,
        version=entry.version or "",
        previous=entry.previous,
        owner=entry.actor,
        approver=Owner(approver["id"], approver["name"]) if approver else None,
        note=entry.note,
        at=entry.at,
    )


def keep(session: Session, document: Document, text: str, at: datetime) -> str:
    """Keep a text for ever, and return its hash."""
    hash_ = hash_of(text)
    if session.get(DocumentVersion, (document.kind, document.name, hash_)) is None:
        row = DocumentVersion(kind=document.kind, name=document.name, hash=hash_, text=text, first_published_at=at)
        session.add(row)
        session.flush()
    return hash_


def _version(session: Session, document: Document, hash_: str) -> Version:
    row = session.get(DocumentVersion, (document.kind, document.name, hash_))
    if row is None:
        raise UnknownVersion(f"The text of version {hash_[:12]} of {document} is missing from the record.")
    if hash_of(row.text) != hash_:
        raise UnknownVersion(
            f"The text of version {hash_[:12]} of {document} was changed in the record after it was published. "
            "'amends trail verify' says more."
        )
    return Version(document, row.hash, row.text, row.first_published_at)


def _publications(document: Document, what: Any) -> Select[Any]:
    row = PolicyTrailEntry
    return (
        select(what)
        .where(row.document_kind == document.kind, row.document_name == document.name)
        .where(row.kind == trail.Kind.PUBLISHED)
        .order_by(row.sequence.desc())
    )
