"""The pages of incidents: a list of my own, and each one from first message to close."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from starlette.responses import RedirectResponse, Response

from amends.access.audit import What, viewed
from amends.access.permissions import Permission
from amends.console.book import Book
from amends.console.drills import DrillPages
from amends.console.evidence import EvidenceFiles
from amends.console.follow_ups import FollowUps
from amends.console.lead_desk import LeadDesk
from amends.console.lead_incident import LeadIncident
from amends.console.lead_privacy import LeadPrivacy
from amends.console.lead_review import LeadReview
from amends.console.lead_story import LeadStory
from amends.console.overheard import Overheard
from amends.console.routes import Page, page
from amends.console.signing_off import SigningOff
from amends.console.visitor import Visitor, visitor_of
from amends.incidents.record import UnknownIncident
from amends.incidents.visible import Viewer, incident_for, incidents_of
from amends.register.choices import titles_of
from amends.review.reminding import waiting

if TYPE_CHECKING:
    from starlette.requests import Request

    from amends.console.pages import Pages
    from amends.incidents.database import Database
    from amends.settings import Settings

PAGE = 50
"""Incidents on a page of my own."""


@dataclass(frozen=True)
class Incidents:
    """The pages of incidents."""

    pages: Pages
    database: Database
    settings: Settings

    @property
    def for_leads(self) -> LeadIncident:
        """The same incident for comms leads."""
        return LeadIncident(self._desk)

    @property
    def _desk(self) -> LeadDesk:
        return LeadDesk(self.pages, self.database, self.settings)

    def routes(self) -> list[Page]:
        """The addresses."""
        return [
            page("/incidents", self.list, may=Permission.SEE_OWN),
            page("/incidents/{reference}", self.show, may=Permission.SEE_OWN),
            *self.for_leads.routes(),
            *EvidenceFiles(self._desk).routes(),
            *Overheard(self._desk).routes(),
            *LeadStory(self._desk).routes(),
            *LeadReview(self._desk).routes(),
            *SigningOff(self._desk).routes(),
            *LeadPrivacy(self._desk).routes(),
            *FollowUps(self._desk).routes(),
            *DrillPages(self._desk).routes(),
        ]

    async def list(self, request: Request) -> Response:
        """My incidents, newest first, a page of them; `before` in the address is where the page before it ended."""
        visitor = visitor_of(request)
        if visitor is None:
            return RedirectResponse("/", 303)
        before = request.query_params.get("before", "")
        end = int(before) if before.isascii() and before.isdecimal() and len(before) < 10 else None
        mine = await asyncio.to_thread(self._mine, visitor, end)
        return self.pages.draw(request, "incidents.html", **mine, page="incidents")

    async def show(self, request: Request) -> Response:
        """One incident: in short for who reported it, all of it for leads and auditors."""
        visitor = visitor_of(request)
        if visitor is None:
            return RedirectResponse("/", 303)
        if visitor.may(Permission.SEE_ALL):
            return await self.for_leads.show(request)
        try:
            book = await asyncio.to_thread(self._book, visitor, request.path_params["reference"])
        except UnknownIncident as error:
            sentence = f"{error} Look at the list of your incidents for those there are."
            return self.pages.problem(request, 404, "There is no such incident", sentence)
        return self.pages.draw(request, "incident.html", **book, page="incident")

    def _mine(self, visitor: Visitor, before: int | None) -> dict[str, Any]:
        """My incidents with the titles of their flows, and how many follow-ups are for me."""
        with self.database.read() as session:
            waits = [row for row, _ in waiting(session, Viewer(visitor.id)) if row.owner_id == visitor.id]
            found = incidents_of(session, Viewer(visitor.id), before=before, most=PAGE + 1)
            mine = found[:PAGE]
            titles = titles_of(session, mine)
        older, later = len(found) > PAGE, before is not None
        return {"incidents": mine, "older": older, "later": later, "titles": titles, "follow_ups": len(waits)}

    def _book(self, visitor: Visitor, reference: str) -> dict[str, Any]:
        with self.database.begin() as session:
            incident = incident_for(session, Viewer(visitor.id), reference)
            viewed(session, visitor, What.VIEWED_INCIDENT, incident.reference, datetime.now(UTC))
        with self.database.read() as session:
            return Book(session, incident_for(session, Viewer(visitor.id), reference), self.pages.clock).page()
