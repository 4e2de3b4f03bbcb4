"""What all pages of an incident for comms leads share: looking it up, and acting on it once."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException

from amends.access.audit import What, viewed
from amends.access.people import SignedIn
from amends.console.forms import Form, NotSent, read_form
from amends.console.routes import NotAllowed
from amends.console.visitor import is_own_form, signed_in
from amends.incidents import record
from amends.incidents.models import Incident
from amends.incidents.visible import incident_for
from amends.leads import acts
from amends.leads.opening import opened
from amends.slack import announcing

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from amends.console.pages import Pages
    from amends.incidents.database import Database
    from amends.incidents.record import UnknownIncident
    from amends.settings import Settings

SOURCE = "web"
MOST_FIELDS = 1_000
FOREIGN = (
    "This form was drawn for another visit, so nothing was done. Load the page again and send it once more. "
    "It needs cookies to be allowed."
)
NOT_THERE = "There is no such incident"
_key = re.compile(r"[0-9a-f]{32}")

T = TypeVar("T")
Look = Callable[[Session, Incident, SignedIn], T]
Work = Callable[[Session, Incident, acts.Actor, datetime], object]


@dataclass(frozen=True)
class LeadDesk:
    """Reads and changes one incident for whoever asks for a page of it."""

    pages: Pages
    database: Database
    settings: Settings

    async def look(self, request: Request, work: Look[T], what: What = What.VIEWED_INCIDENT) -> T:
        """What `work` reads from the incident that the address names. That it was looked at is kept first.

        Args:
            what: of what the audit says it was.

        Raises:
            UnknownIncident: there is none that this person may see.
        """
        person = self.person(request)

        def read() -> T:
            with self.database.begin() as session:
                incident = incident_for(session, person.viewer, reference_of(request))
                viewed(session, person, what, incident.reference, datetime.now(UTC), {"page": request.url.path})
            with self.database.read() as session:
                return work(session, incident_for(session, person.viewer, reference_of(request)), person)

        return await asyncio.to_thread(read)

    async def form(self, request: Request) -> Form:
        """The form that was sent, if we drew it for this visitor.

        Raises:
            NotAllowed: we did not.
            NotSent: it cannot be read.
        """
        form = await read_form(request, MOST_FIELDS)
        if not is_own_form(request, form["csrf"]):
            raise NotAllowed(FOREIGN, form["text"] or form["reason"] or form["statement"])
        return form

    async def act(self, request: Request, form: Form, work: Work, *, seen: bool = True) -> None:
        """Change the incident that the address names, in one transaction, and once for each form.

        Args:
            work: what is done; the incident is locked, and may be seen by the actor.
            seen: whether nothing may have been changed by others since the form was drawn.

        Raises:
            CannotAct: it cannot be done now.
            NotSent: the form is not complete.
            UnknownIncident: there is none that this person may see.
        """
        person, reference = self.person(request), reference_of(request)
        key = key_of(request, person, form)
        last = number_of(form["seen"]) if seen else 0

        def do() -> None:
            at = datetime.now(UTC)
            actor = acts.Actor(person.id, person.name, SOURCE, at)
            with self.database.begin() as session:
                incident = incident_for(session, person.viewer, reference)

                def once() -> None:
                    locked = opened(session, incident, actor, at)
                    if seen:
                        acts.unchanged_since(session, locked, actor, last)
                    work(session, locked, actor, at)

                record.once(session, key, once, at)

        await asyncio.to_thread(do)

    def announce(self, session: Session, incident: Incident, key: str, text: str, at: datetime) -> None:
        """Tell those who talk about it, where that is in Slack."""
        if self.settings.slack_on:
            announcing.announce(session, incident, key, text, at)

    def not_there(self, request: Request, error: UnknownIncident) -> Response:
        """The page for an incident that there is none of, or none for this person."""
        sentence = f"{error} Look at the list of incidents for those there are."
        return self.pages.problem(request, 404, NOT_THERE, sentence)

    @staticmethod
    def person(request: Request) -> SignedIn:
        """Who asks.

        Raises:
            NotAllowed: they have not said who they are.
        """
        person = signed_in(request)
        if person is None:
            raise NotAllowed("Say who you are first; nothing was done.")
        return person


def reference_of(request: Request) -> str:
    """The reference in the address."""
    return str(request.path_params["reference"])


def number_in(request: Request) -> int:
    """The number in the address.

    Raises:
        HTTPException: nothing can have it.
    """
    number = int(request.path_params["number"])
    if number >= 2**31:
        raise HTTPException(404)
    return number


def key_of(request: Request, person: SignedIn, form: Form) -> str:
    """Names what somebody sends: the same form with the same words is the same act.

    The words are part of it because a browser can go back to a form that was sent and say something else with it.

    Raises:
        NotSent: the form carries no key that we made.
    """
    if not _key.fullmatch(form["key"]):
        raise NotSent("This form is not complete. Load the page again and send it once more.", 400)
    said = [request.url.path, sorted(form.fields.items()), list(form.options)]
    return f"lead {person.id} {form['key']}:{hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]}"


def number_of(text: str) -> int:
    """A number that a form carries.

    Raises:
        NotSent: it is none.
    """
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise NotSent("This form is not complete. Load the page again and send it once more.", 400)
    return int(text)


def day_of(text: str) -> date:
    """A day as a form sends it.

    Raises:
        CannotAct: it is none.
    """
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise acts.CannotAct("The date cannot be read. Write it such as 2026-12-24.") from error


def drawn(**what: Any) -> dict[str, Any]:
    """What a page shows beside the incident when nothing was sent to it yet."""
    return {"notice": "", "typed": {}, "opened": "", "new": frozenset(), **what}
