"""What people write and press in a conversation goes to the assistant; its answers come back by `Replying`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amends.conversation.replies import press
from amends.incidents.deliveries import StrangeKey
from amends.incidents.threads import in_thread
from amends.slack import ids, places, plain_text, pressing
from amends.slack.parts import text_of
from amends.slack.people import SlackAway
from amends.slack.registry import EVERYBODY, HANDLERS, May, Refused

if TYPE_CHECKING:
    from amends.slack.desk import Desk
    from amends.slack.registry import Call

SOURCE = "slack"
MAY_TALK = May(EVERYBODY)
"""Whoever may talk at all; what of an incident they may see and change is settled by the conversation."""

ELSEWHERE = "That belongs to another conversation, so nothing was done."


async def say(desk: Desk, call: Call, where: ids.Where, text: str, key: str = "") -> None:
    """Hand a message to the assistant, once for each key.

    Args:
        where: the conversation; it is known from now on.
        text: what was written, or what a button sends.
        key: names the message; the call's own when left out.
    """
    await in_thread(_ensure, desk, call, where)
    person = (call.person.id, call.person.name)
    try:
        await desk.gateway.accept(where.conversation_id, person, text, key or call.key, SOURCE)
    except StrangeKey as error:
        raise Refused(ELSEWHERE) from error


async def typed(desk: Desk, text: str) -> str:
    """What somebody typed, as plain text; mentions become names."""
    text = plain_text.without(text, desk.bot_user)
    names = {user: await name_of(desk, user) for user in plain_text.mentioned(text)}
    return plain_text.plain(text, names)


async def name_of(desk: Desk, user: str) -> str:
    """Somebody's name; while Slack does not say it, 'somebody'."""
    try:
        return (await desk.people.get(user)).name
    except SlackAway:
        return "somebody"


@HANDLERS.on("message", "message", MAY_TALK)
async def written(desk: Desk, call: Call) -> None:
    """Something was written in a direct message, or in a thread that is a conversation. Files come by themselves."""
    text = await typed(desk, text_of(call.payload, "text"))
    if text:
        await say(desk, call, places.of_message(desk, call), text)


@HANDLERS.on("message", "mention", MAY_TALK)
async def mentioned(desk: Desk, call: Call) -> None:
    """The app was mentioned: the conversation takes place in the thread of that message, or goes on in it."""
    text = await typed(desk, text_of(call.payload, "text"))
    await say(desk, call, places.of_message(desk, call), text or press("greet"))


@HANDLERS.on("press", "say:", MAY_TALK)
@HANDLERS.on("press", "pick", MAY_TALK)
@HANDLERS.on("press", "submit_many", MAY_TALK)
@HANDLERS.on("press", "submit_times", MAY_TALK)
@HANDLERS.on("press", "submit_ticks", MAY_TALK)
async def pressed(desk: Desk, call: Call) -> None:
    """A button, a menu, or the sending of boxes and times, on one of the cards.

    What is ticked and picked before it is sent says nothing, so it has no handler and is not stored.
    """
    text = pressing.message_of(call.payload, desk.settings.zone, call.at)
    await say(desk, call, await places.of_press(desk, call), text)


def _ensure(desk: Desk, call: Call, where: ids.Where) -> None:
    with desk.database.begin() as session:
        places.ensure(session, where, call.person, call.at)
