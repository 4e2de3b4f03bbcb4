"""The review after an incident, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from starlette.responses import RedirectResponse

from amends.access.permissions import Permission
from amends.console.book import Book
from amends.console.lead_book import people_of, what_can_be_done
from amends.console.lead_desk import LeadDesk, day_of, drawn, number_of, reference_of
from amends.console.routes import Page, page
from amends.incidents.models import Participant
from amends.incidents.record import UnknownIncident
from amends.incidents.visible import may_be_told
from amends.leads import acts
from amends.review import reviewing
from amends.review.saving import SavedMeanwhile
from amends.review.tables import FollowUp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session
    from starlette.requests import Request
    from starlette.responses import Response

    from amends.access.people import SignedIn
    from amends.console.forms import Form
    from amends.console.lead_desk import Work
    from amends.incidents.models import Incident

DONE = {
    "review": "The review is saved.",
    "agreed": "The follow-up is agreed.",
    "changed": "The follow-up is changed.",
}
NO_FOLLOW_UP = "There is no such follow-up of this incident. Load the page again."


@dataclass(frozen=True)
class LeadReview:
    """The review of one incident."""

    desk: LeadDesk

    def routes(self) -> list[Page]:
        """The addresses."""
        address = "/incidents/{reference}/review"
        return [
            page(address, self.show, may=Permission.SEE_ALL),
            page(address, self.save, may=Permission.ACT, methods=["POST"]),
            page(f"{address}/follow-up", self.agree, may=Permission.ACT, methods=["POST"]),
            page(f"{address}/follow-up/{{number:int}}", self.change, may=Permission.ACT, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """The review and its follow-ups."""
        return await self._draw(request, 200, **drawn())

    async def save(self, request: Request) -> Response:
        """Keep the review."""
        form = await self.desk.form(request)

        def work(session: Session, incident: Incident, actor: acts.Actor, at: datetime) -> None:
            well, change, seen = form["went_well"], form["to_change"], number_of(form["revision"])
            reviewing.save_review(session, self.desk.settings, incident, actor, well, change, seen, at)

        return await self._done(request, form, work, "review")

    async def agree(self, request: Request) -> Response:
        """Add a follow-up."""
        form = await self.desk.form(request)

        def work(session: Session, incident: Incident, actor: acts.Actor, at: datetime) -> None:
            owner = session.get(Participant, form["owner"]) if form["owner"] else None
            who = owner or form["owner_name"]
            day = day_of(form["due"])
            reviewing.agree(session, self.desk.settings, incident, actor, form["what"], who, day, at)

        return await self._done(request, form, work, "agreed")

    async def change(self, request: Request) -> Response:
        """A follow-up is done, or is to be done by another day."""
        form = await self.desk.form(request)
        number = int(request.path_params["number"])

        def work(session: Session, incident: Incident, actor: acts.Actor, at: datetime) -> None:
            row = session.get(FollowUp, number) if number < 2**31 else None
            if row is None or row.incident_id != incident.id:
                raise acts.CannotAct(NO_FOLLOW_UP)
            seen = number_of(form["revision"])
            if form["press"] == "done":
                reviewing.finish(session, self.desk.settings, row, actor, seen, at)
            else:
                reviewing.move(session, self.desk.settings, row, actor, day_of(form["due"]), seen, at)

        return await self._done(request, form, work, "changed")

    async def _done(self, request: Request, form: Form, work: Work, act: str) -> Response:
        try:
            await self.desk.act(request, form, work, seen=False)
        except acts.CannotAct as error:
            theirs = isinstance(error, SavedMeanwhile)
            what = drawn(notice=str(error), typed=form.fields, opened=act)
            return await self._draw(request, 409, theirs=theirs, **what)
        except UnknownIncident as error:
            return self.desk.not_there(request, error)
        return RedirectResponse(f"/incidents/{reference_of(request)}/review?done={act}", 303)

    async def _draw(self, request: Request, status: int, **what: Any) -> Response:
        def look(session: Session, incident: Incident, person: SignedIn) -> dict[str, Any]:
            book = Book(session, incident, self.desk.pages.clock)
            return {
                "incident": incident,
                "can": what_can_be_done(session, incident, person),
                "review": reviewing.review_of(session, incident),
                "follow_ups": reviewing.follow_ups_of(session, incident),
                "people": _may_follow_up(session, incident, book, person),
                "slack_on": self.desk.settings.slack_on,
                "today": datetime.now(UTC).astimezone(self.desk.pages.zone).date(),
            }

        try:
            found = await self.desk.look(request, look)
        except UnknownIncident as error:
            return self.desk.not_there(request, error)
        done = DONE.get(request.query_params.get("done", ""), "")
        return self.desk.pages.draw(
            request,
            "leads/review.html",
            status,
            **found,
            **{"theirs": False, **what},
            done=done,
            tab="review",
            page="all",
        )


def _may_follow_up(session: Session, incident: Incident, book: Book, person: SignedIn) -> Mapping[str, str]:
    """Who can be chosen for a follow-up: those who take part and may be told, and who asks."""
    there = {id_: name for id_, name, _ in people_of(session, incident, book) if may_be_told(session, incident, id_)}
    return {person.id: person.name, **there} if session.get(Participant, person.id) else there
