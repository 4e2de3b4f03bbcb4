"""An incident as a page of a book: the advice, the steps, and the trail in words."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from amends.console.told import Correction, Line, StepLine, Told
from amends.console.trail_words import OF_CODES, SOURCES, TITLES
from amends.console.trail_words import label as label_of
from amends.console.words import plain
from amends.conversation.evidence import kept_for
from amends.flows import FlowError
from amends.incidents import record, trail
from amends.incidents.advice import override_of, steps_of
from amends.incidents.models import Participant
from amends.outbox.reminders import OURS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sqlalchemy.orm import Session

    from amends.flows import Flow
    from amends.incidents.models import Incident

_OURS = {OURS: "Amends"}
_iso = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?([+-]\d\d:\d\d|Z)$")


class Book:
    """Reads one incident in words, with the labels of the flow version that it was begun with."""

    def __init__(self, session: Session, incident: Incident, clock: Callable[[datetime], str]) -> None:
        self._clock = clock
        self._incident = incident
        self.flow = _flow(session, incident.flow_version)
        self.entries = trail.entries(session, incident)
        self._evidence = kept_for(session, incident)
        people = {incident.reporter_id, *(entry.actor_id for entry in self.entries)}
        people |= {one.participant_id for one in self._evidence}
        if incident.lead_id:
            people.add(incident.lead_id)
        self.names = {id_: _name(session, id_) for id_ in people}
        """Of everybody who takes part, by id."""

    def page(self) -> dict[str, Any]:
        """All that the page of an incident shows."""
        decision = json.loads(self._incident.decision) if self._incident.decision else None
        return {
            "incident": self._incident,
            "reporter": self.names[self._incident.reporter_id],
            "lead": self.names[self._incident.lead_id] if self._incident.lead_id else None,
            "decision": decision,
            "override": self._override(),
            "steps": self._steps(),
            "deadlines": [_with_time(each) for each in decision["deadlines"]] if decision else (),
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
        lines = {entry.sequence: tuple(self._lines(entry.kind, entry.payload or {})) for entry in self.entries}
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

    def _lines(self, kind: str, payload: Mapping[str, Any]) -> Iterable[Line]:
        """What a payload says, each value under a plain name; an answer stands under its question."""
        question = payload.get("question")
        for key, value in sorted(payload.items(), key=lambda item: item[0] != "decision"):
            name = label_of(kind, key)
            if not name or value in (None, False, "", [], {}):
                continue
            if key == "question":
                if "value" not in payload:
                    yield Line("Question", self._ask(value))
            elif key == "value" and isinstance(question, str):
                yield Line(self._ask(question), self._answer(question, value))
            elif key == "before" and isinstance(question, str):
                yield Line("Answer before", self._answer(question, value))
            elif key in {"answers", "facts"} and isinstance(value, dict):
                yield from (Line(self._ask(asked), self._answer(asked, each)) for asked, each in value.items())
            elif key == "decision" and isinstance(value, dict):
                yield from self._decision(value)
            elif key == "near" and isinstance(value, list):
                yield Line("Not certain, so asked first", "; ".join(self._ask(asked) for asked in value))
            elif key in OF_CODES and isinstance(value, list):
                yield Line(name, "; ".join(self.label(code) for code in value))
            elif key == "asked" and kind == "abandoned":
                yield Line(name, self._ask(value))
            else:
                yield Line(name, self._plain(value))

    def _decision(self, decision: Mapping[str, Any]) -> Iterable[Line]:
        steps = [self.label(step["code"]) for step in decision.get("steps", ())]
        yield Line("Advice", "; ".join(steps) or "Nothing to do")
        if decision.get("forbidden"):
            yield Line("Not to do", "; ".join(self.label(code) for code in decision["forbidden"]))
        if decision.get("row"):
            yield Line("Rule", str(decision["row"]))

    def _ask(self, question: Any) -> str:
        found = self.flow.questions.get(str(question)) if self.flow else None
        return found.ask if found else plain(str(question))

    def _answer(self, question: str, value: Any) -> str:
        if isinstance(value, dict) and "value" in value:
            words = f" (from the words '{value['words']}')" if value.get("words") else ""
            note = " (understood, not said)" if value.get("inferred") else ""
            return self._answer(question, value["value"]) + words + note
        found = self.flow.questions.get(question) if self.flow else None
        if isinstance(value, list):
            return "; ".join(self._answer(question, each) for each in value)
        if found and isinstance(value, str) and value in found.options:
            return found.options[value].label
        return self._plain(value)

    def label(self, code: str) -> str:
        """What a step, response or role is called in the flow of the incident."""
        found = self.flow.codes.get(code) if self.flow else None
        return found.label if found else plain(code)

    def _plain(self, value: Any) -> str:
        if isinstance(value, dict):
            return "; ".join(f"{plain(str(k))}: {self._plain(v)}" for k, v in value.items() if v not in (None, ""))
        if isinstance(value, list):
            return "\n".join(self._plain(each) for each in value)
        if value is None:
            return "nothing"
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, str) and _iso.match(value):
            return self._clock(datetime.fromisoformat(value))
        return str(value)


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
