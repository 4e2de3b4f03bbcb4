"""The page of drills: the list, each with a button to begin, and what somebody practised themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from amends.access.permissions import Permission
from amends.console.drill_lists import draw, gone, references_of
from amends.console.drill_teams import DrillTeams
from amends.console.editing.who import ask_who
from amends.console.routes import Page, page
from amends.console.visitor import signed_in
from amends.conversation.drilling import AS_TEAM
from amends.conversation.replies import press
from amends.drills import practice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from amends.access.people import SignedIn
    from amends.console.lead_desk import LeadDesk
    from amends.drills.library import Drills


@dataclass(frozen=True)
class DrillPages:
    """The pages of drills."""

    desk: LeadDesk

    def routes(self) -> list[Page]:
        """The addresses."""
        return [page("/drills", self.list, may=Permission.TALK, name="drills"), *DrillTeams(self.desk).routes()]

    async def list(self, request: Request) -> Response:
        """The drills, each with a button to begin, and what I practised."""
        person = signed_in(request)
        if person is None:
            return ask_who(request)
        return await draw(self.desk.pages, request, "drills.html", lambda drills: self._mine(person, drills))

    def _mine(self, person: SignedIn, drills: Drills) -> Mapping[str, Any]:
        with self.desk.database.read() as session:
            goes = practice.mine(session, person.id)
            references = references_of(session, goes)
        mine = [gone(go, references, drills) for go in goes]
        begin = {each.id: press("practise", about=each.id) for each in drills.drills.values()}
        return {
            "drills": list(drills.drills.values()),
            "begin": begin,
            "team": {id_: press("practise", about=f"{id_}{AS_TEAM}") for id_ in begin},
            "mine": mine,
            "done": {each.go.drill for each in mine if each.minutes is not None},
        }
