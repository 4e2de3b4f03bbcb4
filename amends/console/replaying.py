"""The page that replays the recorded incidents under another version of the flow. For policy owners."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import not_, select
from starlette.responses import JSONResponse, RedirectResponse, Response

from amends.access.permissions import Permission
from amends.console.editing.who import ask_who
from amends.console.forms import read_form
from amends.console.jobs import Job, Jobs
from amends.console.owners import NotAnOwner, owner_of
from amends.console.replay_shown import ON_A_PAGE, VERDICTS, Result, Sieve, rows_of
from amends.console.routes import Page, page
from amends.console.versions_shown import Shown, choices, mistakes, show
from amends.console.visitor import is_own_form, visitor_of
from amends.flows import FlowError
from amends.flows.replay import Recorded, replay
from amends.flows.replay_report import as_csv
from amends.incidents import record
from amends.incidents.models import Incident
from amends.incidents.visible import visible_to
from amends.workshop.versions import UnknownVersion

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session
    from starlette.requests import Request

    from amends.console.pages import Pages
    from amends.flows import Flow
    from amends.incidents.database import Database
    from amends.settings import Settings

VERSION = "of-version"
PATIENCE = 1.5
"""Seconds that the first page waits, so that a short replay is simply there."""
_FOREIGN = "This form was drawn for another visit, so nothing was done. Load the page again; it needs cookies."


@dataclass(frozen=True)
class Replaying:
    """The pages of a replay."""

    pages: Pages
    database: Database
    settings: Settings
    jobs: Jobs = field(default_factory=lambda: Jobs("replay"))

    def routes(self) -> list[Page]:
        """The addresses."""
        return [
            page("/flows/{name}/replay", self.show, may=Permission.EDIT_POLICY),
            page("/flows/{name}/replay", self.begin, may=Permission.EDIT_POLICY, methods=["POST"]),
            page("/flows/{name}/replay/incidents.{kind}", self.take, may=Permission.EDIT_POLICY),
        ]

    async def show(self, request: Request) -> Response:
        """What was found so far, sifted; for htmx without the page around it."""
        return await self._answer(request, self._show)

    async def begin(self, request: Request) -> Response:
        """Begin a replay, in the background."""
        form = await read_form(request)
        if not is_own_form(request, form["csrf"]):
            return self.pages.problem(request, 403, "This form is not yours", _FOREIGN)
        return await self._answer(request, self._begin, form[VERSION], form["again"] == "yes")

    async def take(self, request: Request) -> Response:
        """All outcomes, as CSV or JSON."""
        return await self._answer(request, self._take)

    async def _answer(self, request: Request, work: Any, *arguments: Any) -> Response:
        if visitor_of(request) is None:
            return ask_who(request)
        try:
            owner_of(request, self.settings)
            answer: Response = await asyncio.to_thread(work, request, *arguments)
        except NotAnOwner as error:
            return self.pages.problem(request, 403, "A replay is for policy owners", str(error))
        except UnknownVersion as error:
            return self.pages.problem(request, 404, "There is no such version", str(error))
        return answer

    def _show(self, request: Request) -> Response:
        name, query = request.path_params["name"], request.query_params
        with self.database.read() as session:
            shown = show(session, name, query.get(VERSION, ""), self.pages.clock)
            page: dict[str, Any] = {
                "name": name,
                "tab": "replay",
                "shown": shown,
                "versions": choices(session, name, self.pages.clock),
            }
            try:
                flow = shown.flow()
            except FlowError as error:
                return self.pages.draw(request, "try_mistakes.html", **page, mistakes=mistakes(error))
            page["incidents"] = record.count_of(session, flow.id) - len(_hidden(session, request, flow.id))
        job = self.jobs.find(flow.version)
        page["job"] = job
        if job is not None:
            job.finished.wait(PATIENCE)
            # In proportion: how far it is, of those that whoever asks may see.
            page["replayed"] = page["incidents"] * min(job.done, job.total) // max(job.total, 1)
            if not job.running and not job.failed:
                page |= self._sifted(request, self._for(request, job.result))
        part = request.headers.get("HX-Target") == "replayed"
        return self.pages.draw(request, "_replayed.html" if part else "replay.html", **page)

    def _sifted(self, request: Request, result: Result) -> dict[str, Any]:
        sieve = Sieve.of(request.query_params, result)
        found = sieve.sift(result)
        pages = max(1, -(-len(found) // ON_A_PAGE))
        wanted = request.query_params.get("page", "1")
        page = min(max(int(wanted) if wanted.isdecimal() and len(wanted) < 7 else 1, 1), pages)
        part = found[(page - 1) * ON_A_PAGE : page * ON_A_PAGE]
        visitor = visitor_of(request)
        assert visitor is not None
        references = [reference for reference, _ in part]
        query = select(Incident.reference).where(visible_to(visitor.viewer), Incident.reference.in_(references))
        with self.database.read() as session:
            visible = set(session.scalars(query))
        return {
            "result": result,
            "sieve": sieve,
            "found": len(found),
            "rows": rows_of(result.flow, part, visible),
            "number": page,
            "pages": pages,
            "verdicts": VERDICTS,
        }

    def _for(self, request: Request, result: Result) -> Result:
        """A replay as far as it is for whoever asks: it knows nothing of restricted incidents that they may not see."""
        with self.database.read() as session:
            hidden = _hidden(session, request, result.flow.id)
        return replace(result, outcomes=[each for each in result.outcomes if each[0] not in hidden])

    def _begin(self, request: Request, key: str, again: bool) -> Response:
        name = request.path_params["name"]
        with self.database.read() as session:
            shown = show(session, name, key, self.pages.clock)
            try:
                flow = shown.flow()
            except FlowError:
                return self._show(request)
            total = record.count_of(session, flow.id)
        self.jobs.begin(flow.version, lambda job: self._replay(job, flow), again=again, total=total)
        return RedirectResponse(f"/flows/{name}/replay?{VERSION}={shown.key}", 303)

    def _replay(self, job: Job, flow: Flow) -> Result:
        with self.database.read() as session:
            incidents = job.watch(_recorded(session, flow.id))
            return Result(flow, list(replay(flow, incidents, self.settings.flow_settings)))

    def _take(self, request: Request) -> Response:
        name, kind = request.path_params["name"], request.path_params["kind"]
        with self.database.read() as session:
            shown: Shown = show(session, name, request.query_params.get(VERSION, ""), self.pages.clock)
        try:
            job = self.jobs.find(shown.flow().version)
        except FlowError:
            job = None
        if job is None or job.running or job.failed or kind not in ("csv", "json"):
            sentence = f"There is no finished replay to take along. Begin one at /flows/{name}/replay."
            return self.pages.problem(request, 404, "There is nothing to take along", sentence)
        result = self._for(request, job.result)
        file = f"replay-{name}-{result.flow.version[:12]}.{kind}"
        headers = {"Content-Disposition": f'attachment; filename="{file}"'}
        if kind == "csv":
            return Response(as_csv(result.outcomes), media_type="text/csv; charset=utf-8", headers=headers)
        rows = [{"reference": reference, **outcome.as_json()} for reference, outcome in result.outcomes]
        return JSONResponse({"version": result.flow.version, "incidents": rows}, headers=headers)


def _hidden(session: Session, request: Request, flow_id: str) -> set[str]:
    """The references of the restricted incidents of a flow that whoever asks may not see."""
    visitor = visitor_of(request)
    assert visitor is not None
    query = select(Incident.reference).where(
        Incident.restricted.is_(True),
        Incident.drill.is_(False),
        not_(visible_to(visitor.viewer)),
        Incident.flow_id == flow_id,
    )
    return set(session.scalars(query))


def _recorded(session: Session, flow_id: str) -> Iterator[Recorded]:
    for reference, answers, decision in record.advised(session, flow_id):
        yield Recorded(reference, json.loads(answers), json.loads(decision) if decision else None)
