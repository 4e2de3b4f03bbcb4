"""The card of an incident in the leads' channel: how it stands, what is open, and what a lead can do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from amends.conversation import wording
from amends.conversation.wording import labelled, low
from amends.conversation.wording_after import not_finished
from amends.flows.problems import either
from amends.slack import blocks as kit
from amends.slack.status import in_words

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from amends.slack.blocks import Block, Message

HERE = "<!here>"
MOST_STEPS = 8


@dataclass(frozen=True)
class LeadCard:
    """What a lead sees of an incident.

    `state_id` is what the buttons carry; the one to take over carries `lead_id`, too. `link` is an address of the
    thread; empty: it is in a direct message, or not in Slack; `place` says which. `decided` is what a lead decided
    instead, in a sentence.
    """

    reference: str
    state: str
    state_id: str
    title: str
    reporter: str
    reported_at: datetime
    place: str
    level: int | None = None
    level_name: str = ""
    lead: str = ""
    lead_id: str = ""
    asked_for: tuple[str, ...] = ()
    advised: tuple[str, ...] = ()
    decided: str = ""
    open_steps: tuple[str, ...] = ()
    unfinished: tuple[str, ...] = ()
    deadline: str = ""
    due: datetime | None = None
    evidence: int = 0
    link: str = ""
    restricted: bool = False
    drill: bool = False
    signed_off_at: datetime | None = None
    signed_off_by: str = ""

    @property
    def is_open(self) -> bool:
        """Whether something can still be decided and done."""
        return self.state not in ("closed", "abandoned")


def lead_card(card: LeadCard, *, zone: ZoneInfo, now: datetime, here: bool = False) -> Message:
    """The card; with `here` it calls those who are there."""
    draw = _restricted if card.restricted else _open_to_leads

    def drawn(room: int) -> list[Block]:
        call = [kit.marked_section(HERE)] if here else []
        return [kit.header(_headline(card)), *call, *draw(card, zone, now, room), *kit.rows_of(_buttons(card))]

    return kit.drawn(drawn)


def _headline(card: LeadCard) -> str:
    level = "level not known yet" if card.level is None else f"level {card.level}"
    name = f" ({card.level_name})" if card.level_name else ""
    title = "restricted" if card.restricted else f"drill: {card.title}" if card.drill else card.title
    return f"{card.reference}, {level}{name}: {title}"


def _restricted(card: LeadCard, zone: ZoneInfo, now: datetime, room: int) -> list[Block]:
    del zone, now
    return [kit.section(text=_led_by(card), most=room)]


def _led_by(card: LeadCard) -> str:
    if card.lead:
        return f"Led by {card.lead}."
    return "Nobody leads it yet." if card.is_open or card.restricted else ""


def _open_to_leads(card: LeadCard, zone: ZoneInfo, now: datetime, room: int) -> list[Block]:
    """First what is to be done and by when, then the rest."""
    do = list(card.asked_for) if card.is_open else []
    if card.is_open and card.due:
        when = "By" if card.due >= now else "The time passed at"
        do.append(f"{when} {wording.clock(card.due, now, zone)}: {card.deadline}")
    if card.is_open and card.open_steps:
        steps = [low(step) for step in card.open_steps[:MOST_STEPS]]
        more = len(card.open_steps) - MOST_STEPS
        do.append(f"Open: {either([*steps, f'{more} more'] if more > 0 else steps, 'and')}.")
    elif card.advised:
        do.append("All steps are done." if card.is_open else "")
    if card.is_open and card.unfinished:
        do.append(not_finished(card.unfinished))
    advised = f"Advised: {either([low(label) for label in card.advised], 'and')}." if card.advised else ""
    rest = [
        " ".join([in_words(card.state), _led_by(card)]).strip(),
        card.decided or advised,
        f"Reported by {card.reporter} at {wording.clock(card.reported_at, now, zone)}.",
        _evidence(card.evidence),
        _signed_off(card, zone, now),
    ]
    drawn = [kit.section(text=labelled("\n".join(line for line in do if line)), most=room)] if any(do) else []
    drawn.append(kit.section(text="\n".join(line for line in rest if line), most=room))
    where = kit.marked_context(kit.link(card.link, card.place)) if card.link else kit.context(card.place)
    return [*drawn, where]


def _signed_off(card: LeadCard, zone: ZoneInfo, now: datetime) -> str:
    if card.signed_off_at is None:
        return ""
    by = f" by {card.signed_off_by}" if card.signed_off_by else ""
    return f"Signed off{by} at {wording.clock(card.signed_off_at, now, zone)}."


def _evidence(count: int) -> str:
    if not count:
        return "No evidence is kept yet."
    return f"{count} file{'s' if count > 1 else ''} kept as evidence."


def _buttons(card: LeadCard) -> list[Block]:
    """What the state allows; a restricted incident shows all, so that they do not give away how it stands."""
    some = {
        "take_over": ("Take over", card.is_open),
        "override": ("Override", card.state == "advised"),
        "note": ("Add note", card.signed_off_at is None),
        "restrict": ("Restrict", card.signed_off_at is None),
        "drill": ("Drill", card.signed_off_at is None),
        "close": ("Close", card.is_open),
        "sign_off": ("Sign off", not card.is_open and card.signed_off_at is None),
        "reopen": ("Open again", not card.is_open),
    }
    carries = {"incident": card.reference, "state": card.state_id}
    more = {"take_over": {"lead": card.lead_id}}
    return [
        kit.button(label, f"lead:{act}", kit.value(**carries, **more.get(act, {})), spoken=f"{label}: {card.reference}")
        for act, (label, allowed) in some.items()
        if allowed or card.restricted
    ]
