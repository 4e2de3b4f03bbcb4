"""Drawing pages: templates with what every page needs."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.templating import Jinja2Templates

from amends.access.permissions import Permission, permissions_of
from amends.console.routes import Page, Part
from amends.console.visitor import access_of, csrf_token, signed_in
from amends.console.words import bare, cap, clock, intro, left, plain
from amends.conversation.replies import press_answer, press_done

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

    from amends.access.people import SignedIn
    from amends.settings import Settings

HERE = Path(__file__).resolve().parent
STATES = {
    "confirming": "being confirmed",
    "asking": "questions open",
    "advised": "advice given",
    "closed": "closed",
    "abandoned": "stopped",
}

NAVIGATION = (
    ("open", "Open", "/open", Permission.SEE_ALL),
    ("all", "All incidents", "/all", Permission.SEE_ALL),
    ("insights", "Insights", "/insights", Permission.SEE_INSIGHTS),
    ("accounts", "Accounts", "/accounts", Permission.SEE_ALL),
    ("incidents", "My incidents", "/incidents", Permission.SEE_OWN),
    ("talk", "Talk", "/", Permission.TALK),
    ("drills", "Practise", "/drills", Permission.TALK),
    ("check", "Check a draft", "/check", Permission.TALK),
    ("flows", "Flows", "/flows", Permission.READ_POLICY),
    ("policies", "Policies", "/policies", Permission.READ_POLICY),
    ("audit", "Audit", "/audit", Permission.SEE_AUDIT),
    ("people", "People", "/people", Permission.ADMIN),
    ("privacy", "Privacy", "/privacy", Permission.ADMIN),
)
"""The bar on top: what a page calls itself (`page=`), its name, its address, and what one needs to see it."""


class Pages:
    """The console's templates, in the organisation's time zone."""

    def __init__(self, settings: Settings) -> None:
        self._contact = settings.emergency_contact
        self._addresses: frozenset[str] = frozenset()
        self._templates = Jinja2Templates(HERE / "templates")
        environment = self._templates.env
        environment.trim_blocks = environment.lstrip_blocks = True
        self.zone = settings.zone
        environment.filters["clock"] = self.clock
        environment.filters["left"] = lambda time: left(time, datetime.now(UTC))
        environment.filters.update(cap=cap, bare=bare, intro=intro)
        environment.filters["state"] = lambda state: STATES.get(state, plain(state))
        environment.globals.update(press_answer=press_answer, press_done=press_done, new_key=new_key)

    def clock(self, time: datetime) -> str:
        """A time as people here say it."""
        return clock(time, datetime.now(UTC), self.zone)

    def knows(self, routes: Iterable[BaseRoute]) -> None:
        """Tell the pages which addresses there are; the bar on top names only these."""
        self._addresses = frozenset(each.path for each in routes if isinstance(each, Page | Part))

    def navigation(self, may: frozenset[Permission]) -> list[tuple[str, str, str]]:
        """The bar on top for somebody who may this: what a page calls itself, its name, its address."""
        there = (each for each in NAVIGATION if each[2] in self._addresses)
        return [(key, label, address) for key, label, address, needs in there if needs in may]

    def home(self, person: SignedIn) -> str:
        """The address that somebody comes to first."""
        found = self.navigation(permissions_of(person.roles))
        return found[0][2] if found else "/"

    def draw(self, request: Request, template: str, status: int = 200, /, **what: Any) -> Response:
        """A page, or the part of one that htmx asked for."""
        person = signed_in(request)
        may = permissions_of(access_of(request).roles_of(person))
        context = {
            "visitor": person,
            "person": person,
            "may": may,
            "home": self.home(person) if person else "/",
            "navigation": self.navigation(may) if person else (),
            "csrf": csrf_token(request),
            "contact": self._contact,
            "pressing": request.scope.get("amends.pressing"),
            "my_accounts": request.scope.get("amends.accounts"),
            "answers": request.scope.get("amends.answers"),
            "unfinished": request.scope.get("amends.unfinished"),
            "key": new_key(),
            **what,
        }
        return self._templates.TemplateResponse(request, template, context, status_code=status)

    def problem(self, request: Request, status: int, title: str, sentence: str, text: str = "") -> Response:
        """A page that says in plain words what is wrong and what to do.

        Args:
            text: what the person wrote, so that it is not lost.
        """
        if is_htmx(request):
            return self.notice(request, status, f"{title}. {sentence}")
        return self.draw(request, "problem.html", status, title=title, sentence=sentence, text=text)

    def notice(self, request: Request, status: int, sentence: str) -> Response:
        """A sentence above the box, for a page that stays; what was typed stays in the box."""
        response = self.draw(request, "_notice.html", status, notice=sentence)
        response.headers["HX-Retarget"] = "#notice"
        response.headers["HX-Reswap"] = "innerHTML"
        return response


def is_htmx(request: Request) -> bool:
    """Whether the page is there already and takes a part of it."""
    return request.headers.get("HX-Request") == "true"


def new_key() -> str:
    """A key for one message of one form."""
    return uuid.uuid4().hex
