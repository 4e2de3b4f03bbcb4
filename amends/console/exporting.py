"""The addresses of what is taken out as a file: an incident as an evidence bundle, and lists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from amends.access.permissions import Permission
from amends.console.access import SEARCH
from amends.console.routes import NotAllowed, Page, page
from amends.console.visitor import signed_in
from amends.exports import CannotExport
from amends.incidents.record import UnknownIncident
from amends.register.filters import BadFilter, Filter
from amends.register.finding import sort_of

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from amends.access.people import SignedIn
    from amends.console.pages import Pages
    from amends.console.taking_out import TakingOut


@dataclass(frozen=True)
class Exporting:
    """The addresses of what is taken out."""

    pages: Pages
    taking_out: TakingOut

    def routes(self) -> list[Page]:
        """The addresses."""
        return [
            page("/incidents/{reference}/bundle.zip", self.bundle, may=Permission.EXPORT, limit=SEARCH),
            page("/exports/incidents.csv", self.csv, may=Permission.EXPORT, limit=SEARCH),
            page("/exports/incidents.json", self.json, may=Permission.EXPORT, limit=SEARCH),
        ]

    async def bundle(self, request: Request) -> Response:
        """One incident, with all that is known of it."""
        try:
            return await self.taking_out.bundle(_person(request), request.path_params["reference"], datetime.now(UTC))
        except UnknownIncident as error:
            sentence = f"{error} Look at the list of incidents for those there are."
            return self.pages.problem(request, 404, "There is no such incident", sentence)
        except CannotExport as error:
            return self.pages.problem(request, 503, "This cannot be exported now", str(error))

    async def csv(self, request: Request) -> Response:
        """The incidents of a list, for a spreadsheet."""
        return await self._list(request, "csv")

    async def json(self, request: Request) -> Response:
        """The incidents of a list, for a program."""
        return await self._list(request, "json")

    async def _list(self, request: Request, kind: str) -> Response:
        person = _person(request)
        try:
            filter_ = Filter.read(request.query_params.multi_items())
            sort = sort_of(request.query_params.get("sort", ""))
        except BadFilter as error:
            return self.pages.problem(request, 400, "This list cannot be read", str(error))
        return await self.taking_out.incidents(person, filter_, sort, kind, datetime.now(UTC))


def _person(request: Request) -> SignedIn:
    person = signed_in(request)
    if person is None:
        raise NotAllowed("Say who you are first; nothing was exported.")
    return person
