"""An incident as a page of a book: the advice, the steps, and the trail in words."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from amends.console.after_shown import after_of
from amends.console.flow_words import FlowWords
from amends.console.told import Correction, StepLine, Told
from amends.console.trail_words import SOURCES, TITLES
from amends.console.words import plain
from amends.conversation.evidence import kept_for
from amends.flows import FlowError
from amends.incidents import record, trail
from amends.incidents.advice import override_of, steps_of
from amends.incidents.models import Participant
from amends.outbox.reminders import OURS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from sqlalchemy.orm import Session

    from amends.console.told import Line
    from amends.flows import Flow
    from amends.incidents.models import Incident
    from amends.incidents.trail import Entry

_OURS = {OURS: "Amends"}


class Book:
    """Reads one incident in words: what stands now with the labels of its flow, each entry with those of its own."""

    def __init__(self, session: Session, incident: Incident, clock: Callable[[datetime], str]) -> None:
        self._incident = incident
        self.entries = trail.entries(session, incident)
        versions = {incident.flow_version, *(entry.flow_version for entry in self.entries)}
        self._words = {version: FlowWords(_flow(session, version), clock) for version in versions}
        self._evidence = kept_for(session, incident)
        people = {incident.reporter_id, *(entry.actor_id for entry in self.entries)}
        people |= {one.participant_id for one in self._evidence}
        if incident.lead_id:
            people.add(incident.lead_id)
        self.names = {id_: _name(session, id_) for id_ in people}
        """Of everybody who takes part, by id."""

    @property
    def flow(self) -> Flow | None:
        """The flow that the incident goes by; None when this program cannot read a version that old."""
        return self._words[self._incident.flow_version].flow

    def page(self) -> dict[str, Any]:
        """All that the page of an incident shows."""
        decision = json.loads(self._incident.decision) if self._incident.decision else None
        return {
            "incident": self._incident,
            "flow_title": self.flow.title if self.flow else plain(self._incident.flow_id),
            "reporter": self.names[self._incident.reporter_id],
            "lead": self.names[self._incident.lead_id] if self._incident.lead_id else None,
            "decision": decision,
            "override": self._override(),
            "steps": self._steps(),
            "deadlines": [_with_time(each) for each in decision["deadlines"]] if decision else (),
            "finishing": after_of(self._incident),
            "refusals": self._refusals(decision) if decision else (),
            "evidence": [(one, self.names[one.participant_id]) for one in self._evidence],
            "trail": self._trail(),
        }

    def _override(self) -> dict[str, Any] | None:
        """What a lead decided instead of the flow's advice, with its labels."""
        override = override_of(self._incident)
        if override is None:
            return None
        return {**override, "labels": [self.label(c) for c in override["responses"]], "at": _time(override["at"])}

    def _refusals(self, decision: Mapping[str, Any]) -> list[tuple[str, str]]:
        """What not to do; what a lead decided on all the same stands with the decision."""
        decided = (override_of(self._incident) or {}).get("responses", ())
        return [(self.label(c), why) for c, why in decision["forbidden"].items() if c not in decided]

    def _steps(self) -> list[StepLine]:
        done = json.loads(self._incident.done)
        lines = []
        for step in steps_of(self._incident):
            mark = done.get(step["code"]) or {}
            lines.append(
                StepLine(
                    label=self.label(step["code"]),
                    how=step["how"],
                    person=step["kind"] == "person",
                    optional=step["optional"],
                    who=mark.get("who"),
                    at=_time(mark.get("at")),
                )
            )
        return lines

    def _trail(self) -> list[Told]:
        lines = {entry.sequence: self.lines(entry) for entry in self.entries}
        corrections: dict[int, list[Correction]] = {}
        for entry in self.entries:
            if entry.supersedes is not None:
                correction = Correction(entry.sequence, lines[entry.sequence])
                corrections.setdefault(entry.supersedes, []).append(correction)
        return [
            Told(
                sequence=entry.sequence,
                kind=entry.kind,
                title=TITLES.get(entry.kind, plain(entry.kind)),
                who=self.names[entry.actor_id],
                source=SOURCES.get(entry.source, entry.source),
                said_at=entry.said_at,
                recorded_at=entry.recorded_at,
                lines=lines[entry.sequence],
                clauses=tuple(clause.partition("@")[0] for clause in entry.clauses),
                supersedes=entry.supersedes,
                corrected_by=tuple(corrections.get(entry.sequence, ())),
                erased=entry.payload is None,
            )
            for entry in self.entries
        ]

    def lines(self, entry: Entry, parts: Collection[str] = ()) -> tuple[Line, ...]:
        """What an entry says, in the words of the flow that it was written under.

        Args:
            parts: of its payload, those that are wanted; nothing means all.
        """
        payload = {part: value for part, value in (entry.payload or {}).items() if not parts or part in parts}
        return tuple(self._words[entry.flow_version].lines(entry.kind, payload))

    def label(self, code: str) -> str:
        """What a step, response or role is called in the flow of the incident."""
        return self._words[self._incident.flow_version].label(code)


def _flow(session: Session, version: str) -> Flow | None:
    """The flow of a version that is kept; None when this program cannot read a version that old."""
    try:
        return record.flow_of(session, version)
    except FlowError:
        return None


def _name(session: Session, participant_id: str) -> str:
    participant = session.get(Participant, participant_id)
    return (participant.name if participant else "") or _OURS.get(participant_id, participant_id)


def _with_time(deadline: Mapping[str, Any]) -> dict[str, Any]:
    return {**deadline, "due": _time(deadline.get("due"))}


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
