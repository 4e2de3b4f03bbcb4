"""The tables of the record.

State (incident) may change; the trail may not: triggers refuse it (see `migrations/`). What a person said
stands in `trail_payload`, apart from the entry that carries its digest, so that it can be erased one day
without breaking the chain. JSON is kept as text, because what is hashed has to stay as it was written.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    Dialect,
    Float,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class UtcTime(TypeDecorator[datetime]):
    """An aware time, kept as text in UTC to the microsecond: it sorts, and comes back as it went in."""

    impl = String(32)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """The text of a time."""
        del dialect
        return None if value is None else utc_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        """The time of a text."""
        del dialect
        return None if value is None else datetime.fromisoformat(value)


def utc_text(time: datetime) -> str:
    """A time as it stands in the record; a time without a zone is refused."""
    if time.tzinfo is None:
        raise ValueError("A time in the record needs its zone.")
    return time.astimezone(UTC).isoformat(timespec="microseconds")


class Base(DeclarativeBase):
    """What all tables share."""

    type_annotation_map = {datetime: UtcTime(), str: Text()}  # noqa: RUF012 - as SQLAlchemy declares it


class Participant(Base):
    """Somebody who talks to the assistant: `web:...`, `terminal:...`, or `slack:TEAM:USER`."""

    __tablename__ = "participant"
    id: Mapped[str] = mapped_column(String(120), primary_key=True)
    name: Mapped[str]
    first_seen: Mapped[datetime]


class FlowVersion(Base):
    """The text of a flow as it was when a conversation used it; kept for ever."""

    __tablename__ = "flow_version"
    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    flow_id: Mapped[str]
    source: Mapped[str]
    first_used_at: Mapped[datetime]


class ClauseVersion(Base):
    """A clause as it was when somebody was shown it; kept for ever."""

    __tablename__ = "clause_version"
    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    clause_id: Mapped[str]
    body: Mapped[str]
    first_used_at: Mapped[datetime]


class Conversation(Base):
    """One exchange with the assistant; Rasa knows it under the same id.

    `incident_id` is the incident that is talked about now. `pending` is a yes-or-no question that was asked
    beside the triage, such as whether to stop.
    """

    __tablename__ = "conversation"
    id: Mapped[str] = mapped_column(String(120), primary_key=True)
    participant_id: Mapped[str] = mapped_column(ForeignKey("participant.id"))
    incident_id: Mapped[int | None]
    pending: Mapped[str | None]
    started_at: Mapped[datetime]


class ReferenceCounter(Base):
    """The last number given out in a year. Taken inside the transaction, so that no number is lost."""

    __tablename__ = "reference_counter"
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class Incident(Base):
    """One problem post, from report to close.

    `state_number` goes up with every change that makes drawn buttons stale; they carry it, so that it is noticed.
    `answers`, `understood`, `history`, `decision` and `done` are JSON; `amends.incidents.record` reads them.
    `lead_id` is the comms lead who took it over; `override` is JSON, what a lead decided instead of the advice.
    A `restricted` incident is seen only by those who are named in `involved`.
    """

    __tablename__ = "incident"
    __table_args__ = (
        Index("incident_by_reporter", "reporter_id", "state"),
        Index("incident_by_lead", "lead_id"),
        Index("incident_restricted", "restricted"),
        Index("incident_by_flow", "flow_id", "id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"))
    reporter_id: Mapped[str] = mapped_column(ForeignKey("participant.id"))
    channel: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    state_number: Mapped[int]
    flow_id: Mapped[str]
    flow_version: Mapped[str] = mapped_column(ForeignKey("flow_version.hash"))
    title: Mapped[str]
    answers: Mapped[str]
    understood: Mapped[str]
    asked: Mapped[str | None]
    history: Mapped[str]
    decision: Mapped[str | None]
    level: Mapped[int | None]
    done: Mapped[str]
    reported_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    lead_id: Mapped[str | None] = mapped_column(String(120))
    override: Mapped[str | None]
    restricted: Mapped[bool] = mapped_column(default=False)
    signed_off_at: Mapped[datetime | None]
    drill: Mapped[bool] = mapped_column(default=False)
    """A practice incident: marked, and never mixed with real ones."""
    completion: Mapped[str | None]
    """JSON: what was answered about the conversation after a public reply, and promises; see `completion`."""


class Involved(Base):
    """Somebody who may see an incident because they take part in it: who reported, spoke, was told or was named."""

    __tablename__ = "involved"
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), primary_key=True)
    participant_id: Mapped[str] = mapped_column(ForeignKey("participant.id"), primary_key=True, index=True)
    since: Mapped[datetime]


class Evidence(Base):
    """A file kept for an incident. Its trail entry carries the same SHA-256."""

    __tablename__ = "evidence"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(200), unique=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), index=True)
    participant_id: Mapped[str] = mapped_column(ForeignKey("participant.id"))
    name: Mapped[str]
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    stored_at: Mapped[datetime]


class TrailEntry(Base):
    """One thing that happened in an incident. `sequence` orders; clocks do not."""

    __tablename__ = "trail_entry"
    __table_args__ = (UniqueConstraint("incident_id", "sequence"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"))
    sequence: Mapped[int]
    kind: Mapped[str] = mapped_column(String(40))
    actor_id: Mapped[str] = mapped_column(String(120))
    source: Mapped[str] = mapped_column(String(20))
    said_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    flow_version: Mapped[str] = mapped_column(String(64))
    clauses: Mapped[str]
    supersedes: Mapped[int | None]
    payload_digest: Mapped[str] = mapped_column(String(64))
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class TrailPayload(Base):
    """What was said or shown, with the salt that its digest was made with."""

    __tablename__ = "trail_payload"
    entry_id: Mapped[int] = mapped_column(ForeignKey("trail_entry.id"), primary_key=True)
    salt: Mapped[str] = mapped_column(String(64))
    body: Mapped[str]


class Seal(Base):
    """The seal of one entry of a trail: of an incident (its reference), `policy` or `audit`; see `seals`."""

    __tablename__ = "seal"
    __table_args__ = (UniqueConstraint("of", "entry"),)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    of: Mapped[str] = mapped_column(String(20))
    entry: Mapped[int]
    key: Mapped[str] = mapped_column(String(12))
    seal: Mapped[str] = mapped_column(String(64))


class Command(Base):
    """A change that was made under a key, with its result: the same key makes it only once."""

    __tablename__ = "command"
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    result: Mapped[str]
    done_at: Mapped[datetime]


class Delivery(Base):
    """A message as it came in, stored before anything is done with it, and what was answered."""

    __tablename__ = "delivery"
    __table_args__ = (
        Index("delivery_by_conversation", "conversation_id", "id"),
        Index(
            "delivery_waiting",
            "id",
            sqlite_where=text("handled_at IS NULL"),
            postgresql_where=text("handled_at IS NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(120), unique=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"))
    participant_id: Mapped[str] = mapped_column(ForeignKey("participant.id"))
    source: Mapped[str] = mapped_column(String(20))
    text: Mapped[str]
    received_at: Mapped[datetime]
    replies: Mapped[str | None]
    handled_at: Mapped[datetime | None]


class Hold(Base):
    """Who works on something now, see `holds`. `until` is in seconds since 1970, by the clock of the database."""

    __tablename__ = "hold"
    name: Mapped[str] = mapped_column(String(160), primary_key=True)
    holder: Mapped[str] = mapped_column(String(32))
    until: Mapped[float] = mapped_column(Float(53))
