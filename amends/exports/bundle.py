"""One incident as an evidence bundle: a ZIP file that can be checked without Amends."""

from __future__ import annotations

import hashlib
import json
import zipfile
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Self

from sqlalchemy import select

from amends.exports import paper, stored, verifier
from amends.exports.names import safe_name
from amends.incidents import seals
from amends.incidents.models import Evidence, utc_text
from amends.incidents.verify import verify
from amends.incidents.walk import seals_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from amends.incidents.models import Incident

README = Path(__file__).with_name("README.txt")
PIECE = 1 << 20


@dataclass(frozen=True)
class Asked:
    """Who asked for an export, and when."""

    id: str
    name: str
    at: datetime


@dataclass(frozen=True)
class Made:
    """A bundle that was made.

    Attributes:
        name: of the file.
        entries: how many there are in the trail.
        head: the hash of the last one.
        manifest: the SHA-256 of manifest.json, which names all that is in the bundle.
        record: where the chain of seals of the whole record ended then, as `NUMBER:SEAL`.
    """

    name: str
    entries: int
    head: str
    manifest: str
    record: str

    def for_audit(self) -> dict[str, Any]:
        """What the audit keeps of it: with these, a copy that turns up later can be told from a forged one."""
        return {"entries": self.entries, "head": self.head, "manifest": self.manifest, "record": self.record}


class _Zip:
    """Writes files into one folder of a ZIP, and lists them."""

    def __init__(self, file: IO[bytes], folder: str, at: datetime) -> None:
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED)
        self._folder = folder
        self._at = at.astimezone(UTC).timetuple()[:6]
        self.listed: list[dict[str, Any]] = []

    def add(self, path: str, content: bytes) -> str:
        """Add a file; its SHA-256."""
        info = zipfile.ZipInfo(f"{self._folder}/{path}", self._at)
        info.compress_type = zipfile.ZIP_DEFLATED
        info.external_attr = 0o644 << 16
        with self._zip.open(info, "w") as inside:
            for start in range(0, len(content), PIECE):
                inside.write(content[start : start + PIECE])
        digest = hashlib.sha256(content).hexdigest()
        self.listed.append({"path": path, "size": len(content), "sha256": digest})
        return digest

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()


def write_bundle(
    session: Session,
    incident: Incident,
    file: IO[bytes],
    told: Mapping[str, Any],
    asked: Asked,
    look: paper.Look,
    afterwards: Mapping[str, Any] | None = None,
) -> Made:
    """Write the bundle of an incident, which the caller has seen to be theirs to see.

    What does not fit in the record is no reason not to export it: the bundle says so, and so does its verifier.

    Args:
        session: sees one state of the record.
        file: to write to; it need not be able to go back.
        told: the incident in words, as `amends.console.book.Book` tells it.
        look: the organisation and its time zone.
        afterwards: what leads wrote about it afterwards, as `amends.review.afterwards` gives it.

    Raises:
        CannotExport: the PDF cannot be made on this machine, or could not be drawn.
    """
    trail = stored.trail_of(session, incident)
    names = stored.names_of(session, incident, trail)
    damage = [_sentence(found.sequence, found.sentence) for found in verify(session, incident.reference).damage]
    head = trail[-1]["hash"] if trail else ""
    with _Zip(file, incident.reference, asked.at) as inside:
        evidence = _add_evidence(session, incident, names, inside)
        rules, clauses = list(stored.rules_of(session, trail)), list(stored.clauses_of(session, trail))
        for path, text in (*rules, *clauses):
            inside.add(path, text.encode())
        shown = [json.loads(text) for _, text in clauses]
        inside.add("record.pdf", paper.printed(told, trail, shown, asked.name, asked.at, damage, look))
        inside.add("incident.json", _json(stored.state_of(incident, names, evidence)))
        if afterwards:
            inside.add("afterwards.json", _json(afterwards))
        inside.add("trail.json", _json({"reference": incident.reference, "entries": trail}))
        end = seals.head(session)
        record = {"number": end.number, "seal": end.seal}
        sealed = [seal._asdict() for seal in seals_of(session, incident.reference)]
        inside.add("seals.json", _json({"reference": incident.reference, "seals": sealed, "record": record}))
        inside.add("trail.csv", stored.trail_table(trail, names).encode())
        inside.add("evidence.csv", stored.evidence_table(evidence).encode())
        inside.add("verify.py", Path(verifier.__file__).read_bytes())
        inside.add("README.txt", _readme(incident.reference, head, asked, look))
        manifest = _json(
            {
                "format": verifier.FORMAT,
                "reference": incident.reference,
                "organisation": look.organisation,
                "made_at": utc_text(asked.at),
                "made_by": {"id": asked.id, "name": asked.name},
                "chain": {"entries": len(trail), "head": head},
                "erased": [entry["sequence"] for entry in trail if entry["body"] is None],
                "damage": damage,
                "files": list(inside.listed),
            }
        )
        digest = inside.add("manifest.json", manifest)
    return Made(f"{incident.reference}-evidence.zip", len(trail), head, digest, f"{end.number}:{end.seal}")


def _add_evidence(
    session: Session, incident: Incident, names: Mapping[str, str], inside: _Zip
) -> Sequence[dict[str, Any]]:
    """The files that are kept, one in memory at a time; the list of them."""
    listed = []
    query = select(Evidence).where(Evidence.incident_id == incident.id).order_by(Evidence.id)
    for number, kept in enumerate(session.scalars(query).all(), start=1):
        path = f"files/{safe_name(number, kept.name)}"
        inside.add(path, session.execute(select(Evidence.content).where(Evidence.id == kept.id)).scalar_one())
        listed.append(
            {
                "path": path,
                "name": kept.name,
                "media_type": kept.media_type,
                "size": kept.size,
                "sha256": kept.sha256,
                "kept_by_id": kept.participant_id,
                "kept_by": names.get(kept.participant_id, ""),
                "kept_at": utc_text(kept.stored_at),
            }
        )
    return listed


def _readme(reference: str, head: str, asked: Asked, look: paper.Look) -> bytes:
    text = README.read_text("utf-8").format(
        reference=reference,
        organisation=look.organisation,
        made_at=look.clock(asked.at),
        made_by=asked.name or asked.id,
        head=head,
    )
    return text.replace("\n", "\r\n").encode()


def _sentence(sequence: int | None, sentence: str) -> str:
    return sentence if sequence is None else f"Entry {sequence}: {sentence}"


def _json(what: Mapping[str, Any]) -> bytes:
    return (json.dumps(what, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "backslashreplace")
