"""What leads write about an incident afterwards: its story, its review, and what is to follow from it.

A story and a review each have a `revision`, which goes up with every save: who saves over a newer one is shown it.
"""

from __future__ import annotations

from datetime import (
    date,  # noqa: TC003 - SQLAlchemy reads the annotations
    datetime,  # noqa: TC003
)

from sqlalchemy import Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from amends.incidents.models import Base


class Story(Base):
    """The curated account of an incident. `items` is JSON: entry, title and context of each chapter, in order."""

    __tablename__ = "story"
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), primary_key=True, autoincrement=False)
    revision: Mapped[int]
    introduction: Mapped[str]
    items: Mapped[str]
    saved_by: Mapped[str] = mapped_column(ForeignKey("participant.id"))
    saved_at: Mapped[datetime]


class Review(Base):
    """What a lead made of an incident afterwards."""

    __tablename__ = "review"
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), primary_key=True, autoincrement=False)
    revision: Mapped[int]
    went_well: Mapped[str]
    to_change: Mapped[str]
    saved_by: Mapped[str] = mapped_column(ForeignKey("participant.id"))
    saved_at: Mapped[datetime]


class FollowUp(Base):
    """Something that is to be done after an incident. Whoever it is for is reminded until it is done.

    `owner_id` is a participant's, None when the owner is not known to the record. `revision` goes up with every change.
    """

    __tablename__ = "follow_up"
    __table_args__ = (Index("follow_up_next", "done_at", "next_at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), index=True)
    what: Mapped[str]
    owner_name: Mapped[str]
    owner_id: Mapped[str | None] = mapped_column(ForeignKey("participant.id"))
    due: Mapped[date] = mapped_column(Date)
    revision: Mapped[int]
    agreed_by: Mapped[str] = mapped_column(ForeignKey("participant.id"))
    agreed_at: Mapped[datetime]
    next_at: Mapped[datetime]
    reminded: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]
    done_by: Mapped[str | None] = mapped_column(String(120))
