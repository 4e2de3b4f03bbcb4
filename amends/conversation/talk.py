"""What one message is handled with, inside one transaction: who speaks, and the incident that it is about."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import select

from amends.conversation import forgetting
from amends.conversation.case import Case, Look, as_text
from amends.incidents import record, trail
from amends.incidents.models import Conversation, Incident, TrailEntry
from amends.incidents.record import OPEN_STATES, State, UnknownIncident
from amends.incidents.visible import Viewer, incident_for, incidents_of, may_see
from amends.outbox.tables import Place

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy.orm import Session

    from amends.conversation.shelf import Shelf
    from amends.conversation.turn import Turn
    from amends.flows import Flow
    from amends.settings import Settings
    from amends.understanding import Reading, Understanding


Pending = Literal[
    "stop",
    "start_over",
    "new_or_same",
    "close",
    "policy",
    "note",
    "draft",
    "did_you_mean",
    "preserve_first",
    "wish",
    "which_flow",
    "draft_account",
    "draft_next",
    "draft_or_report",
    "after",
    "promised",
]
"""What can be asked beside the triage; `asides` takes the answers, `cards.pending` draws the questions; for a draft
that nobody wants kept `before_posting` does both."""


@dataclass(frozen=True)
class Tools:
    """What does not change from message to message."""

    settings: Settings
    shelf: Shelf


class Talk(Look):
    """One message in its conversation, inside one transaction.

    `barred` is a restricted incident that is talked about here and cannot be gone on with: the person is not named,
    or others read along.
    """

    speaking = True

    def __init__(self, tools: Tools, session: Session, turn: Turn, at: datetime) -> None:
        super().__init__(tools, session, at)
        self.turn = turn
        self.barred: Incident | None = None
        record.ensure_participant(session, turn.actor_id, turn.actor_name, at)
        self.conversation: Conversation = record.ensure_conversation(session, turn.conversation_id, turn.actor_id, at)
        self.case: Case | None = self._current()

    @property
    def pending(self) -> dict[str, Any] | None:
        """What was asked beside the triage and waits for its answer: {"kind": ..., ...}."""
        return json.loads(self.conversation.pending) if self.conversation.pending else None

    def wait_for(self, kind: Pending, **more: Any) -> None:
        """Ask something beside the triage. `keys` name messages whose words go when nothing waits for them any more."""
        self._forget(more.get("keys", ()))
        self.conversation.pending = as_text({"kind": kind, **more})

    def hears(self, intent: str, text: str) -> None:
        """Take this turn for words that were said before, now that it is known what they meant."""
        self.turn = replace(self.turn, intent=intent, text=text, entities={}, rival="")
        self.__dict__.pop("reading", None)

    def settle(self) -> None:
        """Nothing is waited for any more."""
        self._forget()
        self.conversation.pending = None

    def _forget(self, keep: Collection[str] = ()) -> None:
        """Words that waited, and are not to be kept."""
        gone = [key for key in (self.pending or {}).get("keys", ()) if key not in keep]
        forgetting.forget(self.session, self.conversation.id, gone)

    @property
    def viewer(self) -> Viewer:
        """Who speaks, as the one who sees."""
        return Viewer(self.turn.actor_id)

    @cached_property
    def shared(self) -> bool:
        """Whether others read along: a thread of a channel, not a direct message."""
        place = self.session.get(Place, self.conversation.id)
        return place is not None and place.thread is not None

    @property
    def in_loop(self) -> bool:
        """Whether the assistant waits for an answer."""
        return self.pending is not None or (self.case is not None and self.case.in_loop)

    @cached_property
    def flow(self) -> Flow:
        """The flow of the open incident, or the newest one."""
        return self.case.flow if self.case else self.tools.shelf.flow()

    @cached_property
    def understanding(self) -> Understanding:
        """What reads this message."""
        return self.tools.shelf.understanding(self.flow)

    @cached_property
    def reading(self) -> Reading:
        """What the typed words say without having been asked."""
        return self.understanding.facts(self.turn.words, self.turn.said_at, self.tools.settings.zone)

    def open_incidents(self) -> list[Incident]:
        """The person's open incidents, newest first; where others read along, only those of this conversation."""
        mine = incidents_of(self.session, self.viewer, tuple(OPEN_STATES))
        return [incident for incident in mine if self._may_be_told(incident)]

    def switch_to(self, reference: str) -> Case:
        """Go on with another of the person's incidents.

        Raises:
            UnknownIncident: there is none of theirs by that reference, or others would read along.
        """
        incident = incident_for(self.session, self.viewer, reference)
        if not self._may_be_told(incident):
            raise UnknownIncident(f"{reference[:40].upper()} is not talked about here. Ask me in a direct message.")
        return self.begin(incident)

    def begin(self, incident: Incident) -> Case:
        """Make an incident the one that is talked about."""
        self.settle()
        self.conversation.incident_id = incident.id
        self.case = Case(self, record.lock(self.session, incident.id))
        self.__dict__.pop("flow", None)
        self.__dict__.pop("understanding", None)
        return self.case

    def leave(self) -> None:
        """The incident is closed; nothing is talked about."""
        self.settle()
        self.conversation.incident_id = None
        self.case = None

    def trail_of(self, incident: Incident) -> list[trail.Entry]:
        """An incident's whole trail."""
        return trail.entries(self.session, incident)

    def last_recorded(self, incident: Incident) -> datetime | None:
        """When something was last recorded in an incident."""
        query = select(TrailEntry.recorded_at).where(TrailEntry.incident_id == incident.id)
        return self.session.scalars(query.order_by(TrailEntry.sequence.desc()).limit(1)).first()

    def _may_be_told(self, incident: Incident) -> bool:
        return not self.shared or (incident.conversation_id == self.conversation.id and not incident.restricted)

    def _current(self) -> Case | None:
        if self.conversation.incident_id is None:
            return None
        incident = record.lock(self.session, self.conversation.incident_id)
        if incident.state not in OPEN_STATES:
            return None
        if incident.restricted and (self.shared or not may_see(self.session, self.viewer, incident)):
            self.barred = incident
            return None
        return Case(self, incident)


def waits(session: Session, conversation_id: str) -> bool:
    """Whether an answer is waited for in a conversation, only looked at."""
    conversation = session.get(Conversation, conversation_id)
    if conversation is None:
        return False
    if conversation.pending is not None:
        return True
    incident = session.get(Incident, conversation.incident_id) if conversation.incident_id else None
    if incident is None:
        return False
    return incident.state == State.CONFIRMING or (incident.state == State.ASKING and incident.asked is not None)
