"""The form of one element: drawn, redrawn with a line more, checked as it is typed, saved."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from starlette.responses import RedirectResponse, Response

from amends.console.editing import conditions, desk, tree
from amends.console.editing.compare import differences
from amends.console.editing.fields import ABSENT
from amends.console.editing.form import NEW, Form
from amends.console.editing.sections import SECTIONS
from amends.console.editing.sent import Refused, Sent, own_form
from amends.console.owners import is_owner
from amends.console.pages import is_htmx
from amends.flows import edits
from amends.flows.problems import FlowError
from amends.flows.uses import uses_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from amends.console.editing.compare import Difference
    from amends.console.editing.desk import FlowSheet, Said
    from amends.console.editing.tree import Node
    from amends.console.pages import Pages
    from amends.incidents.database import Database
    from amends.settings import Settings

FIELD = "f."
"""Before the name of every field of the element itself."""


class _NotSaved(Exception):  # noqa: N818 - it ends a transaction, and says nothing to anybody
    """The page to show instead of saving."""

    def __init__(self, drawing: Drawing) -> None:
        self.drawing = drawing


@dataclass
class Drawing:
    """A form as it is to be drawn."""

    sheet: FlowSheet
    form: Form
    node: Node
    seen: str
    said: list[Said] = field(default_factory=list)
    focus: str = ""
    theirs: list[Difference] | None = None
    gone: bool = False
    checked: bool = False
    status: int = 200

    def anchored(self) -> dict[str, list[str]]:
        """Field -> what is wrong in it."""
        found: dict[str, list[str]] = {}
        for each in self.here("mistake"):
            found.setdefault(self.anchor(each), []).append(each.sentence)
        return found

    def wrong_in(self, at: str) -> bool:
        """Whether something is wrong in a part of the form."""
        return any(f"{name}.".startswith(f"{at}.") for name in self.anchored())

    def here(self, kind: str) -> list[Said]:
        """What is said of this element."""
        return [each for each in self.said if each.kind == kind and self.is_here(each)]

    def elsewhere(self) -> list[Said]:
        """What is wrong in other parts of the flow."""
        return [each for each in self.said if each.kind == "mistake" and not self.is_here(each)]

    def is_here(self, said: Said) -> bool:
        """Whether it is about this element."""
        form = self.form
        name = form.name(self.node)
        at = (form.section.name, name if form.id != NEW or not form.section.listed else said.id)
        return (said.section, said.id) == at or (bool(said.path) and said.path == (form.section.name, name))

    def anchor(self, said: Said) -> str:
        """The field in which something is wrong."""
        return (
            self.form.anchor(self.node, said.path) if self.form.id != NEW else self._new().anchor(self.node, said.path)
        )

    def _new(self) -> Form:
        form = self.form
        return Form(form.section, "1" if form.section.listed else form.name(self.node), form.content, form.clauses)


@dataclass(frozen=True)
class Elements:
    """The pages of the forms."""

    pages: Pages
    database: Database
    settings: Settings

    async def show(self, request: Request) -> Response:
        """The form as the file says it."""
        drawing = await asyncio.to_thread(self._fresh, request)
        return self._draw(request, drawing)

    async def send(self, request: Request) -> Response:
        """A button of the form: a line more or less, a check, or save."""
        sent = await own_form(request, self.settings)
        if sent["press"] == "checking":
            return self._draw(request, await asyncio.to_thread(self._checked, request, sent), template="_checks.html")
        if sent["press"] == "check":
            return self._draw(request, await asyncio.to_thread(self._checked, request, sent))
        if sent["press"]:
            return self._draw(request, await asyncio.to_thread(self._pressed, request, sent))
        try:
            name = await asyncio.to_thread(self._saved, request, sent)
        except _NotSaved as refusal:
            return self._draw(request, refusal.drawing)
        section, flow = request.path_params["section"], request.path_params["name"]
        id_ = quote(name, safe="")
        return RedirectResponse(f"/flows/{flow}?saved={section}/{id_}", 303)

    async def check(self, request: Request) -> Response:
        """What is wrong with what stands in the form, while it is typed. Nothing is saved."""
        sent = await own_form(request, self.settings)
        return self._draw(request, await asyncio.to_thread(self._checked, request, sent), template="_checks.html")

    def _fresh(self, request: Request) -> Drawing:
        sheet = self._sheet(request)
        form = self._form(request, sheet)
        if form.id != NEW and form.raw is ABSENT:
            sentence = "Somebody may have removed it, or given it another name. Look at the overview of the flow."
            raise Refused(f"There is no such {form.section.one}", sentence, 404)
        return Drawing(sheet, form, form.drawn(), form.fingerprint(sheet.text))

    def _pressed(self, request: Request, sent: Sent) -> Drawing:
        sheet = self._sheet(request)
        node = _node(sent)
        focus = tree.press(node, sent["press"].replace(FIELD, "", 1))
        return Drawing(sheet, self._form(request, sheet), node, sent["seen"], focus=focus)

    def _checked(self, request: Request, sent: Sent) -> Drawing:
        sheet = self._sheet(request)
        form = self._form(request, sheet)
        node = _node(sent)
        drawing = Drawing(sheet, form, node, sent["seen"], checked=True)
        try:
            text, _ = form.put(sheet.text, _node(sent))
        except edits.NoSuchPart as error:
            drawing.said = [desk.Said(str(error))]
            return drawing
        there = {each.sentence for each in desk.said(desk.look(sheet, sheet.text), sheet.text)}
        found = desk.said(desk.look(sheet, text, twins=True), text)
        drawing.said = [each for each in found if drawing.is_here(each) or each.sentence not in there]
        return drawing

    def _saved(self, request: Request, sent: Sent) -> str:
        """Save, and return the id of the element.

        Raises:
            _NotSaved: it is not well formed, or somebody changed the same element.
        """
        saved: list[str] = []

        def put(sheet: FlowSheet) -> str:
            form = self._form(request, sheet)
            node = _node(sent)
            now = form.fingerprint(sheet.text)
            if now != sent["seen"]:
                raise _NotSaved(self._conflict(sheet, form, node, now))
            try:
                text, name = form.put(sheet.text, _node(sent))
            except edits.NoSuchPart as error:
                raise Refused("It is not there any more", str(error), 409) from None
            if new := desk.new_mistakes(sheet, text):
                drawing = Drawing(sheet, form, node, sent["seen"], said=new, checked=True, status=422)
                raise _NotSaved(drawing)
            saved[:] = [name]
            return text

        desk.FlowSheet.save(self.database, request.path_params["name"], sent.owner, put)
        return saved[0]

    def _conflict(self, sheet: FlowSheet, form: Form, node: Node, now: str) -> Drawing:
        drawing = Drawing(sheet, form, node, now, status=409)
        if form.raw is ABSENT:
            drawing.gone, drawing.seen = True, ""
        else:
            drawing.theirs = differences(form.section.fields, form.drawn(), node, form.picks(node))
        return drawing

    def _sheet(self, request: Request) -> FlowSheet:
        with self.database.read() as session:
            return desk.FlowSheet.read(session, request.path_params["name"])

    def _form(self, request: Request, sheet: FlowSheet) -> Form:
        section = SECTIONS[request.path_params["section"]]
        id_ = "all" if section.single else request.path_params.get("id", NEW)
        try:
            return Form(section, id_, sheet.content(), sheet.clauses())
        except FlowError as error:
            sentence = f"Line {error.problems[0].line}: {error.problems[0].message} Put it right in the YAML first."
            raise Refused("The flow cannot be read", sentence, 409) from None

    def _draw(self, request: Request, drawing: Drawing, template: str = "") -> Response:
        form, sheet = drawing.form, drawing.sheet
        picks = form.picks(drawing.node)
        name = request.path_params["name"]
        what: dict[str, Any] = {
            "name": name,
            "tab": "edit",
            "showing": sheet.showing,
            "draft": sheet.draft,
            "drawing": drawing,
            "form": form,
            "section": form.section,
            "node": drawing.node,
            "picks": picks,
            "errors": drawing.anchored() if drawing.said else {},
            "conditions": conditions,
            "tree": tree,
            "action": f"/flows/{name}/{form.section.name}" + (f"/{quote(form.id, safe='')}" if form.id != NEW else ""),
            "may_edit": is_owner(request, self.settings),
            "uses": [] if form.id == NEW else _uses(form),
        }
        fallback = "_element.html" if is_htmx(request) else "element.html"
        return self.pages.draw(request, template or fallback, drawing.status, **what)


def _node(sent: Sent) -> Node:
    return tree.grow((name.removeprefix(FIELD), value) for name, value in sent.pairs if name.startswith(FIELD))


def _uses(form: Form) -> list[tuple[str, str, str]]:
    """The other elements that use this one."""
    found = [desk.element(use.path) for use in uses_of(form.content, form.section.name, form.id)]
    others = [each for each in dict.fromkeys(found) if each[0] and each != (form.section.name, form.id)]
    return [(section, id_, desk.named(section, id_)) for section, id_ in others]
