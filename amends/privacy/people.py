"""Erase a person: what they wrote and sent, and their name. Their account's id stays, without a name, in the chains."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select

from amends.access.audit import What, viewed
from amends.accounts.forgetting import forget
from amends.incidents import record
from amends.incidents.models import Evidence, Incident, Participant, TrailEntry, TrailPayload
from amends.incidents.record import OPEN_STATES
from amends.privacy import holds, traces
from amends.privacy.orders import CannotErase
from amends.review.tables import FollowUp

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from amends.access.people import SignedIn
    from amends.incidents.database import Database
    from amends.privacy.orders import Order


@dataclass(frozen=True)
class Known:
    """Somebody whom the record knows, and where they stand in it."""

    id: str
    name: str
    own: tuple[int, ...]
    """Ids of the incidents that they reported, lead, wrote in or sent files to."""
    named: tuple[int, ...]
    """Ids of further incidents that hold their name: some as a value of its own, some in what others wrote."""


def find(session: Session, who: str) -> list[Participant]:
    """People by the id of their account, or by their name as it stands in the record."""
    plain = " ".join(who.split())
    same = func.lower(Participant.name) == func.lower(plain)  # both by the database, which may leave letters such as Š
    query = select(Participant).where(or_(Participant.id == plain, same))
    return list(session.scalars(query.order_by(Participant.id))) if plain else []


def known(session: Session, person: Participant) -> Known:
    """Where somebody stands in the record. It reads all payloads once, so never while others wait to write."""
    wrote = select(TrailEntry.incident_id).where(TrailEntry.actor_id == person.id)
    kept = select(Evidence.incident_id).where(Evidence.participant_id == person.id)
    agreed = select(FollowUp.incident_id).where(traces.follow_ups_of(person.id, person.name))
    own = select(Incident.id).where(
        or_(
            Incident.reporter_id == person.id,
            Incident.lead_id == person.id,
            Incident.id.in_(wrote),
            Incident.id.in_(kept),
            Incident.id.in_(agreed),
        )
    )
    mine = tuple(session.scalars(own.order_by(Incident.id)))
    marks = [json.dumps(each, ensure_ascii=False)[1:-1] for each in (person.id, person.name) if each]
    named = (
        select(TrailEntry.incident_id)
        .join(TrailPayload, TrailPayload.entry_id == TrailEntry.id)
        .where(or_(*(TrailPayload.body.contains(each, autoescape=True) for each in marks)))
    )
    others = session.scalars(named.distinct().order_by(TrailEntry.incident_id))
    return Known(person.id, person.name, mine, tuple(each for each in others if each not in mine))


def what_prevents(session: Session, somebody: Known) -> str:
    """Why somebody may not be erased now, as a sentence; nothing when they may."""
    incidents = [session.get_one(Incident, each) for each in somebody.own]
    held = [*holds.on_person(session, somebody.id)]
    for each in incidents:
        held += holds.on_incident(session, each)
    if held:
        return (
            f"A legal hold of {held[0].placed_at:%d %B %Y} keeps what this person wrote, so nothing was erased. "
            "Whoever is responsible for the hold has to lift it first."
        )
    still_open = sum(each.state in OPEN_STATES for each in incidents)
    if still_open:
        count = "one incident that is" if still_open == 1 else f"{still_open} incidents that are"
        return f"This person takes part in {count} still open, so nothing was erased. A lead has to close them first."
    return ""


def erase_person(
    database: Database, person_id: str, by: SignedIn, order: Order, at: datetime, source: str
) -> tuple[str, ...]:
    """Erase what somebody wrote and sent, and their name everywhere but in the audit and the policy trail.

    An entry of others that names them as a value of its own (who was told, who leads, who is named) goes as a whole.
    What others wrote about them in sentences stays: somebody has to read it and judge.

    Returns:
        The references of the incidents in which something was erased.

    Raises:
        CannotErase: a hold prevents it, they take part in an open incident, or it is the acting person.
        RecordUnavailable: nothing was erased.
    """
    if person_id == by.id:
        raise CannotErase("Nobody erases themselves: somebody else has to do it, so that two know of it.")
    with database.read() as session:
        somebody = known(session, session.get_one(Participant, person_id))
    with database.begin() as session:
        if sentence := what_prevents(session, somebody):
            raise CannotErase(sentence)
        record.ensure_participant(session, by.id, by.name, at)
        session.get_one(Participant, person_id).name = ""
        session.flush()
        touched = []
        for id_ in sorted({*somebody.own, *somebody.named}):
            incident = record.lock(session, id_)
            if traces.from_incident(session, incident, somebody.id, somebody.name, by, order, at, source):
                touched.append(incident.reference)
        traces.from_conversations(session, somebody.id, at)
        traces.from_slack(session, somebody.id, somebody.name, at)
        traces.from_accounts(session, somebody.id, somebody.name, at)
        forget(session, somebody.id, somebody.name)
        details = {"person": somebody.id, "incidents": len(touched), "ground": str(order.ground)}
        request = {"request": order.request} if order.request else {}
        viewed(session, by, What.ERASED_PERSON, "", at, {**details, **request})
    return tuple(touched)
