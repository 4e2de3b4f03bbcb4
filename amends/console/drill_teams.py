"""Drills for leads: what teams practise, as it happens, and all practice in sum, without names."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import select
from starlette.responses import RedirectResponse

from amends.access.audit import What, viewed
from amends.access.permissions import Permission
from amends.access.tables import AuditEntry
from amends.console.book import Book
from amends.console.drill_lists import draw, gone, references_of, title
from amends.console.lead_desk import SOURCE, LeadDesk, key_of
from amends.console.routes import Page, page
from amends.console.trail_words import TITLES
from amends.console.words import plain
from amends.conversation import drill_words
from amends.conversation.practising import DATA
from amends.drills import practice
from amends.drills.library import load_drills
from amends.drills.tables import Practice
from amends.incidents import record
from amends.incidents.actor import Actor
from amends.incidents.models import Incident
from amends.incidents.record import UnknownIncident
from amends.incidents.trail import Kind
from amends.incidents.visible import may_see, visible_to
from amends.insights.practised import sums
from amends.leads.facilitating import tell_next
from amends.leads.opening import CannotAct
from amends.register.choices import names_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy.orm import Session
    from starlette.requests import Request
    from starlette.responses import Response

    from amends.access.people import SignedIn
    from amends.console.told import Line
    from amends.drills.library import Drills

FOLLOWED: Mapping[str, tuple[str, ...]] = {
    Kind.REPORTED: ("text",),
    Kind.UNDERSTOOD: ("facts",),
    Kind.DRAFT_CHECKED: ("draft",),
    Kind.STEP_DONE: ("label",),
    Kind.DRILL_TOLD: ("clock",),
    Kind.CONFIRMED: ("answers",),
    Kind.RECOMMENDED: ("decision",),
    **dict.fromkeys((Kind.ANSWERED, Kind.CORRECTED, Kind.WENT_BACK), ("question", "value", "before")),
    **dict.fromkeys((Kind.EXPLAINED, Kind.NOTE_ADDED, Kind.HANDOVER_REQUESTED, Kind.EVIDENCE_KEPT), ()),
    **dict.fromkeys((Kind.LEAD_DECIDED, Kind.CLOSED, Kind.ABANDONED), ()),
}
"""What a facilitator sees happen: the kinds of entries, and which parts of each (nothing means all). The rest stands on
the page of the incident."""
SOMEBODY = "somebody"
LOOKED = timedelta(hours=1)
NO_SUCH_GO = "There is no such drill of a team. Look at the list for those there are."


class Step(NamedTuple):
    """Something that happened in a team's go: when, counted from its start, what, by whom; a story tells itself."""

    minutes: int
    what: str
    lines: tuple[Line, ...]
    who: str


