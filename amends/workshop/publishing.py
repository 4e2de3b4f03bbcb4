"""How a text goes live: checked, said why, by an owner, and by a second one where the settings ask for it.

Each function works inside the caller's transaction. The checks take a second or two; `checks.check` remembers them,
so call it with `report_of` before the transaction begins, and the record is not kept waiting.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from amends.settings import ROOT
from amends.workshop import checks, trail
from amends.workshop.documents import Document, Owner, WorkshopError, hash_of
from amends.workshop.drafts import close, draft_of, rebase, seen_draft, went_through
from amends.workshop.tables import PublishRequest
from amends.workshop.versions import Publication, keep, live_hash, publication_of, version

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from amends.settings import Settings
    from amends.workshop.checks import Report

DATA = ROOT / "data"
LONGEST_NOTE = 2_000


class NotPublishable(WorkshopError):  # noqa: N818 - it reads as what it says
    """The checks refuse the text. `report` says why."""

    def __init__(self, report: Report) -> None:
        self.report = report
        lines = report.refusals
        more = f" And {len(lines) - 3} more." if len(lines) > 3 else ""
        super().__init__(f"This cannot go live yet. {' '.join(lines[:3])}{more}")


class Overtaken(WorkshopError):  # noqa: N818 - it reads as what it says
    """Another version went live since the text was begun. `live` is that version."""

    def __init__(self, document: Document, live: str | None) -> None:
        self.live = live
        super().__init__(
            f"Another version of {document.name} went live after this was begun. Look at what it changed first."
        )


@dataclass(frozen=True)
class Request:
    """A text that waits for a second owner, or what became of it.

    `state` is open, approved, declined or overtaken; `base` is the version it was made from.
    """

    id: int
    document: Document
    text: str
    version: str
    base: str
    note: str
    owner: Owner
    asked_at: datetime
    state: str
    decided_by: Owner | None
    decided_at: datetime | None
    reason: str


def report_of(
    session: Session, document: Document, text: str, settings: Settings, *, data: Path | None = DATA
) -> Report:
    """The whole check of a text as it would go live now."""
    beside = checks.around(session)
    return checks.check(document, text, beside, prove=True, settings=settings.flow_settings, data=data)


def ask_to_publish(
    session: Session, document: Document, *, owner: Owner, note: str, seen: int, now: datetime, settings: Settings
) -> Publication | Request:
    """Publish the open draft, or ask a second owner where the settings want one.

    Args:
        note: why, in a sentence or two; it stands in the history.
        seen: the revision of the draft that the owner looked at.

    Raises:
        Conflict: the draft moved on since then.
        Overtaken: another version went live since the draft was begun.
        NotPublishable: the checks refuse it.
        WorkshopError: there is no draft, no note, or nothing in it changes.
    """
    trail.lock(session)
    draft = seen_draft(session, document, seen)
    if draft is None:
        raise WorkshopError("There is no draft, so there is nothing to publish.")
    made = (draft.text, draft.base, "draft")
    return _submit(session, document, made, owner=owner, note=note, now=now, settings=settings)


def publish_text(
    session: Session,
    document: Document,
    text: str,
    *,
    owner: Owner,
    note: str,
    now: datetime,
    settings: Settings,
    source: str,
) -> Publication | Request:
    """Publish a text that is no draft, such as a file; otherwise like `ask_to_publish`.

    Args:
        source: where it comes from, for the trail.
    """
    trail.lock(session)
    base = live_hash(session, document) or ""
    return _submit(session, document, (text, base, source), owner=owner, note=note, now=now, settings=settings)


def go_back(
    session: Session, document: Document, hash_: str, *, owner: Owner, note: str, now: datetime, settings: Settings
) -> Publication | Request:
    """Make an older version live again. It is checked as any other: the other documents may have changed since.

    Raises:
        UnknownVersion: there is no such version.
        NotPublishable, WorkshopError: as in `ask_to_publish`.
    """
    old = version(session, document, hash_)
    return publish_text(
        session, document, old.text, owner=owner, note=note, now=now, settings=settings, source="older version"
    )


def approve(session: Session, request_id: int, *, owner: Owner, now: datetime, settings: Settings) -> Publication:
    """Let a text go live that another owner asked for.

    Raises:
        WorkshopError: it is their own, it was decided, it was overtaken, or the checks refuse it now.
    """
    row = _open(session, request_id)
    request = _request(row)
    if same_person(request.owner, owner.id, owner.name):
        raise WorkshopError("A second owner has to approve this: it is your own request.")
    _refuse_unless_fit(session, request.document, request.text, base=request.base, settings=settings)
    _decide(row, "approved", owner, now)
    return _publish(
        session,
        request.document,
        request.text,
        owner=request.owner,
        note=request.note,
        now=now,
        details={"request": request.id, "approver": {"id": owner.id, "name": owner.name}, "source": "request"},
    )


def same_person(owner: Owner, id_: str, name: str) -> bool:
    """Whether an owner is this person. Another id with the same name counts as the same: a second look needs two."""
    return owner.id == id_ or " ".join(owner.name.split()).casefold() == " ".join(name.split()).casefold()


def decline(session: Session, request_id: int, *, owner: Owner, reason: str, now: datetime) -> Request:
    """Say no to a request, with a reason; the owner who asked can say no to their own, which withdraws it.

    The draft stays.

    Raises:
        WorkshopError: there is no reason, or it was decided.
    """
    row = _open(session, request_id)
    request = _request(row)
    reason = _sentence(reason, "Say in a sentence why not, so that it can be put right.")
    _decide(row, "declined", owner, now, reason)
    trail.append(
        session,
        trail.Kind.DECLINED,
        request.document,
        owner,
        at=now,
        version=request.version,
        previous=request.base or None,
        note=reason,
        details={"request": request.id, "asked_by": {"id": request.owner.id, "name": request.owner.name}},
    )
    return _request(row)


def request(session: Session, request_id: int) -> Request:
    """One request.

    Raises:
        WorkshopError: there is none.
    """
    row = session.get(PublishRequest, request_id) if request_id < 2**31 else None
    if row is None:
        raise WorkshopError(f"There is no request {request_id}.")
    return _request(row)


def requests(session: Session, document: Document | None = None, *, state: str | None = "open") -> list[Request]:
    """Requests, newest first: of a document, or of all."""
    query = select(PublishRequest).order_by(PublishRequest.id.desc())
    if document is not None:
        query = query.where(PublishRequest.kind == document.kind, PublishRequest.name == document.name)
    if state is not None:
        query = query.where(PublishRequest.state == state)
    return [_request(row) for row in session.scalars(query)]


def _submit(
    session: Session,
    document: Document,
    made: tuple[str, str, str],
    *,
    owner: Owner,
    note: str,
    now: datetime,
    settings: Settings,
) -> Publication | Request:
    """Publish what was made: a text, the version it was made from, and how."""
    text, base, source = made
    note = _sentence(note, "Say in a sentence what you changed and why. It stands in the history.")
    _refuse_unless_fit(session, document, text, base=base, settings=settings)
    if not settings.second_owner_approves:
        return _publish(session, document, text, owner=owner, note=note, now=now, details={"source": source})
    for other in requests(session, document):
        if other.version == hash_of(text):
            raise WorkshopError(f"{other.owner.name} asked for just this already: request {other.id}.")
    row = PublishRequest(
        kind=document.kind,
        name=document.name,
        text=text,
        version=hash_of(text),
        base=base or None,
        note=note,
        owner_id=owner.id,
        owner_name=owner.name,
        asked_at=now,
        state="open",
        reason="",
    )
    session.add(row)
    session.flush()
    details = {"request": row.id, "source": source}
    trail.append(
        session,
        trail.Kind.ASKED,
        document,
        owner,
        at=now,
        version=row.version,
        previous=base or None,
        note=note,
        details=details,
    )
    return _request(row)


def _refuse_unless_fit(session: Session, document: Document, text: str, *, base: str, settings: Settings) -> None:
    live = live_hash(session, document)
    if (live or "") != base:
        raise Overtaken(document, live)
    if live == hash_of(text):
        raise WorkshopError("This is what is live already, so there is nothing to publish.")
    report = report_of(session, document, text, settings)
    if not report.publishable:
        raise NotPublishable(report)


def _publish(
    session: Session, document: Document, text: str, *, owner: Owner, note: str, now: datetime, details: dict[str, Any]
) -> Publication:
    previous = live_hash(session, document)
    hash_ = keep(session, document, text, now)
    # A draft that was edited on after its request goes on from what is live now.
    made_from_it = went_through(session, document, hash_)
    entry = trail.append(
        session,
        trail.Kind.PUBLISHED,
        document,
        owner,
        at=now,
        version=hash_,
        previous=previous,
        note=note,
        details=details,
    )
    draft = draft_of(session, document)
    if draft is not None and draft.version == hash_:
        close(session, draft)
    elif draft is not None and made_from_it:
        rebase(session, document, hash_)
    for row in session.scalars(
        select(PublishRequest).where(
            PublishRequest.kind == document.kind, PublishRequest.name == document.name, PublishRequest.state == "open"
        )
    ):
        _decide(row, "overtaken", owner, now, "Another version went live first.")
    session.flush()
    return publication_of(trail.entry_of(entry))


def _open(session: Session, request_id: int) -> PublishRequest:
    trail.lock(session)
    session.expire_all()
    row = session.get(PublishRequest, request_id) if request_id < 2**31 else None
    if row is None:
        raise WorkshopError(f"There is no request {request_id}.")
    if row.state != "open":
        by = f" by {row.decided_by_name}" if row.decided_by_name else ""
        raise WorkshopError(f"Request {request_id} was {row.state}{by} already.")
    return row


def _decide(row: PublishRequest, state: str, owner: Owner, now: datetime, reason: str = "") -> None:
    row.state, row.reason = state, reason
    row.decided_by_id, row.decided_by_name, row.decided_at = owner.id, owner.name, now


def _sentence(text: str, otherwise: str) -> str:
    text = " ".join(text.split())
    if not text:
        raise WorkshopError(otherwise)
    if len(text) > LONGEST_NOTE:
        raise WorkshopError(f"That is longer than {LONGEST_NOTE:,} characters. Say it in fewer words.")
    return text


def _request(row: PublishRequest) -> Request:
    by = Owner(row.decided_by_id, row.decided_by_name or "") if row.decided_by_id else None
    return Request(
        id=row.id,
        document=Document("flow" if row.kind == "flow" else "policy", row.name),
        text=row.text,
        version=row.version,
        base=row.base or "",
        note=row.note,
        owner=Owner(row.owner_id, row.owner_name),
        asked_at=row.asked_at,
        state=row.state,
        decided_by=by,
        decided_at=row.decided_at,
        reason=row.reason,
    )
