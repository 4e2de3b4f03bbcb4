"""The people of the register of accounts: how each is reached, who has left, who is away."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from amends.access.permissions import Permission
from amends.accounts import keeping
from amends.accounts.history import take_turn
from amends.accounts.people import save_person
from amends.accounts.registered import has_left, is_away, registered
from amends.accounts.rows import OF_PEOPLE, AccountsError, person_row
from amends.accounts.tables import AccountPerson
from amends.console.lead_desk import number_in, number_of
from amends.console.routes import Page, page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session
    from starlette.requests import Request
    from starlette.responses import Response

    from amends.console.account_desk import AccountDesk

GONE = "There is nobody of this number in the register any more. Load the page again."


@dataclass(frozen=True)
class AccountPeople:
    """The page of the people."""

    desk: AccountDesk

    def routes(self) -> list[Page]:
        """The addresses."""
        one = "/accounts/people/{number:int}"
        return [
            page("/accounts/people", self.show, may=Permission.SEE_ALL, name="account_people"),
            page(one, self.save, may=Permission.ACT, methods=["POST"], name="account_person"),
        ]

    async def show(self, request: Request) -> Response:
        """Everybody in the register, those who have left first."""
        return await self._draw(request, 200)

    async def save(self, request: Request) -> Response:
        """Change somebody."""
        form, number = await self.desk.form(request), number_in(request)

        def work(session: Session, actor: str, at: datetime) -> str:
            take_turn(session)
            person = session.get(AccountPerson, number)
            if person is None or not person.name:
                raise AccountsError(GONE)
            if person.revision != number_of(form["revision"]):
                raise AccountsError(keeping.CHANGED.format(label=person.name))
            fields = {name: form[name].strip() for name in OF_PEOPLE if name != "name"}
            row = person_row({**fields, "name": person.name})
            save_person(session, self.desk.settings, row, actor, at, person=person)
            return f"/accounts/people?done=person#person-{person.id}"

        try:
            return await self.desk.change(request, form, work)
        except AccountsError as error:
            return await self._draw(request, 409, notice=str(error), typed={number: form})

    async def _draw(self, request: Request, status: int, **what: Any) -> Response:
        found = await asyncio.to_thread(self._everybody)
        return self.desk.draw(request, "people.html", status, **{"typed": {}, **found, **what})

    def _everybody(self) -> Mapping[str, Any]:
        today = self.desk.today(datetime.now(UTC))
        with self.desk.database.read() as session:
            register = registered(session)
        people = [each for each in register.people.values() if each.name]
        left = {each.id for each in people if has_left(each, today)}
        return {
            "register": register,
            "people": sorted(people, key=lambda each: (each.id not in left, each.name)),
            "left": left,
            "away": {each.id for each in people if is_away(each, today)},
        }
