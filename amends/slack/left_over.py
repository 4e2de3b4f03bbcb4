"""What a lead sees of what could not be sent or handled: for whom it was, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from sqlalchemy import func, select

from amends.incidents.models import Conversation, Incident, Participant
from amends.outbox import outgoing
from amends.outbox.tables import Inbound, Place
from amends.outbox.wire import Failure
from amends.slack.home_tab import DeadLetter

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from amends.outbox.tables import Outgoing

REASONS = {
    "channel_not_found": "Slack does not find the place that it was for.",
    "not_in_channel": "I am not in that channel. Invite me there, then press Resend.",
    "is_archived": "That channel is archived.",
    "user_not_in_channel": "Whom it was for is not in that channel.",
    "user_not_found": "Slack does not know whom it was for.",
    "cannot_dm_bot": "It was for an app, which takes no messages.",
    "message_not_found": "The message that it was to change is gone.",
}


def letters(session: Session) -> tuple[DeadLetter, ...]:
    """What was given up, newest first."""
    return tuple(_letter(session, row) for row in outgoing.dead(session))


def set_aside(session: Session) -> int:
    """How many messages from Slack could not be handled."""
    query = select(func.count()).select_from(Inbound).where(Inbound.set_aside.is_(True))
    count: int = session.execute(query).scalar_one()
    return count


def _letter(session: Session, row: Outgoing) -> DeadLetter:
    incident = session.get(Incident, row.incident_id) if row.incident_id else None
    about = f" about {incident.reference}" if incident is not None else ""
    # Who is spoken to about a restricted incident is nobody else's business.
    whom = "" if incident is not None and incident.restricted else _whom(session, row)
    return DeadLetter(row.id, f"A message{whom}{about}", _why(row.last_error or ""), row.dead_at or row.created_at)


def _whom(session: Session, row: Outgoing) -> str:
    """For whom a message was, as far as the record knows."""
    query = (
        select(Participant.name, Place.thread)
        .join(Conversation, Conversation.participant_id == Participant.id)
        .join(Place, Place.conversation_id == Conversation.id)
        .where(Place.channel == row.to, Place.thread.is_(None) | (Place.thread == row.thread))
    )
    found = session.execute(query.limit(1)).first()
    if found is not None and found.name:
        return f" in the thread that {found.name} began" if found.thread else f" to {found.name}"
    name = session.scalars(
        select(Participant.name).where(Participant.id.endswith(f":{row.to}", autoescape=True)).limit(1)
    ).first()
    return f" to {name}" if name else ""


def _why(error: str) -> str:
    """Why it was given up. What kind of failure it was concerns the sender alone."""
    kind, _, rest = error.partition(": ")
    reason = rest if kind in get_args(Failure) else error
    said = reason.replace("_", " ")
    return REASONS.get(reason) or (f"Slack said: {said}." if said else "")
