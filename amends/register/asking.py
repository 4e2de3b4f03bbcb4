"""What somebody should see to now in incidents that they take part in: a promise that runs out, a look that is due."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import and_, or_, select

from amends.incidents.clocks import LOOK, PROMISE
from amends.incidents.models import Incident, Involved
from amends.register.tables import Running

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

SOON = timedelta(hours=1)
MOST = 5


def asked_of(session: Session, participant_id: str, now: datetime) -> Sequence[str]:
    """The references of open incidents, without drills, whose conversation needs this person now; the oldest first."""
    promise = and_(Running.kind == PROMISE, Running.due_at <= now + SOON)
    look = and_(Running.kind == LOOK, Running.due_at <= now)
    # What is due are few. Begun from the incidents of a person, it would be all that a lead ever had.
    mine = (Involved.incident_id == Incident.id, Involved.participant_id == participant_id)
    takes_part = select(Involved.since).where(*mine).correlate(Incident).scalar_subquery()
    query = (
        select(Incident.reference)
        .join(Running, Running.incident_id == Incident.id)
        .where(or_(promise, look), takes_part.is_not(None), Incident.drill.is_(False))
    )
    return sorted(set(session.scalars(query)))[:MOST]
