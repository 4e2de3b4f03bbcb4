"""All that is still to be done after incidents: what is for me, and, for leads, what is for others."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from starlette.responses import RedirectResponse

from amends.access.permissions import Permission
from amends.console.lead_desk import SOURCE, key_of, number_of
from amends.console.routes import Page, page
from amends.console.visitor import signed_in
from amends.incidents import record
from amends.incidents.models import Incident
from amends.incidents.visible import may_see
from amends.leads import acts
from amends.review import reviewing
from amends.review.reminding import waiting
from amends.review.tables import FollowUp

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from amends.access.people import SignedIn
    from amends.console.forms import Form
    from amends.console.lead_desk import LeadDesk

NOT_YOURS = "There is no such follow-up that is for you. Load the page again."


@dataclass(frozen=True)
class FollowUps:
    """The list of follow-ups."""

    desk: LeadDesk

    def routes(self) -> list[Page]:
        """The addresses."""
        return [
            page("/follow-ups", self.show, may=Permission.SEE_OWN),
            page("/follow-ups/{number:int}", self.finish, may=Permission.TALK, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """What is for me, the nearest date first, and for leads what is for others."""
        person = signed_in(request)
        if person is None:
            return RedirectResponse("/", 303)
        done = "That is done. Thank you." if request.query_params.get("done") else ""
        return await self._draw(request, person, 200, done=done)

    async def finish(self, request: Request) -> Response:
        """Who it is for says that it is done."""
        person = self.desk.person(request)
        form = await self.desk.form(request)
        number = int(request.path_params["number"])
        try:
            await asyncio.to_thread(self._finish, person, number, form, key_of(request, person, form))
        except acts.CannotAct as error:
            return await self._draw(request, person, 409, notice=str(error))
        return RedirectResponse("/follow-ups?done=1", 303)

    async def _draw(self, request: Request, person: SignedIn, status: int, **what: Any) -> Response:
        found = await asyncio.to_thread(self._waiting, person)
        today = datetime.now(UTC).astimezone(self.desk.pages.zone).date()
        mine = [each for each in found if each[0].owner_id == person.id]
        others = [each for each in found if each[0].owner_id != person.id] if person.may(Permission.SEE_ALL) else []
        where = "" if person.may(Permission.SEE_ALL) else "incidents"
        return self.desk.pages.draw(
            request, "leads/follow_ups.html", status, mine=mine, others=others, today=today, page=where, **what
        )

    def _waiting(self, person: SignedIn) -> list[tuple[FollowUp, Incident]]:
        with self.desk.database.read() as session:
            return waiting(session, person.viewer)

    def _finish(self, person: SignedIn, number: int, form: Form, key: str) -> None:
        at, seen = datetime.now(UTC), number_of(form["revision"])
        actor = acts.Actor(person.id, person.name, SOURCE, at)
        with self.desk.database.begin() as session:
            row = session.get(FollowUp, number) if number < 2**31 else None
            incident = session.get_one(Incident, row.incident_id) if row is not None else None
            if row is None or incident is None or row.owner_id != person.id:
                raise acts.CannotAct(NOT_YOURS)
            if not may_see(session, person.viewer, incident):
                raise acts.CannotAct(NOT_YOURS)
            record.once(session, key, lambda: reviewing.finish(session, self.desk.settings, row, actor, seen, at), at)
