"""An incident in a lead's hands: locked, and only if it is theirs to see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from amends.conversation import recording
from amends.incidents.models import Participant, TrailEntry
from amends.incidents.record import OPEN_STATES, UnknownIncident
from amends.incidents.trail import Kind

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from amends.incidents.actor import Actor
    from amends.incidents.models import Incident

LONGEST_WORDS = 10_000
"""So much of a reason, a note or a statement is kept."""


class CannotAct(Exception):  # noqa: N818 - it reads as what it says
    """This cannot be done now. The message is a sentence for the person; nothing was changed."""


class ChangedMeanwhile(CannotAct):
    """Others changed it since it was looked at. `entries` are the sequences of what they wrote."""

    def __init__(self, sentence: str, entries: tuple[int, ...]) -> None:
        super().__init__(sentence)
        self.entries = entries


def unchanged_since(session: Session, incident: Incident, actor: Actor, seen: int) -> None:
    """Refuse to go on when others wrote something since the entry that was the last when this actor looked.

    The incident must be locked. Reminders do not count.

    Raises:
        ChangedMeanwhile: they did.
    """
    query = select(TrailEntry.sequence, TrailEntry.actor_id).where(
        TrailEntry.incident_id == incident.id,
        TrailEntry.sequence > seen,
        TrailEntry.actor_id != actor.id,
        TrailEntry.kind.not_in((Kind.REMINDED, Kind.SNOOZED, Kind.ACCOUNT_NAMED)),
    )
    found = session.execute(query.order_by(TrailEntry.sequence)).all()
    if not found:
        return
    who = session.get(Participant, found[-1].actor_id)
    name = (who.name if who else "") or found[-1].actor_id
    raise ChangedMeanwhile(
        f"{name} changed {incident.reference} since you looked, so nothing was done yet. Look at it, then send again.",
        tuple(row.sequence for row in found),
    )


def opened(session: Session, incident: Incident, actor: Actor, at: datetime) -> Incident:
    """The incident, locked for a change by this actor.

    Raises:
        CannotAct: it is restricted, and the actor is not named.
    """
    try:
        return recording.locked(session, incident, actor, at)
    except UnknownIncident as error:
        raise CannotAct(str(error)) from error


def still_open(incident: Incident) -> None:
    """Refuse what only makes sense while an incident is open.

    Raises:
        CannotAct: it is closed.
    """
    if incident.state not in OPEN_STATES:
        raise CannotAct(f"{incident.reference} is closed already, so nothing was changed.")


def words_of(text: str, what: str) -> str:
    """What was typed into a form, without what surrounds it.

    Raises:
        CannotAct: there are no words.
    """
    words = text.strip()[:LONGEST_WORDS]
    if not words:
        raise CannotAct(f"{what} is empty. Write it, and send it again.")
    return words
