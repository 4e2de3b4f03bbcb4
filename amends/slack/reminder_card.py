"""Messages that come by themselves: a reminder, the daily digest, and what somebody is told who is brought in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from amends.conversation import wording
from amends.conversation.replies import press_done
from amends.conversation.wording import low
from amends.slack import blocks as kit
from amends.slack.lead_card import HERE
from amends.slack.question_card import says
from amends.slack.status import due_by, in_words

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from amends.conversation.replies import Button
    from amends.slack.blocks import Block, Message

LATER = (("In 30 minutes", 30), ("In 1 hour", 60), ("In 4 hours", 240), ("Tomorrow", 24 * 60))
MOST_INCIDENTS = 20
LOOK_AGAIN = "Look again: is the conversation finished?"
LOOKED = "Looked at: is the conversation finished?"


@dataclass(frozen=True)
class ReminderModel:
    """A deadline, a step, a promise, or that it is time to look again.

    `state_id` is what its Done button carries; empty: no button. `again` is when the next reminder comes. `settled`:
    it is not open any more. `answers` are what can be pressed on a promise or on what is asked; `how` says it.
    """

    id: int
    kind: str
    code: str
    title: str
    due: datetime
    reference: str
    incident_title: str
    level: int | None
    how: str = ""
    answers: tuple[Button, ...] = ()
    state_id: str = ""
    again: datetime | None = None
    settled: bool = False
    here: bool = False
    restricted: bool = False


def reminder(model: ReminderModel, *, zone: ZoneInfo, now: datetime) -> Message:
    """A reminder: what is open and since when or by when, with Done and a way to be reminded later."""
    at = wording.clock(model.due, now, zone)
    if model.settled:
        return kit.message([kit.context(f"No longer open: {low(model.title)} ({model.reference}).")])
    if model.kind == "step":
        first, when = f"Still open: {low(model.title)}", ""
    elif model.kind == "look":
        first, when = LOOK_AGAIN if model.due <= now else LOOKED, ""
    elif now > model.due:
        first, when = f"The time for this has passed: {model.title}", f"It was due by {at}."
    else:
        first, when = f"Due by {at}: {model.title}", ""
    level = "" if model.level is None else f", level {model.level}"
    incident = "" if model.restricted else f": {model.incident_title}"
    again = f"The next reminder comes at {wording.clock(model.again, now, zone)}." if model.again else ""

    def drawn(room: int) -> list[Block]:
        text = " ".join(part for part in (when, model.how) if part)
        lines = [kit.bold(first), kit.escaped(text, room), HERE if model.here else ""]
        return [
            kit.marked_section("\n".join(line for line in lines if line)),
            *kit.rows_of([*_done(model), *says(model.answers), _later(model)]),
            kit.context(again, f"{model.reference}{level}{incident}", most=min(room, 300)),
        ]

    return kit.drawn(drawn)


def _done(model: ReminderModel) -> list[Block]:
    if model.kind != "step" or not model.state_id:
        return []
    send = press_done(model.code, model.state_id)
    return [kit.button("Done", "say:0", send, "primary", spoken=f"Done: {low(model.title)}")]


def _later(model: ReminderModel) -> Block:
    options = [kit.option(label, kit.value(reminder=model.id, minutes=minutes)) for label, minutes in LATER]
    return {
        "type": "static_select",
        "action_id": "snooze",
        "placeholder": kit.plain("Remind me later", 150),
        "options": options,
    }


@dataclass(frozen=True)
class DigestLine:
    """One incident of the digest. `card`: none stands in the leads' channel, so that one is offered."""

    reference: str
    title: str
    state: str
    level: int | None
    next_step: str = ""
    due: datetime | None = None
    deadline: str = ""
    lead: str = ""
    restricted: bool = False
    card: bool = False


def digest(day: str, lines: tuple[DigestLine, ...], *, zone: ZoneInfo, now: datetime) -> Message:
    """The daily digest of small incidents and unfinished ones. `day` is in words."""

    def drawn(room: int) -> list[Block]:
        count = len(lines)
        noun = "incident" if count == 1 else "incidents"
        blocks: list[Block] = [kit.header(f"{count} {noun} to look at, {day}")]
        blocks += [_digest_line(line, zone, now, min(room, 500)) for line in lines[:MOST_INCIDENTS]]
        if count > MOST_INCIDENTS:
            blocks.append(kit.context(f"And {count - MOST_INCIDENTS} more, which the console shows."))
        return blocks

    return kit.drawn(drawn)


def _digest_line(line: DigestLine, zone: ZoneInfo, now: datetime, room: int) -> Block:
    level = "level not known yet" if line.level is None else f"level {line.level}"
    led = f"Led by {line.lead}." if line.lead else "Nobody leads it."
    carries = kit.value(incident=line.reference)
    show = kit.button("Show the card", "lead:card", carries, spoken=f"Show the card of {line.reference}")
    offered = show if line.card else None
    if line.restricted:
        return kit.section(f"{line.reference}, {level}: restricted", led, offered, most=room)
    due = due_by(line.due, now, zone, line.deadline)
    text = " ".join(part for part in (in_words(line.state), line.next_step, due, led) if part)
    return kit.section(f"{line.reference}, {level}: {kit.clip(line.title, 150)}", text, offered, most=room)


@dataclass(frozen=True)
class ToldModel:
    """What a role is told: what is asked of it, and by whom."""

    reference: str
    title: str
    level: int | None
    level_name: str
    role: str
    how: str
    by: str
    deadlines: tuple[tuple[datetime, str], ...] = ()
    link: str = ""
    restricted: bool = False


def told(model: ToldModel, *, zone: ZoneInfo, now: datetime) -> Message:
    """The message to a role that is brought in."""
    level = "" if model.level is None else f", level {model.level} ({model.level_name})"

    def drawn(room: int) -> list[Block]:
        advised = f"{model.by} was advised: bring in {low(model.role)}. {model.how}" if model.how else ""
        blocks: list[Block] = [kit.section(f"You are needed as {model.role}", advised, most=room)]
        if model.restricted:
            blocks.append(kit.section(text=f"This incident is restricted. Ask {model.by} what it is about."))
        else:
            blocks.append(kit.section("What happened", model.title, most=room))
            dues = [f"By {wording.clock(due, now, zone)}: {title}" for due, title in model.deadlines[:10]]
            if dues:
                blocks.append(kit.marked_section("\n".join([kit.bold("Clock"), kit.bullets(dues, min(room, 250))])))
        blocks.append(kit.context(f"{model.reference}{level}. {model.by} asks for you.", most=min(room, 400)))
        if model.link and not model.restricted:
            blocks.append(kit.marked_context(kit.link(model.link, "Where it is talked about")))
        return blocks

    return kit.drawn(drawn)
