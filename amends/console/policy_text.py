"""The YAML of a policy in one box, in step with the forms."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse, Response

from amends.console import policy_desk as desk
from amends.console.editing.sent import own_form
from amends.console.owners import is_owner
from amends.workshop import hash_of
from amends.workshop.changes import line_diff

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request

    from amends.console.pages import Pages
    from amends.console.policy_desk import PolicySheet
    from amends.incidents.database import Database
    from amends.settings import Settings


class _NotSaved(Exception):  # noqa: N818 - it ends a transaction, and says nothing to anybody
    def __init__(self, sheet: PolicySheet, seen: str, theirs: Sequence[str] | None) -> None:
        self.sheet, self.seen, self.theirs = sheet, seen, theirs


@dataclass(frozen=True)
class PolicyText:
    """The page of the YAML."""

    pages: Pages
    database: Database
    settings: Settings

    async def show(self, request: Request) -> Response:
        """The text, with what is wrong with it already."""

        def draw() -> Response:
            with self.database.read() as session:
                sheet = desk.PolicySheet.read(session, request.path_params["name"])
            return self._draw(request, sheet, sheet.text, hash_of(sheet.text))

        return await asyncio.to_thread(draw)

    async def save(self, request: Request) -> Response:
        """Check or save what stands in the box."""
        sent = await own_form(request, self.settings)
        name = request.path_params["name"]

        def put(sheet: PolicySheet) -> str:
            text = _as_before(sent["text"], sheet.text)
            if sent["press"] == "check":
                raise _NotSaved(sheet, sent["seen"], None)
            if hash_of(sheet.text) != sent["seen"]:
                raise _NotSaved(sheet, hash_of(sheet.text), line_diff(text, sheet.text))
            if desk.new_mistakes(sheet, text):
                raise _NotSaved(sheet, sent["seen"], None)
            return text

        def save() -> Response:
            try:
                desk.PolicySheet.save(self.database, name, sent.owner, put)
            except _NotSaved as refusal:
                text = _as_before(sent["text"], refusal.sheet.text)
                status = 409 if refusal.theirs is not None else 200 if sent["press"] == "check" else 422
                return self._draw(request, refusal.sheet, text, refusal.seen, refusal.theirs, status=status)
            return RedirectResponse(f"/policies/{name}?did=saved", 303)

        return await asyncio.to_thread(save)

    def _draw(
        self,
        request: Request,
        sheet: PolicySheet,
        text: str,
        seen: str,
        theirs: Sequence[str] | None = None,
        *,
        status: int = 200,
    ) -> Response:
        report = desk.look(sheet, text)
        return self.pages.draw(
            request,
            "policy_yaml.html",
            status,
            name=sheet.name,
            tab="yaml",
            showing=sheet.showing,
            draft=sheet.draft,
            text=text,
            seen=seen,
            report=report,
            lines=text.count("\n") + 1,
            wrong={problem.line for problem in report.problems},
            theirs=theirs,
            saved=status == 200,
            may_edit=is_owner(request, self.settings),
        )


def _as_before(text: str, before: str) -> str:
    """A text from a browser, which sends every line end as two characters, with the line ends that it had."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.replace("\n", "\r\n") if "\r\n" in before else text