@dataclass(frozen=True)
class DrillTeams:
    """The pages of drills for leads."""

    desk: LeadDesk

    def routes(self) -> list[Page]:
        """The addresses."""
        here = "/drills/teams/{number:int}"
        return [
            page("/drills/teams", self.teams, may=Permission.SEE_ALL, name="drill_teams"),
            page(here, self.follow, may=Permission.SEE_ALL, name="follow_drill"),
            page(f"{here}/next", self.tell, may=Permission.ACT, methods=["POST"], name="tell_in_drill"),
        ]

    async def teams(self, request: Request) -> Response:
        """What teams practise and practised, and all practice in sum."""
        person = LeadDesk.person(request)
        return await draw(self.desk.pages, request, "leads/drills.html", lambda drills: self._teams(person, drills))

    async def follow(self, request: Request) -> Response:
        """A team's go, as it happens."""
        return await self._follow(request, 200)

    async def tell(self, request: Request) -> Response:
        """Have the next part of the story told."""
        person, form = LeadDesk.person(request), await self.desk.form(request)
        try:
            await asyncio.to_thread(self._tell, person, _number(request), key_of(request, person, form))
        except (CannotAct, UnknownIncident) as error:
            return await self._follow(request, 409, notice=str(error))
        return RedirectResponse(f"/drills/teams/{_number(request)}", 303)

    async def _follow(self, request: Request, status: int, notice: str = "") -> Response:
        person, number = LeadDesk.person(request), _number(request)
        try:
            return await draw(
                *(self.desk.pages, request, "leads/drill.html", lambda drills: self._one(person, number, drills)),
                status=status,
                notice=notice,
            )
        except UnknownIncident as error:
            return self.desk.pages.problem(request, 404, "There is no such drill", str(error))

    def _teams(self, person: SignedIn, drills: Drills) -> Mapping[str, Any]:
        with self.desk.database.read() as session:
            goes = practice.of_teams(session)
            references = references_of(session, goes, visible_to(person.viewer))
            goes = [go for go in goes if go.incident_id is None or go.incident_id in references]
            names = names_of(session, [go.participant_id for go in goes])
            found = sums(session)
            return {
                "teams": [gone(go, references, drills, names.get(go.participant_id, SOMEBODY)) for go in goes],
                "whole": found.whole,
                "sums": [(title(drills, one.drill), one, list(map(plain, one.otherwise))) for one in found.of_drills],
                "too_few": [title(drills, id_) for id_ in found.too_few],
            }

    def _one(self, person: SignedIn, number: int, drills: Drills) -> Mapping[str, Any]:
        at = datetime.now(UTC)
        self._keep_look(person, number, at)
        with self.desk.database.read() as session:
            go = _go(session, person, number)
            incident = _incident_of(session, go)
            drill = drills.drills.get(go.drill)
            return {
                "go": go,
                "drill": drill,
                "number": number,
                "incident": incident,
                "known": drills.case_of(drill) if drill else None,
                "held": drill_words.HELD,
                "so_far": _minutes(go.began_at, go.ended_at or at),
                "steps": list(_steps(Book(session, incident, self.desk.pages.clock), go)) if incident else [],
                "who": names_of(session, [go.participant_id]).get(go.participant_id, SOMEBODY),
            }

    def _keep_look(self, person: SignedIn, number: int, at: datetime) -> None:
        """Keep that somebody looks: once an hour, because the page draws itself again every few seconds."""
        here = f"/drills/teams/{number}"
        with self.desk.database.read() as session:
            incident = _incident_of(session, _go(session, person, number))
            if incident is None or _has_looked(session, person, incident.reference, here, at):
                return
        with self.desk.database.begin() as session:
            viewed(session, person, What.VIEWED_INCIDENT, incident.reference, at, {"page": here})

    def _tell(self, person: SignedIn, number: int, key: str) -> None:
        at, drills = datetime.now(UTC), load_drills(DATA)
        with self.desk.database.begin() as session:
            go = _go(session, person, number)
            drill = drills.drills.get(go.drill)
            if drill is None:
                raise CannotAct(drill_words.GONE)
            actor = Actor(person.id, person.name, SOURCE, at)
            record.once(session, key, lambda: tell_next(session, self.desk.settings, go, drill, actor, at), at)


def _go(session: Session, person: SignedIn, number: int) -> Practice:
    """A team's go that somebody may follow.

    Raises:
        UnknownIncident: there is none.
    """
    go = session.get(Practice, number) if number < 2**31 else None
    if go is None or not go.team or not _may_follow(session, person, go):
        raise UnknownIncident(NO_SUCH_GO)
    return go


def _incident_of(session: Session, go: Practice) -> Incident | None:
    """The incident of a go, once somebody has reported what they were told."""
    return session.get(Incident, go.incident_id) if go.incident_id else None


def _may_follow(session: Session, person: SignedIn, go: Practice) -> bool:
    incident = _incident_of(session, go)
    return incident is None or may_see(session, person.viewer, incident)


def _has_looked(session: Session, person: SignedIn, reference: str, here: str, at: datetime) -> bool:
    """Whether it was kept within the hour that somebody looked."""
    query = select(AuditEntry.details).where(
        AuditEntry.participant_id == person.id,
        AuditEntry.what == What.VIEWED_INCIDENT,
        AuditEntry.reference == reference,
        AuditEntry.at > at - LOOKED,
    )
    return any(json.loads(details).get("page") == here for details in session.scalars(query))


def _steps(book: Book, go: Practice) -> Iterator[Step]:
    for entry in book.entries:
        if entry.kind in FOLLOWED:
            who = "" if entry.kind == Kind.DRILL_TOLD else book.names[entry.actor_id]
            lines = book.lines(entry, FOLLOWED[entry.kind])
            yield Step(_minutes(go.began_at, entry.recorded_at), TITLES[entry.kind], lines, who)


def _minutes(begin: datetime, end: datetime) -> int:
    return max(0, int((end - begin).total_seconds() // 60))


def _number(request: Request) -> int:
    return int(request.path_params["number"])
