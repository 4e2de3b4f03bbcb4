"""The pages of the editor: all flows, the overview of one, and what its buttons do."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from starlette.convertors import Convertor, register_url_convertor
from starlette.responses import RedirectResponse, Response

from amends.access.permissions import Permission
from amends.console.editing import desk
from amends.console.editing.elements import Elements
from amends.console.editing.overview import tables
from amends.console.editing.sections import SECTIONS
from amends.console.editing.sent import Refused, Sent, own_form
from amends.console.editing.source_text import SourceText
from amends.console.editing.who import Who, ask_who
from amends.console.owners import is_owner
from amends.console.routes import Page, page
from amends.console.visitor import visitor_of
from amends.flows import edits, parse_flow
from amends.flows.problems import FlowError
from amends.flows.source import Source
from amends.settings import ROOT
from amends.workshop import UnknownVersion, WorkshopError, documents, draft_of, history, live

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from starlette.requests import Request

    from amends.console.editing.desk import FlowSheet
    from amends.console.pages import Pages
    from amends.incidents.database import Database
    from amends.settings import Settings


class _Section(Convertor[str]):
    """The name of a section in an address; the other pages of a flow have other names."""

    regex = "|".join(SECTIONS)

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("section", _Section())


@dataclass(frozen=True)
class Editing:
    """The pages of the editor."""

    pages: Pages
    database: Database
    settings: Settings
    data: Path = ROOT / "data"

    def routes(self) -> list[Page]:
        """The addresses."""
        elements = Elements(self.pages, self.database, self.settings)
        source = SourceText(self.pages, self.database, self.settings)
        element = "/flows/{name}/{section:section}/{id}"
        return [
            *Who(self.pages).routes(),
            page("/flows", self._guarded(self.all), Permission.READ_POLICY),
            page("/flows/{name}", self._guarded(self.show), Permission.READ_POLICY),
            page("/flows/{name}/yaml", self._guarded(source.show), Permission.READ_POLICY),
            page("/flows/{name}/yaml", self._guarded(source.save), Permission.EDIT_POLICY, ["POST"]),
            page("/flows/{name}/yaml/check", self._guarded(source.check), Permission.EDIT_POLICY, ["POST"]),
            page("/flows/{name}/{section:section}", self._guarded(elements.show), Permission.READ_POLICY),
            page("/flows/{name}/{section:section}", self._guarded(elements.send), Permission.EDIT_POLICY, ["POST"]),
            page(element, self._guarded(elements.show), Permission.READ_POLICY),
            page(element, self._guarded(elements.send), Permission.EDIT_POLICY, ["POST"]),
            page(f"{element}/check", self._guarded(elements.check), Permission.EDIT_POLICY, ["POST"]),
            page(f"{element}/move", self._guarded(self.move), Permission.EDIT_POLICY, ["POST"]),
            page(f"{element}/remove", self._guarded(self.remove), Permission.EDIT_POLICY, ["POST"]),
        ]

    def _guarded(self, page: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        """Visitors only; and what cannot be done is said in words."""

        async def guarded(request: Request) -> Response:
            if visitor_of(request) is None:
                return ask_who(request)
            try:
                return await page(request)
            except UnknownVersion:
                sentence = "Look at the list of the flows for those there are."
                return self.pages.problem(request, 404, "There is no such flow", sentence)
            except Refused as error:
                return self.pages.problem(request, error.status, error.title, str(error), error.text)
            except WorkshopError as error:
                return self.pages.problem(request, 409, "Nothing was changed", str(error))

        return guarded

    async def all(self, request: Request) -> Response:
        """All flows."""
        flows, waiting = await asyncio.to_thread(self._flows)
        return self.pages.draw(request, "flows.html", flows=flows, waiting=waiting, page="flows")

    async def show(self, request: Request) -> Response:
        """The overview, with what the proof says on top."""
        what = await asyncio.to_thread(self._overview, request.path_params["name"])
        query = request.query_params
        what["may_edit"] = is_owner(request, self.settings)
        saved, what["saved_id"] = _named(query.get("saved", ""))
        what["saved"], what["did"] = saved, query.get("did", "saved")
        return self.pages.draw(request, "flow.html", **what, tab="edit")

    async def move(self, request: Request) -> Response:
        """Move an element up or down."""
        sent = await own_form(request, self.settings)
        section, id_ = _place(request)
        by = -1 if sent["by"] == "up" else 1
        sheet = await self._change(request, sent, lambda text: edits.move(text, _path(section, id_), by))
        there = str(max(1, int(id_) + by)) if SECTIONS[section].listed else id_
        return RedirectResponse(f"/flows/{sheet.name}?did=moved&saved={section}/{there}#{section}-{there}", 303)

    async def remove(self, request: Request) -> Response:
        """Remove an element."""
        sent = await own_form(request, self.settings)
        section, id_ = _place(request)

        def removed(text: str) -> str:
            seen = edits.fingerprint(text, _path(section, id_))
            if sent["seen"] and seen and seen != sent["seen"]:
                raise Refused(
                    "It was changed in the meantime",
                    "Somebody changed it after you opened it, so it was not removed. Look at it again first.",
                    409,
                )
            return edits.remove(text, _path(section, id_))

        sheet = await self._change(request, sent, removed)
        return RedirectResponse(f"/flows/{sheet.name}?did=removed&saved={section}/{id_}", 303)

    async def _change(self, request: Request, sent: Sent, edit: Callable[[str], str]) -> FlowSheet:
        """Save a change that leaves the flow well formed, or say why it was refused."""

        def checked(sheet: FlowSheet) -> str:
            try:
                text = edit(sheet.text)
            except edits.NoSuchPart as error:
                raise Refused("It is not there any more", f"{error} Somebody may have removed it.", 404) from None
            except FlowError as error:
                raise Refused("The flow cannot be read", str(error.problems[0].message), 409) from None
            if new := desk.new_mistakes(sheet, text):
                sentences = " ".join(list(dict.fromkeys(each.sentence for each in new))[:5])
                raise Refused("Nothing was changed", f"Something else needs it. {sentences}", 422)
            return text

        return await asyncio.to_thread(
            desk.FlowSheet.save, self.database, request.path_params["name"], sent.owner, checked
        )

    def _flows(self) -> tuple[list[dict[str, Any]], list[str]]:
        """What is shown of each flow, and the names of files in `data/flows` that were never published."""
        with self.database.read() as session:
            found = []
            for document in documents(session):
                if document.kind != "flow":
                    continue
                published, draft = history(session, document), draft_of(session, document)
                title, about = _of_itself(live(session, document).text, document.name)
                what = {"name": document.name, "title": title, "about": about}
                found.append({**what, "live": published[0], "draft": draft})
            names = {each["name"] for each in found}
            files = sorted(file.stem for file in (self.data / "flows").glob("*.yml"))
            return found, [name for name in files if name not in names]

    def _overview(self, name: str) -> dict[str, Any]:
        with self.database.read() as session:
            sheet = desk.FlowSheet.read(session, name)
        what: dict[str, Any] = {"name": name, "showing": sheet.showing, "draft": sheet.draft}
        try:
            content = sheet.content()
        except FlowError as error:
            return {**what, "tables": [], "mistakes": [desk.Said(p.message, p.line) for p in error.problems]}
        report = desk.prove(sheet)
        said = desk.said(report, sheet.text)
        source = Source(sheet.text, "")
        flow = None if report.problems else parse_flow(sheet.text)
        return {
            **what,
            "title": content.get("title", name),
            "about": content.get("about", ""),
            "tables": tables(content),
            "seen": {"/".join(desk.element(path)): print_ for path, print_ in edits.fingerprints(sheet.text).items()},
            "mistakes": [each for each in said if each.kind == "mistake"],
            "notes": [each for each in said if each.kind == "note"],
            "warnings": [each for each in said if each.kind == "warning"],
            "findings": [desk.told(each, source, flow) for each in report.findings] if flow else [],
            "proved": report.proved and not report.problems,
        }


def _of_itself(text: str, name: str) -> tuple[str, str]:
    """What a flow is called and what it is for; only its name when it cannot be read any more."""
    try:
        flow = parse_flow(text)
    except FlowError:
        return name, ""
    return flow.title, flow.about


def _named(saved: str) -> tuple[str, str]:
    section, _, id_ = saved.partition("/")
    return (SECTIONS[section].one, id_) if section in SECTIONS and len(id_) <= 60 else ("", "")


def _place(request: Request) -> tuple[str, str]:
    return cast("tuple[str, str]", (request.path_params["section"], request.path_params["id"]))


def _path(section: str, id_: str) -> tuple[str | int, ...]:
    if SECTIONS[section].listed:
        return (section, int(id_) - 1 if id_.isdecimal() else id_)
    return (section, id_)
