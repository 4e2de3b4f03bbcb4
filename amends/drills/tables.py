"""Who practised with which drill, how far its story was told, and what came of it."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLAlchemy reads the annotations

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from amends.incidents.models import Base


class Practice(Base):
    """One go at a drill in one conversation.

    `told` counts the parts of the story that were told, `cued` those that a facilitator wants told. `incident_id` is
    there once somebody reported what they were told. `team`: others practise along, and leads may follow. `outcome`
    is JSON, see `amends.drills.outcome`; a go that was left has none.
    """

    __tablename__ = "practice"
    __table_args__ = (
        Index("practice_by_conversation", "conversation_id", "id"),
        Index("practice_by_participant", "participant_id", "id"),
        Index("practice_by_incident", "incident_id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    drill: Mapped[str] = mapped_column(String(60))
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"))
    participant_id: Mapped[str] = mapped_column(ForeignKey("participant.id"))
    team: Mapped[bool]
    began_at: Mapped[datetime]
    told: Mapped[int] = mapped_column(default=1)
    cued: Mapped[int] = mapped_column(default=1)
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incident.id"))
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
