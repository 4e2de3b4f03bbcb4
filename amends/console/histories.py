"""The history of a flow: every time a version went live, each version's text, and the way back to it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from starlette.responses import RedirectResponse, Response

from amends.access.permissions import Permission
from amends.console.forms import read_form
from amends.console.owners import NotAnOwner, is_owner, owner_of
from amends.console.routes import Page, page
from amends.console.versions_shown import SHORT, flow_document
from amends.console.visitor import is_own_form
from amends.workshop.documents import WorkshopError
from amends.workshop.publishing import LONGEST_NOTE, NotPublishable, Request, go_back, report_of
from amends.workshop.versions import UnknownVersion, history, live, version

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.requests import Request as Asked

    from amends.console.pages import Pages
    from amends.incidents.database import Database
    from amends.settings import Settings
    from amends.workshop.documents import Document, Owner

ON_A_PAGE = 50
_FOREIGN = "This form was drawn for another visit, so nothing was published. Load the page again; it needs cookies."


@dataclass(frozen=True)
class Histories:
    """The pages of a flow's history."""

    pages: Pages
    database: Database
    settings: Settings

    def routes(self) -> list[Page]:
        """The addresses."""
        return [
            page("/flows/{name}/history", self.list, may=Permission.READ_POLICY),
            page("/flows/{name}/history/{version}", self.show, may=Permission.READ_POLICY),
            page("/flows/{name}/history/{version}", self.go_back, may=Permission.EDIT_POLICY, methods=["POST"]),
        ]

    async def list(self, request: Asked) -> Response:
        """All publications, newest first."""
        return await self._answer(request, self._list)

    async def show(self, request: Asked) -> Response:
        """One version with its text."""
        return await self._answer(request, self._show)

    async def go_back(self, request: Asked) -> Response:
        """Publish an older version again."""
        form = await read_form(request)
        if not is_own_form(request, form["csrf"]):
            return self.pages.problem(request, 403, "This form is not yours", _FOREIGN, form["note"])
        return await self._answer(request, self._go_back, form["note"])

    async def _answer(self, request: Asked, work: Callable[..., Response], *arguments: str) -> Response:
        try:
            return await asyncio.to_thread(work, request, *arguments)
        except NotAnOwner as error:
            return self.pages.problem(request, 403, "Only policy owners can do that", str(error), *arguments)
        except UnknownVersion as error:
            return self.pages.problem(request, 404, "There is no such version", str(error))

    def _list(self, request: Asked) -> Response:
        name = request.path_params["name"]
        with self.database.read() as session:
            current = live(session, flow_document(name)).hash
            all_ = history(session, flow_document(name))
        pages = max(1, -(-len(all_) // ON_A_PAGE))
        wanted = request.query_params.get("page", "1")
        number = min(max(int(wanted) if wanted.isdecimal() and len(wanted) < 7 else 1, 1), pages)
        part: Sequence[Any] = all_[(number - 1) * ON_A_PAGE : number * ON_A_PAGE]
        what = {"live": current, "publications": part, "number": number, "pages": pages, "short": SHORT}
        return self.pages.draw(request, "history.html", name=name, tab="history", **what)

    def _show(self, request: Asked, note: str = "", notice: str = "") -> Response:
        name = request.path_params["name"]
        document = flow_document(name)
        with self.database.read() as session:
            shown = version(session, document, request.path_params["version"])
            current = live(session, document).hash
            published = [each for each in history(session, document) if each.version == shown.hash]
        page = {
            "shown": shown,
            "live": current,
            "publications": published,
            "owner": is_owner(request, self.settings),
            "note": note,
            "notice": notice,
            "longest": LONGEST_NOTE,
            "second": self.settings.second_owner_approves,
            "short": SHORT,
        }
        status = 422 if notice else 200
        return self.pages.draw(request, "history_version.html", status, name=name, tab="history", **page)

    def _go_back(self, request: Asked, note: str) -> Response:
        name = request.path_params["name"]
        owner = owner_of(request, self.settings)
        try:
            made = self._publish(flow_document(name), request.path_params["version"], owner, note)
        except UnknownVersion:
            raise
        except NotPublishable as error:
            return self._show(request, note, f"{error} The checks look at it as it would go live now.")
        except WorkshopError as error:
            return self._show(request, note, str(error))
        if isinstance(made, Request):
            return RedirectResponse(f"/flows/{name}/requests/{made.id}", 303)
        return RedirectResponse(f"/flows/{name}/history#publication-{made.sequence}", 303)

    def _publish(self, document: Document, hash_: str, owner: Owner, note: str) -> Any:
        # The checks take a second or two and are remembered, so that the record is not kept waiting.
        with self.database.read() as session:
            report_of(session, document, version(session, document, hash_).text, self.settings)
        now = datetime.now(UTC)
        with self.database.begin() as session:
            return go_back(session, document, hash_, owner=owner, note=note, now=now, settings=self.settings)
