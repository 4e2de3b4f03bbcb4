"""What one message is handled with: the person's incident, inside one transaction."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import select

from amends.flows import Answer, answers_json, next_question, parse_answers
from amends.incidents import record, trail
from amends.incidents.advice import override_of
from amends.incidents.models import Conversation, Incident, TrailEntry
from amends.incidents.record import OPEN_STATES, State, UnknownIncident
from amends.incidents.trail import Kind
from amends.incidents.visible import Viewer, incident_for, incidents_of, may_see
from amends.outbox import notices
from amends.outbox.tables import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from amends.conversation.shelf import Shelf
    from amends.conversation.turn import Turn
    from amends.flows import Flow
    from amends.settings import Settings
    from amends.understanding import Reading, Understanding


Pending = Literal[
    "stop", "start_over", "new_or_same", "close", "policy", "note", "draft", "did_you_mean", "preserve_first", "wish"
]
"""What can be asked beside the triage; `asides` takes the answers, `cards.pending` draws the questions."""


@dataclass(frozen=True)
class Tools:
    """What does not change from message to message."""

    settings: Settings
    shelf: Shelf


class Look:
    """A look at the record: inside a transaction, at a time, with nobody speaking."""

    speaking = False

    def __init__(self, tools: Tools, session: Session, at: datetime) -> None:
        self.tools = tools
        self.session = session
        self.at = at


class Case:
    """An incident, opened: its answers and what is understood, read; in a talk each change is written."""

    def __init__(self, look: Look, incident: Incident) -> None:
        self.look = look
        self.incident = incident
        self.flow = look.tools.shelf.flow_of(look.session, incident.flow_version)
        self.answers = parse_answers(self.flow, json.loads(incident.answers))
        self.understood: dict[str, Any] = json.loads(incident.understood)
        """Understood and not confirmed: question -> {"value", "words"}, and under "" other details."""
        self.history: list[dict[str, Any]] = json.loads(incident.history)
        self.done: dict[str, dict[str, str]] = json.loads(incident.done)

    @property
    def talk(self) -> Talk:
        """The message that this case is handled for."""
        if not isinstance(self.look, Talk):
            raise TypeError("This incident is only looked at; nobody speaks.")
        return self.look

    @property
    def override(self) -> Mapping[str, Any] | None:
        """What a comms lead decided instead of the flow's advice."""
        return override_of(self.incident)

    @property
    def state_id(self) -> str:
        """What buttons carry: the incident and the state they were drawn in."""
        return f"{self.incident.reference}:{self.incident.state_number}"

    @property
    def state(self) -> State:
        """Where the incident stands."""
        return State(self.incident.state)

    @property
    def settings(self) -> frozenset[str]:
        """The organisation's yes/no settings."""
        return self.look.tools.settings.flow_settings

    @property
    def understanding(self) -> Understanding:
        """What reads texts against this incident's flow."""
        return self.talk.tools.shelf.understanding(self.flow)

    @property
    def offered(self) -> dict[str, Answer]:
        """What is understood and not confirmed, as answers."""
        raw = {q: {"value": fact["value"], "inferred": True} for q, fact in self.understood.items() if q}
        return parse_answers(self.flow, raw)

    @property
    def near(self) -> tuple[str, ...]:
        """Questions of which the first message seemed to say something, but not surely: asked first."""
        reported = next((e for e in self.talk.trail_of(self.incident) if e.kind == Kind.REPORTED and e.payload), None)
        return tuple(reported.payload.get("near", ())) if reported and reported.payload else ()

    @property
    def in_loop(self) -> bool:
        """Whether something has to be asked: a confirmation, or a question."""
        if self.state is State.CONFIRMING:
            return True
        return self.state is State.ASKING and self.incident.asked is not None

    @property
    def due(self) -> bool:
        """Whether nothing is left to ask and the advice was not given yet."""
        return self.state is State.ASKING and self.incident.asked is None

    def answer(self, question: str, answer: Answer | None, words: str = "") -> None:
        """Keep an answer, or take one away with None; both are remembered for going back.

        An answer that was there before is corrected: the entry names the one it supersedes.
        """
        before = self.answers.get(question)
        raw_before = answers_json({question: before})[question] if before else None
        self.history.append({"question": question, "before": raw_before})
        if answer is None:
            self.answers.pop(question, None)
            return
        self.answers[question] = answer
        self.understood.pop(question, None)
        payload = {"question": question, "value": answers_json({question: answer})[question], "words": words}
        if raw_before is None:
            self.write(Kind.ANSWERED, payload)
        else:
            self.write(Kind.CORRECTED, {**payload, "before": raw_before}, supersedes=self._entry_of(question))

    def go_on(self, ask: str | None = None) -> None:
        """Settle what comes next: `ask` when it is given, else a confirmation, else the next question."""
        if ask is None and any(self.understood):
            self.incident.asked = None
            self.to(State.CONFIRMING)
            return
        self.incident.asked = ask or next_question(self.flow, self.answers, self.settings, self.near)
        self.to(State.ASKING)

    def to(self, state: State) -> None:
        """Move to a state, or stay in it with something changed: buttons drawn before are stale now."""
        self.incident.state = state
        self.incident.state_number += 1
        self.save()

    def save(self) -> None:
        """Keep what was changed here in the incident's row."""
        self.incident.answers = _json(answers_json(self.answers))
        self.incident.understood = _json(self.understood)
        self.incident.history = _json(self.history)
        self.incident.done = _json(self.done)
        self.talk.session.flush()

    def write(
        self,
        kind: Kind,
        payload: Mapping[str, Any],
        *,
        supersedes: int | None = None,
        clauses: Iterable[str] = (),
    ) -> None:
        """Add an entry to the trail; who spoke takes part in the incident from now on."""
        turn = self.talk.turn
        trail.append(
            self.talk.session,
            self.incident,
            kind,
            payload,
            actor_id=turn.actor_id,
            source=turn.source,
            said_at=turn.said_at,
            recorded_at=self.talk.at,
            supersedes=supersedes,
            clauses=tuple(clauses),
        )
        record.involve(self.talk.session, self.incident, turn.actor_id, self.talk.at)
        notices.happened(self.talk.session, self.talk.tools.settings, self.incident, kind, self.talk.at)

    def last_entry(self, *kinds: Kind) -> trail.Entry | None:
        """The last trail entry of these kinds, or of any."""
        return next((e for e in reversed(self.talk.trail_of(self.incident)) if not kinds or e.kind in kinds), None)

    def _entry_of(self, question: str) -> int | None:
        """The sequence of the entry that holds the answer to a question."""
        for entry in reversed(self.talk.trail_of(self.incident)):
            if entry.payload is None:
                continue
            if entry.kind in (Kind.ANSWERED, Kind.CORRECTED) and entry.payload.get("question") == question:
                return entry.sequence
            if entry.kind == Kind.CONFIRMED and question in entry.payload.get("answers", {}):
                return entry.sequence
        return None


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
        """Ask something beside the triage."""
        self.conversation.pending = _json({"kind": kind, **more})

    def hears(self, intent: str, text: str) -> None:
        """Take this turn for words that were said before, now that it is known what they meant."""
        self.turn = replace(self.turn, intent=intent, text=text, entities={}, rival="")
        self.__dict__.pop("reading", None)

    def settle(self) -> None:
        """Nothing is waited for any more."""
        self.conversation.pending = None

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


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
