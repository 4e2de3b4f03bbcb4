"""The lists of comms leads: what is open, and all incidents with filters, search and saved views."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape
from starlette.responses import RedirectResponse, Response

from amends.access.audit import What, viewed
from amends.access.permissions import Permission
from amends.console.access import SEARCH
from amends.console.forms import Form, NotSent, read_form
from amends.console.lead_desk import FOREIGN, LeadDesk
from amends.console.routes import NotAllowed, Page, page
from amends.console.visitor import access_of, is_own_form
from amends.integrity.standing import standing
from amends.register import finding
from amends.register.board import open_board
from amends.register.choices import choices_for, labels_of, names_of, titles_of
from amends.register.filters import BadFilter, Drill, Filter
from amends.register.in_words import conditions
from amends.register.inverted import highlighted
from amends.register.views import remove_view, save_view, views_of
from amends.register.words import sought

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session
    from starlette.requests import Request

    from amends.access.people import SignedIn
    from amends.console.pages import Pages
    from amends.incidents.database import Database

BEGIN, END = "\x02", "\x03"
"""Stand around what was sought, until the words are escaped."""
CANNOT = "This list cannot be shown"
SORTS = {"newest": "newest first", "oldest": "oldest first", "serious": "most serious first"}

_number = re.compile(r"[1-9][0-9]{0,8}")


@dataclass(frozen=True)
class Register:
    """The pages Open and All incidents."""

    pages: Pages
    database: Database

    def routes(self) -> list[Page]:
        """The addresses."""
        return [
            page("/open", self.open, may=Permission.SEE_ALL, name="open_incidents"),
            page("/all", self.all, may=Permission.SEE_ALL, name="all_incidents"),
            page("/all/views", self.save, may=Permission.ACT, methods=["POST"], name="save_view"),
            page("/all/views/remove", self.remove, may=Permission.ACT, methods=["POST"], name="remove_view"),
        ]

    async def open(self, request: Request) -> Response:
        """What is open, what needs me on top."""
        person = LeadDesk.person(request)
        return self.pages.draw(request, "leads/open.html", page="open", **await asyncio.to_thread(self._open, person))

    async def all(self, request: Request) -> Response:
        """All incidents that a filter leaves in, a page at a time."""
        person = LeadDesk.person(request)
        query = request.query_params
        try:
            filter_ = Filter.read(query.multi_items())
            sort = finding.sort_of(query.get("sort", ""))
            cursor = query.get("cursor", "")
            if filter_.text:
                access_of(request).limits[SEARCH].take(person.id)
            shown = await asyncio.to_thread(self._all, person, filter_, sort, cursor)
        except BadFilter as error:
            return self.pages.problem(request, 400, CANNOT, str(error))
        return self.pages.draw(request, "leads/all.html", page="all", **shown)

    async def save(self, request: Request) -> Response:
        """Keep a filter under a name."""
        person, form = LeadDesk.person(request), await self._form(request)
        try:
            query = await asyncio.to_thread(self._save, person, form["name"], form["query"])
        except (BadFilter, ValueError) as error:
            words = str(error) if isinstance(error, BadFilter) else "The filter of the view cannot be read."
            return self.pages.problem(request, 422, "The view was not saved", words, form["name"])
        return RedirectResponse(f"/all?{query}", 303)

    async def remove(self, request: Request) -> Response:
        """Take a saved view away."""
        person, form = LeadDesk.person(request), await self._form(request)
        if not _number.fullmatch(form["view"]):
            raise NotSent("This form is not complete. Load the page again and send it once more.", 400)
        await asyncio.to_thread(self._remove, person, int(form["view"]))
        return RedirectResponse("/all", 303)

    def _open(self, person: SignedIn) -> Mapping[str, Any]:
        with self.database.read() as session:
            board = open_board(session, person.viewer, datetime.now(UTC))
            parts = (board.needs_me, board.mine, board.others)
            shown = [one.incident for part in parts for one in part.shown]
            return {
                "board": board,
                "names": names_of(session, [id_ for one in shown for id_ in _people(one)]),
                "labels": labels_of(session, shown),
                "titles": titles_of(session, shown),
                "me": person.id,
                "now": datetime.now(UTC),
                "standing": standing(session, datetime.now(UTC)),
            }

    def _all(self, person: SignedIn, filter_: Filter, sort: finding.Sort, cursor: str) -> Mapping[str, Any]:
        now, zone = datetime.now(UTC), self.pages.zone
        if filter_.text and not cursor:
            with self.database.begin() as session:
                viewed(session, person, What.SEARCHED, "", now, {"filter": filter_.query()})
        with self.database.read() as session:
            found = finding.page(session, filter_, person.viewer, now, zone, sort=sort, cursor=cursor)
            count = None if cursor else finding.count(session, filter_, person.viewer, now, zone)
            choices = choices_for(session, person.viewer)
            in_address = "" if sort is finding.Sort.NEWEST else str(sort)
            return {
                "found": list(zip(found.incidents, self._pieces(session, found, filter_), strict=True)),
                "names": names_of(session, [id_ for one in found.incidents for id_ in _people(one)]),
                "titles": titles_of(session, found.incidents),
                "count": count,
                "most": finding.COUNTED,
                "filter": filter_,
                "conditions": conditions(filter_, choices),
                "choices": choices,
                "views": views_of(session, person.id),
                "sort": sort,
                "sorts": SORTS,
                "drills": Drill,
                "in_address": in_address,
                "here": filter_.query(sort=in_address),
                "previous": filter_.query(sort=in_address, cursor=found.previous) if found.previous else "",
                "next": filter_.query(sort=in_address, cursor=found.next) if found.next else "",
                "further": bool(cursor),
            }

    @staticmethod
    def _pieces(session: Session, found: finding.Found, filter_: Filter) -> list[Markup]:
        """For each incident what was written around the words that were sought, these marked."""
        pieces = highlighted(session, found.places, sought(filter_.text), BEGIN, END)
        return [_marked(pieces.get(place, "")) for place in found.places]

    def _save(self, person: SignedIn, name: str, query: str) -> str:
        with self.database.begin() as session:
            return save_view(session, person.id, name, query, datetime.now(UTC)).query

    def _remove(self, person: SignedIn, view: int) -> None:
        with self.database.begin() as session:
            remove_view(session, person.id, view)

    @staticmethod
    async def _form(request: Request) -> Form:
        form = await read_form(request)
        if not is_own_form(request, form["csrf"]):
            raise NotAllowed(FOREIGN, form["name"])
        return form


def _people(incident: Any) -> tuple[str | None, str | None]:
    return incident.reporter_id, incident.lead_id


def _marked(piece: str) -> Markup:
    return Markup(str(escape(piece)).replace(BEGIN, "<mark>").replace(END, "</mark>"))  # noqa: S704 - escaped just now
