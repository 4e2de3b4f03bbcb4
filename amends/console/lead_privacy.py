"""Hold one incident, so that nothing of it is erased; or erase its words. For comms leads."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from starlette.responses import RedirectResponse

from amends.access.permissions import Permission
from amends.console.lead_book import what_can_be_done
from amends.console.lead_desk import LeadDesk, drawn, number_of, reference_of
from amends.console.routes import Page, page
from amends.incidents.database import RecordUnavailable
from amends.incidents.models import Participant
from amends.incidents.record import UnknownIncident
from amends.leads import acts
from amends.leads.signing import head_of
from amends.privacy import holds
from amends.privacy.orders import GROUNDS, CannotErase, order_of
from amends.privacy.scrub import scrub
from amends.privacy.tables import LegalHold
from amends.privacy.words import erase_words, what_prevents

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sqlalchemy.orm import Session
    from starlette.requests import Request
    from starlette.responses import Response

    from amends.access.people import SignedIn
    from amends.console.forms import Form
    from amends.incidents.database import Database
    from amends.incidents.models import Incident

logger = logging.getLogger(__name__)

ACTS = ("hold", "lift", "erase")
DONE = {
    "hold": "This incident is held. Nothing of it is erased until the hold is lifted.",
    "lift": "The hold is lifted.",
    "erase": "The words are erased. Backups hold them until they expire.",
}


@dataclass(frozen=True)
class LeadPrivacy:
    """The page on which an incident is held, or its words are erased."""

    desk: LeadDesk

    def routes(self) -> list[Page]:
        """The addresses."""
        return [
            page("/incidents/{reference}/privacy", self.show, may=Permission.ACT),
            *(
                page(f"/incidents/{{reference}}/{act}", self._sent_to(act), may=Permission.ACT, methods=["POST"])
                for act in ACTS
            ),
        ]

    async def show(self, request: Request) -> Response:
        """What holds it, what prevents erasing it, and the forms."""
        return await self._draw(request, 200, **drawn())

    def _sent_to(self, act: str) -> Callable[[Request], Awaitable[Response]]:
        async def done(request: Request) -> Response:
            form, person = await self.desk.form(request), self.desk.person(request)

            def work(session: Session, incident: Incident, _actor: acts.Actor, at: datetime) -> None:
                self._do(act, session, incident, person, form, at)

            try:
                await self.desk.act(request, form, work)
            except (acts.CannotAct, CannotErase) as error:
                return await self._draw(request, 409, **drawn(notice=str(error), typed=form.fields, opened=act))
            except UnknownIncident as error:
                return self.desk.not_there(request, error)
            if act == "erase":
                await asyncio.to_thread(scrub_quietly, self.desk.database)
            return RedirectResponse(f"/incidents/{reference_of(request)}/privacy?done={act}", 303)

        return done

    def _do(self, act: str, session: Session, incident: Incident, person: SignedIn, form: Form, at: datetime) -> None:
        if act == "hold":
            holds.place(session, person, form["reason"], at, "web", incident=incident)
        elif act == "lift":
            row = session.get(LegalHold, number_of(form["hold"]))
            if row is None or row.incident_id != incident.id:
                raise CannotErase(f"There is no such hold on {incident.reference}, so nothing was changed.")
            holds.lift(session, row, person, at, "web")
        else:
            if form["confirm"].strip().upper() != incident.reference:
                raise CannotErase(f"Nothing was erased. Write {incident.reference} to say that you mean it.")
            order = order_of(form["ground"], form["request"])
            erase_words(session, self.desk.settings, incident, person, order, at, "web")

    async def _draw(self, request: Request, status: int, **what: Any) -> Response:
        def look(session: Session, incident: Incident, person: SignedIn) -> dict[str, Any]:
            return {
                "incident": incident,
                "can": what_can_be_done(session, incident, person),
                "seen": head_of(session, incident).sequence,
                "held": [(row, name_of(session, row.placed_by)) for row in holds.on_incident(session, incident)],
                "prevented": what_prevents(session, incident, person),
            }

        try:
            found = await self.desk.look(request, look)
        except UnknownIncident as error:
            return self.desk.not_there(request, error)
        done = DONE.get(request.query_params.get("done", ""), "")
        return self.desk.pages.draw(
            request,
            "leads/privacy.html",
            status,
            **found,
            **what,
            done=done,
            grounds=GROUNDS,
            tab="privacy",
            page="all",
        )


def name_of(session: Session, participant_id: str) -> str:
    """The name that somebody has in the record, or the id of their account."""
    person = session.get(Participant, participant_id)
    return (person.name if person else "") or participant_id


def scrub_quietly(database: Database) -> None:
    """Overwrite what was erased; a busy database does it the next time."""
    try:
        scrub(database)
    except RecordUnavailable as error:
        logger.warning("What was erased is overwritten later, at %s: %s", datetime.now(UTC), error)
