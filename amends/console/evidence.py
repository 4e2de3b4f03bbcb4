"""A file of evidence, to be saved and never to be opened inside our pages."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.responses import RedirectResponse, Response

from amends.access.audit import What
from amends.access.permissions import Permission
from amends.console.lead_desk import LeadDesk, reference_of
from amends.console.routes import Page, page
from amends.console.visitor import signed_in
from amends.exports.names import safe_name
from amends.incidents.models import Evidence
from amends.incidents.record import UnknownIncident

if TYPE_CHECKING:
    from sqlalchemy.orm import Session
    from starlette.requests import Request

    from amends.access.people import SignedIn
    from amends.incidents.models import Incident

NO_FILE = "There is no such file in this incident."
CHANGED = (
    "What is stored is not what was kept: its SHA-256 is another. It is not given out. Tell the people who run this."
)


@dataclass(frozen=True)
class EvidenceFiles:
    """The files of an incident, for those who may see it."""

    desk: LeadDesk

    def routes(self) -> list[Page]:
        """The address of a file."""
        return [page("/incidents/{reference}/evidence/{number}", self.send, may=Permission.SEE_OWN)]

    async def send(self, request: Request) -> Response:
        """The file, under a name that is safe, as something that a browser saves and does not show."""
        if signed_in(request) is None:
            return RedirectResponse("/", 303)
        number = str(request.path_params["number"])

        def look(session: Session, incident: Incident, _person: SignedIn) -> Kept | None:
            return file_of(session, incident, number)

        try:
            found = await self.desk.look(request, look, What.TOOK_FILE)
        except UnknownIncident as error:
            return self.desk.not_there(request, error)
        if found is None:
            sentence = f"{NO_FILE} Look at {reference_of(request)[:40].upper()} for those there are."
            return self.desk.pages.problem(request, 404, "There is no such file", sentence)
        if found.changed:
            return self.desk.pages.problem(request, 409, "This file was changed", CHANGED)
        return found.to_save()


@dataclass(frozen=True)
class Kept:
    """A file with its content."""

    file: Evidence
    content: bytes

    @property
    def changed(self) -> bool:
        """Whether what is stored is not what was kept."""
        return hashlib.sha256(self.content).hexdigest() != self.file.sha256

    def to_save(self) -> Response:
        """The file as an attachment of no type, under a name that cannot leave a folder."""
        name = safe_name(self.file.id, self.file.name)
        plain = name.encode("ascii", "ignore").decode() or f"{self.file.id:04d}-file"
        headers = {
            "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}",
            "X-Content-SHA256": self.file.sha256,
        }
        return Response(self.content, media_type="application/octet-stream", headers=headers)


def file_of(session: Session, incident: Incident, number: str) -> Kept | None:
    """The file of an incident with this number, as it stands in an address; None when there is none."""
    if not (number.isascii() and number.isdecimal() and len(number) < 10):
        return None
    found = session.get(Evidence, int(number))
    return Kept(found, found.content) if found is not None and found.incident_id == incident.id else None
