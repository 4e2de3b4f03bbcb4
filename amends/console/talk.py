"""The web chat at `/`: the conversation, and the forms that go on with it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.responses import RedirectResponse, Response

from amends.access.permissions import Permission
from amends.console.forms import Form, NotSent, key_of, message_of, read_form
from amends.console.pages import Pages, is_htmx
from amends.console.routes import Page, page
from amends.console.turns import Exchange, Meanwhile, exchanges
from amends.console.visitor import LONGEST_NAME, Visitor, is_own_form, visitor_of, welcome
from amends.conversation import wording
from amends.conversation.replies import Done
from amends.incidents import deliveries, record
from amends.incidents.advice import override_of
from amends.incidents.database import RecordUnavailable
from amends.incidents.record import UnknownIncident
from amends.incidents.visible import Viewer, incident_for

if TYPE_CHECKING:
    from sqlalchemy.orm import Session
    from starlette.requests import Request

    from amends.bot import Gateway
    from amends.incidents.database import Database
    from amends.incidents.models import Incident

_FOREIGN = (
    "This form was drawn for another visit, so nothing was done. Go back to the conversation and try again. "
    "It needs cookies to be allowed."
)


@dataclass(frozen=True)
class Talk:
    """The pages of the chat."""

    pages: Pages
    database: Database
    gateway: Gateway

    def routes(self) -> list[Page]:
        """The addresses."""
        return [
            page("/", self.show, may=Permission.TALK),
            page("/talk", self.look, may=Permission.TALK),
            page("/start", self.start, may=Permission.TALK, methods=["POST"]),
            page("/say", self.say, may=Permission.TALK, methods=["POST"]),
            page("/leave", self.leave, may=Permission.NONE_NEEDED, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """The whole page."""
        visitor = visitor_of(request)
        if visitor is None:
            return self.pages.draw(request, "start.html")
        return self.pages.draw(request, "talk.html", **await self._chat(visitor), page="talk")

    async def look(self, request: Request) -> Response:
        """The conversation alone, for the page that waits; 204 while there is nothing new."""
        visitor = visitor_of(request)
        if visitor is None:
            return Response(status_code=204)
        chat = await self._chat(visitor)
        query = request.query_params
        if query.get("seen") == str(chat["seen"]) and query.get("waiting") == str(chat["waiting"]):
            return Response(status_code=204)
        return self.pages.draw(request, "_swap.html", **chat, announce=_words(chat["exchanges"]))

    async def start(self, request: Request) -> Response:
        """The first visit: a name, and usually what happened."""
        form = await read_form(request)
        if not is_own_form(request, form["csrf"]):
            return self.pages.problem(request, 403, "Nothing was sent", _FOREIGN, form["text"])
        name = " ".join(form["name"].split())[:LONGEST_NAME]
        try:
            _check_name(name)
            text = message_of(Form({"text": form["text"]}, ()), self.pages.zone)
            key = key_of(form, text)
        except NotSent as error:
            return self.pages.draw(request, "start.html", error.status, notice=str(error), name=name, text=form["text"])
        visitor = visitor_of(request) or welcome(request, name)
        return await self._send(request, visitor, text, key)

    async def say(self, request: Request) -> Response:
        """A message: typed, or pressed on a card."""
        form = await read_form(request)
        visitor = visitor_of(request)
        if visitor is None or not is_own_form(request, form["csrf"]):
            return self.pages.problem(request, 403, "Nothing was sent", _FOREIGN, form["text"])
        try:
            text = message_of(form, self.pages.zone)
            key = key_of(form, text)
        except NotSent as error:
            if is_htmx(request):
                return self.pages.notice(request, error.status, str(error))
            chat = await self._chat(visitor)
            return self.pages.draw(
                request, "talk.html", error.status, **chat, notice=str(error), text=form["text"], page="talk"
            )
        return await self._send(request, visitor, text, key)

    async def leave(self, request: Request) -> Response:
        """Forget who visits. What was recorded stays."""
        form = await read_form(request)
        if not is_own_form(request, form["csrf"]):
            return self.pages.problem(request, 403, "Nothing was done", _FOREIGN)
        request.session.clear()
        return RedirectResponse("/", 303)

    async def _send(self, request: Request, visitor: Visitor, text: str, key: str) -> Response:
        try:
            replies = await self.gateway.say(visitor.conversation_id, (visitor.id, visitor.name), text, key, "web")
        except deliveries.StrangeKey:
            sentence = "This form belongs to another conversation, so nothing was sent. Try again from there."
            return self.pages.problem(request, 409, "Nothing was sent", sentence, text)
        try:
            chat = await self._chat(visitor)
        except RecordUnavailable:
            return self.pages.problem(request, 503, "The record cannot be reached", replies[-1].text, text)
        if not any(delivery_key == key for delivery_key in chat.pop("keys")):
            return self.pages.problem(request, 503, "Your message was not kept", replies[-1].text, text)
        if is_htmx(request):
            return self.pages.draw(request, "_swap.html", **chat, announce=_words(chat["exchanges"]))
        return RedirectResponse("/#latest", 303)

    async def _chat(self, visitor: Visitor) -> dict[str, Any]:
        return await asyncio.to_thread(self._read_chat, visitor)

    def _read_chat(self, visitor: Visitor) -> dict[str, Any]:
        found = deliveries.transcript(self.database, visitor.conversation_id)
        waiting = [each for each in found if each.handled_at is None]
        handled = [each.id for each in found if each.handled_at is not None]
        return {
            "exchanges": exchanges(found, lambda reference: self._meanwhile(visitor, reference)),
            "waiting": len(waiting),
            "seen": max(handled, default=0),
            "failure": self.gateway.failure(kept=True) if waiting else None,
            "keys": [each.key for each in found],
        }

    def _meanwhile(self, visitor: Visitor, reference: str) -> Meanwhile:
        with self.database.read() as session:
            try:
                incident = incident_for(session, Viewer(visitor.id), reference)
            except UnknownIncident:
                return Meanwhile()
            decided = _decided(session, incident)
        marks = json.loads(incident.done)
        return Meanwhile({code: Done.model_validate(mark) for code, mark in marks.items()}, decided)


def _decided(session: Session, incident: Incident) -> str:
    override = override_of(incident)
    if override is None:
        return ""
    codes = record.flow_of(session, incident.flow_version).codes
    labels = [codes[code].label for code in override["responses"]]
    return wording.decided_by_lead(override["by"], labels, override["reason"], override["against"])


def _check_name(name: str) -> None:
    if not name or not name.isprintable():
        raise NotSent("Say who you are first: a name is all that is needed.")


def _words(drawn: tuple[Exchange, ...]) -> str:
    """What a screen reader says about the newest answer."""
    if not drawn:
        return ""
    last = drawn[-1]
    if last.waiting:
        return "Sent, not yet answered."
    return "\n".join(card.reply.text for card in last.cards)
