"""The page of an incident for comms leads, and what they do with it there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from starlette.responses import RedirectResponse

from amends.access.permissions import Permission
from amends.console import lead_after
from amends.console.lead_book import lead_page
from amends.console.lead_desk import LeadDesk, drawn, reference_of
from amends.console.routes import Page, page
from amends.console.trail_words import GROUPS
from amends.incidents import record
from amends.incidents.models import Participant
from amends.incidents.record import UnknownIncident
from amends.leads import acts
from amends.slack import moving

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from sqlalchemy.orm import Session
    from starlette.requests import Request
    from starlette.responses import Response

    from amends.access.people import SignedIn
    from amends.console.forms import Form
    from amends.console.lead_desk import Work
    from amends.incidents.models import Incident

DONE = {
    "note": "Your note is in the record.",
    "take-over": "You lead this incident from now on.",
    "override": "Your decision stands in the place of the advice.",
    "restrict": "Who may see this incident was changed.",
    "drill": "This incident was marked.",
    "after": "Your answers are in the record.",
    "promise": "The promise is in the record, and is a deadline from now on.",
    "close": "This incident is closed.",
    "reopen": "This incident is open again.",
    "sign-off": "The record is signed off.",
}
"""What a page says after an act; the keys are the ends of the addresses that acts are sent to."""
ACTS = ("note", "take-over", "override", "after", "promise", "restrict", "drill", "close", "reopen")


@dataclass(frozen=True)
class LeadIncident:
    """The page of one incident for leads, with its acts."""

    desk: LeadDesk

    def routes(self) -> list[Page]:
        """The addresses that acts are sent to; the page itself has the address that staff use, too."""
        return [
            page(f"/incidents/{{reference}}/{act}", self._sent_to(act), may=Permission.ACT, methods=["POST"])
            for act in ACTS
        ]

    async def show(self, request: Request) -> Response:
        """The page."""
        return await self._draw(request, 200, **drawn())

    def _sent_to(self, act: str) -> Callable[[Request], Awaitable[Response]]:
        async def done(request: Request) -> Response:
            form = await self.desk.form(request)
            try:
                await self.desk.act(request, form, self._work(act, form), seen=act != "note")
            except acts.CannotAct as error:
                new = frozenset(error.entries) if isinstance(error, acts.ChangedMeanwhile) else frozenset()
                typed = {**form.fields, "option": form.options}
                return await self._draw(request, 409, notice=str(error), typed=typed, opened=act, new=new)
            except UnknownIncident as error:
                return self.desk.not_there(request, error)
            return RedirectResponse(f"/incidents/{reference_of(request)}?done={act}", 303)

        return done

    async def _draw(self, request: Request, status: int, **what: Any) -> Response:
        query = request.query_params
        groups = [key for key in query.getlist("show") if key in GROUPS]

        def look(session: Session, incident: Incident, person: SignedIn) -> dict[str, Any]:
            return lead_page(session, incident, person, self.desk.pages.clock, groups)

        try:
            found = await self.desk.look(request, look)
        except UnknownIncident as error:
            return self.desk.not_there(request, error)
        done = DONE.get(query.get("done", ""), "")
        return self.desk.pages.draw(
            request, "leads/incident.html", status, **found, **what, done=done, tab="incident", page="all"
        )

    def _work(self, act: str, form: Form) -> Work:
        """What an act does with the locked incident."""
        works: dict[str, Work] = {
            "note": lambda session, incident, actor, at: acts.add_note(
                session, self.desk.settings, incident, actor, form["text"], at
            ),
            "take-over": self._take_over,
            "override": lambda session, incident, actor, at: self._override(session, incident, actor, form, at),
            "restrict": lambda session, incident, actor, at: self._restrict(session, incident, actor, form, at),
            "drill": lambda session, incident, actor, at: acts.mark_drill(
                session, self.desk.settings, incident, actor, at, on=form["drill"] == "yes"
            ),
            "after": lambda session, incident, actor, at: lead_after.answer(
                session, self.desk.settings, incident, actor, form, at
            ),
            "promise": lambda session, incident, actor, at: lead_after.promise(
                session, self.desk.settings, incident, actor, form, at
            ),
            "close": lambda session, incident, actor, at: self._close(session, incident, actor, form, at),
            "reopen": lambda session, incident, actor, at: self._reopen(session, incident, actor, form, at),
        }
        return works[act]

    def _take_over(self, session: Session, incident: Incident, actor: acts.Actor, at: datetime) -> None:
        acts.take_over(session, self.desk.settings, incident, actor, at)
        text = f"{actor.name}, comms lead, leads {incident.reference} from now on."
        self.desk.announce(session, incident, f"taken-over:{incident.id}:{incident.state_number}:{at:%s%f}", text, at)

    def _override(self, session: Session, incident: Incident, actor: acts.Actor, form: Form, at: datetime) -> None:
        flow = record.flow_of(session, incident.flow_version)
        acts.decide_otherwise(session, self.desk.settings, flow, incident, actor, form.options, form["reason"], at)
        labels = "; ".join(flow.codes[code].label for code in dict.fromkeys(form.options))
        text = f"Decided by {actor.name}, comms lead: {labels}. The advice for {incident.reference} says so now."
        self.desk.announce(session, incident, f"decided:{incident.id}:{incident.state_number}", text, at)

    def _restrict(self, session: Session, incident: Incident, actor: acts.Actor, form: Form, at: datetime) -> None:
        on = form["restricted"] == "yes"
        named = [*form.options, *_named(session, form["others"])] if on else []
        known = set(session.scalars(select(Participant.id).where(Participant.id.in_(named))))
        if set(named) - known:
            raise acts.CannotAct("Somebody who was chosen is not known here. Choose again.")
        acts.restrict(session, self.desk.settings, incident, actor, named, at, on=on)
        if on:
            moving.move_away(session, incident, at)

    def _close(self, session: Session, incident: Incident, actor: acts.Actor, form: Form, at: datetime) -> None:
        acts.close(session, self.desk.settings, incident, actor, at, reason=form["reason"])
        text = f"{actor.name}, comms lead, has closed {incident.reference}."
        self.desk.announce(session, incident, f"closed:{incident.id}:{incident.state_number}", text, at)

    def _reopen(self, session: Session, incident: Incident, actor: acts.Actor, form: Form, at: datetime) -> None:
        acts.reopen(session, self.desk.settings, incident, actor, form["reason"], at)
        text = f"{actor.name}, comms lead, has opened {incident.reference} again."
        self.desk.announce(session, incident, f"reopened:{incident.id}:{incident.state_number}", text, at)


def _named(session: Session, names: str) -> list[str]:
    """The ids of people by the names that they use here, one a line.

    Raises:
        CannotAct: a name is nobody's, or several people's.
    """
    found = []
    for line in names.splitlines():
        name = " ".join(line.split())
        if not name:
            continue
        ids = session.scalars(select(Participant.id).where(Participant.name == name).limit(2)).all()
        if len(ids) != 1:
            what = "Nobody here is" if not ids else "Several people here are"
            raise acts.CannotAct(f"{what} called {name[:80]}. Write the name as it stands in the record.")
        found.append(ids[0])
    return found
