"""What counts of one incident: its time, kind, row and level, how long things took, where people stumbled.

A fact holds no words and no names. It is read from the incident as it stands and from its trail.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntFlag, StrEnum
from typing import TYPE_CHECKING, Any

from amends.incidents.record import OPEN_STATES
from amends.incidents.trail import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

KINDS = ("issue", "content", "what", "happened")
"""Questions whose answers say what was wrong; the first that was answered counts, and each flow has one of them."""
PUBLIC = ("respond", "apologise", "make_light")
"""Responses that the public sees: the first of them that was done is when we answered."""
NOT_SURE = frozenset(["unsure", "unknown"])
"""Options that say that somebody does not know."""


class Span(StrEnum):
    """What is timed. All but the last count from the post, that one from the report."""

    NOTICE = "notice"
    REPORT = "report"
    ADVICE = "advice"
    TAKE_DOWN = "take_down"
    RESPONSE = "response"
    REPORT_TO_ADVICE = "report_to_advice"


class Outcome(StrEnum):
    """What became of the advice."""

    FOLLOWED = "followed"
    OVERRIDDEN = "overridden"
    STEPS_OPEN = "steps_open"
    RUNNING = "running"
    NONE = "none"


class Stumble(IntFlag):
    """What happened at a question in one incident."""

    ANSWERED = 1
    NOT_SURE = 2
    CORRECTED = 4
    WENT_BACK = 8
    ASKED_WHY = 16


@dataclass(frozen=True, slots=True)
class Happened:
    """An entry of a trail, as far as it counts. `payload` is None when its words were erased."""

    kind: str
    recorded_at: datetime
    payload: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """An incident as it stands, as far as it counts; JSON is text, as the record keeps it."""

    id: int
    channel: str
    state: str
    flow: str
    flow_version: str
    answers: str
    decision: str | None
    override: str | None
    done: str
    level: int | None
    reported_at: datetime
    drill: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """What counts of one incident. `spans` are seconds; one that is not known, or ends before it begins, is absent."""

    id: int
    reported_at: int
    channel: str
    flow: str
    flow_version: str
    level: int | None
    row: str | None
    outcome: Outcome
    drill: bool
    kinds: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()
    spans: Mapping[str, int] = field(default_factory=dict)
    stumbles: Mapping[str, int] = field(default_factory=dict)

    def as_json(self) -> list[Any]:
        """The fact as it is kept."""
        return [getattr(self, name) for name in self.__slots__]

    @classmethod
    def from_json(cls, kept: list[Any]) -> Fact:
        """A fact that was kept."""
        fact = dict(zip(cls.__slots__, kept, strict=True))
        return cls(
            **{
                **fact,
                "outcome": Outcome(fact["outcome"]),
                "kinds": tuple(fact["kinds"]),
                "clauses": tuple(fact["clauses"]),
            }
        )


def fact_of(incident: Recorded, trail: Iterable[Happened]) -> Fact:
    """What counts of an incident.

    Args:
        incident: as it stands.
        trail: its entries, in order; those of kinds that do not count may be left out.
    """
    entries = list(trail)
    answers = json.loads(incident.answers)
    decision = json.loads(incident.decision) if incident.decision else None
    kinds = _options(next((answers[question] for question in KINDS if question in answers), None))
    return Fact(
        id=incident.id,
        reported_at=int(incident.reported_at.timestamp()),
        channel=incident.channel,
        flow=incident.flow,
        flow_version=incident.flow_version,
        level=incident.level,
        row=decision["row"] if decision else None,
        outcome=_outcome(incident, decision),
        drill=incident.drill,
        kinds=tuple(dict.fromkeys(kinds)),
        clauses=tuple(dict.fromkeys(decision["clauses"])) if decision else (),
        spans=_spans(incident, answers, entries),
        stumbles=_stumbles(entries),
    )


def _outcome(incident: Recorded, decision: Mapping[str, Any] | None) -> Outcome:
    if decision is None:
        return Outcome.NONE
    if incident.override:
        return Outcome.OVERRIDDEN
    if incident.state in OPEN_STATES:
        return Outcome.RUNNING
    done = json.loads(incident.done)
    left = [step for step in decision["steps"] if step["code"] not in done and not step["optional"]]
    return Outcome.STEPS_OPEN if left else Outcome.FOLLOWED


def _spans(incident: Recorded, answers: Mapping[str, Any], entries: list[Happened]) -> dict[str, int]:
    """How long after the post, or after the report, things happened, in whole seconds."""
    times = next((t for t in map(_value, answers.values()) if isinstance(t, dict)), {})
    posted, noticed = (datetime.fromisoformat(times[key]) if times.get(key) else None for key in ("posted", "noticed"))
    advised = next((entry.recorded_at for entry in entries if entry.kind == Kind.RECOMMENDED), None)
    done = {code: datetime.fromisoformat(mark["at"]) for code, mark in json.loads(incident.done).items()}
    answered = min((at for code, at in done.items() if code in PUBLIC), default=None)
    ends = {
        Span.NOTICE: noticed,
        Span.REPORT: incident.reported_at,
        Span.ADVICE: advised,
        Span.TAKE_DOWN: done.get("take_down"),
        Span.RESPONSE: answered,
    }
    spans = {str(span): int((end - posted).total_seconds()) for span, end in ends.items() if posted and end}
    if advised:
        spans[str(Span.REPORT_TO_ADVICE)] = int((advised - incident.reported_at).total_seconds())
    return {span: seconds for span, seconds in spans.items() if seconds >= 0}


def _stumbles(entries: list[Happened]) -> dict[str, int]:
    """What happened at each question."""
    found: dict[str, int] = {}

    def note(question: Any, what: Stumble) -> None:
        if isinstance(question, str):
            found[question] = found.get(question, 0) | int(what)

    for entry in entries:
        payload = entry.payload or {}
        question = payload.get("question")
        if entry.kind in {Kind.ANSWERED, Kind.CORRECTED}:
            note(question, _answered(payload.get("value")))
            if entry.kind == Kind.CORRECTED and payload.get("value") != payload.get("before"):
                note(question, Stumble.CORRECTED)
        elif entry.kind == Kind.CONFIRMED:
            for name, value in payload.get("answers", {}).items():
                note(name, _answered(value))
        elif entry.kind == Kind.FLOW_CHOSEN and "was_flow" in payload:
            found.clear()  # what was asked before belongs to another flow
        elif entry.kind == Kind.WENT_BACK:
            note(question, Stumble.WENT_BACK)
        elif entry.kind == Kind.EXPLAINED and payload.get("what") == "question":
            note(question, Stumble.ASKED_WHY)
    return found


def _answered(value: Any) -> Stumble:
    unsure = NOT_SURE.intersection(_options(value))
    return Stumble.ANSWERED | Stumble.NOT_SURE if unsure else Stumble.ANSWERED


def _options(raw: Any) -> list[str]:
    """The options of an answer; times have none."""
    value = _value(raw)
    return [value] if isinstance(value, str) else list(value) if isinstance(value, list) else []


def _value(raw: Any) -> Any:
    """An answer without the mark that it was understood and not said."""
    return raw["value"] if isinstance(raw, dict) and "value" in raw else raw
