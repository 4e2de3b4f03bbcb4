"""What the checks of the record found."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLAlchemy reads the annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from amends.incidents.models import Base


class RecordCheck(Base):
    """The check of one day, in the organisation's zone. Whoever adds the row does it; `ended_at` says that it ended.

    `number` and `seal` are where the chain of seals ended; `damage` is JSON, the first things that were found.
    """

    __tablename__ = "record_check"
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    entries: Mapped[int]
    number: Mapped[int]
    seal: Mapped[str] = mapped_column(String(64))
    damage: Mapped[str]
