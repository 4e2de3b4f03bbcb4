"""What is taken out, by the pages and by programs alike. The audit has it before a byte is sent."""

from __future__ import annotations

import asyncio
import itertools
from contextlib import closing
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, Any

from starlette.responses import StreamingResponse

from amends.access.audit import What, viewed
from amends.console.book import Book
from amends.exports import lists
from amends.exports.bundle import PIECE, Asked, write_bundle
from amends.exports.paper import Look
from amends.incidents.models import utc_text
from amends.incidents.visible import incident_for
from amends.register.finding import COUNTED, count
from amends.review.afterwards import afterwards

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from starlette.responses import Response

    from amends.access.people import SignedIn
    from amends.exports.bundle import Made
    from amends.incidents.database import Database
    from amends.register.filters import Filter
    from amends.register.finding import Sort
    from amends.settings import Settings

IN_MEMORY = 8_000_000
"""A bundle that is larger goes to the disk until it is sent."""


@dataclass(frozen=True)
class TakingOut:
    """Makes the files that are taken out of a record."""

    database: Database
    settings: Settings
    one: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))
    """Bundles are made one after the other, as PDFs are: who waits holds neither a thread nor the record."""

    async def bundle(self, person: SignedIn, reference: str, at: datetime) -> Response:
        """One incident, with all that is known of it.

        Raises:
            UnknownIncident: there is none that this person may see.
            CannotExport: the PDF cannot be made on this machine, or could not be drawn.
        """
        file: IO[bytes] = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - it is closed when it was sent
        try:
            async with self.one:
                made = await asyncio.to_thread(self._write, person, reference, file, at)
        except BaseException:
            file.close()
            raise
        size = str(file.tell())
        return _download(_pieces(file), "application/zip", made.name, {"Content-Length": size})

    async def incidents(self, person: SignedIn, filter_: Filter, sort: Sort, kind: str, at: datetime) -> Response:
        """The incidents of a list as `csv`, for a spreadsheet, or as `json`, for a program."""
        found = lists.parts(self.database, filter_, person.viewer, at, self.settings.zone, sort)

        def begin() -> lists.Rows:
            with self.database.begin() as session:
                rows = count(session, filter_, person.viewer, at, self.settings.zone)
                known = f"more than {COUNTED}" if rows > COUNTED else rows
                details = {"filter": filter_.query(sort=sort), "rows": known}
                viewed(session, person, What.EXPORTED_LIST, kind, at, details)
            return next(found)

        # The first part is read before anything is sent, so that what cannot be read gets an answer that says so.
        first = await asyncio.to_thread(begin)
        every = itertools.chain([first], found)
        name = f"incidents-{at.astimezone(self.settings.zone):%Y-%m-%d-%H%M}.{kind}"
        if kind == "csv":
            return _download(lists.as_csv(every), "text/csv; charset=utf-8; header=present", name)
        about: dict[str, Any] = {
            "organisation": self.settings.organisation,
            "made_at": utc_text(at),
            "made_by": person.name,
            "filter": filter_.query(sort=sort),
            "record": await asyncio.to_thread(lists.end_of, self.database),
        }
        return _download(lists.as_json(every, about), "application/json", name)

    def _write(self, person: SignedIn, reference: str, file: IO[bytes], at: datetime) -> Made:
        look = Look(self.settings.organisation, self.settings.zone)
        with self.database.read() as session:
            incident = incident_for(session, person.viewer, reference)
            told = Book(session, incident, look.clock).page()
            asked, after = Asked(person.id, person.name, at), afterwards(session, incident)
            made = write_bundle(session, incident, file, told, asked, look, after)
        with self.database.begin() as session:
            viewed(session, person, What.EXPORTED_INCIDENT, incident.reference, at, made.for_audit())
        return made


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with closing(file):
        file.seek(0)
        while piece := file.read(PIECE):
            yield piece


def _download(body: Iterator[bytes], media_type: str, name: str, more: dict[str, str] | None = None) -> Response:
    """A file to be saved, never shown; a browser is told when it was cut off."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', **(more or {})}
    return StreamingResponse(body, media_type=media_type, headers=headers)
