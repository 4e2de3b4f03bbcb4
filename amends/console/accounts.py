"""The register of official accounts, for leads: what is to be seen to, and each account with its history."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException

from amends.access.permissions import Permission
from amends.accounts import keeping
from amends.accounts.concerns import concerns_of
from amends.accounts.history import history
from amends.accounts.registered import registered
from amends.accounts.rows import OF_ACCOUNTS, AccountsError, account_row
from amends.accounts.tables import OfficialAccount
from amends.console.account_desk import AccountDesk
from amends.console.account_people import AccountPeople
from amends.console.accounts_file import AccountsFile
from amends.console.lead_desk import number_in, number_of
from amends.console.routes import Page, page
from amends.understanding.texts import PLATFORMS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session
    from starlette.requests import Request
    from starlette.responses import Response

    from amends.console.account_desk import Work
    from amends.console.pages import Pages
    from amends.incidents.database import Database
    from amends.settings import Settings

MOST_CHANGES = 500


@dataclass(frozen=True)
class Accounts:
    """The pages of the register."""

    pages: Pages
    database: Database
    settings: Settings

    def routes(self) -> list[Page]:
        """The addresses."""
        see, act = Permission.SEE_ALL, Permission.ACT
        one = "/accounts/{number:int}"
        return [
            page("/accounts", self.show, may=see, name="accounts"),
            page("/accounts/history", self.show_history, may=see, name="accounts_history"),
            page("/accounts/add", self.ask, may=act, name="ask_account"),
            page("/accounts/add", self.add, may=act, methods=["POST"], name="add_account"),
            *AccountsFile(self.desk).routes(),
            *AccountPeople(self.desk).routes(),
            page(one, self.one, may=see, name="account"),
            page(one, self.save, may=act, methods=["POST"], name="save_account"),
            page(f"{one}/remove", self.remove, may=act, methods=["POST"], name="remove_account"),
            page(f"{one}/key", self.key, may=act, methods=["POST"], name="take_key_back"),
        ]

    @property
    def desk(self) -> AccountDesk:
        """What all pages of the register share."""
        return AccountDesk(self.pages, self.database, self.settings)

    async def show(self, request: Request) -> Response:
        """All accounts, and first of all what somebody should see to."""
        return await self._list(request, 200)

    async def show_history(self, request: Request) -> Response:
        """What was changed in the register, by whom."""

        def look() -> Any:
            with self.database.read() as session:
                return history(session, most=MOST_CHANGES)

        return self.desk.draw(request, "history.html", 200, changes=await asyncio.to_thread(look), most=MOST_CHANGES)

    async def ask(self, request: Request) -> Response:
        """The form for a new account."""
        return await self._form(request, 200, None)

    async def add(self, request: Request) -> Response:
        """Add an account."""
        return await self._save(request, None)

    async def one(self, request: Request) -> Response:
        """One account: how it stands, the form to change it, its history."""
        return await self._form(request, 200, number_in(request))

    async def save(self, request: Request) -> Response:
        """Change an account."""
        return await self._save(request, number_in(request))

    async def remove(self, request: Request) -> Response:
        """Take an account out of the register."""
        form, number = await self.desk.form(request), number_in(request)

        def work(session: Session, actor: str, at: datetime) -> str:
            keeping.remove(session, self.settings, number, number_of(form["revision"]), actor, at)
            return "/accounts?done=removed"

        return await self._from_list(request, form, work)

    async def key(self, request: Request) -> Response:
        """Somebody's key was taken back."""
        form, number = await self.desk.form(request), number_in(request)

        def work(session: Session, actor: str, at: datetime) -> str:
            keeping.take_key_back(session, self.settings, number, number_of(form["person"]), actor, at)
            return "/accounts?done=key"

        return await self._from_list(request, form, work)

    async def _save(self, request: Request, number: int | None) -> Response:
        form = await self.desk.form(request)
        fields = {name: form[name].strip() for name in OF_ACCOUNTS}

        def work(session: Session, actor: str, at: datetime) -> str:
            row = account_row(fields, self.desk.today(at))
            account = keeping.taken(session, number, number_of(form["revision"])) if number is not None else None
            if account is None and keeping.find(session, row) is not None:
                raise AccountsError(f"{row.label} is in the register already. Change it there.")
            saved = keeping.save(session, self.settings, row, actor, at, account=account)
            return f"/accounts/{saved.account.id}?done=saved"

        try:
            return await self.desk.change(request, form, work)
        except AccountsError as error:
            return await self._form(request, 409, number, notice=str(error), typed=fields)

    async def _from_list(self, request: Request, form: Any, work: Work) -> Response:
        try:
            return await self.desk.change(request, form, work)
        except AccountsError as error:
            return await self._list(request, 409, notice=str(error))

    async def _list(self, request: Request, status: int, **what: Any) -> Response:
        found = await asyncio.to_thread(self._all)
        return self.desk.draw(request, "list.html", status, **found, **what)

    async def _form(self, request: Request, status: int, number: int | None, **what: Any) -> Response:
        found = await asyncio.to_thread(self._one, number)
        return self.desk.draw(request, "account.html", status, **{"typed": None, **found, **what})

    def _all(self) -> Mapping[str, Any]:
        at = datetime.now(UTC)
        with self.database.read() as session:
            register = registered(session)
        today = self.desk.today(at)
        found = {each.id: concerns_of(register, each, at, today) for each in register.accounts}
        return {
            "register": register,
            "leavers": [each for some in found.values() for each in some if each.kind == "leaver"],
            "concerns": found,
            "several": sum(bool(some) for some in found.values()),
        }

    def _one(self, number: int | None) -> Mapping[str, Any]:
        at = datetime.now(UTC)
        with self.database.read() as session:
            register = registered(session)
            account = session.get(OfficialAccount, number) if number is not None else None
            changes = history(session, account_id=account.id) if account is not None else []
        if number is not None and account is None:
            raise HTTPException(404)
        return {
            "account": account,
            "register": register,
            "names": sorted(each.name for each in register.people.values() if each.name),
            "platforms": PLATFORMS,
            "concerns": concerns_of(register, account, at, self.desk.today(at)) if account is not None else [],
            "changes": changes,
        }
