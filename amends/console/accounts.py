"""The register of official accounts, for leads: what is to be seen to, each account, the people, a file taken in."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse

from amends.access.permissions import Permission
from amends.accounts import history, keeping
from amends.accounts.concerns import CLAUSE, concerns
from amends.accounts.importing import take_in
from amends.accounts.people import save_person
from amends.accounts.registered import has_left, is_away, registered
from amends.accounts.sheet import OF_ACCOUNTS, OF_PEOPLE, AccountsError, account_row, person_row
from amends.accounts.tables import AccountPerson, OfficialAccount
from amends.console.lead_desk import LeadDesk, key_of, number_of
from amends.console.routes import Page, page
from amends.incidents import record
from amends.understanding.texts import PLATFORMS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy.orm import Session
    from starlette.requests import Request
    from starlette.responses import Response

    from amends.access.people import SignedIn
    from amends.console.forms import Form
    from amends.console.pages import Pages
    from amends.incidents.database import Database
    from amends.settings import Settings

    Work = Callable[[Session, str, datetime], str]

DONE = {
    "saved": "It is saved. Whoever is newly responsible is asked tomorrow morning whether it is right.",
    "removed": "It is taken out of the register. Its history stays.",
    "key": "That key is set down as taken back.",
    "person": "It is saved.",
    "taken": "The file is taken in.",
}
FIELDS = ("platform", "handle", "called", "owner", "deputy", "keys", "two_factor", "last_checked")


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
            page("/accounts/import", self.ask_file, may=act, name="ask_accounts_file"),
            page("/accounts/import", self.take, may=act, methods=["POST"], name="take_accounts_file"),
            page("/accounts/people", self.people, may=see, name="account_people"),
            page("/accounts/people/{number:int}", self.save_person, may=act, methods=["POST"], name="account_person"),
            page(one, self.one, may=see, name="account"),
            page(one, self.save, may=act, methods=["POST"], name="save_account"),
            page(f"{one}/remove", self.remove, may=act, methods=["POST"], name="remove_account"),
            page(f"{one}/key", self.key, may=act, methods=["POST"], name="take_key_back"),
        ]

    async def show(self, request: Request) -> Response:
        """All accounts, and first of all what somebody should see to."""
        return await self._list(request, 200)

    async def show_history(self, request: Request) -> Response:
        """What was changed in the register, by whom."""
        found = await asyncio.to_thread(self._history)
        return self.pages.draw(request, "accounts/history.html", changes=found, page="accounts")

    async def ask(self, request: Request) -> Response:
        """The form for a new account."""
        return await self._form(request, 200, None)

    async def add(self, request: Request) -> Response:
        """Add an account."""
        return await self._save(request, None)

    async def one(self, request: Request) -> Response:
        """One account: how it stands, the form to change it, its history."""
        return await self._form(request, 200, _number(request))

    async def save(self, request: Request) -> Response:
        """Change an account."""
        return await self._save(request, _number(request))

    async def remove(self, request: Request) -> Response:
        """Take an account out of the register."""
        form, number = await self._desk.form(request), _number(request)

        def work(session: Session, actor: str, at: datetime) -> str:
            keeping.remove(session, self.settings, number, number_of(form["revision"]), actor, at)
            return "/accounts?done=removed"

        try:
            return await self._act(request, form, work)
        except AccountsError as error:
            return await self._list(request, 409, notice=str(error))

    async def key(self, request: Request) -> Response:
        """Somebody's key was taken back."""
        form, number = await self._desk.form(request), _number(request)

        def work(session: Session, actor: str, at: datetime) -> str:
            keeping.take_key_back(session, self.settings, number, number_of(form["person"]), actor, at)
            return "/accounts?done=key"

        try:
            return await self._act(request, form, work)
        except AccountsError as error:
            return await self._list(request, 409, notice=str(error))

    async def people(self, request: Request) -> Response:
        """The people of the register, each with how they are reached, and whether they have left or are away."""
        return await self._people(request, 200)

    async def save_person(self, request: Request) -> Response:
        """Change somebody."""
        form, number = await self._desk.form(request), _number(request)

        def work(session: Session, actor: str, at: datetime) -> str:
            person = session.get(AccountPerson, number)
            if person is None or not person.name:
                raise AccountsError("There is nobody of this number in the register. Load the page again.")
            if person.revision != number_of(form["revision"]):
                raise AccountsError(keeping.CHANGED.format(label=person.name))
            fields = {name: form[name].strip() for name in OF_PEOPLE if name != "name"}
            row = person_row({**fields, "name": person.name})
            save_person(session, self.settings, row, actor, at, person=person)
            return f"/accounts/people?done=person#person-{person.id}"

        try:
            return await self._act(request, form, work)
        except AccountsError as error:
            return await self._people(request, 409, notice=str(error), typed={number: form})

    async def ask_file(self, request: Request) -> Response:
        """The form for a file."""
        return self._file(request, 200)

    async def take(self, request: Request) -> Response:
        """Look what a file would change, or take it in."""
        form = await self._desk.form(request)
        person, at = self._desk.person(request), datetime.now(UTC)
        only_look = form["what"] != "take"
        try:
            taken = await asyncio.to_thread(self._take, person, form["text"], at, only_look=only_look)
        except AccountsError as error:
            return self._file(request, 422, problems=str(error).splitlines(), text=form["text"])
        if only_look:
            return self._file(request, 200, taken=taken, text=form["text"])
        return RedirectResponse("/accounts?done=taken", 303)

    @property
    def _desk(self) -> LeadDesk:
        return LeadDesk(self.pages, self.database, self.settings)

    def _take(self, person: SignedIn, text: str, at: datetime, *, only_look: bool) -> Any:
        if not only_look:
            with self.database.begin() as session:
                record.ensure_participant(session, person.id, person.name, at)
        return take_in(self.database, self.settings, text, person.id, at, dry_run=only_look)

    async def _save(self, request: Request, number: int | None) -> Response:
        form = await self._desk.form(request)
        fields = {name: form[name].strip() for name in FIELDS}

        def work(session: Session, actor: str, at: datetime) -> str:
            row = account_row(fields, at.astimezone(self.settings.zone).date())
            account = keeping.taken(session, number, number_of(form["revision"])) if number is not None else None
            if account is None and keeping.find(session, row) is not None:
                raise AccountsError(f"{row.label} is in the register already. Change it there.")
            saved = keeping.save(session, self.settings, row, actor, at, account=account)
            return f"/accounts/{saved.account.id}?done=saved"

        try:
            return await self._act(request, form, work)
        except AccountsError as error:
            return await self._form(request, 409, number, notice=str(error), typed=fields)

    async def _act(self, request: Request, form: Form, work: Work) -> Response:
        """Change the register once for each form, and go where `work` says.

        Raises:
            AccountsError: it cannot be done; nothing was changed.
        """
        person = self._desk.person(request)
        key = key_of(request, person, form)

        def do() -> str:
            at = datetime.now(UTC)
            with self.database.begin() as session:

                def once() -> str:
                    record.ensure_participant(session, person.id, person.name, at)
                    return work(session, person.id, at)

                return str(record.once(session, key, once, at))

        return RedirectResponse(await asyncio.to_thread(do), 303)

    async def _list(self, request: Request, status: int, **what: Any) -> Response:
        found = await asyncio.to_thread(self._all)
        return self._draw(request, "accounts/list.html", status, **found, **what)

    async def _form(self, request: Request, status: int, number: int | None, **what: Any) -> Response:
        found = await asyncio.to_thread(self._one, number)
        return self._draw(request, "accounts/account.html", status, **{**found, **what})

    async def _people(self, request: Request, status: int, **what: Any) -> Response:
        found = await asyncio.to_thread(self._everybody)
        return self._draw(request, "accounts/people.html", status, **{"typed": {}, **found, **what})

    def _file(self, request: Request, status: int, **what: Any) -> Response:
        columns = {"of_accounts": OF_ACCOUNTS, "of_people": OF_PEOPLE}
        return self._draw(request, "accounts/import.html", status, **columns, **what)

    def _draw(self, request: Request, template: str, status: int, **what: Any) -> Response:
        done = DONE.get(request.query_params.get("done", ""), "") if status == 200 else ""
        return self.pages.draw(request, template, status, **what, done=done, clause=CLAUSE, page="accounts")

    def _all(self) -> Mapping[str, Any]:
        at = datetime.now(UTC)
        with self.database.read() as session:
            register = registered(session)
        found = concerns(register, at, at.astimezone(self.settings.zone).date())
        by_account: dict[int, list[str]] = {}
        for each in found:
            by_account.setdefault(each.account.id, []).append(each.sentence)
        return {
            "register": register,
            "leavers": [each for each in found if each.kind == "leaver"],
            "concerns": by_account,
        }

    def _one(self, number: int | None) -> Mapping[str, Any]:
        at = datetime.now(UTC)
        with self.database.read() as session:
            register = registered(session)
            account = session.get(OfficialAccount, number) if number is not None else None
            changes = history.history(session, account_id=account.id) if account is not None else []
        if number is not None and account is None:
            raise HTTPException(404)
        found = concerns(register, at, at.astimezone(self.settings.zone).date())
        return {
            "account": account,
            "register": register,
            "names": sorted(each.name for each in register.people.values() if each.name),
            "platforms": PLATFORMS,
            "concerns": [each.sentence for each in found if each.account == account],
            "changes": changes,
            "typed": None,
        }

    def _everybody(self) -> Mapping[str, Any]:
        today = datetime.now(UTC).astimezone(self.settings.zone).date()
        with self.database.read() as session:
            register = registered(session)
        people = sorted((each for each in register.people.values() if each.name), key=lambda each: each.name)
        left = {each.id for each in people if has_left(each, today)}
        return {
            "register": register,
            "people": sorted(people, key=lambda each: each.id not in left),
            "left": left,
            "away": {each.id for each in people if is_away(each, today)},
        }

    def _history(self) -> list[history.Change]:
        with self.database.read() as session:
            return history.history(session, most=500)


def _number(request: Request) -> int:
    number = int(request.path_params["number"])
    if number >= 2**31:
        raise HTTPException(404)
    return number
