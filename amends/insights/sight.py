"""Whose incidents count for somebody: what the one predicate of visibility says, as a list that is short."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import not_, select

from amends.incidents.models import Incident
from amends.incidents.visible import visible_to

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sqlalchemy.orm import Session

    from amends.incidents.visible import Viewer
    from amends.insights.columns import Flags


@dataclass(frozen=True)
class Sight:
    """What somebody sees: with `only` these incidents, without it all but these."""

    ids: tuple[int, ...]
    only: bool

    def mask(self, ids: NDArray[np.int64]) -> Flags:
        """Which of these incidents they see."""
        if not self.ids:
            return np.full(len(ids), not self.only)
        return np.isin(ids, np.array(self.ids, dtype=np.int64), invert=not self.only)


def sight_of(session: Session, viewer: Viewer) -> Sight:
    """What somebody sees of the record now."""
    seen = visible_to(viewer)
    if not (viewer.lead or viewer.everything):
        return Sight(tuple(session.scalars(select(Incident.id).where(seen).order_by(Incident.id))), only=True)
    # A lead is kept only from restricted incidents, and there are few: so those are looked for, not all the others.
    hidden = select(Incident.id).where(Incident.restricted.is_(True), not_(seen)).order_by(Incident.id)
    # Of the connection: there can be tens of thousands, and a session takes half as long again to hand them over.
    return Sight(tuple(session.connection().scalars(hidden)), only=False)
