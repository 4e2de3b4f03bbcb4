"""The pages of the policies: all of them, one with its clauses, and the plain editor of a clause."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.responses import RedirectResponse, Response

from amends.access.permissions import Permission
from amends.console import policy_desk as desk
from amends.console.clause_form import (
    LONGEST,
    MARKS,
    ClauseForm,
    answers_of,
    codes_of,
    differences,
    form_of,
    form_sent,
    words_for,
)
from amends.console.editing.sent import Refused, own_form
from amends.console.editing.who import ask_who
from amends.console.owners import is_owner
from amends.console.policy_history import PolicyHistory
from amends.console.policy_text import PolicyText
from amends.console.routes import Page, page
from amends.console.trail_page import TrailPage
from amends.console.visitor import visitor_of
from amends.flows import edits
from amends.flows.problems import FlowError
from amends.settings import ROOT
from amends.workshop import UnknownVersion, WorkshopError, documents, draft_of, history, requests
from amends.workshop.files import differences as file_differences

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from amends.console.editing.sent import Sent
    from amends.console.pages import Pages
    from amends.console.policy_desk import PolicySheet
    from amends.incidents.database import Database
    from amends.settings import Settings

NEW = "new-clause"
"""In the place of a clause's id in an address."""


class _NotSaved(Exception):  # noqa: N818 - it ends a transaction, and says nothing to anybody
    def __init__(self, drawn: dict[str, Any]) -> None:
        self.drawn = drawn


