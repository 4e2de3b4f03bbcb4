"""Questions as cards: buttons, a menu, boxes or pickers; and what a card becomes when it was answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amends.conversation.replies import press, press_answer
from amends.conversation.wording import labelled
from amends.slack import blocks as kit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from amends.conversation.replies import Button, Choice, QuestionReply, UnderstoodReply
    from amends.slack.blocks import Block, Message

MOST_BUTTONS = 5
"""More options than this are a menu."""
MOST_FACTS = 30
"""Of those beyond, each is only a line."""


def says(buttons: Sequence[Button], start: int = 0) -> list[Block]:
    """Buttons that send what they carry; those whose message Slack cannot carry are left out."""
    return [
        kit.button(button.label, f"say:{n}", button.send, button.style)
        for n, button in enumerate(buttons, start=start)
        if len(button.send) <= kit.LONGEST_VALUE
    ]


def question(reply: QuestionReply) -> Message:
    """The current question with its answers."""
    draw = {"many": _many, "times": _times}.get(reply.kind, _one)
    return kit.drawn(lambda room: draw(reply, room))


def _one(reply: QuestionReply, room: int) -> list[Block]:
    """One answer: buttons, or a menu when there are many."""
    others = says(reply.buttons, start=len(reply.options))
    if len(reply.options) > MOST_BUTTONS:
        menu: Block = {
            "type": "static_select",
            "action_id": "pick",
            "placeholder": kit.plain("Choose the answer", 150),
            "options": [kit.option(o.label, o.code, room) for o in reply.options[: kit.MOST_OPTIONS]],
        }
        chosen = [one for one in menu["options"] if one["value"] in reply.chosen]
        if chosen:
            menu["initial_option"] = chosen[0]
        answers = [kit.actions([menu], f"pick|{reply.question}|{reply.state}")]
        long = ""
    else:
        pressed = [
            kit.button(one.label, f"say:{n}", press_answer(reply.question, one.code, reply.state))
            for n, one in enumerate(reply.options)
        ]
        answers = kit.rows_of(pressed)
        long = kit.bullets([o.label for o in reply.options if len(o.label) > kit.LONGEST_LABEL], room)
    asked = "\n".join(part for part in (_asked(reply, room), long) if part)
    return [kit.marked_section(asked), *answers, *kit.rows_of(others)]


def _many(reply: QuestionReply, room: int) -> list[Block]:
    """Any number of answers: boxes, sent together."""
    carries = kit.value(question=reply.question, state=reply.state)
    ticking = ticks("many", f"|{reply.question}|{reply.state}", reply.options, reply.chosen, room)
    send = kit.button("Send these", "submit_many", carries, "primary", spoken="Send the ticked answers")
    return [
        kit.marked_section(_asked(reply, room)),
        kit.context("Tick all that fit, then send them."),
        *ticking,
        kit.actions([send, *says(reply.buttons)][:25]),
    ]


def _times(reply: QuestionReply, room: int) -> list[Block]:
    """When it was posted and noticed: two pickers, sent together."""
    carries = kit.value(question=reply.question, state=reply.state)
    pickers: list[Block] = []
    for name, label in (("posted", "When it was posted"), ("noticed", "When it was first noticed")):
        pickers.append(kit.section(label))
        picker = {"type": "datetimepicker", "action_id": name}
        pickers.append(kit.actions([picker], f"{name}|{reply.question}|{reply.state}"))
    send = kit.button("Send these times", "submit_times", carries, "primary")
    return [
        kit.marked_section(_asked(reply, room)),
        kit.context("Pick one or both, or type it: twenty past nine this morning, last night, just now."),
        *pickers,
        kit.actions([send, *says(reply.buttons)][:25]),
    ]


def ticks(
    name: str, rest: str, options: Sequence[Choice], chosen: Sequence[str] = (), room: int = kit.LONGEST_SECTION
) -> list[Block]:
    """Boxes in blocks of ten: the block ids are `many|...`, `many2|...`; the action id is always the name."""
    drawn = [kit.option(one.label, one.code, room) for one in options]
    return [
        kit.actions([kit.boxes(name, drawn[n : n + kit.MOST_BOXES], chosen)], f"{name}{number or ''}{rest}")
        for number, n in ((n // kit.MOST_BOXES + 1 if n else 0, n) for n in range(0, len(drawn), kit.MOST_BOXES))
    ]


def _asked(reply: QuestionReply, room: int) -> str:
    return kit.bold(reply.text, min(room, 600))


def understood(reply: UnderstoodReply) -> Message:
    """What was understood: one line each with a button to change it, and one to confirm everything."""
    return kit.drawn(lambda room: _understood(reply, room))


def _understood(reply: UnderstoodReply, room: int) -> list[Block]:
    changes = {fact.question: b for fact in reply.facts for b in reply.buttons if _changes(b, fact.question)}
    drawn: list[Block] = [kit.section("Is this right? It is what I understood.")]
    for n, fact in enumerate(reply.facts[:MOST_FACTS]):
        change = changes.get(fact.question)
        topic = change.label.partition(": ")[2] if change else ""
        lines = [kit.bold(labelled(topic or fact.ask), min(room, 300)), kit.escaped(fact.label, room)]
        if fact.words:
            lines.append(f"You said: {kit.escaped(kit.quoted(fact.words), room)}")
        pressed = kit.button("Change", f"say:{n}", change.send, spoken=change.label) if change else None
        drawn.append(kit.marked_section("\n".join(lines), pressed))
    more = [f"{fact.ask} {fact.label}" for fact in reply.facts[MOST_FACTS:]]
    if more:
        drawn.append(kit.marked_section(kit.bullets(more, min(room, 150))))
    if reply.details:
        drawn.append(kit.marked_section(kit.bullets(reply.details, room)))
    others = [button for button in reply.buttons if button not in changes.values()][:25]
    pressed_last = says(others, start=len(reply.facts))
    if reply.ticks:
        drawn.append(kit.section(text="Of these you said nothing. Tick those that are in play:"))
        drawn += ticks("ticks", f"|{reply.state}", reply.ticks, room=room)
        send = kit.button("All right, with those ticked", "submit_ticks", kit.value(state=reply.state), "primary")
        pressed_last = [send, *pressed_last]
    return [*drawn, *kit.rows_of(pressed_last)]


def _changes(button: Button, question_id: str) -> bool:
    return button.send.startswith(press("correct_answer", question=question_id)[:-1])


def settled(question: str, answer: str, send_change: str | None, who: str = "") -> Message:
    """What a question's card becomes: the question, its answer, who gave it, and a button to change it.

    Args:
        send_change: what the button sends; None: no button.
    """
    given = f"{answer} ({who})" if who else answer
    change = None
    if send_change is not None and len(send_change) <= kit.LONGEST_VALUE:
        change = kit.button("Change", "say:0", send_change, spoken=f"Change the answer to: {question.rstrip('.')}")
    return kit.message([kit.section(question, given, change, most=1_500)])
