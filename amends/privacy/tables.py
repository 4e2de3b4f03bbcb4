"""Legal holds: what may not be erased for now, because somebody may have to prove something with it."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLAlchemy reads the annotations

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from amends.incidents.models import Base


class LegalHold(Base):
    """A hold on an incident, or on a person: one of the two ids is there. It holds until it is lifted."""

    __tablename__ = "legal_hold"
    __table_args__ = (Index("legal_hold_now", "lifted_at", "incident_id", "participant_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incident.id"))
    participant_id: Mapped[str | None] = mapped_column(String(120))
    reason: Mapped[str]
    placed_by: Mapped[str] = mapped_column(String(120))
    placed_at: Mapped[datetime]
    lifted_by: Mapped[str | None] = mapped_column(String(120))
    lifted_at: Mapped[datetime | None]
