"""The page of the policy trail: every step of the owners, and whether the chain holds."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from amends.workshop import trail

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from amends.console.pages import Pages
    from amends.incidents.database import Database

ON_A_PAGE = 50
DECISIONS = (trail.Kind.PUBLISHED, trail.Kind.ASKED, trail.Kind.DECLINED)


@dataclass(frozen=True)
class TrailPage:
    """The page of the policy trail."""

    pages: Pages
    database: Database

    async def show(self, request: Request) -> Response:
        """Newest first, a page at a time; all steps, or only what was published, asked and declined."""
        return await asyncio.to_thread(self._show, request)

    def _show(self, request: Request) -> Response:
        query = request.query_params
        before = query.get("before", "")
        number = int(before) if before.isdecimal() and len(before) < 10 else None
        everything = query.get("show") == "all"
        kinds = () if everything else tuple(DECISIONS)
        with self.database.read() as session:
            found = trail.entries(session, before=number, limit=ON_A_PAGE + 1, kinds=kinds)
            verdict = trail.verify(session)
        return self.pages.draw(
            request,
            "policy_trail.html",
            entries=found[:ON_A_PAGE],
            older=found[ON_A_PAGE - 1].sequence if len(found) > ON_A_PAGE else None,
            verdict=verdict,
            everything=everything,
            page="policies",
        )
