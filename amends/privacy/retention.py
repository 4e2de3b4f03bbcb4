"""What is past its time, by kind: how much it is, and letting it go. Nothing that a legal hold keeps goes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, delete, func, or_, select, update

from amends.access.audit import What, viewed
from amends.access.tables import AuditEntry, SessionRow, SignInLink
from amends.incidents import record
from amends.incidents.models import Command, Delivery, Incident, Involved, TrailEntry, TrailPayload
from amends.incidents.record import OPEN_STATES
from amends.outbox import readings
from amends.outbox.tables import DraftReading, Inbound, Outgoing, Posted
from amends.privacy import holds
from amends.privacy.orders import GONE, RETENTION, CannotErase, Ground, Order
from amends.privacy.tables import LegalHold
from amends.privacy.words import WORDLESS, erase_words, what_prevents

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from amends.incidents.database import Database
    from amends.settings import Settings

SOURCE = "outbox"
AUDIT_HELD = "As long as any legal hold stands, nothing of the audit goes."
ASIDE_HELD = "As long as any legal hold stands, nothing goes that came from Slack and could not be handled."
AT_A_TIME = 500
"""Rows in one transaction, so that nobody waits long."""


class Sort(StrEnum):
    """What has a time of its own."""

    WORDS = "words"
    TALK = "talk"
    TRANSPORT = "transport"
    SIGN_INS = "sign_ins"
    AUDIT = "audit"


IN_WORDS = {
    Sort.WORDS: "incidents whose words are past their time",
    Sort.TALK: "messages and drafts that belong to no incident",
    Sort.TRANSPORT: "copies of what Slack sent and got, and results of commands",
    Sort.SIGN_INS: "sessions and links that have ended",
    Sort.AUDIT: "entries of the audit",
}


@dataclass(frozen=True)
class Due:
    """How much of a kind is past its time.

    Attributes:
        days: it is kept so long; 0 is for ever.
        count: what goes.
        kept_back: what would go, but something prevents it.
        why: what prevents it, a sentence each.
    """

    sort: Sort
    days: int
    count: int = 0
    kept_back: int = 0
    why: tuple[str, ...] = ()


def due(session: Session, settings: Settings, at: datetime) -> list[Due]:
    """What is past its time now; nothing is changed."""
    found = []
    for sort in Sort:
        days = days_of(settings, sort)
        found.append(_due(session, sort, days, at - timedelta(days=days)) if days else Due(sort, days))
    return found


def days_of(settings: Settings, sort: Sort) -> int:
    """How long a kind is kept; 0 is for ever."""
    days: int = getattr(settings, f"retain_{sort}_days")
    return days


def let_go(database: Database, settings: Settings, at: datetime) -> list[Due]:
    """Let go of all that is past its time, a few at once; what went.

    Raises:
        RecordUnavailable: what did not go goes the next time.
    """
    with database.read() as session:
        found = due(session, settings, at)
    gone = []
    for each in found:
        before = at - timedelta(days=each.days)
        count = _let_go(database, settings, each.sort, before, at) if each.count else 0
        gone.append(Due(each.sort, each.days, count, each.kept_back, each.why))
    counts = {str(each.sort): each.count for each in gone if each.count}
    if counts:
        with database.begin() as session:
            viewed(session, RETENTION, What.RETENTION_DONE, "", at, counts)
    return gone


def _due(session: Session, sort: Sort, days: int, before: datetime) -> Due:
    if sort is Sort.WORDS:
        ids = session.scalars(_past(before)).all()
        found = (what_prevents(session, session.get_one(Incident, id_), RETENTION) for id_ in ids)
        sentences = [sentence for sentence in found if sentence]
        return Due(sort, days, len(ids) - len(sentences), len(sentences), tuple(sentences))
    if sort is Sort.AUDIT:
        count = _audit_through(session, before) - (session.scalar(select(func.min(AuditEntry.sequence))) or 1) + 1
        if count > 0 and holds.all_now(session):
            return Due(sort, days, 0, count, (AUDIT_HELD,))
        return Due(sort, days, max(count, 0))
    total = sum(_count(session, table, condition) for table, condition in _rows(sort, before))
    aside = and_(Inbound.handled_at < before, Inbound.set_aside, _is_any_held())
    held = _count(session, Inbound, aside) if sort is Sort.TRANSPORT else 0
    return Due(sort, days, total, held, (ASIDE_HELD,) if held else ())


def _let_go(database: Database, settings: Settings, sort: Sort, before: datetime, at: datetime) -> int:
    if sort is Sort.WORDS:
        return _words(database, settings, before, at)
    if sort is Sort.AUDIT:
        return _audit(database, before, at)
    return sum(_go(database, table, condition, at) for table, condition in _rows(sort, before))


def _past(before: datetime) -> Any:
    """Ids of the incidents that were closed before a time and still have words in their trail."""
    has_words = (
        select(TrailPayload.entry_id)
        .join(TrailEntry, TrailEntry.id == TrailPayload.entry_id)
        .where(TrailEntry.incident_id == Incident.id, TrailEntry.kind.not_in(WORDLESS))
    )
    closed = (Incident.closed_at < before, Incident.state.not_in(OPEN_STATES))
    return select(Incident.id).where(*closed, has_words.exists()).order_by(Incident.id)


def _words(database: Database, settings: Settings, before: datetime, at: datetime) -> int:
    with database.read() as session:
        ids = session.scalars(_past(before)).all()
    return sum(_one(database, settings, id_, before, at) for id_ in ids)


def _one(database: Database, settings: Settings, id_: int, before: datetime, at: datetime) -> bool:
    try:
        with database.begin() as session:
            incident = record.lock(session, id_)
            if incident.closed_at is None or incident.closed_at >= before:
                return False
            erase_words(session, settings, incident, RETENTION, Order(Ground.RETENTION), at, SOURCE)
    except CannotErase:
        return False
    return True


def _rows(sort: Sort, before: datetime) -> list[tuple[Any, ColumnElement[bool]]]:
    """Rows of tables that simply go, or lose their words."""
    if sort is Sort.TALK:
        last = func.coalesce(DraftReading.answered_at, DraftReading.kept_at)
        return [(Delivery, _talk(before)), (DraftReading, and_(last < before, _free(DraftReading.owner_id)))]
    if sort is Sort.SIGN_INS:
        return [(SessionRow, SessionRow.ends_at < before), (SignInLink, SignInLink.ends_at < before)]
    goes_on = select(Incident.id).where(Incident.state.in_(OPEN_STATES))
    ended = or_(Outgoing.sent_at < before, and_(Outgoing.sent_at.is_(None), Outgoing.dead_at < before))
    # What stands in Slack is drawn again from the last row of its slot, and some things are sent once an incident.
    stands = select(Posted.slot).where(Posted.slot == Outgoing.slot).exists()
    used = or_(Outgoing.incident_id.in_(goes_on), stands)
    acted = or_(Command.key.startswith("turn "), Command.key.startswith("slack "))
    return [
        # What could not be handled stands nowhere else, and nobody knows whom it concerns.
        (Inbound, and_(Inbound.handled_at < before, or_(~Inbound.set_aside, ~_is_any_held()))),
        (Outgoing, and_(ended, ~func.coalesce(used, False))),
        (Command, and_(acted, Command.done_at < before)),
    ]


def _is_any_held() -> ColumnElement[bool]:
    """Whether any hold stands."""
    return select(LegalHold.id).where(LegalHold.lifted_at.is_(None)).exists()


def _talk(before: datetime) -> ColumnElement[bool]:
    """Messages that wrote nothing into any trail, of people whom no hold concerns."""
    wrote = (
        select(TrailEntry.id)
        .join(Involved, Involved.incident_id == TrailEntry.incident_id)
        .where(
            Involved.participant_id == Delivery.participant_id,
            TrailEntry.recorded_at >= Delivery.received_at,
            TrailEntry.recorded_at <= Delivery.handled_at,
        )
        .exists()
    )
    past = and_(Delivery.handled_at < before, Delivery.text != GONE)
    return and_(past, _free(Delivery.participant_id), ~wrote)


def _free(participant_id: Any) -> ColumnElement[bool]:
    """Whether no hold concerns somebody, nor an incident that they have a part in."""
    held_incidents = select(LegalHold.incident_id).where(LegalHold.lifted_at.is_(None))
    held = select(LegalHold.participant_id).where(LegalHold.lifted_at.is_(None), LegalHold.participant_id.is_not(None))
    in_held = select(Involved.participant_id).where(Involved.incident_id.in_(held_incidents))
    return and_(participant_id.not_in(held), participant_id.not_in(in_held))


def _count(session: Session, table: Any, condition: ColumnElement[bool]) -> int:
    return session.execute(select(func.count()).select_from(table).where(condition)).scalar_one()


def _go(database: Database, table: Any, condition: ColumnElement[bool], at: datetime) -> int:
    """Delete rows, or take the words out of messages, a few in one transaction; how many."""
    key = next(iter(table.__table__.primary_key.columns))
    total = 0
    while True:
        with database.begin() as session:
            some = session.scalars(select(key).where(condition).limit(AT_A_TIME)).all()
            if some and table is Delivery:
                session.execute(update(Delivery).where(key.in_(some)).values(text=GONE, replies="[]"))
            elif some:
                session.execute(delete(table).where(key.in_(some)))
            if table is DraftReading:
                for draft in some:
                    readings.draw_again(session, draft, at)
        total += len(some)
        if len(some) < AT_A_TIME:
            return total


def _audit_through(session: Session, before: datetime) -> int:
    """The last entry of the audit that is past its time, and all before it too; 0 when there is none."""
    first = session.scalar(select(func.min(AuditEntry.sequence)).where(AuditEntry.at >= before))
    last = session.scalar(select(func.max(AuditEntry.sequence))) or 0
    return first - 1 if first is not None else last


def _audit(database: Database, before: datetime, at: datetime) -> int:
    """Let the beginning of the audit go; its last entry says so, which is what the triggers ask for."""
    with database.begin() as session:
        if holds.all_now(session):  # placed since it was counted
            return 0
        through = _audit_through(session, before)
        viewed(session, RETENTION, What.RETENTION, "", at, {"audit_through": through})
        gone = session.execute(delete(AuditEntry).where(AuditEntry.sequence <= through))
        return int(gone.rowcount)  # type: ignore[attr-defined]