@dataclass(frozen=True)
class Clauses:
    """The pages of the policies."""

    pages: Pages
    database: Database
    settings: Settings

    def routes(self) -> list[Page]:
        """The addresses. Those with a fixed name stand before those with a clause's id."""
        trail = TrailPage(self.pages, self.database)
        text = PolicyText(self.pages, self.database, self.settings)
        past = PolicyHistory(self.pages, self.database, self.settings)
        one = "/policies/{name}"
        post = ["POST"]
        return [
            page("/policies", self._guarded(self.list), Permission.READ_POLICY),
            page("/policies/trail", self._guarded(trail.show), Permission.READ_POLICY),
            page(one, self._guarded(self.show), Permission.READ_POLICY),
            page(f"{one}/yaml", self._guarded(text.show), Permission.READ_POLICY),
            page(f"{one}/yaml", self._guarded(text.save), Permission.EDIT_POLICY, post),
            page(f"{one}/history", self._guarded(past.list), Permission.READ_POLICY),
            page(f"{one}/history/{{version}}", self._guarded(past.show), Permission.READ_POLICY),
            page(f"{one}/history/{{version}}", self._guarded(past.go_back), Permission.EDIT_POLICY, post),
            page(f"{one}/{{clause}}", self._guarded(self.edit), Permission.READ_POLICY),
            page(f"{one}/{{clause}}", self._guarded(self.save), Permission.EDIT_POLICY, post),
            page(f"{one}/{{clause}}/check", self._guarded(self.check), Permission.EDIT_POLICY, post),
            page(f"{one}/{{clause}}/remove", self._guarded(self.ask_removal), Permission.READ_POLICY),
            page(f"{one}/{{clause}}/remove", self._guarded(self.remove), Permission.EDIT_POLICY, post),
        ]

    def _guarded(self, page: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        """Visitors only; and what cannot be done is said in words."""

        async def guarded(request: Request) -> Response:
            if visitor_of(request) is None:
                return ask_who(request)
            try:
                return await page(request)
            except UnknownVersion as error:
                return self.pages.problem(request, 404, "There is no such page", str(error))
            except Refused as error:
                return self.pages.problem(request, error.status, error.title, str(error), error.text)
            except WorkshopError as error:
                return self.pages.problem(request, 409, "Nothing was changed", str(error))

        return guarded

    async def list(self, request: Request) -> Response:
        """All policies with their clauses."""
        what = await asyncio.to_thread(self._list)
        return self.pages.draw(
            request, "policies.html", **what, page="policies", open_to_all=self.settings.all_are_policy_owners
        )

    async def show(self, request: Request) -> Response:
        """One policy."""
        return await asyncio.to_thread(self._show, request)

    async def edit(self, request: Request) -> Response:
        """The editor of a clause, or of a new one."""

        def draw() -> Response:
            sheet, id_ = self._sheet(request), request.path_params["clause"]
            if id_ == NEW:
                return self._form(request, sheet, ClauseForm("", legal="none (policy only)", mark="P"), seen="")
            form = form_of(_clause(sheet, id_))
            return self._form(request, sheet, form, seen=edits.fingerprint(sheet.text, ("clauses", id_)))

        return await asyncio.to_thread(draw)

    async def save(self, request: Request) -> Response:
        """Save a clause in the draft."""
        sent = await own_form(request, self.settings)
        return await asyncio.to_thread(self._save, request, sent)

    async def check(self, request: Request) -> Response:
        """What is wrong with what stands in the form, while it is typed. Nothing is saved."""
        sent = await own_form(request, self.settings)

        def look() -> Response:
            sheet, id_ = self._sheet(request), request.path_params["clause"]
            form = form_sent(sent.pairs, "" if id_ == NEW else id_)
            mistakes = _mistakes(sheet, form, new=id_ == NEW)
            sentences: list[str] = list(mistakes.values())
            warnings: tuple[str, ...] = ()
            if not mistakes:
                try:
                    report = desk.look(sheet, _with(sheet, form, new=id_ == NEW))
                    sentences, warnings = [problem.message for problem in report.problems], report.warnings
                except FlowError as error:
                    sentences = [problem.message for problem in error.problems]
            return self.pages.draw(request, "_clause_checks.html", sentences=sentences, warnings=warnings, checked=True)

        return await asyncio.to_thread(look)

    async def ask_removal(self, request: Request) -> Response:
        """What would be missing without a clause, and the button that removes it."""

        def draw() -> Response:
            sheet, id_ = self._sheet(request), request.path_params["clause"]
            clause = _clause(sheet, id_)
            return self._draw(
                request,
                "clause_remove.html",
                sheet,
                clause=clause,
                cited_by=sheet.cited_by(id_),
                named_by=[other for other in sheet.named_by(id_) if other != id_],
                seen=edits.fingerprint(sheet.text, ("clauses", id_)),
                last=len(sheet.clauses()) == 1,
            )

        return await asyncio.to_thread(draw)

    async def remove(self, request: Request) -> Response:
        """Remove a clause from the draft."""
        sent = await own_form(request, self.settings)
        name, id_ = request.path_params["name"], request.path_params["clause"]

        def removed(sheet: PolicySheet) -> str:
            _clause(sheet, id_)
            if edits.fingerprint(sheet.text, ("clauses", id_)) != sent["seen"]:
                sentence = "Somebody changed it after you opened it, so it was not removed. Look at it again first."
                raise Refused("It was changed in the meantime", sentence, 409)
            if len(sheet.clauses()) == 1:
                sentence = "It is the only clause of this policy, and a policy needs at least one."
                raise Refused("It cannot be removed", sentence, 422)
            return edits.remove(sheet.text, ("clauses", id_))

        await asyncio.to_thread(desk.PolicySheet.save, self.database, name, sent.owner, removed)
        return RedirectResponse(f"/policies/{name}?did=removed&clause={id_}", 303)

    def _save(self, request: Request, sent: Sent) -> Response:
        name, id_ = request.path_params["name"], request.path_params["clause"]
        new = id_ == NEW
        form = form_sent(sent.pairs, "" if new else id_)

        def put(sheet: PolicySheet) -> str:
            path = ("clauses", form.id)
            now = "" if new else edits.fingerprint(sheet.text, path)
            if now != sent["seen"]:
                there = sheet.clauses().get(form.id)
                theirs = (
                    differences(form_of(there), form.keeping_order(there), words_for(sheet.flows())) if there else []
                )
                raise _NotSaved({"sheet": sheet, "seen": now, "theirs": theirs, "gone": there is None, "status": 409})
            if mistakes := _mistakes(sheet, form, new=new):
                raise _NotSaved({"sheet": sheet, "seen": now, "mistakes": mistakes, "status": 422})
            try:
                text = _with(sheet, form, new=new and bool(sheet.clauses()))
                sentences = desk.new_mistakes(sheet, text)
            except FlowError as error:
                sentences = [problem.message for problem in error.problems]
            if sentences:
                raise _NotSaved({"sheet": sheet, "seen": now, "sentences": sentences, "status": 422})
            return text

        try:
            desk.PolicySheet.save(self.database, name, sent.owner, put)
        except _NotSaved as refusal:
            drawn = refusal.drawn
            return self._form(request, drawn.pop("sheet"), form, **drawn)
        except edits.NoSuchPart:
            sentence = "Somebody changed the policy so that it has no list of clauses any more. Look at its YAML."
            return self.pages.problem(request, 409, "Nothing was saved", sentence, form.text)
        return RedirectResponse(f"/policies/{name}?did=saved&clause={form.id}#{form.id}", 303)

    def _list(self) -> dict[str, Any]:
        with self.database.read() as session:
            found = []
            for document in documents(session):
                if document.kind == "policy":
                    sheet = desk.PolicySheet.read(session, document.name)
                    found.append(
                        {
                            "name": document.name,
                            "title": _title(sheet),
                            "clauses": sheet.clauses().values(),
                            "draft": draft_of(session, document),
                            "live": history(session, document)[0],
                            "waiting": requests(session, document),
                        }
                    )
            differ = [each for each in file_differences(session, ROOT / "data") if each.document.kind == "policy"]
        return {"policies": sorted(found, key=lambda one: one["title"].casefold()), "differ": differ}

    def _show(self, request: Request) -> Response:
        sheet = self._sheet(request)
        query = request.query_params
        clauses = sheet.clauses()
        return self._draw(
            request,
            "policy.html",
            sheet,
            title=_title(sheet),
            clauses=clauses.values(),
            mistakes=sheet.mistakes() or desk.look(sheet, sheet.text).problems,
            cited={id_: sheet.cited_by(id_) for id_ in clauses},
            say=words_for(sheet.flows()),
            did=query.get("did", ""),
            did_clause=query.get("clause", "")[:40],
        )

    def _form(
        self, request: Request, sheet: PolicySheet, form: ClauseForm, *, status: int = 200, **what: Any
    ) -> Response:
        flows = sheet.flows()
        answers, codes = answers_of(flows), codes_of(flows)
        known = {tag for _, options in answers for tag, _ in options}
        gone = sorted({part for row in form.tags for part in row} - known)
        return self._draw(
            request,
            "clause.html",
            sheet,
            status,
            form=form,
            new=request.path_params["clause"] == NEW,
            answers=answers,
            gone_answers=gone,
            codes=[*codes, *((code, code) for code in (*form.supports, *form.forbids) if code not in dict(codes))],
            marks=MARKS,
            longest=LONGEST,
            others={id_: title for id_, title in sheet.all_clauses().items() if id_ != form.id},
            cited_by=sheet.cited_by(form.id),
            **{"mistakes": {}, "sentences": [], "theirs": None, "gone": False, **what},
        )

    def _sheet(self, request: Request) -> PolicySheet:
        with self.database.read() as session:
            return desk.PolicySheet.read(session, request.path_params["name"])

    def _draw(
        self,
        request: Request,
        template: str,
        sheet: PolicySheet,
        status: int = 200,
        /,
        *,
        tab: str = "clauses",
        **what: Any,
    ) -> Response:
        return self.pages.draw(
            request,
            template,
            status,
            name=sheet.name,
            tab=tab,
            showing=sheet.showing,
            draft=sheet.draft,
            may_edit=is_owner(request, self.settings),
            **what,
        )


def _clause(sheet: PolicySheet, id_: str) -> Any:
    found = sheet.clauses().get(id_)
    if found is None:
        raise UnknownVersion(f"There is no clause {id_[:40]} in this policy. Somebody may have removed it.")
    return found


def _mistakes(sheet: PolicySheet, form: ClauseForm, *, new: bool) -> dict[str, str]:
    return form.mistakes(sheet.all_clauses() if new else ())


def _with(sheet: PolicySheet, form: ClauseForm, *, new: bool) -> str:
    """The policy's text with the clause as it stands in the form."""
    if new:
        return edits.insert(sheet.text, "clauses", form.id, form.value())
    value = form.keeping_order(sheet.clauses().get(form.id)).value()
    return edits.change(sheet.text, ("clauses", form.id), value)


def _title(sheet: PolicySheet) -> str:
    try:
        return str(edits.content(sheet.text).get("title", sheet.name))
    except FlowError:
        return sheet.name
