"""Files that are dropped into a conversation: fetched, checked, and kept as evidence."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from amends.conversation import evidence
from amends.conversation.replies import press_answer
from amends.incidents import record
from amends.incidents.actor import Actor
from amends.incidents.models import Conversation, Delivery, Incident
from amends.incidents.record import OPEN_STATES, State, UnknownIncident
from amends.incidents.threads import in_thread
from amends.outbox.tables import Inbound
from amends.slack import hints, ids, places, talking
from amends.slack.fetching import fetch
from amends.slack.media import NotKept, Said, media_type
from amends.slack.parts import map_of, slack_id_of, text_of
from amends.slack.registry import EVERYBODY, HANDLERS, May, NotYet, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from amends.slack.desk import Desk
    from amends.slack.registry import Call

TELL_FIRST = "Tell me in a sentence what happened, then send the file again."
TOO_LONG = "{name} was not kept: for a day it was not clear to which incident it belongs. Send it again."
MESSAGE = "The message that you pointed to"
KEPT = "{name} is kept in the record of {reference}, {size}. SHA-256: {digest}"
PATIENCE = timedelta(days=1)
"""How long a file waits until it is clear to which incident it belongs."""
QUESTION, SAVED = "evidence", "saved"
"""The question of the flow that a kept file answers, and its answer; the advice relies on the same two."""


@HANDLERS.on("file", "file", May(EVERYBODY))
async def dropped(desk: Desk, call: Call) -> None:
    """A file came with a message: keep it for the incident that is talked about, or say why not."""
    file = map_of(call.payload, "file")
    where = _where(desk, call)
    name = text_of(file, "name") or text_of(file, "title") or "The file"
    reference = await in_thread(_incident, desk, call, where, name)
    if reference is None:
        return
    try:
        content, kind = await _content(desk, call, file, name)
    except NotKept as error:
        await in_thread(_refuse, desk, call, where, reference, name, error)
        return
    answer = await in_thread(_keep, desk, call, where, reference, name, kind, content)
    if answer:
        await talking.say(desk, call, where, answer)


def _where(desk: Desk, call: Call) -> ids.Where:
    """The conversation that a file was dropped into, or that its message began."""
    there = ids.where(text_of(map_of(call.payload, "pointed"), "conversation"))
    return there or places.of_message(desk, call)


def _is_pointed_to(call: Call) -> bool:
    """Whether this is, or belongs to, a message that somebody asked for help with: see `originals`."""
    return bool(map_of(call.payload, "pointed"))


async def _content(desk: Desk, call: Call, file: Mapping[str, Any], name: str) -> tuple[bytes, str]:
    if "original" in call.payload:
        whole = json.dumps(call.payload["original"], ensure_ascii=False, indent=2, sort_keys=True)
        return whole.encode(errors="backslashreplace"), evidence.MESSAGE  # as JSON writes what is no character
    content = await fetch(desk, file, name)
    said = Said(name, text_of(file, "mimetype"), text_of(file, "filetype"))
    return content, await in_thread(media_type, content, said)


def _incident(desk: Desk, call: Call, where: ids.Where, name: str) -> str | None:
    """The incident that a file belongs to; None when there is none, and the person is told.

    Raises:
        NotYet: what was said before the file is not settled yet.
    """
    with desk.database.begin() as session:
        conversation = session.get(Conversation, where.conversation_id)
        if _is_unsettled(session, call, conversation):
            if abs(datetime.now(UTC) - call.at) < PATIENCE:  # a clock may have been put back since
                raise NotYet
            hints.hint(session, where, call.person.user, f"file:{call.key}", TOO_LONG.format(name=name), call.at)
            return None
        incident = conversation and conversation.incident_id and session.get(Incident, conversation.incident_id)
        if incident and incident.state in OPEN_STATES:
            return incident.reference
        if not _is_pointed_to(call):
            key = f"tell-first:{where.channel}:{text_of(call.payload, 'ts')}"
            hints.hint(session, where, call.person.user, key, TELL_FIRST, call.at, thread=_thread(call))
        return None


def _is_unsettled(session: Session, call: Call, conversation: Conversation | None) -> bool:
    """Whether it may still turn out to which incident a file belongs: its message, or what came before it, waits."""
    if _is_pointed_to(call):
        message = text_of(map_of(call.payload, "pointed"), "after")
    else:
        message = ids.message_key(slack_id_of(call.payload, "channel"), slack_id_of(call.payload, "ts"))
    arrived = select(Inbound.id).where(
        Inbound.key == message, Inbound.handled_at.is_(None), Inbound.set_aside.is_(False)
    )
    if session.scalars(arrived).first() is not None:
        return True
    if conversation is None:
        return False
    said = select(Delivery.id).where(Delivery.conversation_id == conversation.id, Delivery.handled_at.is_(None))
    if session.scalars(said.limit(1)).first() is not None:
        return True
    return bool(conversation.pending) and json.loads(conversation.pending or "{}").get("kind") == "new_or_same"


def _refuse(desk: Desk, call: Call, where: ids.Where, reference: str, name: str, error: NotKept) -> None:
    with desk.database.begin() as session:

        def work() -> None:
            actor = _actor(call)
            incident = record.find(session, reference)
            try:
                evidence.refuse(
                    session, desk.settings, incident, name=name, reason=error.reason, actor=actor, at=datetime.now(UTC)
                )
            except UnknownIncident as unknown:
                raise Refused(str(unknown)) from unknown
            hints.hint(session, where, call.person.user, f"file:{call.key}", str(error), call.at, thread=_thread(call))

        record.once(session, f"slack {call.key}", work, call.at)


def _keep(desk: Desk, call: Call, where: ids.Where, reference: str, name: str, kind: str, content: bytes) -> str | None:
    """Keep a file, and say so; the press that answers the open question with it, if it is that one."""
    with desk.database.begin() as session:

        def work() -> str | None:
            incident = record.find(session, reference)
            at = datetime.now(UTC)
            try:
                kept = evidence.keep(
                    session,
                    desk.settings,
                    incident,
                    key=call.key,
                    name=name,
                    media_type=kind,
                    content=content,
                    actor=_actor(call),
                    at=at,
                )
            except UnknownIncident as unknown:
                raise Refused(str(unknown)) from unknown
            size = f"{kept.size / 1_000_000:.1f} MB" if kept.size >= 100_000 else f"{max(kept.size // 1000, 1)} kB"
            what = MESSAGE if "original" in call.payload else name
            text = KEPT.format(name=what, reference=reference, size=size, digest=kept.sha256)
            hints.post(session, where, f"file:{call.key}", text, at, thread=_thread(call))
            asked = incident.state == State.ASKING and incident.asked == QUESTION and "original" not in call.payload
            return press_answer(QUESTION, SAVED, f"{reference}:{incident.state_number}") if asked else None

        answer: str | None = record.once(session, f"slack {call.key}", work, call.at)
        return answer


def _actor(call: Call) -> Actor:
    return Actor(call.person.id, call.person.name, talking.SOURCE, call.at)


def _thread(call: Call) -> str | None:
    return slack_id_of(call.payload, "thread_ts") or None
