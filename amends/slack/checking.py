"""Drafts in Slack: checked in a window before they are posted, and read first by somebody else when that is wanted."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from amends.conversation.draft_check import ROLES, NoCheck
from amends.conversation.wording import labelled
from amends.drafts import Draft
from amends.incidents import record
from amends.incidents.threads import in_thread
from amends.outbox import outgoing, readings
from amends.outbox.tables import DraftReading, Inbound
from amends.slack import draft_views, hints, ids, opening, originals, talking, telling
from amends.slack.clients import NOT_REACHED
from amends.slack.drawings import roles_told
from amends.slack.fields import field, filled
from amends.slack.parts import map_of, number_of, slack_id_of, text_of
from amends.slack.registry import EVERYBODY, HANDLERS, May, Refused

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Mapping

    from sqlalchemy.orm import Session

    from amends.conversation.draft_check import Looked
    from amends.outbox.settling import Then
    from amends.outbox.tables import Outgoing
    from amends.settings import Settings
    from amends.slack.blocks import View
    from amends.slack.desk import Desk
    from amends.slack.registry import Call

MAY_CHECK = May(EVERYBODY)

PASTE = "Paste what you are about to post."
SAY_WHAT = "Say what should be changed."
KEPT = "Kept for you. Your drafts are listed at {where}, where you can delete them."
ASKED = (
    "{who} gets your draft now, with your name. The answer comes to you in a direct message. Your draft is kept for "
    "that; it is listed at {where}, where you can delete it."
)
NOT_ASKED = "You were not asked to read that draft, so nothing was done."
NOT_THERE = "Your draft for {who} did not arrive. Ask them yourself: {contact}."


@HANDLERS.on("shortcut", "check_this", MAY_CHECK)
async def check_this(desk: Desk, call: Call) -> None:
    """Somebody wants a message checked that is a draft of a post."""
    text = await talking.typed(desk, "\n".join(originals.texts(map_of(call.payload, "message"))))
    await open_with(desk, call, text)


async def open_with(desk: Desk, call: Call, text: str) -> None:
    """Open the window: with what was found, if there are words already."""
    async with _in_passing(desk, call):
        view = await _view(desk, text, "", own=False) if text.strip() else draft_views.paste()
        await opening.show(desk, call, view)


def _check(payload: Mapping[str, Any]) -> dict[str, str] | None:
    return filled(payload, "draft", PASTE)


def _checking(payload: Mapping[str, Any]) -> dict[str, Any]:
    del payload
    return {"response_action": "update", "view": draft_views.checking()}


@HANDLERS.on("submission", "check", MAY_CHECK, check=_check, answer=_checking)
async def check(desk: Desk, call: Call) -> None:
    """A draft was pasted: what is found takes the place of the form."""
    text, account, own = _typed(call.payload)
    async with _in_passing(desk, call):
        if text:
            await _show(desk, call, await _view(desk, text, account, own=own))


@HANDLERS.on("press", "check:keep", MAY_CHECK)
async def keep(desk: Desk, call: Call) -> None:
    """Keep the draft in the window."""
    async with _in_passing(desk, call):
        await _keep(desk, call, "", ())


@HANDLERS.on("press", "check:ask:", MAY_CHECK)
async def ask(desk: Desk, call: Call) -> None:
    """Have the draft in the window read by the people of a role first."""
    role = call.id.rpartition(":")[2]
    target = getattr(desk.settings, f"slack_tell_{role}", "") if role in ROLES else ""
    async with _in_passing(desk, call):
        if not target:
            raise Refused(telling.NOBODY.format(contact=desk.settings.contact_of(role)))
        await _keep(desk, call, role, await telling.those(desk, target, role))


@HANDLERS.on("press", "reading:fine", MAY_CHECK)
async def fine(desk: Desk, call: Call) -> None:
    """Whoever was asked has read it, and it is fine."""
    id_ = _reading(call)
    await in_thread(_check_asked, desk, call, id_)
    await in_thread(_answer, desk, call, id_, "")


@HANDLERS.on("press", "reading:change", MAY_CHECK)
async def ask_what(desk: Desk, call: Call) -> None:
    """Whoever was asked wants it changed: what, they say in a window."""
    id_ = _reading(call)
    await in_thread(_check_asked, desk, call, id_)
    await opening.show(desk, call, draft_views.change(id_))


def _check_note(payload: Mapping[str, Any]) -> dict[str, str] | None:
    return filled(payload, "note", SAY_WHAT)


@HANDLERS.on("submission", "reading_change", MAY_CHECK, check=_check_note)
async def change(desk: Desk, call: Call) -> None:
    """What is to be changed goes to whoever wrote the draft."""
    await in_thread(_answer, desk, call, _reading(call), field(call.payload, "note"))


def thens(settings: Settings) -> dict[str, Then]:
    """What is recorded when a draft was sent to whoever is to read it, or could not be."""

    def settled(session: Session, row: Outgoing, sent: bool, at: datetime) -> None:
        reading = session.get(DraftReading, json.loads(row.body)["reading"])
        user = ids.user_of(reading.owner_id) if reading is not None else ""
        if reading is None or sent or not user:
            return
        contact = settings.contact_of(reading.role)
        text = NOT_THERE.format(who=ROLES[reading.role], contact=contact)
        outgoing.put(session, f"not-asked:{row.key}:{row.attempts}", to=user, body=hints.message(text), at=at)

    return {readings.ASKED: settled}


async def _view(desk: Desk, text: str, account: str, *, own: bool) -> View:
    looked = await in_thread(_look, desk, text, own)
    return draft_views.found(looked, text, account, tuple(roles_told(desk.settings)), own=own)


def _look(desk: Desk, text: str, own: bool) -> Looked:
    try:
        return desk.shelf.drafts.look(Draft(text, official=not own), desk.settings, datetime.now(UTC))
    except NoCheck as error:
        raise Refused(str(error)) from error


async def _show(desk: Desk, call: Call, view: View) -> None:
    """Put something into the window; nothing when it is not there any more."""
    try:
        await desk.client.views_update(view_id=text_of(map_of(call.payload, "view"), "id"), view=view)
    except NOT_REACHED:
        return


async def _keep(desk: Desk, call: Call, role: str, targets: Collection[str]) -> None:
    await in_thread(_put, desk, call, role, targets)
    where = f"{desk.settings.address}/check"
    said = ASKED.format(who=labelled(ROLES[role]), where=where) if role else KEPT.format(where=where)
    await _show(desk, call, draft_views.done(said))


def _put(desk: Desk, call: Call, role: str, targets: Collection[str]) -> None:
    text, account, own = _typed(call.payload)
    if not text:
        raise Refused(PASTE)
    looked, at = _look(desk, text, own), datetime.now(UTC)
    owner, draft = (call.person.id, call.person.name), Draft(text, official=not own)
    with desk.database.begin() as session:

        def work() -> None:
            try:
                row = readings.keep(session, owner, draft, account, looked.level, at)
            except readings.CannotKeep as error:
                raise Refused(str(error)) from error
            if role:
                readings.ask(session, row, role, targets, at)

        record.once(session, f"slack {call.key}", work, at)


def _answer(desk: Desk, call: Call, id_: int, note: str) -> None:
    at = datetime.now(UTC)
    with desk.database.begin() as session:

        def work() -> None:
            try:
                readings.answer(session, id_, (call.person.id, call.person.name), note, at)
            except readings.CannotKeep as error:
                raise Refused(str(error)) from error

        record.once(session, f"slack {call.key}", work, at)


def _check_asked(desk: Desk, call: Call, id_: int) -> None:
    """Refuse whoever was not asked: neither they, nor the channel in which they pressed."""
    channel = slack_id_of(map_of(call.payload, "channel"), "id")
    with desk.database.read() as session:
        row = session.get(DraftReading, id_)
        asked = row.asked.split(",") if row is not None else []
    if row is None:
        raise Refused(readings.GONE)
    if call.person.user not in asked and channel not in asked:
        raise Refused(NOT_ASKED)


def _reading(call: Call) -> int:
    carried: Mapping[str, Any] = {} if isinstance(call.value, str) else call.value
    number = number_of(carried, "reading")
    if number is None:
        raise Refused(NOT_ASKED)
    return number


def _typed(payload: Mapping[str, Any]) -> tuple[str, str, bool]:
    """The draft, the account, and whether that is the person's own."""
    return field(payload, "draft"), field(payload, "account"), field(payload, "whose") == draft_views.OWN


@asynccontextmanager
async def _in_passing(desk: Desk, call: Call) -> AsyncIterator[None]:
    """Words that are looked at and not kept. They stay while what came is tried again, not when it was refused."""
    try:
        yield
    except Refused:
        await in_thread(_forget, desk, call)
        raise
    await in_thread(_forget, desk, call)


def _forget(desk: Desk, call: Call) -> None:
    """Take the words out of what came from Slack: nobody said that they are to be kept."""
    view, action = map_of(call.payload, "view"), map_of(call.payload, "action")
    bare = {name: call.payload[name] for name in ("type", "user", "user_id", "team") if name in call.payload}
    bare |= {name: call.payload[name] for name in ("command", "callback_id") if name in call.payload}
    bare |= {"view": {"callback_id": view.get("callback_id"), "id": view.get("id")}} if view else {}
    bare |= {"action": {"action_id": action.get("action_id")}} if action else {}
    with desk.database.begin() as session:
        row = session.scalars(select(Inbound).where(Inbound.key == call.key).with_for_update()).first()
        if row is not None:
            row.payload = json.dumps(bare)
