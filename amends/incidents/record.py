"""Incidents: opened, found, changed. Each function works inside the caller's transaction."""

from __future__ import annotations

import json
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from amends.flows import parse_flow
from amends.incidents import references
from amends.incidents.models import (
    ClauseVersion,
    Command,
    Conversation,
    FlowVersion,
    Incident,
    Involved,
    Participant,
    ReferenceCounter,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from amends.flows import Flow


class State(StrEnum):
    """Where an incident stands."""

    CONFIRMING = "confirming"
    ASKING = "asking"
    ADVISED = "advised"
    CLOSED = "closed"
    ABANDONED = "abandoned"


OPEN_STATES = (State.CONFIRMING, State.ASKING, State.ADVISED)


class UnknownIncident(LookupError):  # noqa: N818 - it reads as what it says
    """There is no such incident, or it is not for this person to see."""


def once(session: Session, key: str, work: Callable[[], Any], at: datetime) -> Any:
    """Do `work` under a key: a second call with the same key changes nothing and returns the first result.

    Two calls at the same instant are safe: one waits for the other.

    Args:
        key: names the message and the command, at most 200 characters.
        work: makes the change, in this session; its result is JSON.
        at: now.
    """
    before = session.get(Command, key)
    if before is not None:
        return json.loads(before.result)
    command = Command(key=key, result="null", done_at=at)
    try:
        with session.begin_nested():
            session.add(command)
    except IntegrityError:
        return json.loads(session.get_one(Command, key).result)
    result = work()
    command.result = json.dumps(result, ensure_ascii=False)
    session.flush()
    return result


def ensure_participant(session: Session, id_: str, name: str, at: datetime) -> Participant:
    """The participant with this id, known from now on; a new name replaces the old one."""
    participant = session.get(Participant, id_)
    if participant is None:
        _insert_unless_there(session, Participant, [{"id": id_, "name": name, "first_seen": at}], ["id"])
        participant = session.get_one(Participant, id_)
    if name and participant.name != name:
        participant.name = name
    return participant


def ensure_conversation(session: Session, id_: str, participant_id: str, at: datetime) -> Conversation:
    """The conversation with this id, begun now if it is new."""
    conversation = session.get(Conversation, id_)
    if conversation is not None:
        return conversation
    values = {"id": id_, "participant_id": participant_id, "started_at": at}
    _insert_unless_there(session, Conversation, [values], ["id"])
    return session.get_one(Conversation, id_)


def open_incident(
    session: Session,
    conversation: Conversation,
    flow: Flow,
    title: str,
    channel: str,
    at: datetime,
    year: int,
    reporter_id: str | None = None,
    *,
    drill: bool = False,
) -> Incident:
    """A new incident with the next reference of the year, talked about in this conversation from now on.

    Args:
        year: of the reference, in the organisation's zone.
        reporter_id: who reports it, a known participant; without it, who began the conversation.
        drill: it is practice, and is called so.
    """
    remember_flow(session, flow, at)
    incident = Incident(
        reference=references.reference(year, _next_number(session, year), drill=drill),
        conversation_id=conversation.id,
        reporter_id=reporter_id or conversation.participant_id,
        channel=channel,
        state=State.CONFIRMING,
        state_number=1,
        flow_id=flow.id,
        flow_version=flow.version,
        title=title,
        answers="{}",
        understood="{}",
        history="[]",
        done="{}",
        reported_at=at,
        drill=drill,
    )
    session.add(incident)
    session.flush()
    involve(session, incident, incident.reporter_id, at)
    conversation.incident_id = incident.id
    return incident


def involve(session: Session, incident: Incident, participant_id: str, at: datetime) -> None:
    """Let a known participant see an incident from now on, because they take part in it."""
    values = {"incident_id": incident.id, "participant_id": participant_id, "since": at}
    _insert_unless_there(session, Involved, [values], ["incident_id", "participant_id"])


def lock(session: Session, incident_id: int) -> Incident:
    """The incident, for changing it: nobody else changes it before this transaction ends."""
    query = select(Incident).where(Incident.id == incident_id).with_for_update()
    return session.execute(query, execution_options={"populate_existing": True}).scalar_one()


def find(session: Session, reference: str) -> Incident:
    """The incident with this reference.

    Raises:
        UnknownIncident: there is none.
    """
    incident = session.scalars(select(Incident).where(Incident.reference == reference.upper())).first()
    if incident is None:
        raise UnknownIncident(f"There is no incident {reference[:40]}.")
    return incident


def advised(session: Session, flow_id: str) -> Iterator[tuple[str, str, str | None]]:
    """Every real incident of a flow, oldest first: reference, answers and decision, these as JSON text."""
    query = select(Incident.reference, Incident.answers, Incident.decision).where(*_real(flow_id))
    yield from session.execute(query.order_by(Incident.id)).yield_per(1_000)


def count_of(session: Session, flow_id: str) -> int:
    """How many real incidents of a flow there are."""
    query = select(func.count()).select_from(Incident).where(*_real(flow_id))
    count: int = session.execute(query).scalar_one()
    return count


def _real(flow_id: str) -> tuple[ColumnElement[bool], ...]:
    """The incidents of a flow without the drills, whose answers were invented."""
    return Incident.flow_id == flow_id, Incident.drill.is_(False)


def remember_flow(session: Session, flow: Flow, at: datetime) -> None:
    """Keep the text of a flow version for ever."""
    values = {"hash": flow.version, "flow_id": flow.id, "source": flow.source, "first_used_at": at}
    _insert_unless_there(session, FlowVersion, [values], ["hash"])


def remember_clauses(session: Session, clauses: Iterable[tuple[str, str, str]], at: datetime) -> None:
    """Keep clauses as they were shown: each an id, a version (hash) and its content."""
    values = [
        {"hash": version, "clause_id": clause_id, "body": body, "first_used_at": at}
        for clause_id, version, body in sorted(clauses, key=lambda one: one[1])  # in one order: nobody waits in a ring
    ]
    if values:
        _insert_unless_there(session, ClauseVersion, values, ["hash"])


def flow_text(session: Session, version: str) -> str:
    """The text of a flow version that an incident was begun with."""
    return session.get_one(FlowVersion, version).source


def flow_of(session: Session, version: str) -> Flow:
    """A flow version that an incident was begun with, ready to be used.

    Raises:
        FlowError: this program cannot read a version that old.
    """
    return _parsed(flow_text(session, version))


@lru_cache(maxsize=32)
def _parsed(source: str) -> Flow:
    return parse_flow(source)


def _next_number(session: Session, year: int) -> int:
    insert = _insert(session)(ReferenceCounter).values(year=year, last=1)
    statement = insert.on_conflict_do_update(
        index_elements=["year"], set_={"last": ReferenceCounter.last + 1}
    ).returning(ReferenceCounter.last)
    number: int = session.execute(statement).scalar_one()
    return number


def _insert_unless_there(session: Session, table: Any, rows: list[dict[str, Any]], key: list[str]) -> None:
    session.execute(_insert(session)(table).values(rows).on_conflict_do_nothing(index_elements=key))


def _insert(session: Session) -> Any:
    return postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
