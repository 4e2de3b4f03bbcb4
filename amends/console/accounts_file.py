"""A file of accounts or of people, pasted by a lead: looked at first, then taken in whole."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from starlette.responses import RedirectResponse

from amends.access.permissions import Permission
from amends.accounts.importing import take_in
from amends.accounts.rows import OF_ACCOUNTS, OF_PEOPLE
from amends.accounts.sheet import SheetError
from amends.console.routes import Page, page
from amends.incidents import record

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from amends.access.people import SignedIn
    from amends.accounts.importing import Taken
    from amends.console.account_desk import AccountDesk


@dataclass(frozen=True)
class AccountsFile:
    """The page that takes a file in."""

    desk: AccountDesk

    def routes(self) -> list[Page]:
        """The addresses."""
        where = "/accounts/import"
        return [
            page(where, self.ask, may=Permission.ACT, name="ask_accounts_file"),
            page(where, self.take, may=Permission.ACT, methods=["POST"], name="take_accounts_file"),
        ]

    async def ask(self, request: Request) -> Response:
        """The form for a file."""
        return self._draw(request, 200)

    async def take(self, request: Request) -> Response:
        """Look what a file would change, or take it in. Taking it in again changes nothing, so it needs no key."""
        form = await self.desk.form(request)
        only_look = form["press"] != "take"
        try:
            taken = await asyncio.to_thread(self._take, self.desk.person(request), form["text"], only_look=only_look)
        except SheetError as error:
            return self._draw(request, 422, problems=error.problems, text=form["text"])
        if only_look:
            return self._draw(request, 200, taken=taken, text=form["text"])
        return RedirectResponse(f"/accounts?done={'known' if taken.known else 'taken'}", 303)

    def _take(self, person: SignedIn, text: str, *, only_look: bool) -> Taken:
        at = datetime.now(UTC)
        if not only_look:
            with self.desk.database.begin() as session:
                record.ensure_participant(session, person.id, person.name, at)
        return take_in(self.desk.database, self.desk.settings, text, person.id, at, dry_run=only_look)

    def _draw(self, request: Request, status: int, **what: Any) -> Response:
        return self.desk.draw(request, "import.html", status, of_accounts=OF_ACCOUNTS, of_people=OF_PEOPLE, **what)
