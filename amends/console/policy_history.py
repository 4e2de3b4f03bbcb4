"""The history of a policy: every time a version went live, what it changed, and the way back to it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from starlette.responses import RedirectResponse, Response

from amends.console.editing.sent import own_form
from amends.console.owners import is_owner
from amends.workshop import Document, UnknownVersion, WorkshopError, go_back, history, live, report_of, version
from amends.workshop.changes import changes
from amends.workshop.publishing import LONGEST_NOTE, Request

if TYPE_CHECKING:
    from starlette.requests import Request as Asked

    from amends.console.editing.sent import Sent
    from amends.console.pages import Pages
    from amends.incidents.database import Database
    from amends.settings import Settings

SHORT = 12


@dataclass(frozen=True)
class PolicyHistory:
    """The pages of a policy's history."""

    pages: Pages
    database: Database
    settings: Settings

    async def list(self, request: Asked) -> Response:
        """All publications, newest first."""

        def draw() -> Response:
            document = _document(request)
            with self.database.read() as session:
                live(session, document)
                found = history(session, document)
            did = request.query_params.get("did", "")
            return self._draw(request, "policy_history.html", publications=found, did=did)

        return await asyncio.to_thread(draw)

    async def show(self, request: Asked) -> Response:
        """One version."""
        return await asyncio.to_thread(self._show, request)

    async def go_back(self, request: Asked) -> Response:
        """Publish an older version again."""
        sent = await own_form(request, self.settings)
        return await asyncio.to_thread(self._go_back, request, sent)

    def _show(self, request: Asked, note: str = "", notice: str = "") -> Response:
        document = _document(request)
        with self.database.read() as session:
            shown = version(session, document, request.path_params["version"])
            current = live(session, document)
            found = [each for each in history(session, document) if each.version == shown.hash]
            first = found[-1].previous
            before = version(session, document, first).text if first else None
        return self._draw(
            request,
            "policy_version.html",
            422 if notice else 200,
            shown=shown,
            live=current.hash,
            publications=found,
            changed=changes(document, before, shown.text) if before is not None else None,
            back=changes(document, current.text, shown.text) if current.hash != shown.hash else None,
            note=note,
            notice=notice,
            longest=LONGEST_NOTE,
            second=self.settings.second_owner_approves,
        )

    def _go_back(self, request: Asked, sent: Sent) -> Response:
        document, hash_ = _document(request), request.path_params["version"]
        try:
            with self.database.read() as session:  # the checks, before anybody has to wait for us
                report_of(session, document, version(session, document, hash_).text, self.settings)
            with self.database.begin() as session:
                done = go_back(
                    session,
                    document,
                    hash_,
                    owner=sent.owner,
                    note=sent["note"],
                    now=datetime.now(UTC),
                    settings=self.settings,
                )
        except UnknownVersion:
            raise
        except WorkshopError as error:
            return self._show(request, sent["note"], str(error))
        if isinstance(done, Request):
            return RedirectResponse(f"/policies/{document.name}/requests/{done.id}", 303)
        return RedirectResponse(f"/policies/{document.name}/history?did=published#publication-{done.sequence}", 303)

    def _draw(self, request: Asked, template: str, status: int = 200, /, **what: Any) -> Response:
        return self.pages.draw(
            request,
            template,
            status,
            name=request.path_params["name"],
            tab="history",
            short=SHORT,
            may_edit=is_owner(request, self.settings),
            **what,
        )


def _document(request: Asked) -> Document:
    return Document("policy", request.path_params["name"])
