"""The policy trail: every step of the owners, in order, each entry bound to the one before it.

An entry's hash is the SHA-256 of a JSON array, written without spaces and with characters as they are in UTF-8:
sequence, kind, document kind, document name, version or null, previous version or null, actor id, actor name, note,
details (JSON as text), time in UTC to the microsecond, previous hash. The first entry's previous hash is 64 zeros.
So a changed, moved, missing or added entry is noticed (tamper-evident). Each entry is sealed as those of the incidents
are, so that a cut end and a whole new trail are noticed, too.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, text

from amends.incidents import chain
from amends.incidents.chain import FIRST, Link
from amends.incidents.models import utc_text
from amends.incidents.seals import seal_at_end
from amends.workshop.documents import Document, Owner, hash_of
from amends.workshop.tables import DocumentVersion, PolicyTrailEntry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

OF = "policy"
"""What the seals call it."""
_LOCK = 2010
"""PostgreSQL's advisory lock of all that write here; 2009 is the migration's."""


class Kind(StrEnum):
    """What can happen to a document. A new kind needs no migration."""

    DRAFT_SAVED = "draft_saved"
    """details: revision, base."""
    DRAFT_DISCARDED = "draft_discarded"
    """details: revision, base."""
    ASKED = "asked"
    """A second owner is asked. details: request."""
    DECLINED = "declined"
    """details: request, asked_by."""
    PUBLISHED = "published"
    """details: request, approver {id, name}, source, report."""


@dataclass(frozen=True)
class Entry:
    """One entry."""

    sequence: int
    kind: str
    document: Document
    version: str | None
    previous: str | None
    actor: Owner
    note: str
    details: Mapping[str, Any]
    at: datetime
    hash: str


@dataclass(frozen=True)
class Damage:
    """The first entry that does not fit, or a version's text that is not what was published."""

    sequence: int | None
    sentence: str


@dataclass(frozen=True)
class Verdict:
    """How many entries and versions were checked, and what was found."""

    entries: int
    versions: int
    damage: tuple[Damage, ...]


def lock(session: Session) -> None:
    """From here to the end of the transaction nobody else writes in the workshop.

    On SQLite a transaction that writes is alone from its beginning.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))


def append(
    session: Session,
    kind: Kind,
    document: Document,
    owner: Owner,
    *,
    at: datetime,
    version: str | None = None,
    previous: str | None = None,
    note: str = "",
    details: Mapping[str, Any] | None = None,
) -> PolicyTrailEntry:
    """Add an entry at the end, inside the caller's transaction, which must hold the `lock`."""
    last = session.scalars(select(PolicyTrailEntry).order_by(PolicyTrailEntry.sequence.desc()).limit(1)).first()
    entry = PolicyTrailEntry(
        sequence=last.sequence + 1 if last else 1,
        kind=kind,
        document_kind=document.kind,
        document_name=document.name,
        version=version,
        previous=previous,
        actor_id=owner.id,
        actor_name=owner.name,
        note=note,
        details=json.dumps(details or {}, ensure_ascii=False, sort_keys=True),
        at=at,
        previous_hash=last.hash if last else FIRST,
    )
    entry.hash = _hash(entry)
    session.add(entry)
    session.flush()
    seal_at_end(session, entry, OF, entry.sequence, entry.hash)
    return entry


def entries(
    session: Session,
    *,
    before: int | None = None,
    limit: int | None = None,
    kinds: tuple[str, ...] = (),
) -> list[Entry]:
    """The trail, newest first.

    Args:
        before: only entries with a smaller sequence, for the next page.
        limit: at most so many.
        kinds: only these; nothing means all.
    """
    query = select(PolicyTrailEntry).order_by(PolicyTrailEntry.sequence.desc())
    if before is not None:
        query = query.where(PolicyTrailEntry.sequence < before)
    if kinds:
        query = query.where(PolicyTrailEntry.kind.in_(kinds))
    return [entry_of(row) for row in session.scalars(query.limit(limit))]


def entry_of(row: PolicyTrailEntry) -> Entry:
    """A row, read."""
    document = Document("flow" if row.document_kind == "flow" else "policy", row.document_name)
    return Entry(
        sequence=row.sequence,
        kind=row.kind,
        document=document,
        version=row.version,
        previous=row.previous,
        actor=Owner(row.actor_id, row.actor_name),
        note=row.note,
        details=json.loads(row.details),
        at=row.at,
        hash=row.hash,
    )


def verify(session: Session) -> Verdict:
    """Recompute the chain, and see that every published text is there and is the one that was published."""
    entries_, broken = chain.first_break(links(session))
    damage = []
    if broken:
        place, link, harm = broken
        damage.append(Damage(link.sequence, chain.sentence_of(harm, link.sequence, place)))
    found, versions = damaged_texts(session)
    return Verdict(entries_, versions, (*damage, *found))


def links(session: Session) -> Iterator[Link]:
    """The entries as they are stored, to the byte, in order."""
    query = text(
        "SELECT sequence, kind, document_kind, document_name, version, previous, actor_id, actor_name, note, details, "
        "at, previous_hash, hash FROM policy_trail ORDER BY sequence"
    )
    for row in session.execute(query.execution_options(yield_per=2_000)):
        yield Link(OF, row.sequence, row.previous_hash, row.hash, chain.hash_of(row[:12]))


def damaged_texts(session: Session) -> tuple[list[Damage], int]:
    """The texts that are missing, changed, or were never published; and how many texts there are."""
    damage: list[Damage] = []
    missing: dict[tuple[str, str, str], int] = {}
    entry = PolicyTrailEntry
    query = select(entry.document_kind, entry.document_name, entry.version, entry.sequence).order_by(entry.sequence)
    for kind, name, version, sequence in session.execute(query.where(entry.kind == Kind.PUBLISHED)):
        if version:
            missing.setdefault((kind, name, version), sequence)
    versions = 0
    row = DocumentVersion
    texts = select(row.kind, row.name, row.hash, row.text).execution_options(yield_per=20)
    for kind, name, hash_, body in session.execute(texts):
        versions += 1
        published = missing.pop((kind, name, hash_), None)
        if published is None:
            damage.append(Damage(None, f"There is a text {hash_[:12]} of {kind}/{name} that was never published."))
        elif hash_of(body) != hash_:
            sentence = f"The text of version {hash_[:12]} of {kind}/{name} was changed after it was published."
            damage.append(Damage(published, sentence))
    damage += [
        Damage(sequence, f"The text of version {hash_[:12]} of {kind}/{name} is missing.")
        for (kind, name, hash_), sequence in missing.items()
    ]
    return damage, versions


def count(session: Session) -> int:
    """How many entries there are."""
    number: int = session.execute(select(func.count()).select_from(PolicyTrailEntry)).scalar_one()
    return number


def _hash(row: PolicyTrailEntry) -> str:
    return chain.hash_of(
        [
            row.sequence,
            str(row.kind),
            row.document_kind,
            row.document_name,
            row.version,
            row.previous,
            row.actor_id,
            row.actor_name,
            row.note,
            row.details,
            utc_text(row.at),
            row.previous_hash,
        ]
    )
