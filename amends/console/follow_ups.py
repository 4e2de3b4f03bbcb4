"""All that is still to be done after incidents, for leads: by date, what is overdue first."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from amends.access.permissions import Permission
from amends.console.routes import Page, page
from amends.review.reminding import waiting

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from amends.console.lead_desk import LeadDesk
    from amends.incidents.models import Incident
    from amends.incidents.visible import Viewer
    from amends.review.tables import FollowUp


@dataclass(frozen=True)
class FollowUps:
    """The list of follow-ups."""

    desk: LeadDesk

    def routes(self) -> list[Page]:
        """The address."""
        return [page("/follow-ups", self.show, may=Permission.SEE_ALL)]

    async def show(self, request: Request) -> Response:
        """The list."""
        person = self.desk.person(request)
        found = await asyncio.to_thread(self._waiting, person.viewer)
        today = datetime.now(UTC).astimezone(self.desk.pages.zone).date()
        mine = [each for each in found if each[0].owner_id == person.id]
        others = [each for each in found if each[0].owner_id != person.id]
        return self.desk.pages.draw(
            request, "leads/follow_ups.html", mine=mine, others=others, today=today, page="follow-ups"
        )

    def _waiting(self, viewer: Viewer) -> list[tuple[FollowUp, Incident]]:
        with self.desk.database.read() as session:
            return waiting(session, viewer)
