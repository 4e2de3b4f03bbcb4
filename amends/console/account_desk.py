"""What the pages of the register of accounts share: drawing one, and changing the register once for each form."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from starlette.responses import RedirectResponse

from amends.accounts.concerns import CLAUSE
from amends.console.lead_desk import LeadDesk, key_of
from amends.incidents import record

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session
    from starlette.requests import Request
    from starlette.responses import Response

    from amends.console.forms import Form

    Work = Callable[[Session, str, datetime], str]
    """Changes the register: the session, the id of who does it, and when; the address to go on at."""

DONE = {
    "saved": "It is saved. Whoever is newly responsible is asked tomorrow morning whether it is right.",
    "removed": "It is taken out of the register. Its history stays.",
    "key": "That key is set down as taken back.",
    "person": "It is saved.",
    "taken": "The file is taken in.",
    "known": "The file is taken in. Some people were known by their name alone: look under People whether it is them.",
}


@dataclass(frozen=True)
class AccountDesk(LeadDesk):
    """Reads and changes the register for whoever asks for a page of it."""

    async def change(self, request: Request, form: Form, work: Work) -> Response:
        """Change the register, and go where `work` says.

        Raises:
            AccountsError: it cannot be done; nothing was changed.
            NotSent: the form is not complete.
        """
        person = self.person(request)
        key = key_of(request, person, form)

        def do() -> str:
            at = datetime.now(UTC)
            with self.database.begin() as session:

                def once() -> str:
                    record.ensure_participant(session, person.id, person.name, at)
                    return work(session, person.id, at)

                return str(record.once(session, key, once, at))

        return RedirectResponse(await asyncio.to_thread(do), 303)

    def draw(self, request: Request, template: str, status: int, **what: Any) -> Response:
        """A page of the register; what was done before it is said on top."""
        done = DONE.get(request.query_params.get("done", ""), "") if status == 200 else ""
        return self.pages.draw(
            request, f"accounts/{template}", status, done=done, clause=CLAUSE, page="accounts", **what
        )

    def today(self, at: datetime) -> date:
        """The day in the organisation's zone."""
        return at.astimezone(self.settings.zone).date()
