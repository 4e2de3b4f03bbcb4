"""The page on which words are checked before they are posted. They are kept only when whoever wrote them says so."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from starlette.responses import RedirectResponse

from amends.access.permissions import Permission
from amends.accounts.registered import registered
from amends.console.forms import read_form
from amends.console.lead_desk import FOREIGN, key_of, number_in
from amends.console.routes import NotAllowed, Page, page
from amends.console.visitor import is_own_form, signed_in
from amends.conversation.draft_check import ROLES, DraftCheck, NoCheck
from amends.conversation.turn import clean
from amends.drafts import MOST_CHARACTERS, Draft
from amends.incidents import record
from amends.outbox import readings
from amends.policies import PolicyError
from amends.settings import CACHE, ROOT
from amends.understanding.encoder import load_encoder
from amends.workshop import around

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from amends.access.people import SignedIn
    from amends.console.forms import Form
    from amends.console.pages import Pages
    from amends.conversation.draft_check import Looked
    from amends.incidents.database import Database
    from amends.outbox.tables import DraftReading
    from amends.policies import Clause
    from amends.settings import Settings

LONGEST_ACCOUNT = 80
EMPTY = "There are no words in it. Paste what you are about to post."
TOO_LONG = f"That is longer than {MOST_CHARACTERS:,} characters. Check it in parts."
WHO_FIRST = "Say who you are first, so that it can be kept for you; nothing was kept."
NOBODY = "Nobody is set down for that in Slack, so nobody was asked. Ask them yourself."
SAID = {
    "kept": "Your draft is kept. Only you see it here.",
    "asked": "Whoever reads it first gets your draft, with your name. The answer comes to this page.",
    "deleted": "The draft is deleted.",
}


@dataclass(frozen=True)
class CheckPage:
    """Checks drafts, and lists those that somebody wanted kept."""

    pages: Pages
    database: Database
    settings: Settings
    _check: list[DraftCheck] = field(default_factory=list)

    def routes(self) -> list[Page]:
        """The addresses."""
        return [
            page("/check", self.show, may=Permission.TALK),
            page("/check", self.look, may=Permission.TALK, methods=["POST"], name="check_draft"),
            page("/check/{number:int}/delete", self.delete, may=Permission.TALK, methods=["POST"], name="delete_draft"),
        ]

    async def show(self, request: Request) -> Response:
        """An empty form, and the drafts that are kept, with what was answered."""
        return await self._draw(request, done=SAID.get(request.query_params.get("done", ""), ""))

    async def look(self, request: Request) -> Response:
        """What is found in a draft; or it is kept, or somebody is asked to read it first."""
        form = await self._form(request)
        text, cut = clean(form["text"])
        account = clean(form["account"])[0][:LONGEST_ACCOUNT]
        typed = {"text": form["text"] if cut else text, "account": account, "own": form["own"]}
        typed["picture"] = form["picture"]
        if cut or not text:
            return await self._draw(request, 422, notice=TOO_LONG if cut else EMPTY, **typed)
        draft = Draft(text, official=not form["own"], picture=bool(form["picture"]))
        try:
            looked = await asyncio.to_thread(self._look, draft)
            if not form["do"]:
                return await self._draw(request, looked=looked, **typed)
            done = await asyncio.to_thread(self._keep, request, form, draft, looked, account)
        except (NoCheck, readings.CannotKeep) as error:
            return await self._draw(request, 409, notice=str(error), **typed)
        return RedirectResponse(f"/check?done={done}", 303)

    async def delete(self, request: Request) -> Response:
        """Forget a draft that was kept."""
        form = await self._form(request)
        person, number = self._person(request), number_in(request)
        try:
            await asyncio.to_thread(self._delete, person, number, key_of(request, person, form))
        except readings.CannotKeep as error:
            return await self._draw(request, 409, notice=str(error))
        return RedirectResponse("/check?done=deleted", 303)

    async def _form(self, request: Request) -> Form:
        form = await read_form(request)
        if not is_own_form(request, form["csrf"]):
            raise NotAllowed(FOREIGN, form["text"])
        return form

    async def _draw(self, request: Request, status: int = 200, /, **what: Any) -> Response:
        kept, accounts = await asyncio.to_thread(self._kept, signed_in(request))
        looked: Looked | None = what.get("looked")
        asks = [role for role in (looked.read_first if looked else ()) if readings.reachable(self.settings, role)]
        ring = {role: self.settings.contact_of(role) for role in ROLES}
        drawn = {
            "kept": kept,
            "accounts": accounts,
            "asks": asks,
            "roles": ROLES,
            "ring": ring,
            "most": MOST_CHARACTERS,
        }
        return self.pages.draw(request, "check.html", status, **drawn, **what, page="check")

    def _kept(self, person: SignedIn | None) -> tuple[Sequence[tuple[DraftReading, str]], list[str]]:
        """Somebody's drafts, each with the name of who answered, and the names of the official accounts."""
        with self.database.read() as session:
            accounts = [f"@{each.handle} ({each.platform})" for each in registered(session).accounts]
            if person is None:
                return [], accounts
            new = readings.unseen(session, person.id)
            mine = [(row, readings.name_of(session, row.answered_by)) for row in readings.of(session, person.id)]
        if new:
            with self.database.begin() as session:
                readings.see(session, person.id, datetime.now(UTC))
        return mine, accounts

    def _look(self, draft: Draft) -> Looked:
        if not self._check:
            self._check.append(DraftCheck(ROOT / "data", lambda: load_encoder(CACHE), CACHE, self._clauses))
        return self._check[0].look(draft, self.settings, datetime.now(UTC))

    def _clauses(self) -> Mapping[str, Clause]:
        with self.database.read() as session:
            try:
                return around(session).library().clauses
            except PolicyError:  # what is shown then are the clauses' numbers alone
                return {}

    def _keep(self, request: Request, form: Form, draft: Draft, looked: Looked, account: str) -> str:
        person, role = self._person(request), form["do"].removeprefix("ask:")
        targets = [readings.reachable(self.settings, role)] if form["do"] != "keep" else []
        if form["do"] != "keep" and (role not in looked.read_first or not all(targets)):
            raise readings.CannotKeep(NOBODY)
        at = datetime.now(UTC)

        def work() -> None:
            row = readings.keep(session, (person.id, person.name), draft, account, looked.level, at)
            if targets:
                readings.ask(session, row, role, targets, at)

        with self.database.begin() as session:
            record.once(session, key_of(request, person, form), work, at)
        return "asked" if targets else "kept"

    def _delete(self, person: SignedIn, number: int, key: str) -> None:
        at = datetime.now(UTC)
        with self.database.begin() as session:
            record.once(session, key, lambda: readings.delete(session, number, person.id, at), at)

    @staticmethod
    def _person(request: Request) -> SignedIn:
        person = signed_in(request)
        if person is None:
            raise NotAllowed(WHO_FIRST)
        return person
