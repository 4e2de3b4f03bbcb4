"""Skeletons of what has to be written, as the flow has them: offered beside the advice, never sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amends.conversation import cards, wording
from amends.conversation.replies import Button, TextReply, press_answer
from amends.incidents.trail import Kind

if TYPE_CHECKING:
    from amends.conversation.case import Case
    from amends.conversation.replies import Reply

ANY = "?"
"""What is pressed before one of several is picked."""


def show(case: Case, id_: str = ANY) -> list[Reply]:
    """The skeleton that was picked, or the only one; else those that help with what is advised, to pick from."""
    there = {one.id: one for one in case.flow.letters_for([step.code for step in cards.decision_of(case).steps])}
    if id_ == ANY and len(there) == 1:
        (id_,) = there
    if id_ == ANY and there:
        send = {one.id: press_answer(cards.LETTERS, one.id, case.state_id) for one in there.values()}
        buttons = tuple(Button(label=one.title, send=send[one.id]) for one in there.values())
        return [TextReply(text=wording.WHICH_LETTER, buttons=buttons)]
    letter = there.get(id_)
    if letter is None:
        return [TextReply(text=wording.NO_LETTER)]
    law = [f"Rests on: {letter.law}."] if letter.law else []
    text = "\n".join([f"{letter.title}:", *(f"- {point}" for point in letter.points), *law, wording.POINTS_ONLY])
    case.write(Kind.EXPLAINED, {"what": "letter", "code": letter.id, "text": text})
    return [TextReply(text=text)]
