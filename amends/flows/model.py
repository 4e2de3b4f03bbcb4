"""A flow that has been read and checked: what `decide`, `ask` and `explain` work on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from amends.flows.conditions import ALWAYS, Condition, compile_

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from amends.flows.conditions import Test
    from amends.flows.format import ConfidencePart

Kind = Literal["one", "many", "scale", "times"]


@dataclass(frozen=True)
class Guard:
    """A condition and the function made from it."""

    condition: Condition
    test: Test

    @classmethod
    def of(cls, condition: Condition) -> Guard:
        """The guard of a condition."""
        return cls(condition, compile_(condition))


FREE = Guard.of(ALWAYS)


@dataclass(frozen=True)
class Option:
    """One option of a question. `says` is how people put it in their own words; see `format` for the others."""

    code: str
    label: str
    says: tuple[str, ...] = ()
    for_the_record: bool = False
    up_to: int | None = None


@dataclass(frozen=True)
class Tick:
    """A box beside what was understood: empty it answers `no`, ticked `yes`; without `yes` the question is asked."""

    says: str
    no: str
    yes: str | None


@dataclass(frozen=True)
class Question:
    """One question. `index` is its place in the situation, `bits` the bit of each option there."""

    id: str
    index: int
    topic: str
    ask: str
    kind: Kind
    options: Mapping[str, Option]
    bits: Mapping[str, int]
    alone: int
    why: str
    confirm: bool
    when_missing: int | None
    implied: tuple[int, Guard] | None
    ask_before: str | None
    for_the_record: bool = False
    tick: Tick | None = None


@dataclass(frozen=True)
class Code:
    """A response, or a role to bring in."""

    code: str
    bit: int
    kind: Literal["response", "person"]
    label: str
    how: str
    public: bool
    before_public: bool
    first: bool


@dataclass(frozen=True)
class SafeStep:
    """Something for the first minute."""

    says: str
    guard: Guard


@dataclass(frozen=True)
class Rule:
    """What every rule carries for the trace: its name, its reason and the clauses it rests on."""

    id: str
    title: str
    reason: str
    clauses: tuple[str, ...]


@dataclass(frozen=True)
class RowStep:
    """One step that a row recommends, if its guard holds."""

    code: str
    guard: Guard
    how: str


@dataclass(frozen=True)
class Gate(Rule):
    """See `format.GatePart`."""

    bit: int
    guard: Guard
    add: tuple[str, ...]
    forbid: tuple[str, ...]
    do_not: tuple[str, ...]
    clear_first: tuple[str, ...]
    wording: tuple[str, ...]
    how: Mapping[str, str]
    how_unless_row: frozenset[str]
    how_instead: Mapping[str, str]


@dataclass(frozen=True)
class Row(Rule):
    """See `format.RowPart`."""

    bit: int
    guard: Guard
    steps: tuple[RowStep, ...]
    instead: tuple[tuple[Guard, tuple[RowStep, ...]], ...]
    wording: tuple[str, ...]
    confidence: Literal["high", "medium", "low"]


@dataclass(frozen=True)
class Addition:
    """A step that a floor adds, and where."""

    code: str
    guard: Guard
    after: str | None
    in_place_of: str | None


@dataclass(frozen=True)
class Floor(Rule):
    """See `format.FloorPart`."""

    guard: Guard
    drop: tuple[str, ...]
    add: tuple[Addition, ...]
    wording: tuple[str, ...]


@dataclass(frozen=True)
class Line:
    """One line of an offer's test."""

    id: str
    says: str
    guard: Guard


@dataclass(frozen=True)
class Offer(Rule):
    """See `format.OfferPart`."""

    code: str
    lines: tuple[Line, ...]
    how: str
    task: str


@dataclass(frozen=True)
class Never(Rule):
    """See `format.NeverPart`."""

    guard: Guard
    refuse: tuple[str, ...]
    without: int
    never_empty: str | None


@dataclass(frozen=True)
class WordingRule:
    """A rule for what is said."""

    id: str
    says: str
    guard: Guard
    clauses: tuple[str, ...]


@dataclass(frozen=True)
class Level:
    """How serious it is, who decides and how fast."""

    level: int
    name: str
    guard: Guard
    decider: str
    with_gate_roles: bool
    first_public_line: str
    look_again: str


@dataclass(frozen=True)
class DeadlineRule:
    """See `format.DeadlinePart`."""

    id: str
    title: str
    limit: str
    guard: Guard
    starts: str
    starts_at: Literal["noticed"] | None
    hours: int | None
    reference: str
    mark: str


@dataclass(frozen=True)
class Letter:
    """See `format.LetterPart`."""

    id: str
    title: str
    goes_with: tuple[str, ...]
    points: tuple[str, ...]
    reference: str
    mark: str

    @property
    def law(self) -> str:
        """The law it rests on, with a word when not all of it was seen in a source; empty when it rests on none."""
        return self.reference + ("" if self.mark in ("", "S") else " (not verified)")


@dataclass(frozen=True, eq=False)
class Flow:
    """A checked flow. `version` is the SHA-256 of `source`, the text it was read from, and tells flows apart.

    `says` is how people begin to tell of what it is for; without any, no first message chooses it.
    """

    id: str
    title: str
    about: str
    says: tuple[str, ...]
    version: str
    source: str = field(repr=False)
    safe_steps: tuple[SafeStep, ...]
    questions: Mapping[str, Question]
    settings: Mapping[str, int]
    codes: Mapping[str, Code]
    gates: Mapping[str, Gate]
    rows: Mapping[str, Row]
    floors: tuple[Floor, ...]
    offers: tuple[Offer, ...]
    never: tuple[Never, ...]
    wording: tuple[WordingRule, ...]
    levels: tuple[Level, ...]
    deadlines: tuple[DeadlineRule, ...]
    letters: tuple[Letter, ...]
    confidence: ConfidencePart

    def __eq__(self, other: object) -> bool:
        """Two flows of one version are the same."""
        return isinstance(other, Flow) and other.version == self.version

    def __hash__(self) -> int:
        """By version, so that a flow can be the key of a cache."""
        return hash(self.version)

    @property
    def responses(self) -> dict[str, Code]:
        """The responses, by code."""
        return {code: c for code, c in self.codes.items() if c.kind == "response"}

    @property
    def people(self) -> dict[str, Code]:
        """The roles, by code."""
        return {code: c for code, c in self.codes.items() if c.kind == "person"}

    @property
    def citing(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Each rule's id and the clauses that it rests on."""
        rules: tuple[Rule, ...] = (*self.gates.values(), *self.rows.values(), *self.floors, *self.offers, *self.never)
        found = [(rule.id, rule.clauses) for rule in rules]
        return (*found, *((rule.id, rule.clauses) for rule in self.wording))

    def letters_for(self, codes: Collection[str]) -> tuple[Letter, ...]:
        """The skeletons that help with these responses and roles, in the order of the file."""
        return tuple(letter for letter in self.letters if not set(letter.goes_with).isdisjoint(codes))

    @property
    def recommended_slot(self) -> int:
        """Where a situation holds what is recommended so far; gates, row and settings follow."""
        return len(self.questions)


@dataclass(frozen=True)
class Times:
    """The answer to a question for times; both are aware."""

    posted: datetime | None = None
    noticed: datetime | None = None


@dataclass(frozen=True)
class Answer:
    """What was answered: an option, several, or times. `inferred`: understood, and not confirmed yet."""

    value: str | tuple[str, ...] | Times
    inferred: bool = False
