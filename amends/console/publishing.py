"""Letting a change go live: the publish page of a flow or a policy, and requests that wait for a second owner."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from starlette.responses import RedirectResponse, Response

from amends.access.permissions import Permission
from amends.console.editing.sent import Refused, own_form
from amends.console.editing.who import ask_who
from amends.console.owners import is_owner
from amends.console.publish_shown import shown
from amends.console.routes import Page, page
from amends.console.visitor import visitor_of
from amends.settings import ROOT
from amends.workshop import catch_up as catching_up
from amends.workshop import drafts, publishing, versions
from amends.workshop.checks import around
from amends.workshop.documents import Document, WorkshopError
from amends.workshop.files import differences, read_text

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sqlalchemy.orm import Session
    from starlette.requests import Request

    from amends.console.editing.sent import Sent
    from amends.console.pages import Pages
    from amends.console.publish_shown import Shown
    from amends.incidents.database import Database
    from amends.settings import Settings
    from amends.workshop.documents import Kind, Owner
    from amends.workshop.versions import Publication

DATA = ROOT / "data"
SHORT = 12
PLACES: dict[str, Kind] = {"flows": "flow", "policies": "policy"}


@dataclass(frozen=True)
class Publishing:
    """The pages on which owners publish."""

    pages: Pages
    database: Database
    settings: Settings

    def routes(self) -> list[Page]:
        """The addresses, the same for flows and policies."""
        found = []
        for place in PLACES:
            base = f"/{place}/{{name}}"
            for address, answer, method in (
                ("publish", self.show, "GET"),
                ("publish", self.publish, "POST"),
                ("discard", self.discard, "POST"),
                ("catch-up", self.catch_up, "POST"),
                ("take-file", self.take_file, "POST"),
                ("requests/{request:int}", self.show_request, "GET"),
                ("requests/{request:int}/approve", self.approve, "POST"),
                ("requests/{request:int}/decline", self.decline, "POST"),
            ):
                may = Permission.READ_POLICY if method == "GET" else Permission.EDIT_POLICY
                found.append(page(f"{base}/{address}", self._guarded(answer), may, [method]))
        return found

    def _guarded(self, page: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        async def guarded(request: Request) -> Response:
            if visitor_of(request) is None:
                return ask_who(request)
            try:
                return await page(request)
            except versions.UnknownVersion as error:
                return self.pages.problem(request, 404, "There is no such page", str(error))
            except Refused as error:
                return self.pages.problem(request, error.status, error.title, str(error), error.text)

        return guarded

    async def show(self, request: Request) -> Response:
        """What the draft would change, and the button that lets it go live."""
        return await asyncio.to_thread(self._page, request)

    async def publish(self, request: Request) -> Response:
        """Publish the draft, or ask a second owner."""
        sent = await own_form(request, self.settings)
        return await asyncio.to_thread(self._publish, request, sent)

    async def discard(self, request: Request) -> Response:
        """Throw the draft away."""
        return await self._change(
            request,
            lambda session, document, owner, seen, now: drafts.discard_draft(
                session, document, owner=owner, seen=seen, now=now
            ),
        )

    async def catch_up(self, request: Request) -> Response:
        """Let the draft go on from what went live in the meantime."""
        sent = await own_form(request, self.settings)

        def work(session: Session, document: Document, owner: Owner, seen: int, now: datetime) -> Any:
            keep = sent["keep"] == "yes"
            return catching_up.catch_up(session, document, owner=owner, seen=seen, now=now, keep=keep)

        return await self._change(request, work)

    async def take_file(self, request: Request) -> Response:
        """Make the file in `data/` the draft."""

        def work(session: Session, document: Document, owner: Owner, seen: int, now: datetime) -> Any:
            try:
                text = read_text(document.path(DATA))
            except (OSError, UnicodeDecodeError):
                raise WorkshopError("The file is not there any more, or cannot be read.") from None
            return drafts.save_draft(session, document, text, owner=owner, seen=seen, now=now)

        return await self._change(request, work)

    async def show_request(self, request: Request) -> Response:
        """A request, with everything that its owner saw."""
        return await asyncio.to_thread(self._request_page, request)

    async def approve(self, request: Request) -> Response:
        """Let it go live."""
        sent = await own_form(request, self.settings)
        return await asyncio.to_thread(self._approve, request, sent)

    async def decline(self, request: Request) -> Response:
        """Say no, with a reason."""
        sent = await own_form(request, self.settings)

        def work() -> Response:
            document, number = _document(request), request.path_params["request"]
            try:
                with self.database.begin() as session:
                    _of(session, document, number)
                    publishing.decline(session, number, owner=sent.owner, reason=sent["reason"], now=datetime.now(UTC))
            except WorkshopError as error:
                return self._request_page(request, notice=str(error), reason=sent["reason"])
            return RedirectResponse(f"{_root(document)}/requests/{number}", 303)

        return await asyncio.to_thread(work)

    async def _change(
        self, request: Request, work: Callable[[Session, Document, Owner, int, datetime], Any]
    ) -> Response:
        """Something done to the draft, after which its page is drawn again."""
        sent = await own_form(request, self.settings)

        def change() -> Response:
            document = _document(request)
            try:
                with self.database.begin() as session:
                    work(session, document, sent.owner, _number(sent["seen"]), datetime.now(UTC))
            except versions.UnknownVersion:
                raise
            except WorkshopError as error:
                return self._page(request, notice=str(error))
            return RedirectResponse(f"{_root(document)}/publish", 303)

        return await asyncio.to_thread(change)

    def _publish(self, request: Request, sent: Sent) -> Response:
        document, seen, now = _document(request), _number(sent["seen"]), datetime.now(UTC)
        try:
            with self.database.read() as session:  # the checks, before anybody has to wait for us
                draft = drafts.draft_of(session, document)
                if draft is not None and draft.revision == seen and sent["note"].strip():
                    publishing.report_of(session, document, draft.text, self.settings)
            with self.database.begin() as session:
                done = publishing.ask_to_publish(
                    session, document, owner=sent.owner, note=sent["note"], seen=seen, now=now, settings=self.settings
                )
        except WorkshopError as error:
            return self._page(request, notice=str(error), note=sent["note"])
        return _after(done)

    def _approve(self, request: Request, sent: Sent) -> Response:
        document, number, now = _document(request), request.path_params["request"], datetime.now(UTC)
        try:
            with self.database.read() as session:
                waiting = _of(session, document, number)
                publishing.report_of(session, document, waiting.text, self.settings)
            with self.database.begin() as session:
                done = publishing.approve(session, number, owner=sent.owner, now=now, settings=self.settings)
        except WorkshopError as error:
            return self._request_page(request, notice=str(error))
        return _after(done)

    def _page(self, request: Request, notice: str = "", note: str = "") -> Response:
        document = _document(request)
        with self.database.read() as session:
            draft = drafts.draft_of(session, document)
            live = versions.live(session, document) if versions.live_hash(session, document) else None
            if draft is None and live is None:
                raise versions.UnknownVersion(f"There is no {document.kind} called {document.name}.")
            beside = around(session)
            waiting = publishing.requests(session, document)
            overtaken = draft is not None and live is not None and draft.base != live.hash
            base = versions.version(session, document, draft.base) if overtaken and draft and draft.base else None
            fits = overtaken and draft is not None and catching_up.merged(session, draft) is not None
            since = [each for each in versions.history(session, document) if draft and each.at >= draft.at][:5]
        before = live.text if live else None
        look: Shown | None = None
        meanwhile: Shown | None = None
        if draft is not None and draft.text != before:
            look = shown(document, draft.text, before, beside, self.settings)
        if base is not None and live is not None:
            meanwhile = shown(document, live.text, base.text, beside, self.settings)
        status = 422 if notice else 200
        return self._draw(
            request,
            "publish.html",
            status,
            document,
            draft=draft,
            look=look,
            meanwhile=meanwhile,
            overtaken=overtaken,
            fits=fits,
            since=since,
            waiting=waiting,
            file_differs=[d for d in differences_of(self.database, document) if d.file and draft is None],
            notice=notice,
            note=note,
        )

    def _request_page(self, request: Request, notice: str = "", reason: str = "") -> Response:
        document, number = _document(request), request.path_params["request"]
        with self.database.read() as session:
            waiting = _of(session, document, number)
            beside = around(session)
            base = versions.version(session, document, waiting.base).text if waiting.base else None
        look = shown(document, waiting.text, base, beside, self.settings) if waiting.state == "open" else None
        visitor = visitor_of(request)
        own = visitor is not None and publishing.same_person(waiting.owner, visitor.id, visitor.name)
        return self._draw(
            request,
            "request.html",
            422 if notice else 200,
            document,
            waiting=waiting,
            look=look,
            own=own,
            notice=notice,
            reason=reason,
        )

    def _draw(self, request: Request, template: str, status: int, document: Document, **what: Any) -> Response:
        return self.pages.draw(
            request,
            template,
            status,
            frame="flow_base.html" if document.kind == "flow" else "policy_base.html",
            document=document,
            name=document.name,
            root=_root(document),
            tab="publish",
            may_edit=is_owner(request, self.settings),
            open_to_all=self.settings.all_are_policy_owners,
            second=self.settings.second_owner_approves,
            longest=publishing.LONGEST_NOTE,
            short=SHORT,
            **what,
        )


def differences_of(database: Database, document: Document) -> list[Any]:
    """Whether the document's file is not what is live: at most one difference."""
    with database.read() as session:
        return [each for each in differences(session, DATA) if each.document == document]


def _of(session: Session, document: Document, number: int) -> publishing.Request:
    try:
        found = publishing.request(session, number)
    except WorkshopError as error:
        raise versions.UnknownVersion(str(error)) from None
    if found.document != document:
        raise versions.UnknownVersion(f"Request {number} is not about {document.name}.")
    return found


def _after(done: Publication | publishing.Request) -> Response:
    root = _root(done.document)
    if isinstance(done, publishing.Request):
        return RedirectResponse(f"{root}/requests/{done.id}", 303)
    return RedirectResponse(f"{root}/history?did=published#publication-{done.sequence}", 303)


def _document(request: Request) -> Document:
    return Document(PLACES[request.url.path.split("/")[1]], request.path_params["name"])


def _root(document: Document) -> str:
    return f"/{'flows' if document.kind == 'flow' else 'policies'}/{document.name}"


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0
