"""The windows and messages about drafts: paste one, what was found, read it first, and what was answered. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from amends.conversation.draft_check import ROLES
from amends.conversation.wording import labelled
from amends.slack import blocks as kit
from amends.slack.views import LONGEST_FIELD, input_field, modal, text_field

if TYPE_CHECKING:
    from collections.abc import Sequence

    from amends.conversation.draft_check import Looked
    from amends.slack.blocks import Block, Message, View

TITLE = "Check a draft"
HINT = "Nothing is posted. Your words are kept only if you say so."
CUT = f"All of it was checked. Only its first {LONGEST_FIELD:,} characters fit into the field below."
MOST_PARTS = 20
OWN, OFFICIAL = "own", "official"


def paste(text: str = "", account: str = "", *, own: bool = False) -> View:
    """Paste what is about to be posted. Fields: `draft`, `whose` (`official` or `own`) and `account`."""
    return modal("check", TITLE, _fields(text, account, own=own), submit="Check")


def found(looked: Looked, text: str, account: str, asks: Sequence[str], *, own: bool) -> View:
    """What was found, whom to ask, and the draft to be changed and checked again.

    Args:
        asks: the roles that can be asked with a button.
    """
    drawn: list[Block] = []
    for part in looked.parts[:MOST_PARTS]:
        lines = [*part.places, part.could, f"Instead: {part.instead}", "; ".join(part.clauses)]
        drawn.append(kit.section(part.title, "\n".join(lines), most=1_500))
    drawn.append(kit.section(text="\n".join(looked.after)))
    buttons = [
        kit.button(f"Ask {ROLES[role]} to read it first", f"check:ask:{role}", role, "primary")
        for role in looked.read_first
        if role in asks
    ]
    drawn.append(kit.actions([*buttons, kit.button("Keep it for me", "check:keep", "keep")]))
    if len(text) > LONGEST_FIELD:
        drawn.append(kit.context(CUT))
    return modal("check", TITLE, [*drawn, *_fields(text, account, own=own)], submit="Check again")


def checking() -> View:
    """Shown while a draft is checked."""
    return modal("checking", TITLE, [kit.section(text="Checking your words. This takes a second or two.")])


def done(sentence: str) -> View:
    """What was done with a draft."""
    return modal("checking", TITLE, [kit.section(text=sentence)])


def change(reading: int) -> View:
    """Say what is to be changed in somebody's draft. Field: `note`."""
    field = text_field("note", "What should be changed?", hint="It goes to whoever wrote it, with your name.")
    return modal("reading_change", "Please change", [field], submit="Send", reading=str(reading))


@dataclass(frozen=True)
class AskedModel:
    """A draft that somebody is to read first. `answered` says by whom it was, and how; empty while it was not."""

    id: int
    role: str
    by: str
    account: str
    own: bool
    text: str
    found: tuple[str, ...] = ()
    answered: str = ""


def asked(model: AskedModel) -> Message:
    """The message to whoever is asked to read a draft first."""
    where = model.account or ("their own account" if model.own else "an official account")

    def drawn(room: int) -> list[Block]:
        blocks = [
            kit.section(
                f"{model.by} asks you, as {ROLES[model.role]}, to read this before it is posted", f"For {where}"
            ),
            *(kit.section(text=part) for part in kit.paragraphs(model.text, room)),
            kit.divider(),
        ]
        if model.found:
            blocks.append(kit.context(f"The check found: {', '.join(model.found)}. It does not find everything."))
        if model.answered:
            return [*blocks, kit.section(text=model.answered)]
        carries = kit.value(reading=model.id)
        fine = kit.button("Read it, fine", "reading:fine", carries, "primary")
        return [*blocks, kit.actions([fine, kit.button("Please change", "reading:change", carries)])]

    return kit.drawn(drawn)


def taken_back() -> Message:
    """What becomes of such a message when the draft was deleted."""
    return kit.message([kit.context("A draft stood here. Whoever wrote it has taken it back.")])


def waits(by: str) -> Message:
    """For whoever was asked to read a draft and has not answered."""
    said = f"{by} still waits for you to read a draft. It stands further up, with its buttons."
    return kit.message([kit.section(text=said)])


def unanswered(role: str, contact: str, text: str) -> Message:
    """For whoever wrote a draft that nobody has read yet.

    Args:
        role: who was asked.
        contact: whom to ring.
        text: the draft.
    """
    said = (
        f"Nobody has answered about your draft yet. {labelled(ROLES[role])} was asked once more. "
        f"Leave it unposted until there is an answer. If it cannot wait, ring {contact}."
    )
    return kit.message([kit.section(text=said), kit.context(kit.clip(text, 300))])


def answered(sentence: str, text: str, note: str) -> Message:
    """The answer, for whoever wrote the draft."""

    def drawn(room: int) -> list[Block]:
        said = [kit.section("What to change", note, most=room)] if note else []
        return [kit.section(text=sentence), *said, kit.context(kit.clip(text, 300))]

    return kit.drawn(drawn)


def _fields(text: str, account: str, *, own: bool) -> list[Block]:
    choices = [kit.option("An official account", OFFICIAL), kit.option("My own account", OWN)]
    whose: Block = {
        "type": "radio_buttons",
        "action_id": "value",
        "options": choices,
        "initial_option": choices[1 if own else 0],
    }
    name: Block = {"type": "plain_text_input", "action_id": "value", "max_length": 80}
    if account:
        name["initial_value"] = account[:80]
    return [
        text_field("draft", "What you are about to post", text, hint=HINT),
        input_field("whose", "It is for", whose),
        input_field("account", "Which one?", name, hint="Such as @example.", optional=True),
    ]
