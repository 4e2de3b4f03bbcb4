"""The page of insights: what happened over all incidents that somebody may see, as charts with their tables."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from amends.access.audit import What, viewed
from amends.access.permissions import Permission
from amends.console.insights_shown import shown
from amends.console.routes import Page, page
from amends.console.visitor import signed_in
from amends.insights.ledger import StillCounting
from amends.insights.look import Insights
from amends.insights.scope import NotAScope, Scope
from amends.settings import CACHE

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from amends.access.people import SignedIn
    from amends.console.pages import Pages
    from amends.incidents.database import Database
    from amends.insights.look import Look


@dataclass(frozen=True)
class InsightsPage:
    """The page of insights."""

    pages: Pages
    database: Database
    insights: Insights

    @classmethod
    def of(cls, pages: Pages, database: Database) -> InsightsPage:
        """The page over a record; what was counted of it is kept in the cache."""
        address = database.engine.url.render_as_string(hide_password=True)
        name = hashlib.sha256(address.encode()).hexdigest()[:16]
        return cls(pages, database, Insights(database, pages.zone, CACHE / "insights" / f"{name}.npz"))

    def routes(self) -> list[Page]:
        """The addresses."""
        return [page("/insights", self.show, may=Permission.SEE_INSIGHTS)]

    async def show(self, request: Request) -> Response:
        """The figures of a choice."""
        person = signed_in(request)
        assert person is not None
        try:
            scope = Scope.of(request.query_params)
            look = await asyncio.to_thread(self.look, person, scope)
        except NotAScope as error:
            return self.pages.problem(request, 400, "This cannot be shown", str(error))
        except StillCounting as error:
            response = self.pages.problem(request, 503, "The figures are being put together", str(error))
            response.headers["Retry-After"] = "10"
            return response
        return self.pages.draw(request, "leads/insights.html", **shown(look, scope, self.pages.zone), page="insights")

    def look(self, person: SignedIn, scope: Scope) -> Look:
        """What somebody sees. That they looked is kept before they are shown it."""
        look = self.insights.look(person.viewer, scope)
        with self.database.begin() as session:
            viewed(session, person, What.VIEWED_INSIGHTS, "", datetime.now(UTC), {"choice": scope.query()})
        return look
