"""The official accounts that somebody has a part in, and one tap for its owner: all still right."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from starlette.responses import RedirectResponse

from amends.access.permissions import Permission
from amends.accounts import confirming
from amends.accounts.concerns import CLAUSE, concerns_of, is_due
from amends.accounts.registered import registered, themselves
from amends.accounts.reminding import redraw
from amends.accounts.rows import AccountsError
from amends.console.forms import NotSent
from amends.console.lead_desk import LeadDesk, key_of, number_of
from amends.console.routes import Page, page
from amends.console.visitor import signed_in
from amends.incidents import record

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from amends.access.people import SignedIn
    from amends.console.forms import Form
    from amends.console.pages import Pages
    from amends.incidents.database import Database
    from amends.settings import Settings

NOTHING_CHOSEN = "Tick the accounts for which all is still right, and send it again."


@dataclass(frozen=True)
class MyAccounts:
    """The page of somebody's accounts."""

    pages: Pages
    database: Database
    settings: Settings

    def routes(self) -> list[Page]:
        """The addresses."""
        return [
            page("/accounts/mine", self.show, may=Permission.SEE_OWN),
            page("/accounts/mine", self.confirm, may=Permission.TALK, methods=["POST"], name="confirm_accounts"),
        ]

    async def show(self, request: Request) -> Response:
        """What the register says of the accounts that are mine."""
        person = signed_in(request)
        if person is None:
            return RedirectResponse("/", 303)
        done = "Confirmed. Thank you." if request.query_params.get("done") else ""
        return await self._draw(request, person, 200, done=done)

    async def confirm(self, request: Request) -> Response:
        """All is still right, as it was shown."""
        desk = LeadDesk(self.pages, self.database, self.settings)
        person, form = desk.person(request), await desk.form(request)
        try:
            shown = _shown(form)
            key = key_of(request, person, form)
            sentence = await asyncio.to_thread(self._confirm, person, shown, key)
        except NotSent as error:
            return await self._draw(request, person, error.status, notice=str(error))
        if sentence:
            return await self._draw(request, person, 409, notice=sentence)
        return RedirectResponse("/accounts/mine?done=1", 303)

    async def _draw(self, request: Request, person: SignedIn, status: int, **what: Any) -> Response:
        found = await asyncio.to_thread(self._mine, person)
        return self.pages.draw(request, "accounts/mine.html", status, **{**found, **what}, clause=CLAUSE, page="")

    def _mine(self, person: SignedIn) -> dict[str, Any]:
        now = datetime.now(UTC)
        today = now.astimezone(self.settings.zone).date()
        with self.database.read() as session:
            somebody = themselves(session, person.id)
            register = registered(session)
            mine = register.of(somebody) if somebody is not None else ()
            parts = {each.id: register.parts(each, somebody) for each in mine if somebody is not None}
        return {
            "register": register,
            "mine": mine,
            "parts": parts,
            "due": {each.id for each in mine if is_due(each, now)},
            "concerns": {each.id: concerns_of(register, each, now, today) for each in mine},
        }

    def _confirm(self, person: SignedIn, shown: dict[int, int], key: str) -> str:
        """Keep it; what is wrong as a sentence, and nothing when it was kept."""
        at = datetime.now(UTC)
        with self.database.begin() as session:

            def work() -> str:
                record.ensure_participant(session, person.id, person.name, at)
                somebody = themselves(session, person.id)
                if somebody is None:
                    return confirming.NOT_THEIRS
                try:
                    confirming.confirm(session, self.settings, somebody, shown, person.id, at)
                except AccountsError as error:
                    return str(error)
                redraw(session, somebody, at)
                return ""

            return str(record.once(session, key, work, at))


def _shown(form: Form) -> dict[int, int]:
    """The accounts that were ticked, each with the revision that was shown.

    Raises:
        NotSent: none was, or the form is not ours.
    """
    if not form.options:
        raise NotSent(NOTHING_CHOSEN)
    pairs = [each.partition(":") for each in form.options]
    return {number_of(account): number_of(revision) for account, _, revision in pairs}
