"""A lead opens a closed incident again, or says that it is a drill, from Slack as on the web."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amends.leads import acts
from amends.slack import announcing, hints, leading, opening, views
from amends.slack.fields import field, filled
from amends.slack.registry import HANDLERS

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from amends.incidents.models import Incident
    from amends.slack.blocks import View
    from amends.slack.desk import Desk
    from amends.slack.registry import Call


@HANDLERS.on("press", "lead:reopen", leading.MAY_WHEN_ENDED)
async def ask_reopen(desk: Desk, call: Call) -> None:
    """Ask in a window why it is opened again."""
    state = await leading.fresh(desk, call)

    def drawn(_session: Session, incident: Incident) -> View:
        return views.reopen(incident.reference, state, signed_off=incident.signed_off_at is not None)

    await opening.show(desk, call, await leading.look(desk, call, drawn))


@HANDLERS.on(
    "submission",
    "reopen",
    leading.MAY_WHEN_ENDED,
    check=lambda payload: filled(payload, "reason", "Say why. It goes into the record."),
)
async def reopen(desk: Desk, call: Call) -> None:
    """Open an incident again where it stood; those who talk about it are told."""
    await leading.fresh(desk, call)
    reason = field(call.payload, "reason")

    def work(session: Session, incident: Incident, actor: acts.Actor, at: datetime) -> None:
        acts.reopen(session, desk.settings, incident, actor, reason, at)
        text = f"{actor.name}, comms lead, has opened {incident.reference} again."
        announcing.announce(session, incident, f"reopened:{call.key}", text, at)

    await leading.act(desk, call, work, as_drawn=True)


@HANDLERS.on("press", "lead:drill", leading.MAY_ALWAYS)
async def ask_drill(desk: Desk, call: Call) -> None:
    """Ask in a window whether it is a drill."""

    def drawn(_session: Session, incident: Incident) -> View:
        return views.drill(incident.reference, on=incident.drill)

    await opening.show(desk, call, await leading.look(desk, call, drawn))


@HANDLERS.on("submission", "drill", leading.MAY_ALWAYS)
async def drill(desk: Desk, call: Call) -> None:
    """Mark an incident as a drill, or as real."""
    on = field(call.payload, "drill") == "yes"

    def work(session: Session, incident: Incident, actor: acts.Actor, at: datetime) -> None:
        acts.mark_drill(session, desk.settings, incident, actor, at, on=on)
        kept = f"{incident.reference} is marked as {'a drill' if on else 'a real incident'}."
        hints.tell(session, call.key, call.kind, call.payload, kept, at, team=desk.team)

    await leading.act(desk, call, work)
