"""An incident that was restricted outside Slack leaves the thread where it is talked about, as from Slack.

Whoever does it there, such as the console, cannot ask Slack for the reporter's direct message. So the reporter is
written to through the outbox, and when that message stands, the incident moves to where it stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from amends.conversation.cards import INCIDENT
from amends.conversation.replies import press_answer
from amends.incidents import record
from amends.incidents.models import Delivery, Incident, Participant
from amends.leads import acts
from amends.outbox import outgoing
from amends.outbox.tables import Place
from amends.slack import hints, ids, places, restricting
from amends.slack.people import Person
from amends.slack.talking import SOURCE

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from amends.outbox.settling import Then
    from amends.outbox.tables import Outgoing
    from amends.settings import Settings

HERE = "{reference} is restricted now. It goes on here, in private."


def move_away(session: Session, incident: Incident, at: datetime) -> None:
    """Take a restricted incident out of a thread where others read along, and go on with it in private.

    Nothing happens where it is not talked about in such a thread.
    """
    place = session.get(Place, incident.conversation_id)
    if place is None or place.thread is None:
        return
    key = f"restrict:{incident.id}:{at:%s%f}"
    restricting.hide(session, place, incident, key, at)
    user = ids.user_of(incident.reporter_id)
    if user:
        body, slot = hints.message(HERE.format(reference=incident.reference)), f"moved:{key}"
        outgoing.put(session, slot, to=user, body=body, slot=slot, then="moved", incident_id=incident.id, at=at)


def thens(settings: Settings) -> dict[str, Then]:
    """What happens when the reporter was written to."""

    def moved(session: Session, row: Outgoing, sent: bool, at: datetime) -> None:
        posted = outgoing.stands(session, row.slot or "")
        if sent and posted is not None and row.incident_id is not None:
            _move(session, settings, session.get_one(Incident, row.incident_id), posted.channel, row.key, at)
            outgoing.clear(session, posted.slot)

    return {"moved": moved}


def _move(session: Session, settings: Settings, incident: Incident, channel: str, key: str, at: datetime) -> None:
    incident = record.lock(session, incident.id)
    before = session.get(Place, incident.conversation_id)
    user = ids.user_of(incident.reporter_id)
    if not incident.restricted or before is None or before.thread is None or not user:
        return  # somebody was quicker, or it is not restricted any more
    where = ids.Where(before.team, channel, None)
    who = session.get_one(Participant, incident.reporter_id)
    places.ensure(session, where, Person(user, before.team, who.name, settings.zone, "staff"), at)
    acts.move_to(session, incident, where.conversation_id)
    if incident.state in record.OPEN_STATES:
        go_on = press_answer(INCIDENT, incident.reference, "-")
        session.add(
            Delivery(
                key=key[:120],
                conversation_id=where.conversation_id,
                participant_id=who.id,
                source=SOURCE,
                text=go_on,
                received_at=at,
            )
        )
