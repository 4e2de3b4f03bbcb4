"""Where in Slack conversations take place: known in the record before the first message goes to the assistant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from amends.incidents import record
from amends.incidents.threads import in_thread
from amends.outbox import outgoing
from amends.outbox.tables import Place
from amends.slack import ids
from amends.slack.parts import map_of, slack_id_of
from amends.slack.registry import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any

    from sqlalchemy.orm import Session

    from amends.slack.desk import Desk
    from amends.slack.people import Person
    from amends.slack.registry import Call

NOWHERE = "Slack did not say where that was written, so nothing was done. Write it again."


def ensure(session: Session, where: ids.Where, person: Person, at: datetime) -> None:
    """Know a conversation and where it takes place; whoever begins it is known too."""
    record.ensure_participant(session, person.id, person.name, at)
    record.ensure_conversation(session, where.conversation_id, person.id, at)
    values = {
        "conversation_id": where.conversation_id,
        "team": where.team,
        "channel": where.channel,
        "thread": where.thread,
    }
    statement = outgoing.insert(session)(Place).values(**values)
    session.execute(statement.on_conflict_do_nothing(index_elements=["conversation_id"]))


def is_known(session: Session, conversation_id: str) -> bool:
    """Whether a conversation takes place here, so that what is written here is meant for the assistant."""
    query = select(Place.conversation_id).where(Place.conversation_id == conversation_id)
    return session.scalars(query).first() is not None


async def direct(desk: Desk, user: str) -> ids.Where:
    """The direct message with somebody; it is opened if there is none."""
    answer = await desk.client.conversations_open(users=user)
    channel: Mapping[str, Any] = answer["channel"]
    return ids.Where(desk.team, str(channel["id"]), None)


def of_message(desk: Desk, call: Call) -> ids.Where:
    """The conversation that a message belongs to, or begins in a thread of its own.

    Raises:
        Refused: it does not say where it was written.
    """
    channel, ts = slack_id_of(call.payload, "channel"), slack_id_of(call.payload, "ts")
    if not channel or not ts:
        raise Refused(NOWHERE)
    thread = None if ids.is_direct(channel) else slack_id_of(call.payload, "thread_ts") or ts
    return ids.Where(desk.team, channel, thread)


async def of_press(desk: Desk, call: Call) -> ids.Where:
    """The conversation that a pressed card belongs to; away from every conversation the person's direct message."""
    container = map_of(call.payload, "container")
    channel = slack_id_of(map_of(call.payload, "channel"), "id") or slack_id_of(container, "channel_id")
    if ids.is_direct(channel):
        return ids.Where(desk.team, channel, None)
    message = map_of(call.payload, "message")
    thread = slack_id_of(message, "thread_ts") or slack_id_of(container, "thread_ts") or slack_id_of(message, "ts")
    if channel and thread:
        there = ids.Where(desk.team, channel, thread)
        if await in_thread(_is_known, desk, there.conversation_id):
            return there
    return await direct(desk, call.person.user)


def _is_known(desk: Desk, conversation_id: str) -> bool:
    with desk.database.read() as session:
        return is_known(session, conversation_id)
