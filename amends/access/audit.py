"""The audit: who looked at which incident, who took what out, who came in. It is part of the record.

An entry's hash is the SHA-256 of a JSON array, written without spaces and with characters as they are in UTF-8:
sequence, participant id, name, roles, what, reference, details (JSON as text), time in UTC to the microsecond,
previous hash. The first entry's previous hash is 64 zeros. So a changed, moved, missing or added entry is noticed.
Each entry is sealed as those of the incidents are.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, text

from amends.access.tables import AuditEntry
from amends.incidents import chain
from amends.incidents.chain import FIRST, Harm, Link
from amends.incidents.models import utc_text
from amends.incidents.seals import seal_at_end

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from amends.access.people import SignedIn

OF = "audit"
"""What the seals call it."""
_LOCK = 2011
"""PostgreSQL's advisory lock of all that write here; 2009 is the migration's, 2010 the workshop's."""


class What(StrEnum):
    """What can be in the audit. A new kind needs no migration."""

    VIEWED_INCIDENT = "viewed_incident"
    TOOK_FILE = "took_file"
    """A file of evidence. details: file, sha256."""
    SEARCHED = "searched"
    VIEWED_INSIGHTS = "viewed_insights"
    """details: choice."""
    EXPORTED_INCIDENT = "exported_incident"
    EXPORTED_LIST = "exported_list"
    """details: filter, rows."""
    SIGNED_IN = "signed_in"
    """details: way."""
    SIGNED_OUT = "signed_out"
    SIGNED_OUT_EVERYWHERE = "signed_out_everywhere"
    LINK_MADE = "link_made"
    TOKEN_MADE = "token_made"  # noqa: S105 - the name of an event
    TOKEN_REVOKED = "token_revoked"  # noqa: S105
    HELD = "held"
    """A legal hold was placed. details: person, for one on a person."""
    RELEASED = "released"
    LOOKED_UP_PERSON = "looked_up_person"
    SUBJECT_EXPORT = "subject_export"
    """What is kept of a person was given out. details: person, counts."""
    ERASED = "erased"
    """An incident's words. details: see `amends.privacy.words`."""
    ERASED_PERSON = "erased_person"
    RETENTION_DONE = "retention_done"
    """What was past its time went. details: how many of each kind."""
    RETENTION = "retention"
    """Old entries were let go of. details: audit_through, the last of them."""


def viewed(
    session: Session,
    who: SignedIn,
    what: What | str,
    reference: str,
    at: datetime,
    details: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Add an entry, inside the caller's transaction: if it cannot be written, nothing is shown.

    Args:
        who: the person; when a program acts as them, the entry names its token.
        what: see `What`.
        reference: of the incident; of a list or a search, what it was in short.
        at: when.
        details: what else has to be known; never what people wrote.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
    by_token = {"token": who.token} if who.token else {}
    last = session.execute(
        select(AuditEntry.sequence, AuditEntry.hash).order_by(AuditEntry.sequence.desc()).limit(1)
    ).first()
    entry = AuditEntry(
        sequence=last.sequence + 1 if last else 1,
        participant_id=who.id,
        name=who.name,
        roles=" ".join(sorted(who.roles)),
        what=str(what),
        reference=reference,
        details=json.dumps({**(details or {}), **by_token}, ensure_ascii=False, sort_keys=True),
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
    reference: str = "",
    participant_id: str = "",
    before: int | None = None,
    limit: int = 100,
) -> list[AuditEntry]:
    """The audit, newest first.

    Args:
        reference: only of this incident.
        participant_id: only of this person.
        before: only entries with a smaller sequence, for the next page.
        limit: at most so many.
    """
    query = select(AuditEntry).order_by(AuditEntry.sequence.desc()).limit(limit)
    if reference:
        query = query.where(AuditEntry.reference == reference)
    if participant_id:
        query = query.where(AuditEntry.participant_id == participant_id)
    if before is not None:
        query = query.where(AuditEntry.sequence < before)
    return list(session.scalars(query))


@dataclass(frozen=True)
class Verdict:
    """How many entries were checked, and a sentence for the first that does not fit."""

    entries: int
    damage: str = ""


def verify(session: Session) -> Verdict:
    """Recompute the chain."""
    # To the end, whatever is found: a result that is left half-read holds the connection.
    count, found = chain.first_break(links(session))
    return Verdict(count, f"Entry {found[0]} of the audit {_HOW[found[2]]}." if found else "")


_HOW = {
    Harm.MISSING: "is missing",
    Harm.BROKEN: "does not follow from the one before it",
    Harm.CHANGED: "was changed after it was written",
}


def links(session: Session) -> Iterator[Link]:
    """The entries as they are stored, to the byte, in order."""
    query = text(
        "SELECT sequence, participant_id, name, roles, what, reference, details, at, previous_hash, hash "
        "FROM access_audit ORDER BY sequence"
    )
    for row in session.execute(query.execution_options(yield_per=2_000)):
        let_go = _let_go(row.details) if row.what == What.RETENTION else 0
        yield Link(OF, row.sequence, row.previous_hash, row.hash, chain.hash_of(row[:9]), let_go=let_go)


def _let_go(details: str) -> int:
    """The last entry that is let go of; nothing when somebody changed the details so that they cannot be read."""
    try:
        through = json.loads(details)["audit_through"]
    except (ValueError, TypeError, KeyError):
        return 0
    return through if isinstance(through, int) else 0


def _hash(entry: AuditEntry) -> str:
    return chain.hash_of(
        [
            entry.sequence,
            entry.participant_id,
            entry.name,
            entry.roles,
            entry.what,
            entry.reference,
            entry.details,
            utc_text(entry.at),
            entry.previous_hash,
        ]
    )
