"""A bundle held against the record that it was made from: what only somebody who has the record can say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from amends.access.audit import What
from amends.access.tables import AuditEntry
from amends.exports import stored
from amends.incidents import record
from amends.integrity import anchors

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from amends.exports.verifier import Check


@dataclass(frozen=True)
class Compared:
    """What the record says of a bundle. `damage` and `remarks` are sentences."""

    damage: tuple[str, ...]
    remarks: tuple[str, ...]


def compared(session: Session, check: Check) -> Compared:
    """Whether the trail of a bundle is the beginning of the trail in the record, and whether we made the bundle."""
    try:
        incident = record.find(session, check.reference)
    except record.UnknownIncident:
        return Compared((f"The record knows no incident {check.reference[:40]}.",), ())
    trail = stored.trail_of(session, incident)
    damage, remarks = [], []
    if check.entries > len(trail):
        damage.append(f"The bundle has {check.entries} entries, and the record only {len(trail)}.")
    elif not check.entries or trail[check.entries - 1]["hash"] != check.head:
        damage.append(f"Entry {check.entries} of the bundle is not the one that the record has.")
    else:
        remarks.append(f"The record has the same trail. Entries since then: {len(trail) - check.entries}.")
    if check.record:
        number, _, seal = check.record.partition(":")
        differs = anchors.differs(session, [anchors.Anchor("", int(number), seal, {})])
        damage += [differs.sentence] if differs else []
    made = _made(session, incident.reference, check.manifest)
    if made is None:
        damage.append("The audit knows no bundle with this manifest: it was not made here, or was changed since.")
    else:
        remarks.append(f"The audit knows it: exported by {made.name} at {made.at:%Y-%m-%d %H:%M:%S} UTC.")
    return Compared(tuple(damage), tuple(remarks))


def _made(session: Session, reference: str, manifest: str) -> AuditEntry | None:
    """The entry of the audit about the export that had this manifest."""
    query = select(AuditEntry).where(
        AuditEntry.what == What.EXPORTED_INCIDENT,
        AuditEntry.reference == reference,
        AuditEntry.details.contains(f'"manifest": "{manifest}"', autoescape=True),
    )
    return session.scalars(query.order_by(AuditEntry.sequence).limit(1)).first() if manifest else None
