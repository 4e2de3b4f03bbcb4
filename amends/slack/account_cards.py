"""What those who answer for official accounts are told: named in an incident, to be confirmed, keys of who has left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from amends.slack import blocks as kit

if TYPE_CHECKING:
    from amends.slack.blocks import Block, Message

MOST = 20
"""Accounts in one message; the page shows all."""
RIGHT = "accounts:right"
ALL_RIGHT = "All still right"


@dataclass(frozen=True)
class NamedModel:
    """An account that was named in an incident, for whoever is woken. `why` says why it is them.

    `page` is the incident's page, `link` where it is talked about in Slack, if it is.
    """

    account: str
    role: str
    reference: str
    title: str
    reporter: str
    page: str
    why: str = ""
    link: str = ""


@dataclass(frozen=True)
class AccountLine:
    """One account of somebody's: their part in it, how it stands, and whether they are to confirm it now."""

    id: int
    revision: int
    label: str
    parts: tuple[str, ...]
    owner: str = ""
    deputy: str = ""
    keys: tuple[str, ...] = ()
    two_factor: str = ""
    checked: str = ""
    due: bool = False
    """They are to confirm it, and it is time to."""

    @property
    def in_words(self) -> str:
        """How it stands, in sentences."""
        who = f"Owner: {self.owner or 'nobody'}. Deputy: {self.deputy or 'nobody'}."
        keys = f"Can sign in: {', '.join(self.keys) or 'not set down'}."
        factor = {"yes": "Two-factor login: yes.", "no": "Two-factor login: no."}
        checked = f"Last confirmed {self.checked}." if self.checked else "Not confirmed yet."
        return f"{who} {keys} {factor.get(self.two_factor, 'Two-factor login: nobody knows.')} {checked}"


def named(model: NamedModel) -> Message:
    """Whoever answers for an account is woken."""
    is_yours = {
        "owner": "You are set down as its owner.",
        "deputy": "You are set down as its deputy.",
        "leads": "Nobody was woken for it.",
    }[model.role]
    why = f"{model.why[:1].upper()}{model.why[1:]}." if model.why else ""
    part = "" if model.role == "leads" else "You take part in it from now on. "

    def drawn(room: int) -> list[Block]:
        blocks = [
            kit.section(f"{model.account} is named in an incident", f"{is_yours} {why}".strip(), most=room),
            kit.section("What happened", model.title, most=room),
            kit.context(f"{model.reference}, reported by {model.reporter}.", most=min(room, 400)),
            kit.context(f"{part}What is known, advised and done: {model.page}", most=min(room, 500)),
        ]
        if model.link:
            blocks.append(kit.marked_context(kit.link(model.link, "Where it is talked about")))
        return blocks

    return kit.drawn(drawn)


def hidden(reference: str) -> Message:
    """Stands in the place of `named` since the incident is not theirs to see any more."""
    return kit.message([kit.section(text=f"{reference} is restricted. Only those named see it.")])


def due(lines: tuple[AccountLine, ...], page: str) -> Message:
    """Somebody is asked whether what the register says of their accounts is right."""
    shown = lines[:MOST]
    what = "this official account" if len(lines) == 1 else "these official accounts"

    def drawn(room: int) -> list[Block]:
        blocks: list[Block] = [
            kit.section(f"Is this still right? You answer for {what}", "We ask twice a year.", most=room),
            *(kit.section(line.label, line.in_words, most=room) for line in shown),
            kit.actions([confirm_button(shown)]),
        ]
        more = len(lines) - len(shown)
        other = f"If something is not right, or you are the wrong person, tell the comms leads. All of yours: {page}"
        return [*blocks, kit.context(f"And {more} more." if more else "", other, most=min(room, 500))]

    return kit.drawn(drawn)


def confirm_button(lines: tuple[AccountLine, ...]) -> Block:
    """One tap for all of these as they are shown."""
    shown = [[line.id, line.revision] for line in lines]
    what = lines[0].label if len(lines) == 1 else f"{len(lines)} accounts"
    return kit.button(ALL_RIGHT, RIGHT, kit.value(accounts=shown), "primary", spoken=f"{ALL_RIGHT}: {what}")


def settled() -> Message:
    """Nothing is waited for any more."""
    return kit.message([kit.context("Confirmed. Thank you.")])


def late(labels: tuple[str, ...], page: str) -> Message:
    """The leads are told what nobody has confirmed."""

    def drawn(room: int) -> list[Block]:
        many = "This account waits" if len(labels) == 1 else f"These {len(labels)} accounts wait"
        listed = kit.bullets(list(labels[:MOST]), min(room, 250))
        title = kit.bold(f"{many} for somebody to confirm what the register says")
        more = f"And {len(labels) - MOST} more." if len(labels) > MOST else ""
        return [kit.marked_section(f"{title}\n{listed}"), kit.context(more, f"See to them here: {page}", most=500)]

    return kit.drawn(drawn)


def keys_of_leaver(name: str, held: tuple[tuple[str, tuple[str, ...]], ...], page: str) -> Message:
    """The leads are told which accounts somebody who has left still has a part in."""
    parts = {"owner": "owns it", "deputy": "is its deputy", "keys": "can sign in"}

    def drawn(room: int) -> list[Block]:
        lines = [f"{label}: {', '.join(parts[each] for each in had)}" for label, had in held[:MOST]]
        listed = kit.bullets(lines, min(room, 250))
        title = kit.bold(f"{name} has left. Take their keys back, and change passwords that they know")
        more = f"And {len(held) - MOST} more." if len(held) > MOST else ""
        return [kit.marked_section(f"{title}\n{listed}"), kit.context(more, f"Then say so here: {page}", most=500)]

    return kit.drawn(drawn)
