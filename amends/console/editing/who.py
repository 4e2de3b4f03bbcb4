"""A name for somebody who comes to look at flows and policies, or to practise, and has nothing to report."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.responses import RedirectResponse, Response

from amends.access.permissions import Permission
from amends.console.editing.sent import read_sent
from amends.console.routes import Page, page
from amends.console.visitor import LONGEST_NAME, is_own_form, visitor_of, welcome

if TYPE_CHECKING:
    from starlette.requests import Request

    from amends.console.pages import Pages

_OURS = re.compile(r"/(?:drills|(?:flows|policies)(?:/[\w.%/-]*)?)\Z")
START = "/flows"


def ask_who(request: Request) -> Response:
    """To the page that asks for a name, and back from there."""
    return RedirectResponse(f"/who?back={quote(_back(request.url.path))}", 303)


def _back(path: str) -> str:
    return path if _OURS.match(path) else START


@dataclass(frozen=True)
class Who:
    """The page that asks for a name."""

    pages: Pages

    def routes(self) -> list[Page]:
        """The addresses."""
        return [
            page("/who", self.show, Permission.READ_POLICY),
            page("/who", self.send, Permission.READ_POLICY, ["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """The question."""
        back = _back(request.query_params.get("back", START))
        if visitor_of(request) is not None:
            return RedirectResponse(back, 303)
        return self.pages.draw(request, "who.html", back=back)

    async def send(self, request: Request) -> Response:
        """The name."""
        sent = dict(await read_sent(request))
        back, name = _back(sent.get("back", "")), " ".join(sent.get("name", "").split())[:LONGEST_NAME]
        notice = ""
        if not is_own_form(request, sent.get("csrf", "")):
            notice = "This form was drawn for another visit. Try again; it needs cookies to be allowed."
        elif not name or not name.isprintable():
            notice = "Say who you are first: a name is all that is needed."
        if notice:
            return self.pages.draw(request, "who.html", 422, back=back, notice=notice, given=name)
        if visitor_of(request) is None:
            welcome(request, name)
        return RedirectResponse(back, 303)
