"""What must still be sent, what was sent where, what is waited for, and what came in."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLAlchemy reads the annotations

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from amends.incidents.models import Base


class Place(Base):
    """Where in Slack a conversation takes place: a direct message, or a thread of a channel."""

    __tablename__ = "place"
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"), primary_key=True)
    team: Mapped[str] = mapped_column(String(20))
    channel: Mapped[str] = mapped_column(String(20))
    thread: Mapped[str | None] = mapped_column(String(20))


class Outgoing(Base):
    """One message to send, written in the transaction that caused it. Rows of one `to` are sent in order of id.

    `to` is a channel (C, G, D) or a user (U, W: their direct message). `body` is JSON: the message `{"text",
    "blocks"}`, or, when `draw` names a drawing, its arguments: it is drawn when it is sent, so that it is never
    old. `slot` names the message that is posted, updated or replaced. `then` names what is recorded, in the same
    transaction, when it was sent or given up.
    """

    __tablename__ = "outgoing"
    __table_args__ = (Index("outgoing_waiting", "sent_at", "dead_at", "to", "id"), Index("outgoing_slot", "slot", "id"))
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(200), unique=True)
    to: Mapped[str] = mapped_column(String(300))
    thread: Mapped[str | None] = mapped_column(String(20))
    action: Mapped[str] = mapped_column(String(12))
    slot: Mapped[str | None] = mapped_column(String(160))
    draw: Mapped[str | None] = mapped_column(String(40))
    body: Mapped[str]
    then: Mapped[str | None] = mapped_column(String(40))
    incident_id: Mapped[int | None]
    created_at: Mapped[datetime]
    not_before: Mapped[datetime]
    started_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None]
    sent_at: Mapped[datetime | None]
    ts: Mapped[str | None] = mapped_column(String(20))
    dead_at: Mapped[datetime | None]


class Posted(Base):
    """The message that stands in a slot now: where, and as it was drawn last."""

    __tablename__ = "posted"
    slot: Mapped[str] = mapped_column(String(160), primary_key=True)
    channel: Mapped[str] = mapped_column(String(20))
    ts: Mapped[str] = mapped_column(String(20))
    thread: Mapped[str | None] = mapped_column(String(20))
    body: Mapped[str]
    """What was drawn: for a card of the conversation the reply as JSON, else the arguments of its drawing."""
    updated_at: Mapped[datetime]


class Reminder(Base):
    """What somebody is reminded of in an incident. `stage` goes up with each reminder.

    `kind` is deadline, step, promise (made in public), or look (ask again whether the conversation is finished).
    """

    __tablename__ = "reminder"
    __table_args__ = (UniqueConstraint("incident_id", "kind", "code"), Index("reminder_next", "state", "next_at"))
    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"))
    kind: Mapped[str] = mapped_column(String(10))
    code: Mapped[str] = mapped_column(String(80))
    title: Mapped[str]
    due_at: Mapped[datetime]
    next_at: Mapped[datetime]
    stage: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(10))
    """waiting, done (the step was done, the incident closed) or spent (nobody more to remind)."""


class Inbound(Base):
    """Something that came from Slack, stored under its key before it is acknowledged, and handled once.

    Rows of one `lane` are handled in order of id. `payload` is JSON, as it came. `claimed_until` is the lease of the
    process that handles it now.
    """

    __tablename__ = "inbound"
    __table_args__ = (
        Index("inbound_waiting", "handled_at", "lane", "id"),
        Index("inbound_set_aside", "id", sqlite_where=text("set_aside"), postgresql_where=text("set_aside")),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(200), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    """message, press, command, shortcut, submission, home or file."""
    lane: Mapped[str] = mapped_column(String(120))
    payload: Mapped[str]
    received_at: Mapped[datetime]
    not_before: Mapped[datetime]
    claimed_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None]
    handled_at: Mapped[datetime | None]
    set_aside: Mapped[bool] = mapped_column(default=False)
    """It failed again and again, and is not tried any more; a lead sees it."""


class DraftReading(Base):
    """A draft that somebody wanted kept: for themselves, or so that somebody else reads it before it goes out.

    `own` is whether it is for an account of their own. `role` is who was asked, empty if nobody was; `asked` are the
    users and channels that got it, with commas between. `answer` is `fine` or `change`, empty while there is none.
    """

    __tablename__ = "draft_reading"
    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[str] = mapped_column(ForeignKey("participant.id"), index=True)
    text: Mapped[str]
    account: Mapped[str]
    own: Mapped[bool]
    level: Mapped[int]
    role: Mapped[str] = mapped_column(String(20))
    asked: Mapped[str]
    kept_at: Mapped[datetime]
    answer: Mapped[str] = mapped_column(String(10), default="")
    note: Mapped[str] = mapped_column(default="")
    answered_by: Mapped[str | None] = mapped_column(ForeignKey("participant.id"))
    answered_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]
    """When its owner saw the answer on the page of drafts."""


class SlackUser(Base):
    """What `users.info` said of somebody, kept for a while."""

    __tablename__ = "slack_user"
    id: Mapped[str] = mapped_column(String(20), primary_key=True)
    team: Mapped[str] = mapped_column(String(20))
    name: Mapped[str]
    zone: Mapped[str]
    standing: Mapped[str] = mapped_column(String(12))
    """member, guest, bot, gone or stranger."""
    fetched_at: Mapped[datetime]
