"""Whether the files that were kept as evidence are there, as they were kept."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from amends.incidents.chain import Harm
from amends.incidents.trail import Kind
from amends.incidents.walk import Damage

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_SAID = """
SELECT i.reference, t.sequence, t.kind, p.body FROM trail_entry t
JOIN incident i ON i.id = t.incident_id JOIN trail_payload p ON p.entry_id = t.id
WHERE t.kind IN (:kept, :erased) ORDER BY t.id
"""
_KEPT = "SELECT e.id, i.reference, e.sha256 FROM evidence e JOIN incident i ON i.id = e.incident_id ORDER BY e.id"


def check(session: Session) -> tuple[int, list[Damage]]:
    """How many files there are, and what is wrong: one is missing, was changed, or no trail knows it.

    What an entry says was erased may be missing. Entries whose own words were erased name no file.
    """
    wanted: dict[tuple[str, str], int] = {}
    erased: set[tuple[str, str]] = set()
    for reference, sequence, kind, body in session.execute(
        text(_SAID), {"kept": Kind.EVIDENCE_KEPT, "erased": Kind.ERASED}
    ):
        said = _read(body)
        if kind == Kind.EVIDENCE_KEPT and isinstance(said.get("sha256"), str):
            wanted[reference, str(said["sha256"])] = sequence
        elif kind == Kind.ERASED:
            erased |= {(reference, each) for each in said.get("files", ())}
    damage = []
    count = 0
    for id_, reference, sha256 in session.execute(text(_KEPT)).all():
        key = (reference, sha256)
        content = session.execute(text("SELECT content FROM evidence WHERE id = :id"), {"id": id_}).scalar_one()
        count += 1
        sequence = wanted.pop(key, None)
        if hashlib.sha256(content).hexdigest() != sha256 and key not in erased:
            damage.append(Damage(reference, sequence, "A file that was kept was changed.", Harm.FILE_CHANGED))
    damage += [
        Damage(reference, sequence, "A file that was kept is missing or was exchanged.", Harm.FILE_CHANGED)
        for (reference, sha256), sequence in wanted.items()
        if (reference, sha256) not in erased
    ]
    return count, damage


def _read(body: str) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
