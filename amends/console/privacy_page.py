"""What is kept of a person: looked up, given out, held or erased. For administrators."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, Any

from sqlalchemy import select
from starlette.responses import RedirectResponse, Response

from amends.access.audit import What, viewed
from amends.access.permissions import Permission
from amends.console.forms import read_form
from amends.console.lead_privacy import name_of, scrub_quietly
from amends.console.routes import NotAllowed, Page, page
from amends.console.visitor import is_own_form, signed_in
from amends.incidents.models import Incident, Participant
from amends.incidents.visible import visible_to
from amends.privacy import holds, people, retention, subject
from amends.privacy.orders import GROUNDS, CannotErase, order_of
from amends.privacy.tables import LegalHold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sqlalchemy.orm import Session
    from starlette.requests import Request

    from amends.access.people import SignedIn
    from amends.console.forms import Form
    from amends.console.pages import Pages
    from amends.incidents.database import Database
    from amends.settings import Settings

FOREIGN = "This form was drawn for another visit, so nothing was done. Try again; it needs cookies to be allowed."
DONE = {
    "hold": "Nothing that this person wrote is erased until the hold is lifted.",
    "lift": "The hold is lifted.",
    "erase": "The person is erased. Backups hold them until they expire.",
}
LONGEST = 120
IN_MEMORY = 8_000_000


@dataclass(frozen=True)
class PrivacyPage:
    """The page of what is kept of people."""

    pages: Pages
    database: Database
    settings: Settings

    def routes(self) -> list[Page]:
        """The addresses."""
        return [
            page("/privacy", self.show, may=Permission.ADMIN),
            page("/privacy/export", self.export, may=Permission.ADMIN, methods=["POST"]),
            page("/privacy/hold", self.hold, may=Permission.ADMIN, methods=["POST"]),
            page("/privacy/lift", self.lift, may=Permission.ADMIN, methods=["POST"]),
            page("/privacy/erase", self.erase, may=Permission.ADMIN, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """What is past its time, what is held; and one person, when the address names one."""
        return await self._draw(request, request.query_params.get("who", "").replace("\x00", "\ufffd"))

    async def export(self, request: Request) -> Response:
        """What the record holds about somebody, as a file; it is in the audit before it is sent."""
        form, by = await _own(request)

        def write() -> bytes:
            file: IO[bytes]
            with SpooledTemporaryFile(IN_MEMORY) as file:
                with self.database.read() as session:
                    person = _person(session, form["person"])
                    organisation, now = self.settings.organisation, datetime.now(UTC)
                    given = subject.write_export(session, person, file, organisation, now, restricted=False)
                with self.database.begin() as session:
                    viewed(session, by, What.SUBJECT_EXPORT, "", now, {"person": person.id, **vars(given)})
                file.seek(0)
                return file.read()

        try:
            content = await asyncio.to_thread(write)
        except CannotErase as error:
            return await self._draw(request, "", 409, str(error))
        name = f"personal-data-{datetime.now(UTC):%Y-%m-%d}.zip"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(content, media_type="application/zip", headers=headers)

    async def hold(self, request: Request) -> Response:
        """Hold a person."""
        form, by = await _own(request)

        def work(session: Session) -> None:
            person = _person(session, form["person"])
            holds.place(session, by, form["reason"], datetime.now(UTC), "web", participant_id=person.id)

        return await self._do(request, form, "hold", lambda: self._begin(work))

    async def lift(self, request: Request) -> Response:
        """Lift a hold on a person."""
        form, by = await _own(request)

        def work(session: Session) -> None:
            number = form["hold"]
            known = number.isascii() and number.isdecimal() and len(number) < 10
            row = session.get(LegalHold, int(number)) if known else None
            if row is None or row.participant_id is None:
                raise CannotErase("There is no such hold, so nothing was changed. Load the page again.")
            holds.lift(session, row, by, datetime.now(UTC), "web")

        return await self._do(request, form, "lift", lambda: self._begin(work))

    async def erase(self, request: Request) -> Response:
        """Erase a person."""
        form, by = await _own(request)

        def work() -> None:
            order = order_of(form["ground"], form["request"])
            with self.database.read() as session:
                person = _person(session, form["person"])
            if form["confirm"].strip() != person.id:
                raise CannotErase(f"Nothing was erased. Write {person.id} to say that you mean it.")
            people.erase_person(self.database, person.id, by, order, datetime.now(UTC), "web")
            scrub_quietly(self.database)

        return await self._do(request, form, "erase", work)

    def _begin(self, work: Callable[[Session], None]) -> None:
        with self.database.begin() as session:
            work(session)

    async def _do(self, request: Request, form: Form, what: str, work: Callable[[], None]) -> Response:
        try:
            await asyncio.to_thread(work)
        except CannotErase as error:
            return await self._draw(request, form["person"], 409, str(error), form.fields)
        return RedirectResponse(f"/privacy?done={what}", 303)

    async def _draw(
        self, request: Request, who: str, status: int = 200, notice: str = "", typed: Mapping[str, str] | None = None
    ) -> Response:
        by = signed_in(request)
        assert by is not None
        found = await asyncio.to_thread(self._read, by, who[:LONGEST], count="count" in request.query_params)
        done = DONE.get(request.query_params.get("done", ""), "")
        shown = {**found, "notice": notice, "typed": typed or {}, "done": done, "grounds": GROUNDS}
        return self.pages.draw(request, "privacy.html", status, **shown, who=who, page="privacy")

    def _due(self, session: Session) -> list[tuple[str, retention.Due]]:
        found = retention.due(session, self.settings, datetime.now(UTC))
        return [(retention.IN_WORDS[each.sort], each) for each in found]

    def _read(self, by: SignedIn, who: str, *, count: bool) -> dict[str, Any]:
        if who:
            with self.database.begin() as session:
                viewed(session, by, What.LOOKED_UP_PERSON, "", datetime.now(UTC))
        with self.database.read() as session:
            standing = holds.all_now(session)
            return {
                "due": self._due(session) if count else (),
                "held": [(row, name_of(session, row.participant_id)) for row in standing if row.participant_id],
                "held_incidents": sum(row.incident_id is not None for row in standing),
                "found": [_shown(session, by, each) for each in people.find(session, who)],
            }


def _shown(session: Session, by: SignedIn, person: Participant) -> dict[str, Any]:
    """Somebody as the page shows them. Incidents that the reader may not see are only counted."""
    somebody = people.known(session, person)
    return {
        "person": somebody,
        "own": _references(session, by, somebody.own),
        "named": _references(session, by, somebody.named),
        "prevented": people.what_prevents(session, somebody),
    }


def _references(session: Session, by: SignedIn, ids: Iterable[int]) -> tuple[list[str], int]:
    """References of those that somebody may see, and how many others there are."""
    wanted = list(ids)
    query = select(Incident.reference).where(Incident.id.in_(wanted), visible_to(by.viewer))
    seen = list(session.scalars(query.order_by(Incident.id)))
    return seen, len(wanted) - len(seen)


def _person(session: Session, id_: str) -> Participant:
    person = session.get(Participant, id_[:LONGEST])
    if person is None:
        raise CannotErase("This person is not in the record any more, so nothing was done. Look them up again.")
    return person


async def _own(request: Request) -> tuple[Form, SignedIn]:
    form, by = await read_form(request), signed_in(request)
    if by is None or not is_own_form(request, form["csrf"]):
        raise NotAllowed(FOREIGN)
    return form, by
