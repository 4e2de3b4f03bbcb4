"""The tables of the register: what incidents are found by. All of it can be made again from the record.

`register_place` orders the incidents by the time of their report; `register_text` holds what people wrote. Both carry
the incident's marks, one number each, which the inverted index of the database finds: FTS5 on SQLite, GIN on
PostgreSQL (migration 0005). `register_tag` holds in words what the advice says, for counting and choosing.
"""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLAlchemy reads the annotations
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text, TypeDecorator, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from amends.incidents.models import Base

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Dialect
    from sqlalchemy.types import TypeEngine

SECOND_BITS = 20
"""A place is the second of a report, and behind it this many bits of the incident's number."""

_Number = BigInteger().with_variant(Integer, "sqlite")


class Marks(TypeDecorator[Any]):
    """Numbers: an array on PostgreSQL; on SQLite words such as 'z123', which its full-text index finds."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """What the database keeps."""
        return dialect.type_descriptor(ARRAY(BigInteger) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Iterable[int] | None, dialect: Dialect) -> Any:
        """The numbers as the database takes them."""
        if value is None:
            return None
        return sorted(value) if dialect.name == "postgresql" else " ".join(f"z{mark}" for mark in sorted(value))

    def process_result_value(self, value: Any, dialect: Dialect) -> frozenset[int] | None:
        """The numbers as they were put in."""
        if value is None:
            return None
        return frozenset(value if dialect.name == "postgresql" else (int(mark[1:]) for mark in value.split()))


class Shelved(Base):
    """Where an incident stands in the register: by the time of its report, then by its number.

    `open_level` is its level while it is open (-1 before there is advice), and empty when it is closed. `due_at` is the
    first of what still runs. `through` is the last entry of the trail whose words are in `register_text`.
    """

    __tablename__ = "register_place"
    __table_args__ = (Index("register_open", "open_level", "due_at"),)
    place: Mapped[int] = mapped_column(_Number, primary_key=True, autoincrement=False)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), unique=True)
    marks: Mapped[Any] = mapped_column(Marks)
    open_level: Mapped[int | None]
    due_at: Mapped[datetime | None]
    through: Mapped[int]


class ShelvedText(Base):
    """Everything that people wrote in an incident, and the names it is known by."""

    __tablename__ = "register_text"
    place: Mapped[int] = mapped_column(_Number, primary_key=True, autoincrement=False)
    words: Mapped[str]
    about: Mapped[str]
    marks: Mapped[Any] = mapped_column(Marks)
    terms: Mapped[str | None] = mapped_column(TSVECTOR().with_variant(Text(), "sqlite"))
    """PostgreSQL only: the words in the form that is searched (see `amends.register.terms`)."""


class Tag(Base):
    """What the advice of an incident says: `kind` is response, role, row or clause."""

    __tablename__ = "register_tag"
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    value: Mapped[str] = mapped_column(String(120), primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), primary_key=True, index=True)


class Running(Base):
    """A deadline or a step of an open incident that somebody waits for; gone when it is done or closed."""

    __tablename__ = "register_running"
    __table_args__ = (Index("register_running_due", "kind", "due_at"),)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    """deadline, step, promise, look, or human: somebody asked for one, and no lead has taken over yet."""
    code: Mapped[str] = mapped_column(String(80), primary_key=True)
    title: Mapped[str]
    due_at: Mapped[datetime]


class SavedView(Base):
    """A filter that somebody gave a name, to come back to it."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("owner_id", "name"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[str] = mapped_column(String(120))
    name: Mapped[str] = mapped_column(String(80))
    query: Mapped[str]
    saved_at: Mapped[datetime]
