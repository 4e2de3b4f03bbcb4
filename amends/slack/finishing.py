"""A lead closes an incident from Slack; while the conversation with the public is not finished, a window asks first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from amends.conversation import progress
from amends.conversation.wording_after import not_finished
from amends.incidents import completion
from amends.incidents.asked_after import QUESTIONS
from amends.leads import acts
from amends.slack import announcing, leading, look_up, opening
from amends.slack import blocks as kit
from amends.slack.fields import field, values_of
from amends.slack.registry import HANDLERS
from amends.slack.views import input_field, modal, text_field

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from amends.incidents.models import Incident
    from amends.slack.blocks import Block, View
    from amends.slack.desk import Desk
    from amends.slack.registry import Call

REASON = "reason"
SAY_WHY = "Answer each of them, or say why it is closed all the same. It goes into the record."


@HANDLERS.on("press", "lead:close", leading.MAY_WHILE_OPEN)
async def close(desk: Desk, call: Call) -> None:
    """Close an incident; the steps that are open are named. While it is not finished, ask in a window."""
    state = await leading.fresh(desk, call)

    def drawn(session: Session, incident: Incident) -> View | None:
        left = () if leading.was_done(session, call) else completion.of(incident).left
        return window(incident, left, state) if left else None

    asked = await leading.look(desk, call, drawn)
    if asked is not None:
        await opening.show(desk, call, asked)
        return
    await leading.act(desk, call, lambda *given: _close(desk, call, {}, "", *given), as_drawn=True)


def _check(payload: Mapping[str, Any]) -> dict[str, str] | None:
    """Without a reason every question has to be answered, and settled by its answer."""
    there = [name for name in _asked_in(payload) if name != REASON]
    settled = {name: {one.code for one in QUESTIONS[name].options if one.settles} for name in there}
    if field(payload, REASON) or all(field(payload, name) in settled[name] for name in there):
        return None
    return {REASON: SAY_WHY}


@HANDLERS.on("submission", "close", leading.MAY_WHILE_OPEN, check=_check)
async def close_after_all(desk: Desk, call: Call) -> None:
    """Answer what was asked in the window, and close; what is left is closed with the reason."""
    await leading.fresh(desk, call)
    names = [name for name in _asked_in(call.payload) if name != REASON]
    answers = {name: said for name in names if (said := field(call.payload, name))}
    reason = field(call.payload, REASON)
    await leading.act(desk, call, lambda *given: _close(desk, call, answers, reason, *given), as_drawn=True)


def window(incident: Incident, left: tuple[str, ...], state: str) -> View:
    """What is asked before an incident closes. Fields: a question each, and `reason`."""
    after = completion.of(incident)
    fields: list[Block] = [kit.section(text=f"{incident.reference} is not finished. Answer what you can.")]
    for code in left:
        options = [kit.option(one.label, one.code) for one in after.options(code)]
        radio: Block = {"type": "radio_buttons", "action_id": "value", "options": options}
        fields.append(input_field(code, QUESTIONS[code].ask, radio, optional=True))
    fields += [kit.section(text=f'Promised: "{one.words}"') for one in after.open_promises[:10]]
    why = text_field(REASON, "If something stays open: why is it closed all the same?", hint="It goes into the record.")
    fields.append(why | {"optional": True})
    return modal("close", "Close", fields, submit="Close", incident=incident.reference, state=state)


def _asked_in(payload: Mapping[str, Any]) -> list[str]:
    """The fields of the window that was sent."""
    return [name for name in values_of(payload) if name == REASON or name in QUESTIONS]


def _close(
    desk: Desk,
    call: Call,
    answers: Mapping[str, str],
    reason: str,
    session: Session,
    incident: Incident,
    actor: acts.Actor,
    at: datetime,
) -> None:
    flow = look_up.flow_of(session, desk.shelf, incident)
    conversation = incident.conversation_id
    still = {code: said for code, said in answers.items() if code in completion.of(incident).left}
    if still:
        acts.answer(session, desk.settings, incident, actor, still, at)
    unfinished = completion.of(incident).open
    left = acts.close(session, desk.settings, incident, actor, at, reason=reason)
    text = f"{actor.name}, comms lead, has closed {incident.reference}."
    if left:
        text += f" Still open: {', '.join(progress.to_do(flow, code) for code in left)}."
    if unfinished:
        text += f" {not_finished(unfinished)}"
    announcing.end_cards(session, conversation, f"closed:{call.key}", text, at)
    announcing.announce(session, incident, f"closed:{call.key}", text, at)
