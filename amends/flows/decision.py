"""A decision and the reasons that travel with it: one value for the person, the trail and the tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do. `clear_first`: roles that clear the words before they go out."""

    code: str
    kind: Literal["response", "person"]
    how: str
    optional: bool = False
    clear_first: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Deadline:
    """A clock that runs. `due` is known when its start was answered."""

    id: str
    title: str
    limit: str
    due: datetime | None
    starts: str
    reference: str
    mark: str

    @property
    def verified(self) -> bool:
        """Whether the whole reference was seen in a source."""
        return self.mark == "S"


@dataclass(frozen=True, slots=True)
class Traced:
    """One rule that fired: what it did, to which codes, and why."""

    kind: Literal["gate", "row", "floor", "forbidden", "offer", "never"]
    rule: str
    title: str
    did: Literal["recommends", "adds", "forbids", "applies", "drops", "offers", "does not offer", "refuses"]
    codes: tuple[str, ...]
    why: str
    clauses: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The entry as it stands in a decision's JSON."""
        return {
            "kind": self.kind,
            "rule": self.rule,
            "title": self.title,
            "did": self.did,
            "codes": list(self.codes),
            "why": self.why,
            "clauses": list(self.clauses),
        }


@dataclass(frozen=True, slots=True)
class Confidence:
    """A number from 0 to 1, and the word that is shown for it."""

    value: float
    label: Literal["high", "medium", "low"]


@dataclass(frozen=True, slots=True)
class Decision:
    """What a flow advises for a set of answers.

    `missing` are the questions without an answer; `decide` names all of them, `recommend` only those that
    can still change the advice. `refused` are the never-rules that had to overrule the rest of the flow: a
    mistake in the flow that its owner must hear of.
    """

    row: str | None
    steps: tuple[Step, ...]
    forbidden: Mapping[str, str]
    do_not: tuple[str, ...]
    wording: tuple[str, ...]
    clear_first: tuple[str, ...]
    level: int
    level_name: str
    decider: str
    first_public_line: str
    look_again: str
    deadlines: tuple[Deadline, ...]
    cites: tuple[str, ...]
    confidence: Confidence
    missing: tuple[str, ...]
    trace: tuple[Traced, ...]
    refused: tuple[str, ...] = ()

    @property
    def provisional(self) -> bool:
        """Whether an answer is missing that could change the advice."""
        return bool(self.missing)

    @property
    def responses(self) -> tuple[str, ...]:
        """The recommended responses, in the order to do them."""
        return tuple(step.code for step in self.steps if step.kind == "response")

    @property
    def people(self) -> tuple[str, ...]:
        """The roles to bring in, in that order."""
        return tuple(step.code for step in self.steps if step.kind == "person")

    def as_json(self) -> dict[str, Any]:
        """The decision as `amends decide` prints it and the trail keeps it."""
        return {
            "row": self.row,
            "steps": [
                {
                    "code": step.code,
                    "kind": step.kind,
                    "how": step.how,
                    "optional": step.optional,
                    "clear_first": list(step.clear_first),
                }
                for step in self.steps
            ],
            "responses": list(self.responses),
            "people": list(self.people),
            "forbidden": dict(self.forbidden),
            "do_not": list(self.do_not),
            "wording": list(self.wording),
            "clear_first": list(self.clear_first),
            "level": self.level,
            "level_name": self.level_name,
            "decider": self.decider,
            "first_public_line": self.first_public_line,
            "look_again": self.look_again,
            "deadlines": [
                {
                    "id": deadline.id,
                    "title": deadline.title,
                    "limit": deadline.limit,
                    "due": deadline.due.isoformat() if deadline.due else None,
                    "starts": deadline.starts,
                    "reference": deadline.reference,
                    "mark": deadline.mark,
                    "verified": deadline.verified,
                }
                for deadline in self.deadlines
            ],
            "clauses": list(self.cites),
            "confidence": {"value": self.confidence.value, "label": self.confidence.label},
            "provisional": self.provisional,
            "missing": list(self.missing),
            "trace": [traced.as_json() for traced in self.trace],
        }
