"""What the codes in the figures are called: by the newest version of a flow that knows them, and by the clauses."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from amends.flows import USUAL, FlowError
from amends.incidents import record
from amends.incidents.models import ClauseVersion, FlowVersion
from amends.insights.facts import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from amends.flows import Flow

MOST_VERSIONS = 8
"""So many versions of each flow are looked into for a code that the newest does not know."""


@dataclass(frozen=True)
class Used:
    """A version of the flow, and since when incidents began with it."""

    version: str
    since: datetime


@dataclass(frozen=True)
class Names:
    """Names for codes. A code that has none is its own name."""

    flows: Mapping[str, str]
    rows: Mapping[str, str]
    kinds: Mapping[str, str]
    levels: Mapping[str, str]
    questions: Mapping[tuple[str, str], str]
    """By flow and question: two flows may ask something else under the same name."""
    clauses: Mapping[str, str]
    versions: Sequence[Used]
    """Those of the flow that was chosen, or else of the usual one, oldest first."""

    def pair(self, chosen: str | None) -> tuple[str, str] | None:
        """The version that was chosen, else the newest, behind the one before it; None when there is none before."""
        hashes = [used.version for used in self.versions]
        after = len(hashes) - 1 if chosen is None else next((n for n, h in enumerate(hashes) if h == chosen), 0)
        return (hashes[after - 1], hashes[after]) if after > 0 else None


def names_in(session: Session, flow: str | None = None) -> Names:
    """The names as the record knows them; where flows call a code differently, as this flow does, or the usual one."""
    rows = session.execute(
        select(FlowVersion.hash, FlowVersion.flow_id, FlowVersion.first_used_at).order_by(
            FlowVersion.first_used_at, FlowVersion.hash
        )
    ).all()
    of: dict[str, list[Used]] = {}
    for row in rows:
        of.setdefault(row.flow_id, []).append(Used(row.hash, row.first_used_at))
    first = flow if flow in of else USUAL
    if first in of:
        of[first] = of.pop(first)  # what is read last names what several know
    newest = [used.version for versions in of.values() for used in versions[-MOST_VERSIONS:]]
    flows = [known for version in newest if (known := _flow(session, version)) is not None]
    kinds = (known.questions[name].options for known in flows for name in KINDS if name in known.questions)
    return Names(
        flows={known.id: known.title for known in flows},
        rows={row.id: row.title for known in flows for row in known.rows.values()},
        kinds={option.code: option.label for options in kinds for option in options.values()},
        levels={str(level.level): level.name for known in flows for level in known.levels},
        questions={(known.id, asked.id): asked.topic for known in flows for asked in known.questions.values()},
        clauses=_clauses(session),
        versions=list(of.values())[-1] if of else [],
    )


def _flow(session: Session, version: str) -> Flow | None:
    """A version that is kept; None when this program cannot read one that old."""
    try:
        return record.flow_of(session, version)
    except FlowError:
        return None


def _clauses(session: Session) -> dict[str, str]:
    """The title of each clause as it was shown last."""
    query = select(ClauseVersion.clause_id, ClauseVersion.body).order_by(ClauseVersion.first_used_at)
    return {id_: str(json.loads(body).get("title", "")) for id_, body in session.execute(query)}
