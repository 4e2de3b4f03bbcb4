"""The Home tab: what this is, a button to begin, my open incidents, and for leads what could not be sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from amends.conversation import wording
from amends.slack import account_cards
from amends.slack import blocks as kit
from amends.slack.status import due_by, in_words

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from amends.slack.account_cards import AccountLine
    from amends.slack.blocks import Block, View

WHAT_IT_IS = (
    "When a post, a message or an event has gone wrong, tell me in your own words, and I say what to do first, what "
    "comes then, whom to tell and by when. I advise, a named person acts, and I never publish anything."
)
MOST_INCIDENTS = 20
MOST_DEAD = 10
MOST_ACCOUNTS = 20


@dataclass(frozen=True)
class HomeIncident:
    """One of my open incidents. `about` is what its flow is called."""

    reference: str
    title: str
    state: str
    next_step: str
    due: datetime | None = None
    deadline: str = ""
    about: str = ""


@dataclass(frozen=True)
class DeadLetter:
    """Something that could not be sent, and why."""

    id: int
    what: str
    reason: str
    at: datetime


@dataclass(frozen=True)
class HomeModel:
    """What somebody's Home tab shows. `dead` is for leads, and `aside`: how many messages could not be handled.

    `accounts` are the official accounts that they have a part in.
    """

    incidents: tuple[HomeIncident, ...] = ()
    dead: tuple[DeadLetter, ...] = ()
    contact: str = ""
    aside: int = 0
    accounts: tuple[AccountLine, ...] = ()


def home(model: HomeModel, *, zone: ZoneInfo, now: datetime) -> View:
    """The Home tab."""
    drawn: list[Block] = [
        kit.section(text=WHAT_IT_IS),
        kit.actions([kit.button("Something went wrong", "home:start", "start", "primary")]),
    ]
    if model.contact:
        drawn.append(kit.context(f"If you would rather talk to a person: {model.contact}."))
    drawn.append(kit.divider())
    drawn.append(kit.header("My open incidents" if model.incidents else "You have no open incident"))
    for one in model.incidents[:MOST_INCIDENTS]:
        due = due_by(one.due, now, zone, one.deadline)
        lines = [
            one.title,
            *([one.about] if one.about else []),
            " ".join(part for part in (in_words(one.state), one.next_step, due) if part),
        ]
        go_on = kit.button("Go on", "home:go_on", one.reference, spoken=f"Go on with {one.reference}")
        drawn.append(kit.section(one.reference, "\n".join(lines), go_on, most=600))
    more = len(model.incidents) - MOST_INCIDENTS
    if more > 0:
        drawn.append(kit.context(f"And {more} more. Say 'status' to me to see how they stand."))
    if model.accounts:
        drawn += [kit.divider(), kit.header("My accounts"), *_accounts(model.accounts)]
    if model.dead:
        drawn += [kit.divider(), kit.header("Could not be sent"), *_dead(model, zone, now)]
    if model.aside:
        many = "1 message" if model.aside == 1 else f"{model.aside} messages"
        drawn.append(kit.section(text=f"{many} from Slack could not be handled. Ask whoever runs this to look."))
    return {"type": "home", "callback_id": "home", "blocks": drawn}


def _accounts(lines: tuple[AccountLine, ...]) -> list[Block]:
    """What I have a part in, those that I am to confirm first, with one tap for all of these."""
    first = sorted(lines, key=lambda line: not line.due)[:MOST_ACCOUNTS]
    drawn = [kit.section(line.label, line.in_words, most=400) for line in first]
    more = len(lines) - len(first)
    if more > 0:
        drawn.append(kit.context(f"And {more} more, on the page of your accounts."))
    due = tuple(line for line in first if line.due)
    if due:
        text = "Please look whether this is still right. We ask twice a year."
        drawn += [kit.section(text=text), kit.actions([account_cards.confirm_button(due)])]
    return drawn


def _dead(model: HomeModel, zone: ZoneInfo, now: datetime) -> list[Block]:
    drawn: list[Block] = []
    for one in model.dead[:MOST_DEAD]:
        again = kit.button("Resend", "lead:resend", kit.value(outgoing=one.id), spoken=f"Resend: {one.what}")
        text = f"{one.reason} Given up at {wording.clock(one.at, now, zone)}."
        drawn.append(kit.section(one.what, text, again, most=400))
    more = len(model.dead) - MOST_DEAD
    return [*drawn, kit.context(f"And {more} more.")] if more > 0 else drawn
