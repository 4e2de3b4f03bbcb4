"""The page that compares two versions of a flow: what people are advised differently, or line by line."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from difflib import unified_diff
from typing import TYPE_CHECKING, Any

from amends.access.permissions import Permission
from amends.console.jobs import Job, Jobs
from amends.console.routes import Page, page
from amends.console.situation import Situation
from amends.console.versions_shown import DRAFT, LIVE, Shown, choices, flow_document, mistakes, show
from amends.flows import FlowError
from amends.flows.diff import diff, usually
from amends.workshop.drafts import draft_of
from amends.workshop.versions import UnknownVersion

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from amends.console.pages import Pages
    from amends.flows import Decision, Flow
    from amends.flows.diff import Change, Difference
    from amends.incidents.database import Database
    from amends.settings import Settings

OLD, NEW = "from-version", "to-version"
PATIENCE = 3.0
"""Seconds that a page waits for a comparison before it says that it goes on."""
_HEADINGS = {
    "response": "Responses",
    "person": "People brought in",
    "ruled out": "What is ruled out",
    "level": "Level",
    "deadline": "Deadlines",
    "wording": "Rules for the words",
    "clause": "Clauses",
}
_STYLES = {"+": "added", "-": "removed", "@": "place", " ": "same"}


@dataclass(frozen=True)
class ShownChange:
    """One change with its example. `before` and `after` are the steps by name; `address` opens it in try."""

    sentence: str
    usually: str
    told: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    address: str


@dataclass(frozen=True)
class Comparing:
    """The page that compares."""

    pages: Pages
    database: Database
    settings: Settings
    jobs: Jobs = field(default_factory=lambda: Jobs("compare"))

    def routes(self) -> list[Page]:
        """The addresses."""
        return [page("/flows/{name}/compare", self.show, may=Permission.READ_POLICY)]

    async def show(self, request: Request) -> Response:
        """The whole page, or for htmx what was found, once it is there."""
        try:
            return await asyncio.to_thread(self._show, request)
        except UnknownVersion as error:
            return self.pages.problem(request, 404, "There is no such version", str(error))

    def _show(self, request: Request) -> Response:
        name, query = request.path_params["name"], request.query_params
        clock = self.pages.clock
        with self.database.read() as session:
            has_draft = draft_of(session, flow_document(name)) is not None
            old = show(session, name, query.get(OLD) or LIVE, clock)
            new = show(session, name, query.get(NEW) or (DRAFT if has_draft else LIVE), clock)
            versions = choices(session, name, clock)
        page: dict[str, Any] = {"name": name, "tab": "compare", "old": old, "new": new, "versions": versions}
        page |= {"no_draft": not has_draft and not query.get(NEW), "view": query.get("view", "meaning")}
        if page["view"] == "text":
            return self.pages.draw(request, "compare.html", **page, lines=_lines(old, new))
        try:
            before, after = old.flow(), new.flow()
        except FlowError as error:
            return self.pages.draw(request, "compare.html", **page, mistakes=mistakes(error))
        job = self._job(before, after)
        job.finished.wait(PATIENCE)
        page |= {"job": job}
        if not job.running and not job.failed:
            page |= self._found(name, old, new, job.result, (before, after))
        part = request.headers.get("HX-Target") == "compared"
        return self.pages.draw(request, "_compared.html" if part else "compare.html", **page)

    def _job(self, old: Flow, new: Flow) -> Job:
        settings = self.settings.flow_settings
        return self.jobs.begin((old.version, new.version), lambda _job: diff(old, new, settings))

    def _found(self, name: str, old: Shown, new: Shown, found: Difference, flows: tuple[Flow, Flow]) -> dict[str, Any]:
        groups: dict[str, list[ShownChange]] = {}
        for change in found.changes:
            shown = self._change(name, old, new, change, flows)
            groups.setdefault(_HEADINGS[change.kind], []).append(shown)
        return {"found": found, "groups": groups}

    def _change(self, name: str, old: Shown, new: Shown, change: Change, flows: tuple[Flow, Flow]) -> ShownChange:
        example = change.example
        answers = {**example.answers_before, **example.answers}
        situation = Situation(new.key, answers, frozenset(), beside=old.key)
        return ShownChange(
            change.sentence,
            usually(change.amount).strip(),
            example.told,
            _named(flows[0], example.before),
            _named(flows[1], example.after),
            f"/flows/{name}/try?{situation.address(self.pages.zone)}",
        )


def _named(flow: Flow, decision: Decision) -> tuple[str, ...]:
    return tuple(flow.codes[step.code].label for step in decision.steps)


def _lines(old: Shown, new: Shown) -> list[tuple[str, str]]:
    """The lines that differ, with a few around them, each with a word for what it is."""
    before, after = old.text.splitlines(), new.text.splitlines()
    changed = list(unified_diff(before, after, lineterm="", n=3))[2:]
    return [(_STYLES[line[:1] or " "], line) for line in changed]
