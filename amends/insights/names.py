"""What the codes in the figures are called: by the newest version of the flow that knows them, and by the clauses."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from amends.flows import FlowError
from amends.incidents import record
from amends.incidents.models import ClauseVersion, FlowVersion
from amends.insights.facts import KIND

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from amends.flows import Flow

MOST_VERSIONS = 8
"""So many versions are looked into for a code that the newest does not know."""


@dataclass(frozen=True)
class Used:
    """A version of the flow, and since when incidents began with it."""

    version: str
    since: datetime


@dataclass(frozen=True)
class Names:
    """Names for codes. A code that has none is its own name."""

    rows: Mapping[str, str]
    kinds: Mapping[str, str]
    levels: Mapping[str, str]
    questions: Mapping[str, str]
    clauses: Mapping[str, str]
    versions: Sequence[Used]
    """Those of the flow that was used last, oldest first."""

    def pair(self, chosen: str | None) -> tuple[str, str] | None:
        """The version that was chosen, else the newest, behind the one before it; None when there is none before."""
        hashes = [used.version for used in self.versions]
        after = len(hashes) - 1 if chosen is None else next((n for n, h in enumerate(hashes) if h == chosen), 0)
        return (hashes[after - 1], hashes[after]) if after > 0 else None


def names_in(session: Session) -> Names:
    """The names as the record knows them."""
    rows = session.execute(
        select(FlowVersion.hash, FlowVersion.flow_id, FlowVersion.first_used_at).order_by(
            FlowVersion.first_used_at, FlowVersion.hash
        )
    ).all()
    versions = [Used(row.hash, row.first_used_at) for row in rows if row.flow_id == rows[-1].flow_id]
    flows = [flow for used in versions[-MOST_VERSIONS:] if (flow := _flow(session, used.version)) is not None]
    kinds = (flow.questions[KIND].options if KIND in flow.questions else {} for flow in flows)
    return Names(
        rows={row.id: row.title for flow in flows for row in flow.rows.values()},
        kinds={option.code: option.label for options in kinds for option in options.values()},
        levels={str(level.level): level.name for flow in flows for level in flow.levels},
        questions={question.id: question.topic for flow in flows for question in flow.questions.values()},
        clauses=_clauses(session),
        versions=versions,
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
