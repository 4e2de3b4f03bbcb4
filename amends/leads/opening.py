"""An incident in a lead's hands: locked, and only if it is theirs to see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amends.conversation import recording
from amends.incidents.record import OPEN_STATES, UnknownIncident

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from amends.incidents.actor import Actor
    from amends.incidents.models import Incident

LONGEST_WORDS = 10_000
"""So much of a reason, a note or a statement is kept."""


class CannotAct(Exception):  # noqa: N818 - it reads as what it says
    """This cannot be done now. The message is a sentence for the person; nothing was changed."""


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
