"""The entries of the incidents' trails as they are stored, to the byte."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import text

from amends.incidents import chain
from amends.incidents.chain import Harm, Link
from amends.incidents.trail import Kind, digest_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

ENTRIES = """
SELECT i.reference, t.sequence, t.kind, t.actor_id, t.source, t.said_at, t.recorded_at, t.flow_version, t.clauses,
       t.supersedes, t.payload_digest, t.previous_hash, t.hash, t.incident_id, p.salt, p.body
FROM trail_entry t
LEFT JOIN incident i ON i.id = t.incident_id
LEFT JOIN trail_payload p ON p.entry_id = t.id
"""
AT_ONCE = 2_000
"""So many rows are read at a time."""


def links(session: Session, reference: str | None = None) -> Iterator[Link]:
    """The entries of one incident in order, or of all as they were added."""
    end = "ORDER BY t.id" if reference is None else "WHERE i.reference = :reference ORDER BY t.sequence"
    query = text(f"{ENTRIES} {end}").execution_options(yield_per=AT_ONCE)
    for row in session.execute(query, {} if reference is None else {"reference": reference}):
        found, sequence, kind = row[0], row[1], row[2]
        of = found if found is not None else f"incident number {row[13]}"
        salt, body = row[14], row[15]
        if body is None:
            harm: Harm | None = Harm.PAYLOAD_MISSING
        else:
            harm = None if digest_of(salt, body) == row[10] else Harm.PAYLOAD_CHANGED
        erased = _erased(body) if kind == Kind.ERASED and harm is None else frozenset()
        yield Link(of, sequence, row[11], row[12], chain.hash_of([of, *row[1:12]]), harm, erased)


def _erased(body: str) -> frozenset[int]:
    return frozenset(json.loads(body).get("entries", ()))
