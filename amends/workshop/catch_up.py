"""A draft that another publication overtook, brought up to date. Nobody's words are lost without being asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amends.workshop import trail
from amends.workshop.documents import WorkshopError
from amends.workshop.drafts import put, seen_draft
from amends.workshop.merge import merge
from amends.workshop.versions import live, version

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from amends.workshop.documents import Document, Owner
    from amends.workshop.drafts import Draft


class SameLines(WorkshopError):  # noqa: N818 - it reads as what it says
    """The draft and what went live change the same lines."""


def merged(session: Session, draft: Draft) -> str | None:
    """The draft with what went live since, None when both change the same lines."""
    theirs = live(session, draft.document).text
    return merge(version(session, draft.document, draft.base).text, draft.text, theirs) if draft.base else None


def catch_up(
    session: Session, document: Document, *, owner: Owner, seen: int, now: datetime, keep: bool = False
) -> Draft:
    """Let the draft go on from what is live now.

    Args:
        seen: the revision that the owner looked at.
        keep: leave the draft's text as it is, although it takes back what went live.

    Raises:
        Conflict: the draft moved on.
        SameLines: both change the same lines, and `keep` was not said.
        WorkshopError: there is no draft.
    """
    trail.lock(session)
    draft = seen_draft(session, document, seen)
    if draft is None:
        raise WorkshopError("There is no draft any more.")
    current = live(session, document)
    if draft.base == current.hash:
        return draft
    text = draft.text if keep else merged(session, draft)
    if text is None:
        raise SameLines("Both change the same lines, so they cannot be put together by themselves.")
    return put(session, document, text, base=current.hash, owner=owner, now=now)
