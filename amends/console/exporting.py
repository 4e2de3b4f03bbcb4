"""What is taken out as a file: an incident as an evidence bundle, and lists. It is in the audit before it is sent."""

from __future__ import annotations

import asyncio
import itertools
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, Any

from starlette.responses import StreamingResponse

from amends.access.audit import What, viewed
from amends.access.permissions import Permission
from amends.console.access import SEARCH
from amends.console.book import Book
from amends.console.routes import NotAllowed, Page, page
from amends.console.visitor import signed_in
from amends.exports import CannotExport, lists
from amends.exports.bundle import PIECE, Asked, write_bundle
from amends.exports.paper import Look
from amends.incidents.models import utc_text
from amends.incidents.record import UnknownIncident
from amends.incidents.visible import incident_for
from amends.register.filters import BadFilter, Filter
from amends.register.finding import COUNTED, count, sort_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request
    from starlette.responses import Response

    from amends.access.people import SignedIn
    from amends.console.pages import Pages
    from amends.exports.bundle import Made
    from amends.incidents.database import Database
    from amends.settings import Settings

IN_MEMORY = 8_000_000
"""A bundle that is larger goes to the disk until it is sent."""


@dataclass(frozen=True)
class Exporting:
    """The addresses of what is taken out."""

    pages: Pages
    database: Database
    settings: Settings
    one: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))
    """Bundles are made one after the other: a long PDF takes a core for seconds, and people talk here meanwhile."""

    def routes(self) -> list[Page]:
        """The addresses."""
        return [
            page("/incidents/{reference}/bundle.zip", self.bundle, may=Permission.EXPORT, limit=SEARCH),
            page("/exports/incidents.csv", self.csv, may=Permission.EXPORT, limit=SEARCH),
            page("/exports/incidents.json", self.json, may=Permission.EXPORT, limit=SEARCH),
        ]

    async def bundle(self, request: Request) -> Response:
        """One incident, with all that is known of it."""
        person = _person(request)
        file: IO[bytes] = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - it is closed when it was sent
        try:
            async with self.one:
                made = await asyncio.to_thread(self._write, person, request.path_params["reference"], file)
        except UnknownIncident as error:
            file.close()
            sentence = f"{error} Look at the list of incidents for those there are."
            return self.pages.problem(request, 404, "There is no such incident", sentence)
        except CannotExport as error:
            file.close()
            return self.pages.problem(request, 503, "This cannot be exported now", str(error))
        size = str(file.tell())
        return _download(_pieces(file), "application/zip", made.name, {"Content-Length": size})

    async def csv(self, request: Request) -> Response:
        """The incidents of a list, for a spreadsheet."""
        return await self._list(request, "csv")

    async def json(self, request: Request) -> Response:
        """The incidents of a list, for a program."""
        return await self._list(request, "json")

    def _write(self, person: SignedIn, reference: str, file: IO[bytes]) -> Made:
        at = datetime.now(UTC)
        look = Look(self.settings.organisation, self.settings.zone)
        with self.database.read() as session:
            incident = incident_for(session, person.viewer, reference)
            told = Book(session, incident, look.clock).page()
            made = write_bundle(session, incident, file, told, Asked(person.id, person.name, at), look)
        with self.database.begin() as session:
            viewed(session, person, What.EXPORTED_INCIDENT, incident.reference, at, made.for_audit())
        return made

    async def _list(self, request: Request, kind: str) -> Response:
        person = _person(request)
        try:
            filter_ = Filter.read(request.query_params.multi_items())
            sort = sort_of(request.query_params.get("sort", ""))
        except BadFilter as error:
            return self.pages.problem(request, 400, "This list cannot be read", str(error))
        now = datetime.now(UTC)
        found = lists.parts(self.database, filter_, person.viewer, now, self.settings.zone, sort)

        def begin() -> lists.Rows:
            with self.database.begin() as session:
                rows = count(session, filter_, person.viewer, now, self.settings.zone)
                known = f"more than {COUNTED}" if rows > COUNTED else rows
                details = {"filter": filter_.query(sort=sort), "rows": known}
                viewed(session, person, What.EXPORTED_LIST, kind, now, details)
            return next(found)

        # The first part is read before anything is sent, so that what cannot be read gets a page that says so.
        first = await asyncio.to_thread(begin)
        every = itertools.chain([first], found)
        name = f"incidents-{now.astimezone(self.settings.zone):%Y-%m-%d-%H%M}.{kind}"
        if kind == "csv":
            return _download(lists.as_csv(every), "text/csv; charset=utf-8; header=present", name)
        about: dict[str, Any] = {
            "organisation": self.settings.organisation,
            "made_at": utc_text(now),
            "made_by": person.name,
            "filter": filter_.query(sort=sort),
        }
        return _download(lists.as_json(every, about), "application/json", name)


def _person(request: Request) -> SignedIn:
    person = signed_in(request)
    if person is None:
        raise NotAllowed("Say who you are first; nothing was exported.")
    return person


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with closing(file):
        file.seek(0)
        while piece := file.read(PIECE):
            yield piece


def _download(body: Iterator[bytes], media_type: str, name: str, more: dict[str, str] | None = None) -> Response:
    """A file to be saved, never shown; a browser is told when it was cut off."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', **(more or {})}
    return StreamingResponse(body, media_type=media_type, headers=headers)
