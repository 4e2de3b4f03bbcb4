"""The picture of a flow, and of the path that one decision took through it, for a desk and for a phone."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from amends.access.permissions import Permission
from amends.console.routes import Page, page
from amends.console.situation import VERSION, read_situation
from amends.console.versions_shown import choices, mistakes, show
from amends.flows import FlowError
from amends.flows.draw import draw_flow
from amends.flows.draw_decision import draw_decision
from amends.workshop.versions import UnknownVersion

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from amends.console.pages import Pages
    from amends.flows import Flow
    from amends.incidents.database import Database
    from amends.settings import Settings

OF, DECISION = "of-what", "decision"


@dataclass(frozen=True)
class Picturing:
    """The pages with pictures."""

    pages: Pages
    database: Database
    settings: Settings

    def routes(self) -> list[Page]:
        """The addresses."""
        return [page("/flows/{name}/picture", self.show, may=Permission.READ_POLICY)]

    async def show(self, request: Request) -> Response:
        """The flow, or the decision for the answers in the address."""
        try:
            return await asyncio.to_thread(self._show, request)
        except UnknownVersion as error:
            return self.pages.problem(request, 404, "There is no such version", str(error))

    def _show(self, request: Request) -> Response:
        name, query = request.path_params["name"], request.query_params
        with self.database.read() as session:
            shown = show(session, name, query.get(VERSION, ""), self.pages.clock)
            versions = choices(session, name, self.pages.clock)
        page = {"name": name, "tab": "picture", "shown": shown, "versions": versions}
        try:
            flow = shown.flow()
        except FlowError as error:
            return self.pages.draw(request, "try_mistakes.html", **page, mistakes=mistakes(error))
        if query.get(OF) == DECISION:
            tried = read_situation(flow, query, self.pages.zone, self.settings.flow_settings)
            wide, narrow = (
                draw_decision(flow, tried.answers, tried.settings, address=_address(name), narrow=narrow)
                for narrow in (False, True)
            )
            page |= {"address": f"/flows/{name}/try?{tried.address(self.pages.zone)}", "notes": tried.notes}
        else:
            wide, narrow = (_flow_picture(flow, name, narrow=narrow) for narrow in (False, True))
        return self.pages.draw(request, "picture.html", **page, flow=flow, wide=wide, narrow=narrow)


@lru_cache(maxsize=16)
def _flow_picture(flow: Flow, name: str, *, narrow: bool) -> str:
    return draw_flow(flow, address=_address(name), narrow=narrow)


def _address(name: str) -> Callable[[str, str], str]:
    return lambda section, id_: f"/flows/{name}/{section}/{id_}"
