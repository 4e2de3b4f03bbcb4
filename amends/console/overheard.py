"""The conversation about an incident as it looked to the person, for a lead who reads it afterwards."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import not_, select

from amends.access.permissions import Permission
from amends.console.lead_book import what_can_be_done
from amends.console.routes import Page, page
from amends.console.turns import Card, Exchange, exchanges
from amends.conversation.replies import TextReply
from amends.incidents.models import Delivery, Incident, Participant, TrailEntry
from amends.incidents.record import UnknownIncident
from amends.incidents.visible import visible_to

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session
    from starlette.requests import Request
    from starlette.responses import Response

    from amends.access.people import SignedIn
    from amends.console.lead_desk import LeadDesk
    from amends.incidents.visible import Viewer

ELSEWHERE = "This is about another incident, too, which you may not see. It is not shown here."


@dataclass(frozen=True)
class Overheard:
    """The page of the conversation."""

    desk: LeadDesk

    def routes(self) -> list[Page]:
        """The address."""
        return [page("/incidents/{reference}/conversation", self.show, may=Permission.SEE_ALL)]

    async def show(self, request: Request) -> Response:
        """The messages and answers that belong to the incident, as they were drawn; nothing can be pressed."""

        def look(session: Session, incident: Incident, person: SignedIn) -> dict[str, Any]:
            return {
                "incident": incident,
                "exchanges": conversation_of(session, incident, person.viewer),
                "can": what_can_be_done(session, incident, person),
            }

        try:
            found = await self.desk.look(request, look)
        except UnknownIncident as error:
            return self.desk.not_there(request, error)
        return self.desk.pages.draw(request, "leads/conversation.html", **found, tab="conversation", page="all")


def conversation_of(session: Session, incident: Incident, viewer: Viewer) -> list[tuple[str, Exchange]]:
    """Who said what and what was answered, for all messages that wrote into the trail of an incident.

    What tells of an incident that the viewer may not see is left out.
    """
    times = _times(session, incident.id)
    query = select(Delivery).where(
        Delivery.conversation_id == incident.conversation_id,
        Delivery.handled_at >= times[0],
        Delivery.received_at <= times[-1],
    )
    hidden = _hidden(session, incident, viewer)
    hidden_times = [time for id_ in hidden for time in _times(session, id_)]
    found = [
        each
        for each in session.scalars(query.order_by(Delivery.id))
        if _wrote(each, times) and not _wrote(each, hidden_times)
    ]
    names = {each.participant_id: session.get_one(Participant, each.participant_id).name for each in found}
    references = tuple(hidden.values())
    return [
        (names[each.participant_id] or each.participant_id, _past(shown, each, references))
        for each, shown in zip(found, exchanges(found), strict=True)
    ]


def _past(shown: Exchange, delivery: Delivery, hidden: Sequence[str]) -> Exchange:
    """An exchange without anything to press, and without what tells of an incident that is not to be seen."""
    if any(reference in delivery.text for reference in hidden):
        shown = replace(shown, said=ELSEWHERE)
    cards = []
    for card in shown.cards:
        text = json.dumps(card.reply.model_dump(mode="json"))
        told = any(reference in text for reference in hidden)
        cards.append(Card(TextReply(text=ELSEWHERE) if told else card.reply, live=False))
    return replace(shown, cards=tuple(cards), waiting=False)


def _hidden(session: Session, incident: Incident, viewer: Viewer) -> dict[int, str]:
    """The incidents of the same conversation or reporter that the viewer may not see: id -> reference."""
    query = select(Incident.id, Incident.reference).where(
        Incident.reporter_id == incident.reporter_id, Incident.restricted.is_(True), not_(visible_to(viewer))
    )
    return {row.id: row.reference for row in session.execute(query)}


def _times(session: Session, incident_id: int) -> list[datetime]:
    query = select(TrailEntry.recorded_at).where(TrailEntry.incident_id == incident_id)
    return list(session.scalars(query.order_by(TrailEntry.sequence)))


def _wrote(delivery: Delivery, times: Sequence[datetime]) -> bool:
    end = delivery.handled_at
    return end is not None and any(delivery.received_at <= time <= end for time in times)
