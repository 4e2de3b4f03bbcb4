"""The windows for staff: tell what happened, have words checked, read the clauses behind the advice."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from amends.bot import stored_replies
from amends.conversation.cards import INCIDENT
from amends.conversation.drafting import SHORTEST_DRAFT
from amends.conversation.replies import DraftReply, RecommendationReply, press, press_answer, read_reply
from amends.incidents import deliveries
from amends.incidents.models import Conversation, Incident
from amends.incidents.threads import in_thread
from amends.outbox.tables import Posted
from amends.slack import ids, opening, places, talking, views
from amends.slack.clients import NOT_REACHED
from amends.slack.fields import field
from amends.slack.parts import map_of, text_of
from amends.slack.registry import EVERYBODY, HANDLERS, May, NotYet, Refused
from amends.slack.replying import Replying

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from amends.conversation.replies import ClauseCard
    from amends.incidents.models import Delivery
    from amends.slack.desk import Desk
    from amends.slack.registry import Call

MAY_TALK = May(EVERYBODY)
MAY_SEE = May(EVERYBODY, incident="seen")
MAY_CHECK = May(EVERYBODY, incident="seen", states=frozenset({"advised"}))

ROUNDS, ROUND = 25, 0.12
"""How often it is looked for an answer, and the seconds between."""

SAY_SOMETHING = "Say in a few words what happened."
A_SENTENCE = "Write at least one whole sentence."
NO_CLAUSES = "The advice is not there any more, so there is nothing to show. Ask me what the policy says."


async def show_start(desk: Desk, call: Call) -> None:
    """Ask in a window what happened."""
    await opening.show(desk, call, views.start())


def words_of(payload: Mapping[str, Any], name: str) -> str:
    """The words of a field. A text that begins with a slash would be taken for a press, so the slash goes."""
    return field(payload, name).lstrip("/ ")


def _check_start(payload: Mapping[str, Any]) -> dict[str, str] | None:
    return None if words_of(payload, "what") else {"what": SAY_SOMETHING}


@HANDLERS.on("submission", "start", MAY_TALK, check=_check_start)
async def start(desk: Desk, call: Call) -> None:
    """What happened, told in a window: the conversation goes on in the direct message."""
    where = await places.direct(desk, call.person.user)
    report = words_of(call.payload, "what")
    await talking.say(desk, call, where, press("report_problem", about=report))


@HANDLERS.on("press", "open_clauses", MAY_SEE)
async def open_clauses(desk: Desk, call: Call) -> None:
    """Show the clauses behind the advice, as the card that stands rests on them."""
    found = await in_thread(_clauses, desk, call)
    if found is None:
        raise Refused(NO_CLAUSES)
    await opening.show(desk, call, views.clauses(found))


def _clauses(desk: Desk, call: Call) -> tuple[ClauseCard, ...] | None:
    with desk.database.read() as session:
        incident = _incident(session, call)
        query = select(Posted.body).where(Posted.slot.startswith(f"advice:{incident.id}:"))
        for body in session.scalars(query.order_by(Posted.updated_at.desc())):
            kept = json.loads(body).get("reply")
            reply = read_reply({"custom": kept}) if kept else None
            if isinstance(reply, RecommendationReply):
                return reply.clauses
    return None


@HANDLERS.on("press", "open_draft", MAY_CHECK)
async def open_draft(desk: Desk, call: Call) -> None:
    """Ask in a window for the words that are to be checked."""
    where = await places.of_press(desk, call)
    state = str(call.value.get("state", "")) if not isinstance(call.value, str) else ""
    await opening.show(desk, call, views.draft(call.reference, where.conversation_id, state=state))


def _check_draft(payload: Mapping[str, Any]) -> dict[str, str] | None:
    words = words_of(payload, "draft").split()
    return None if len(words) >= SHORTEST_DRAFT else {"draft": A_SENTENCE}


def _checking(payload: Mapping[str, Any]) -> dict[str, Any]:
    del payload
    return {"response_action": "update", "view": views.checking()}


@HANDLERS.on("submission", "draft", MAY_CHECK, check=_check_draft, answer=_checking)
async def draft(desk: Desk, call: Call) -> None:
    """Have words checked as in the conversation; what was found stands in the window, or there if it was closed."""
    carried: Mapping[str, Any] = call.value if not isinstance(call.value, str) else {}
    where = ids.where(text_of(carried, "conversation"))
    if where is None:
        raise Refused(talking.ELSEWHERE)
    text = words_of(call.payload, "draft")
    for key, message in (*await in_thread(_before, desk, call, where), (call.key, text)):
        await talking.say(desk, call, where, message, key)
        await _answered(desk, key)
    delivery = await _answered(desk, call.key)
    found = next((reply for reply in stored_replies(delivery) if isinstance(reply, DraftReply)), None)
    shown = found is not None and await _show_findings(desk, call, where, found, text)
    await in_thread(_post_rest, desk, delivery, shown)


def _before(desk: Desk, call: Call, where: ids.Where) -> list[tuple[str, str]]:
    """What has to be said before the words, so that they are taken for a draft of this incident; each with its key."""
    with desk.database.read() as session:
        if deliveries.find(session, call.key) is not None:
            return []
        conversation = session.get(Conversation, where.conversation_id)
        said = []
        there = conversation is not None and conversation.incident_id == _incident(session, call).id
        if not there:
            said.append((f"{call.key}:go_on", press_answer(INCIDENT, call.reference, "-")))
        pending = json.loads(conversation.pending) if conversation is not None and conversation.pending else {}
        if not there or pending.get("kind") != "draft":
            said.append((f"{call.key}:check", press("check_draft")))
        return said


async def _answered(desk: Desk, key: str) -> Delivery:
    """A message of the window, when the assistant has answered it.

    Raises:
        NotYet: it did not answer in time; the window waits.
    """
    for _ in range(ROUNDS):
        delivery = await in_thread(_delivery, desk, key)
        if delivery is not None and delivery.handled_at is not None:
            return delivery
        await asyncio.sleep(ROUND)
    raise NotYet


def _delivery(desk: Desk, key: str) -> Delivery | None:
    with desk.database.read() as session:
        return deliveries.find(session, key)


async def _show_findings(desk: Desk, call: Call, where: ids.Where, found: DraftReply, text: str) -> bool:
    """Put what was found into the window; False when it is not there any more."""
    view = views.draft_checked(found, text, call.reference, where.conversation_id)
    try:
        await desk.client.views_update(view_id=text_of(map_of(call.payload, "view"), "id"), view=view)
    except NOT_REACHED:
        return False
    return True


def _post_rest(desk: Desk, delivery: Delivery, shown: bool) -> None:
    """What does not stand in the window goes to the conversation."""
    replies = [reply for reply in stored_replies(delivery) if not (shown and isinstance(reply, DraftReply))]
    replying = Replying(desk.settings, desk.shelf, lambda: desk.gateway.failure(kept=True))
    with desk.database.begin() as session:
        replying.send(session, delivery, replies)


def _incident(session: Session, call: Call) -> Incident:
    return session.scalars(select(Incident).where(Incident.reference == call.reference)).one()
