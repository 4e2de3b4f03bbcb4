"""The advice of an incident as it stands now, drawn without anybody speaking: for cards that are kept up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amends.conversation import cards
from amends.conversation.case import Case, Look
from amends.incidents.record import State

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from amends.conversation.replies import RecommendationReply
    from amends.conversation.talk import Tools
    from amends.incidents.models import Incident


def advice(session: Session, tools: Tools, incident: Incident, at: datetime) -> RecommendationReply | None:
    """The advice as it stands, with what was done and what a lead decided; None while there is none.

    Nothing is written, so the session may be one that only reads.
    """
    case = Case(Look(tools, session, at), incident)
    stands = incident.decision is not None and case.state in (State.ADVISED, State.CLOSED)
    return cards.recommendation(case) if stands else None
