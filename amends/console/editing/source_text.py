"""The YAML tab: the whole text of a flow in one box, with the line of everything that is wrong."""

from __future__ import annotations

import asyncio
import difflib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse, Response

from amends.console.editing import desk
from amends.console.editing.sent import own_form
from amends.console.owners import is_owner
from amends.workshop import hash_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from amends.console.editing.desk import FlowSheet, Said
    from amends.console.pages import Pages
    from amends.incidents.database import Database
    from amends.settings import Settings

MOST_CHANGED = 400
"""Lines of another owner's change that are shown."""


@dataclass
class Drawing:
    """The box as it is to be drawn. `theirs`: another owner's change against the text in the box, as lines."""

    sheet: FlowSheet
    text: str
    seen: str
    said: list[Said] = field(default_factory=list)
    checked: bool = False
    theirs: list[tuple[str, str]] | None = None
    status: int = 200


class _NotSaved(Exception):  # noqa: N818 - it ends a transaction, and says nothing to anybody
    def __init__(self, drawing: Drawing) -> None:
        self.drawing = drawing


@dataclass(frozen=True)
class SourceText:
    """The pages of the YAML."""

    pages: Pages
    database: Database
    settings: Settings

    async def show(self, request: Request) -> Response:
        """The text, with what is wrong with it already."""
        drawing = await asyncio.to_thread(self._fresh, request)
        return self._draw(request, drawing)

    async def save(self, request: Request) -> Response:
        """Check or save what stands in the box."""
        sent = await own_form(request, self.settings)
        if sent["press"] == "check":
            drawing = await asyncio.to_thread(self._checked, request, sent["text"], sent["seen"])
            return self._draw(request, drawing)

        def put(sheet: FlowSheet) -> str:
            text = _as_before(sent["text"], sheet.text)
            if hash_of(sheet.text) != sent["seen"]:
                theirs = _changed(text, sheet.text)
                raise _NotSaved(Drawing(sheet, text, hash_of(sheet.text), theirs=theirs, status=409))
            if new := desk.new_mistakes(sheet, text):
                raise _NotSaved(Drawing(sheet, text, sent["seen"], said=new, checked=True, status=422))
            return text

        try:
            await asyncio.to_thread(desk.FlowSheet.save, self.database, request.path_params["name"], sent.owner, put)
        except _NotSaved as refusal:
            return self._draw(request, refusal.drawing)
        return RedirectResponse(f"/flows/{request.path_params['name']}?did=saved&saved=about/all", 303)

    async def check(self, request: Request) -> Response:
        """What is wrong with what stands in the box, while it is typed. Nothing is saved."""
        sent = await own_form(request, self.settings)
        drawing = await asyncio.to_thread(self._checked, request, sent["text"], sent["seen"])
        return self._draw(request, drawing, "_yaml_checks.html")

    def _fresh(self, request: Request) -> Drawing:
        with self.database.read() as session:
            sheet = desk.FlowSheet.read(session, request.path_params["name"])
        said = desk.said(desk.look(sheet, sheet.text), sheet.text)
        mistakes = [each for each in said if each.kind == "mistake"]
        return Drawing(sheet, sheet.text, hash_of(sheet.text), mistakes, checked=bool(mistakes))

    def _checked(self, request: Request, text: str, seen: str) -> Drawing:
        with self.database.read() as session:
            sheet = desk.FlowSheet.read(session, request.path_params["name"])
        text = _as_before(text, sheet.text)
        return Drawing(sheet, text, seen, desk.said(desk.look(sheet, text, twins=True), text), checked=True)

    def _draw(self, request: Request, drawing: Drawing, template: str = "yaml.html") -> Response:
        sheet = drawing.sheet
        return self.pages.draw(
            request,
            template,
            drawing.status,
            name=sheet.name,
            tab="yaml",
            showing=sheet.showing,
            draft=sheet.draft,
            drawing=drawing,
            lines=drawing.text.count("\n") + 1,
            wrong={each.line for each in drawing.said if each.kind == "mistake"},
            may_edit=is_owner(request, self.settings),
        )


def _as_before(text: str, before: str) -> str:
    """A text from a browser, which sends every line end as two characters, with the line ends that it had."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.replace("\n", "\r\n") if "\r\n" in before else text


def _changed(yours: str, theirs: str) -> list[tuple[str, str]]:
    """The lines by which two texts differ: theirs, yours, or where a gap is."""
    lines = list(difflib.unified_diff(yours.splitlines(), theirs.splitlines(), lineterm="", n=1))[2:]
    kinds = {"-": "yours", "+": "theirs", "@": "gap"}
    return [(kinds.get(line[:1], "both"), line if line.startswith("@") else line[1:]) for line in lines[:MOST_CHANGED]]
