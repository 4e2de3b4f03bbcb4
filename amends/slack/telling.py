"""Telling the people who have to be brought in: one press sends the message to whoever the settings name."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from amends.conversation.digressions import ROLES
from amends.incidents import record
from amends.incidents.models import Incident
from amends.incidents.record import State
from amends.incidents.threads import in_thread
from amends.leads import acts
from amends.outbox import outgoing
from amends.outbox.tables import Outgoing
from amends.slack import hints, ids, places
from amends.slack.registry import EVERYBODY, HANDLERS, May, Refused
from amends.slack.talking import SOURCE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from amends.outbox.settling import Then
    from amends.settings import Settings
    from amends.slack.desk import Desk
    from amends.slack.registry import Call

logger = logging.getLogger(__name__)

USERS = ("U", "W")
"""How the ids of people begin; those of channels begin otherwise."""
PEOPLE = frozenset({"staff", "lead", "guest"})
MOST = 30
"""So many members of a group are told, each in their direct message."""

NOBODY = "Nobody is set down for that, so nothing was sent. Ring {contact}."
ALREADY = "That step is done already, so nothing was sent."
STALE = "{reference} has changed since that was drawn, so nothing was sent. Look at it again, then press once more."
EMPTY_GROUP = "There is nobody in the group that is set down for that, so nothing was sent. Ring {contact}."
DRILL = "{reference} is practice, so nobody is told and nothing was sent. Mark the step as done instead."
FAILED = "The message to {who} did not arrive. Ring {contact}. The step stays open."


@HANDLERS.on("press", "tell:", May(EVERYBODY, incident="seen", states=frozenset({State.ADVISED})))
async def tell(desk: Desk, call: Call) -> None:
    """Send a role of the advice what it is needed for; its step is done when the message has gone out."""
    carried: Mapping[str, Any] = {} if isinstance(call.value, str) else call.value
    role = str(carried.get("role", ""))
    target = getattr(desk.settings, f"slack_tell_{role}", "") if role in ROLES else ""
    if not target:
        raise Refused(NOBODY.format(contact=desk.settings.contact_of(role)))
    names = await those(desk, target, role)
    where = await places.of_press(desk, call)
    await in_thread(_put, desk, call, role, names, where.conversation_id)


def thens(settings: Settings) -> dict[str, Then]:
    """What is recorded when a message to a role has gone out, or was given up."""

    def told(session: Session, row: Outgoing, sent: bool, at: datetime) -> None:
        _told(session, settings, row, at) if sent else _not_told(session, settings, row, at)

    return {"told": told}


async def those(desk: Desk, target: str, role: str) -> dict[str, str]:
    """Where a message to a role goes: users, or a channel; each with a name."""
    if target.startswith("S"):
        answer = await desk.client.usergroups_users_list(usergroup=target)
        people = [await desk.people.get(str(user)) for user in answer["users"]]
        names = {person.user: person.name for person in people[:MOST] if person.role in PEOPLE}
        if not names:
            raise Refused(EMPTY_GROUP.format(contact=desk.settings.contact_of(role)))
        return names
    if target[:1] in USERS:
        return {target: (await desk.people.get(target)).name}
    return {target: f"the channel of {ROLES[role]}"}


def _put(desk: Desk, call: Call, role: str, names: Mapping[str, str], conversation_id: str) -> None:
    at = datetime.now(UTC)
    state = "" if isinstance(call.value, str) else str(call.value.get("state", ""))
    with desk.database.begin() as session:

        def work() -> None:
            incident = record.lock(session, record.find(session, call.reference).id)
            if incident.drill:
                raise Refused(DRILL.format(reference=incident.reference))
            if role in json.loads(incident.done):
                raise Refused(ALREADY)
            if state != f"{incident.reference}:{incident.state_number}":
                raise Refused(STALE.format(reference=incident.reference))
            record.ensure_participant(session, call.person.id, call.person.name, at)
            for to, name in names.items():
                key = f"told:{incident.id}:{role}:{incident.state_number}:{to}"
                args = {
                    "incident": incident.id,
                    "role": role,
                    "by": call.person.name,
                    "by_id": call.person.id,
                    "who": ", ".join(names.values()),
                    "name": name,
                    "said_at": call.at.isoformat(),
                    "conversation": conversation_id,
                }
                new = outgoing.put(
                    session, key, to=to, draw="told", args=args, then="told", incident_id=incident.id, at=at
                )
                if not new:
                    _again(session, key, at)

        record.once(session, f"slack {call.key}", work, call.at)


def _again(session: Session, key: str, at: datetime) -> None:
    """A message that was given up is sent once more; one that is under way is not sent twice."""
    row = session.scalars(select(Outgoing).where(Outgoing.key == key)).one()
    if row.dead_at is not None:
        outgoing.resend(session, row.id, at)


def _told(session: Session, settings: Settings, row: Outgoing, at: datetime) -> None:
    args = json.loads(row.body)
    incident = session.get_one(Incident, args["incident"])
    actor = acts.Actor(args["by_id"], args["by"], SOURCE, datetime.fromisoformat(args["said_at"]))
    where = ids.where(args["conversation"])
    if row.to[:1] in USERS and where is not None and not incident.restricted:
        told = ids.participant(where.team, row.to)
        record.ensure_participant(session, told, args["name"], at)
        record.involve(session, incident, told, at)

    def work() -> None:
        acts.told(session, settings, incident, args["role"], args["who"], actor, at)

    try:
        record.once(session, f"told {row.key.rpartition(':')[0]}", work, at)
    except acts.CannotAct:
        logger.warning("Somebody was told about an incident that was restricted meanwhile.")


def _not_told(session: Session, settings: Settings, row: Outgoing, at: datetime) -> None:
    """Tell whoever pressed, unless others of the same group were told or are still to be."""
    args = json.loads(row.body)
    group = row.key.rpartition(":")[0]
    others = session.scalars(
        select(Outgoing).where(Outgoing.key.startswith(f"{group}:"), Outgoing.id != row.id, Outgoing.dead_at.is_(None))
    ).first()
    where = ids.where(args["conversation"])
    if others is not None or where is None:
        return
    text = FAILED.format(who=args["who"], contact=settings.contact_of(args["role"]))
    hints.hint(session, where, ids.user_of(args["by_id"]), f"not-told:{row.key}:{row.attempts}", text, at)
