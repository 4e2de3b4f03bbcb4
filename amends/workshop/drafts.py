"""The one open edit of a document, shared by all owners. Nobody's words are overwritten."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from amends.workshop import trail
from amends.workshop.documents import Document, Owner, WorkshopError, hash_of
from amends.workshop.tables import DraftRow, PolicyTrailEntry
from amends.workshop.versions import live_hash

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

LARGEST_BYTES = 5_000_000
"""A text larger than this is not kept; one larger than a flow may be is kept, and the checks say so."""


@dataclass(frozen=True)
class Draft:
    """An open edit. `base` is the version that was live when it was begun ("" for a new document).

    `revision` goes up with every save and never comes again. `owner` is who saved last, at `at`.
    """

    document: Document
    text: str
    base: str
    revision: int
    owner: Owner
    at: datetime

    @property
    def version(self) -> str:
        """The hash of the text as it stands."""
        return hash_of(self.text)


class Conflict(WorkshopError):  # noqa: N818 - it reads as what it says
    """Somebody else saved in the meantime. `draft` is what stands there now, None when there is no draft any more."""

    def __init__(self, draft: Draft | None) -> None:
        self.draft = draft
        who = f"{draft.owner.name} changed it" if draft else "The draft was published or thrown away"
        super().__init__(f"{who} after you opened it. Nothing of yours was saved yet, and nothing was overwritten.")


def draft_of(session: Session, document: Document) -> Draft | None:
    """The open edit of a document, if there is one."""
    row = session.get(DraftRow, (document.kind, document.name))
    if row is None or row.text is None:
        return None
    return Draft(document, row.text, row.base or "", row.revision, Owner(row.owner_id, row.owner_name), row.at)


def open_drafts(session: Session) -> list[Draft]:
    """All open edits."""
    found = session.execute(select(DraftRow.kind, DraftRow.name).where(DraftRow.text.is_not(None)))
    all_ = [draft_of(session, Document("flow" if kind == "flow" else "policy", name)) for kind, name in found]
    return sorted((draft for draft in all_ if draft), key=lambda draft: draft.document)


def save_draft(session: Session, document: Document, text: str, *, owner: Owner, seen: int, now: datetime) -> Draft:
    """Save an edit, well formed or not.

    Args:
        seen: the revision that the editor began from, 0 when there was no draft.

    Raises:
        Conflict: it moved on since then; nothing was saved.
    """
    if len(text.encode(errors="replace")) > LARGEST_BYTES:
        raise WorkshopError(f"This is larger than {LARGEST_BYTES:,} bytes. It was not saved.")
    trail.lock(session)
    draft = seen_draft(session, document, seen)
    if draft is not None and draft.text == text:
        return draft
    base = draft.base if draft else live_hash(session, document) or ""
    return put(session, document, text, base=base, owner=owner, now=now)


def discard_draft(session: Session, document: Document, *, owner: Owner, seen: int, now: datetime) -> None:
    """Throw the open edit away; what is live stays.

    Raises:
        Conflict: it moved on since it was seen; nothing was thrown away.
    """
    trail.lock(session)
    draft = seen_draft(session, document, seen)
    if draft is None:
        return
    close(session, draft)
    trail.append(
        session,
        trail.Kind.DRAFT_DISCARDED,
        document,
        owner,
        at=now,
        version=draft.version,
        previous=draft.base or None,
        details={"revision": draft.revision},
    )


def put(session: Session, document: Document, text: str, *, base: str, owner: Owner, now: datetime) -> Draft:
    """Put a text in the place of the open edit and say so in the trail; the caller has looked that it may."""
    saved = _write(session, document, text, base=base, owner=owner, now=now)
    details = {"revision": saved.revision}
    kind = trail.Kind.DRAFT_SAVED
    trail.append(session, kind, document, owner, at=now, version=saved.version, previous=base or None, details=details)
    return saved


def close(session: Session, draft: Draft) -> None:
    """End the open edit: it went live or was thrown away."""
    _write(session, draft.document, None, base="", owner=draft.owner, now=draft.at)


def rebase(session: Session, document: Document, base: str) -> None:
    """Let the open edit count as made from this version; its text stays."""
    row = session.get_one(DraftRow, (document.kind, document.name))
    row.base = base
    session.flush()


def went_through(session: Session, document: Document, version: str) -> bool:
    """Whether the open edit had this text at some time, so that what it is now was made from it."""
    row = PolicyTrailEntry
    of_it = (row.document_kind == document.kind, row.document_name == document.name)
    ended = (trail.Kind.DRAFT_DISCARDED, trail.Kind.PUBLISHED)
    since = session.execute(select(func.max(row.sequence)).where(*of_it, row.kind.in_(ended))).scalar_one() or 0
    saved = select(row.sequence).where(*of_it, row.kind == trail.Kind.DRAFT_SAVED, row.sequence > since)
    return session.scalars(saved.where(row.version == version).limit(1)).first() is not None


def _write(session: Session, document: Document, text: str | None, *, base: str, owner: Owner, now: datetime) -> Draft:
    """Put a text, or nothing, in the place of the open edit, under the next revision."""
    row = session.get(DraftRow, (document.kind, document.name))
    if row is None:
        row = DraftRow(kind=document.kind, name=document.name, revision=0)
        session.add(row)
    row.text, row.base = text, base or None
    row.revision += 1
    row.owner_id, row.owner_name, row.at = owner.id, owner.name, now
    session.flush()
    return Draft(document, text or "", base, row.revision, owner, now)


def seen_draft(session: Session, document: Document, seen: int) -> Draft | None:
    """The open edit, if it is the one that was seen; the caller holds the trail's lock.

    Raises:
        Conflict: it is not.
    """
    session.flush()
    session.expire_all()  # it was perhaps read before we were alone
    draft = draft_of(session, document)
    if (draft.revision if draft else 0) != seen:
        raise Conflict(draft)
    return draft
