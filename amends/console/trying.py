"""The page that tries a flow: answers on the left, the advice and its reasons on the right."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from amends.access.permissions import Permission
from amends.cases import CaseError
from amends.console.advice_shown import Advice, advice_for
from amends.console.loading import NotLoaded, load_case, load_incident, offered
from amends.console.routes import Page, page
from amends.console.situation import CLEAR, LOADED, SWITCH, VERSION, Situation, local, pairs_of, read_situation
from amends.console.versions_shown import Shown, choices, mistakes, show
from amends.console.visitor import visitor_of
from amends.flows import FlowError, Times
from amends.flows.answers import mask_of, options_of
from amends.flows.problems import either
from amends.known import known_of
from amends.settings import ROOT
from amends.workshop.checks import around
from amends.workshop.versions import UnknownVersion

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from starlette.requests import Request

    from amends.console.pages import Pages
    from amends.flows import Flow
    from amends.flows.model import Question
    from amends.incidents.database import Database
    from amends.known import Known
    from amends.policies import Library
    from amends.settings import Settings

CASE, INCIDENT, WHY_NOT = "load-case", "load-incident", "why-not"
FEW = 3
"""So many options of a question are shown as buttons to press; more become a list to pick from."""


@dataclass(frozen=True)
class Asked:
    """A question as the form shows it. `chosen` are the options, or the two times as fields write them."""

    question: Question
    chosen: tuple[str, ...]
    times: dict[str, str]

    @property
    def style(self) -> str:
        """How it is answered."""
        if self.question.kind in ("many", "times"):
            return self.question.kind
        return "buttons" if len(self.question.options) <= FEW else "list"


@dataclass(frozen=True)
class Side:
    """One version with its advice; `only` are the steps that no other version advises."""

    shown: Shown
    flow: Flow
    situation: Situation
    advice: Advice
    address: str
    only: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Trying:
    """The pages that try a flow."""

    pages: Pages
    database: Database
    settings: Settings
    data: Path = ROOT / "data"

    def routes(self) -> list[Page]:
        """The addresses."""
        return [page("/flows/{name}/try", self.show, may=Permission.READ_POLICY)]

    async def show(self, request: Request) -> Response:
        """The page, or for htmx the advice alone."""
        try:
            return await asyncio.to_thread(self._show, request)
        except UnknownVersion as error:
            return self.pages.problem(request, 404, "There is no such version", str(error))
        except NotLoaded as error:
            return self.pages.problem(request, 404, "There is nothing to load", str(error))
        except CaseError as error:
            return self.pages.problem(request, 503, "The public cases cannot be read", str(error))

    def _show(self, request: Request) -> Response:
        name, query = request.path_params["name"], request.query_params
        if query.get(CASE) or query.get(INCIDENT):
            return self._load(request)
        with self.database.read() as session:
            shown = show(session, name, query.get(VERSION, ""), self.pages.clock)
            versions = choices(session, name, self.pages.clock)
            beside = query.get("beside-version", "")
            other = show(session, name, beside, self.pages.clock) if beside else None
            incidents = offered(session, visitor_of(request), name)
            library = around(session).library()
        page: dict[str, Any] = {
            "name": name,
            "tab": "try",
            "shown": shown,
            "versions": versions,
            "incidents": incidents,
            "cases": known_of(name, self.data),
        }
        try:
            sides = [self._side(request, each, library) for each in (shown, other) if each is not None]
        except FlowError as error:
            return self.pages.draw(request, "try_mistakes.html", **page, mistakes=mistakes(error))
        situation = replace(sides[0].situation, answers={**sides[-1].situation.answers, **sides[0].situation.answers})
        address = f"/flows/{name}/try?{situation.address(self.pages.zone)}"
        part = request.headers.get("HX-Target", "")
        if not part and (query.get(CLEAR) or "" in query.values()):
            return RedirectResponse(address, 303)
        questions = {**sides[0].flow.questions}
        questions |= {name: q for name, q in sides[-1].flow.questions.items() if name not in questions}
        page |= {
            "sides": _told_apart(sides),
            "flow": sides[0].flow,
            "situation": situation,
            "address": address,
            "asked": [_asked(question, situation, self.pages) for question in questions.values()],
            "origin": _origin(situation.loaded, page["cases"], sides[0].flow),
            "zone": self.pages.zone,
            "swapped": bool(part),
        }
        template = {"advice": "_try_advice.html", "trying": "_trying.html"}.get(part, "try.html")
        return self.pages.draw(request, template, **page)

    def _side(self, request: Request, shown: Shown, library: Library) -> Side:
        flow = shown.flow()
        situation = read_situation(flow, request.query_params, self.pages.zone, self.settings.flow_settings)
        look = request.query_params.get(WHY_NOT, "")
        advice = advice_for(flow, situation.answers, situation.settings, library, look)
        address = situation.address(self.pages.zone, version=shown.key, beside="")
        return Side(shown, flow, situation, advice, address)

    def _load(self, request: Request) -> Response:
        """To the same page with the answers of a case or an incident in its address."""
        name, query = request.path_params["name"], request.query_params
        if query.get(CASE):
            loaded = load_case(known_of(name, self.data), query[CASE])
        else:
            with self.database.begin() as session:
                loaded = load_incident(session, visitor_of(request), name, query[INCIDENT], request.url.path)
        pairs = [(VERSION, query[VERSION])] if query.get(VERSION) else []
        pairs += [(LOADED, loaded.name), *((f"{SWITCH}{setting}", "on") for setting in loaded.settings)]
        pairs += pairs_of(loaded.answers, self.pages.zone)
        return RedirectResponse(f"/flows/{name}/try?{urlencode(pairs)}", 303)


def _asked(question: Question, situation: Situation, pages: Pages) -> Asked:
    answer = situation.answers.get(question.id)
    if answer is None:
        return Asked(question, (), {})
    if isinstance(answer.value, Times):
        times = {"posted": answer.value.posted, "noticed": answer.value.noticed}
        return Asked(question, (), {key: local(time, pages.zone) for key, time in times.items() if time})
    return Asked(question, options_of(question, mask_of(question, answer)), {})


def _origin(name: str, cases: Mapping[str, Known], flow: Flow) -> dict[str, str]:
    """Where the answers came from, in words: what was done and held right there, and what is expected of this flow."""
    known = cases.get(name)
    if known is None:
        return {"title": name}
    told = {"title": known.title, "what": known.what_happened}
    if known.case is not None:
        right = known.case.best_practice_response
        told["did"] = _named(known.case.what_they_did, flow) or "nothing"
        told["judged"] = "opinion was split" if right is None else _named(right, flow) or "nothing"
    if known.expected is not None:
        told |= {"expected": _named(known.expected.advised, flow), "why": known.expected.why}
    return told


def _named(codes: Iterable[str], flow: Flow) -> str:
    return either([flow.codes[code].label if code in flow.codes else code.replace("_", " ") for code in codes], "and")


def _told_apart(sides: list[Side]) -> list[Side]:
    """The sides, each with the steps that only it advises."""
    if len(sides) < 2:
        return sides
    codes = [{step.code for step in side.advice.steps} for side in sides]
    only = (frozenset(codes[0] - codes[1]), frozenset(codes[1] - codes[0]))
    return [replace(side, only=own) for side, own in zip(sides, only, strict=True)]
