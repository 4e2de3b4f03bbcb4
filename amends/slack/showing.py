"""The digest tells of incidents that have no card in the leads' channel; a press brings it there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amends.outbox import outgoing
from amends.slack import leading
from amends.slack.registry import HANDLERS, Refused

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from amends.incidents.models import Incident
    from amends.leads import acts
    from amends.slack.desk import Desk
    from amends.slack.registry import Call

NO_CHANNEL = "There is no leads' channel now, so the card cannot be shown."


@HANDLERS.on("press", "lead:card", leading.MAY_ALWAYS)
async def card(desk: Desk, call: Call) -> None:
    """Show the card of an incident in the leads' channel, so that leads can act on it; drawn again if it is there."""
    channel = desk.settings.slack_leads_channel
    if not channel:
        raise Refused(NO_CHANNEL)

    def work(session: Session, incident: Incident, actor: acts.Actor, at: datetime) -> None:
        del actor
        outgoing.put(
            session,
            f"card:{call.key}",
            to=channel,
            action="update",
            draw="lead_card",
            args={"incident": incident.id, "here": False},
            slot=f"lead:{incident.id}",
            incident_id=incident.id,
            at=at,
        )

    await leading.act(desk, call, work)
    desk.sender.nudge()
