"""A lead says who may see an incident. What others read along moves to the reporter's direct message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete

from amends.conversation.cards import INCIDENT
from amends.conversation.replies import press_answer
from amends.incidents import record
from amends.incidents.threads import in_thread
from amends.leads import acts
from amends.outbox.tables import Place, Posted
from amends.slack import announcing, ids, leading, places, talking
from amends.slack.fields import chosen, field
from amends.slack.registry import HANDLERS, Refused

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from amends.incidents.models import Incident
    from amends.slack.desk import Desk
    from amends.slack.people import Person
    from amends.slack.registry import Call

PRIVATE = "This goes on in private."
NO_PERSON = "{name} cannot be named: only people who work here can. Nothing was changed."
OUTSIDE = frozenset({"bot", "gone", "stranger"})


@HANDLERS.on("submission", "restrict", leading.MAY_ALWAYS)
async def restrict(desk: Desk, call: Call) -> None:
    """Restrict an incident to those who are named, or let everybody involved and all leads see it again."""
    on = field(call.payload, "restricted") == "yes"
    named = await _people(desk, chosen(call.payload, "named")) if on else []
    private = await _private_place(desk, call) if on else None

    def work(session: Session, incident: Incident, actor: acts.Actor, at: datetime) -> str:
        for person in named:
            record.ensure_participant(session, person.id, person.name, at)
        acts.restrict(session, desk.settings, incident, actor, [person.id for person in named], at, on=on)
        if private is None:
            return ""
        where, reporter = private
        place = session.get(Place, incident.conversation_id)
        if place is None or place.thread is None:
            return ""
        hide(session, place, incident, call.key, at)
        places.ensure(session, where, reporter, at)
        acts.move_to(session, incident, where.conversation_id)
        return where.conversation_id if incident.state in record.OPEN_STATES else ""

    there = ids.where(await leading.act(desk, call, work) or "")
    if there is not None:
        go_on = press_answer(INCIDENT, call.reference, "-")
        await talking.say(desk, call, there, go_on, f"{call.key}:moved")


def hide(session: Session, place: Place, incident: Incident, key: str, at: datetime) -> None:
    """Take an incident out of the thread where it is talked about; one line says that it goes on in private."""
    announcing.hide_thread(session, place, key, PRIVATE, at)
    # What stood there is not drawn again when something happens in the incident.
    session.execute(delete(Posted).where(Posted.slot.in_(_slots(place, incident))))


def _slots(place: Place, incident: Incident) -> list[str]:
    id_ = place.conversation_id
    return [f"question:{id_}", f"aside:{id_}", f"advice:{incident.id}:{id_}"]


async def _people(desk: Desk, users: list[str]) -> list[Person]:
    """Those who are named.

    Raises:
        Refused: somebody is no person of this workspace.
    """
    if not all(map(ids.is_id, users)):
        raise Refused(NO_PERSON.format(name="Somebody"))
    found = [await desk.people.get(user) for user in users]
    for person in found:
        if person.role in OUTSIDE:
            raise Refused(NO_PERSON.format(name=person.name))
    return found


async def _private_place(desk: Desk, call: Call) -> tuple[ids.Where, Person] | None:
    """The direct message with who reported an incident that is talked about where others read along."""

    def reporter() -> str | None:
        with desk.database.read() as session:
            incident = record.find(session, call.reference)
            place = session.get(Place, incident.conversation_id)
            return ids.user_of(incident.reporter_id) if place is not None and place.thread is not None else None

    user = await in_thread(reporter)
    if not user:
        return None
    return await places.direct(desk, user), await desk.people.get(user)
