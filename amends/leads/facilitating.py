"""A lead facilitates a drill: they follow a team's go, and have the next part of its story told when they see fit."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from amends.conversation import drill_words, recording
from amends.drills import practice
from amends.incidents.models import Incident
from amends.incidents.trail import Kind
from amends.leads.opening import CannotAct, opened
from amends.outbox import outgoing
from amends.outbox.tables import Place

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from amends.drills.library import Drill
    from amends.drills.tables import Practice
    from amends.incidents.actor import Actor
    from amends.settings import Settings


def tell_next(session: Session, settings: Settings, go: Practice, drill: Drill, actor: Actor, at: datetime) -> None:
    """Have the next part of a story told: at once where the team talks in Slack, else with its next message.

    Raises:
        CannotAct: the go has ended, nobody has answered its first part, or all is told; or it is not theirs to see.
    """
    if go.ended_at is not None:
        raise CannotAct("This drill has ended, so nothing more is told.")
    if go.incident_id is None:
        raise CannotAct("Nobody has said yet what happened, so the story cannot go on. Give them a minute.")
    incident = opened(session, session.get_one(Incident, go.incident_id), actor, at)
    session.refresh(go)
    if not practice.cue(go, len(drill.told)):
        raise CannotAct("Nothing was changed: all of the story is told, or waits for their next message.")
    place = session.get(Place, go.conversation_id)
    if place is None:
        return
    part = drill.told[go.told]
    go.told += 1
    recording.write(
        *(session, settings, incident, Kind.DRILL_TOLD, {"clock": part.clock, "text": part.text}), actor=actor, at=at
    )
    minutes = int((at - go.began_at).total_seconds() // 60)
    text = html.escape(drill_words.story(part, minutes), quote=False)
    key = f"drill:{go.id}:{go.told}"
    outgoing.put(
        session, key, to=place.channel, thread=place.thread, body={"text": text}, incident_id=incident.id, at=at
    )
