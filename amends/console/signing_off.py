"""The page on which a lead accepts the record of an incident: what is missing comes first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from starlette.responses import RedirectResponse

from amends.access.permissions import Permission
from amends.console.book import Book
from amends.console.lead_book import sign_off_of, what_can_be_done
from amends.console.lead_desk import LeadDesk, drawn, reference_of
from amends.console.routes import Page, page
from amends.incidents.record import OPEN_STATES, UnknownIncident
from amends.incidents.verify import verify
from amends.leads import acts
from amends.leads.signing import reported_by

if TYPE_CHECKING:
    from sqlalchemy.orm import Session
    from starlette.requests import Request
    from starlette.responses import Response

    from amends.access.people import SignedIn
    from amends.console.forms import Form
    from amends.incidents.models import Incident

EXPLAIN = "explain-"


@dataclass(frozen=True)
class SigningOff:
    """The sign-off of one incident."""

    desk: LeadDesk

    def routes(self) -> list[Page]:
        """The address."""
        address = "/incidents/{reference}/sign-off"
        return [
            page(address, self.show, may=Permission.SEE_ALL),
            page(address, self.sign, may=Permission.SIGN_OFF, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """What is missing, the head of the chain, and the form; or the sign-off that there is."""
        return await self._draw(request, 200, **drawn(unexplained=()))

    async def sign(self, request: Request) -> Response:
        """Accept the record."""
        form = await self.desk.form(request)

        def work(session: Session, incident: Incident, actor: acts.Actor, at: datetime) -> None:
            given = _explained(form)
            acts.sign_off(session, self.desk.settings, incident, actor, form["statement"], at, explained=given)

        try:
            await self.desk.act(request, form, work)
        except acts.CannotAct as error:
            new = frozenset(error.entries) if isinstance(error, acts.ChangedMeanwhile) else frozenset()
            unexplained = error.codes if isinstance(error, acts.NotExplained) else ()
            what = {"notice": str(error), "typed": form.fields, "new": new, "unexplained": unexplained}
            return await self._draw(request, 409, **what)
        except UnknownIncident as error:
            return self.desk.not_there(request, error)
        return RedirectResponse(f"/incidents/{reference_of(request)}/sign-off?done=sign-off", 303)

    async def _draw(self, request: Request, status: int, **what: Any) -> Response:
        def look(session: Session, incident: Incident, person: SignedIn) -> dict[str, Any]:
            book = Book(session, incident, self.desk.pages.clock)
            return {
                "incident": incident,
                "can": what_can_be_done(session, incident, person),
                "missing": acts.missing_pieces(session, incident, datetime.now(UTC)),
                "signed": sign_off_of(book),
                "head": book.entries[-1],
                "seen": book.entries[-1].sequence,
                "damage": verify(session, incident.reference).damage,
                "is_open": incident.state in OPEN_STATES,
                "mine": reported_by(session, incident, person.id, person.name),
            }

        try:
            found = await self.desk.look(request, look)
        except UnknownIncident as error:
            return self.desk.not_there(request, error)
        done = "The record is signed off." if request.query_params.get("done") == "sign-off" else ""
        return self.desk.pages.draw(
            request, "leads/sign_off.html", status, **found, **what, done=done, tab="sign-off", page="all"
        )


def _explained(form: Form) -> dict[str, str]:
    """What was written for each missing piece, by its code."""
    return {name.removeprefix(EXPLAIN): words for name, words in form.fields.items() if name.startswith(EXPLAIN)}
