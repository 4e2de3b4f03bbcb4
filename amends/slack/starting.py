"""The ways to begin: a shortcut on a message, the command, the Home tab; mentions and messages are in `talking`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from amends.conversation.cards import INCIDENT
from amends.conversation.replies import press, press_answer
from amends.incidents.threads import in_thread
from amends.outbox import outgoing
from amends.slack import announcing, checking, modals, originals, places, talking
from amends.slack.parts import address_of, map_of, text_of
from amends.slack.registry import EVERYBODY, HANDLERS, May, Refused

if TYPE_CHECKING:
    from amends.slack import ids
    from amends.slack.desk import Desk
    from amends.slack.registry import Call

MAY_BEGIN = May(EVERYBODY)

HELP = (
    "Something went wrong with a post, a message or an event? Type it behind the command, such as "
    "`/amends I posted on the wrong account`. We go on in a direct message, where nobody else reads along.\n"
    "`/amends status`: how your incidents stand.\n"
    "`/amends policy pictures of children`: what the policy says.\n"
    "`/amends check` and a draft: what could go wrong with it, before you post it.\n"
    "`/amends practise`: a drill with a known case; `/amends practise 3` or `/amends practise hard` picks one. With "
    "your team: mention me in a channel and say 'practise'.\n"
    "You can also press 'Triage this' in the menu of a message, write to me directly, or mention me in a channel."
)
GOES_ON = "We go on in <{link}|a direct message>, where nobody else reads along."
_practise = re.compile(r"(?:practi[sc]e|drill)(?:\s+(?P<which>\d{1,2}|easy|medium|hard))?", re.IGNORECASE)
POLICY_WHAT = "Say what you want to know, such as `/amends policy pictures of children`."


@HANDLERS.on("shortcut", "triage_this", MAY_BEGIN)
async def message_shortcut(desk: Desk, call: Call) -> None:
    """Somebody asks for help with a message: it becomes the report, and is kept as it stands."""
    where = await places.direct(desk, call.person.user)
    report = await originals.report_of(desk, call.payload)
    await talking.say(desk, call, where, press("report_problem", about=report))
    await in_thread(_after_shortcut, desk, call, where)


@HANDLERS.on("shortcut", "report", MAY_BEGIN)
@HANDLERS.on("press", "home:start", MAY_BEGIN)
async def global_shortcut(desk: Desk, call: Call) -> None:
    """Ask in a window what happened."""
    await modals.show_start(desk, call)


@HANDLERS.on("command", "/amends", MAY_BEGIN)
async def command(desk: Desk, call: Call) -> None:
    """The slash command: help, status, policy, a draft to check, or what happened."""
    said = await talking.typed(desk, text_of(call.payload, "text"))
    word, rest = [*said.split(maxsplit=1), "", ""][:2]
    if not said or said.casefold() in ("help", "?"):
        await _hint(desk, call, HELP)
        return
    if word.casefold() == "check":
        await checking.open_with(desk, call, rest)
        return
    if word.casefold() == "policy":
        if not rest.strip():
            raise Refused(POLICY_WHAT)
        text = press("ask_policy", about=rest.strip())
    else:
        text = press("ask_status") if said.casefold() == "status" else _practice(said) or said
    where = await places.direct(desk, call.person.user)
    await talking.say(desk, call, where, text)
    if call.payload.get("channel_id") != where.channel:
        await _hint(desk, call, goes_on(desk, where))


def _practice(said: str) -> str:
    """The press that asks for a drill; nothing for a report that only begins with that word."""
    wanted = _practise.fullmatch(said)
    if wanted is None:
        return ""
    return press("practise", about=wanted["which"].casefold()) if wanted["which"] else press("practise")


@HANDLERS.on("home", "home", MAY_BEGIN)
async def home(desk: Desk, call: Call) -> None:
    """The Home tab was opened: draw it as things stand."""
    if call.payload.get("tab", "home") == "home":
        await in_thread(_draw_home, desk, call)


@HANDLERS.on("press", "home:go_on", MAY_BEGIN)
async def go_on(desk: Desk, call: Call) -> None:
    """Go on with one of the open incidents in the direct message."""
    reference = text_of(map_of(call.payload, "action"), "value")
    where = await places.direct(desk, call.person.user)
    await talking.say(desk, call, where, press_answer(INCIDENT, reference, "-"))


def goes_on(desk: Desk, where: ids.Where) -> str:
    """The hint that the conversation takes place in a direct message."""
    return GOES_ON.format(link=f"https://slack.com/app_redirect?team={desk.team}&channel={where.channel}")


def _after_shortcut(desk: Desk, call: Call, where: ids.Where) -> None:
    with desk.database.begin() as session:
        originals.keep_later(session, call, where.conversation_id)
        _respond(session, call, goes_on(desk, where))


async def _hint(desk: Desk, call: Call, text: str) -> None:
    def put() -> None:
        with desk.database.begin() as session:
            _respond(session, call, text)

    await in_thread(put)


def _respond(session: Any, call: Call, text: str) -> None:
    """Tell only the person, where they are."""
    url = address_of(call.payload, "response_url")
    if url:
        body = {"text": text, "response_type": "ephemeral", "replace_original": False}
        outgoing.put(session, f"hint:{call.key}", to=url, action="respond", body=body, at=call.at)


def _draw_home(desk: Desk, call: Call) -> None:
    with desk.database.begin() as session:
        announcing.draw_home(session, call)
