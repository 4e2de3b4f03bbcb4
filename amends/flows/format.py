"""The shape of a flow file: every name that may stand in it, and what it is for.

The JSON Schema for editors (`data/flows/schema.json`) is made from these models, and `read` checks a file
against them before it looks at what the names mean. `docs/flows.md` explains the format in plain words.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*$", max_length=40)]
Words = Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True)]
When = Annotated[dict[str, Any], Field(description="A condition: 'question: option', all of which must hold.")]
OneOrMore = Name | list[Name]
Mark = Literal["S", "M", "S/M"]


def _yes_no(value: Any) -> Any:
    return {"yes": True, "no": False}.get(value, value) if isinstance(value, str) else value


YesNo = Annotated[bool, BeforeValidator(_yes_no, json_schema_input_type=bool | Literal["yes", "no"])]


class Part(BaseModel):
    """A part of the file: unknown names in it are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class OptionPart(Part):
    """One option of a question."""

    label: Words
    says: list[Words] = Field(default=[], description="How people put it in their own words.")
    for_the_record: YesNo = Field(
        default=False, description="Told apart from another option for the record alone; the advice is the same."
    )
    up_to: Annotated[int, Field(ge=0)] | None = Field(
        default=None, description="Of a question for a number: the largest that this option stands for."
    )


class ImpliedPart(Part):
    """What an unanswered question is taken to be, from an earlier answer."""

    value: Name
    when: When


class TickPart(Part):
    """A box beside the confirmation of what was understood: several questions settled with one tap."""

    says: Words = Field(description="What the box says is in play.")
    no: Name = Field(description="The option that follows when the box stays empty.")
    yes: Name | None = Field(default=None, description="The option of a tick; without it the question is asked.")


class QuestionPart(Part):
    """One question, in the order in which it is asked."""

    topic: Words = Field(description="What it is about, in a few words: 'who could be hurt'.")
    ask: Words
    kind: Literal["one", "many", "scale", "times"] = Field(
        default="one",
        description="one option, many options, a scale from least to most, or times",
    )
    options: dict[Name, Words | OptionPart] = {}
    alone: list[Name] = Field(default=[], description="Options of a 'many' question that exclude all others.")
    why: Words = Field(description="The answer to 'why do you ask?'")
    confirm: YesNo = Field(default=False, description="Always confirmed by the person, however sure it looks.")
    when_missing: Name | list[Name] | None = Field(
        default=None, description="How a missing answer is read when somebody stops early."
    )
    implied: ImpliedPart | None = None
    ask_before: Name | None = Field(
        default=None,
        description="A question about doing, not deciding: asked before this response is advised.",
    )
    for_the_record: YesNo = Field(
        default=False, description="Kept for the record alone: the answer changes nothing of the advice."
    )
    tick: TickPart | None = Field(
        default=None, description="A box beside what was understood, so that this need not be asked by itself."
    )
    infer: str = Field(default="", description="A note for authors: what gives the answer away.")


class SafeStepPart(Part):
    """One thing to do in the first minute, always or only when the first message already says so."""

    says: Words
    when: When | None = None
    unless: When | None = None


class GroupPart(Part):
    """A name for several options of one question."""

    question: Name
    options: list[Name] = Field(min_length=1)


class TermPart(Part):
    """A name for a condition, so that rules can say it in one word."""

    says: Words
    when: When


class SettingPart(Part):
    """A yes/no setting of the organisation that rules may look at."""

    says: Words


class CodePart(Part):
    """A response or a role: its label, and what doing it means when no rule says it better."""

    label: Words
    how: Words
    public: YesNo = Field(default=False, description="A response that the public reads; others may have to clear it.")
    before_public: YesNo = Field(default=False, description="A role that is brought in before anything public.")
    first: YesNo = Field(default=False, description="Done before anything else.")


class StepPart(Part):
    """Conditions and wording of one recommended step."""

    when: When | None = None
    unless: When | None = None
    how: Words | None = None


Step = Name | Annotated[dict[Name, StepPart], Field(min_length=1, max_length=1)]


class InsteadPart(Part):
    """Other steps for a special case; the first that matches replaces the row's own."""

    when: When
    do: list[Step] = Field(min_length=1)


class Rule(Part):
    """What every rule has: why it is there, and what it rests on."""

    title: Words
    reason: Words = Field(description="One sentence for the person: why the assistant says this.")
    clauses: list[str] = []


class GatePart(Rule):
    """All gates that match apply: they add, forbid and change."""

    when: When
    add: list[Name] = []
    forbid: list[Name] = []
    do_not: list[Words] = Field(default=[], description="Acts that are not responses, and must not be done.")
    clear_first: list[Name] = Field(default=[], description="Roles that clear the words before they are public.")
    wording: list[Words] = []
    how: dict[Name, Words] = {}
    how_unless_row: list[Name] = Field(default=[], description="Rows in which how_instead is said.")
    how_instead: dict[Name, Words] = {}


class RowPart(Rule):
    """The first row that matches decides."""

    when: When
    do: list[Step] = Field(min_length=1)
    instead: list[InsteadPart] = []
    wording: list[Words] = []
    confidence: Literal["high", "medium", "low"]


class AddPart(Part):
    """Where an added step stands, and when it is added."""

    when: When | None = None
    after: Name | None = None
    in_place_of: Name | None = None


class FloorPart(Rule):
    """Floors put right what rows and gates recommend, one after the other."""

    when: When
    drop: list[Name] = []
    add: dict[Name, AddPart] = {}
    wording: list[Words] = []


class LinePart(Part):
    """One line of an offer's test; every line must hold."""

    says: Words
    when: When


class OfferPart(Rule):
    """A response that may be offered on top, only if every line holds."""

    lines: dict[Name, LinePart] = Field(min_length=1)
    how: Words
    task: Words = Field(description="What must be done before it is used.")


class NeverPart(Rule):
    """The last word: no row, floor or offer may break it."""

    when: When = {}
    refuse: list[Name] = Field(default=[], description="Responses that are refused in this situation.")
    without: list[Name] = Field(default=[], description="Refused only if none of these is recommended too.")
    never_empty: Name | None = Field(default=None, description="Advised when nothing else is left.")


class WordingPart(Part):
    """A rule for what is said."""

    says: Words
    when: When = {}
    clauses: list[str] = []


class LevelPart(Part):
    """How serious it is: the first level that matches."""

    level: Annotated[int, Field(ge=0, le=9)]
    name: Words
    when: When
    decider: Words
    with_gate_roles: YesNo = Field(default=False, description="The roles that gates bring in decide with them.")
    first_public_line: Words
    look_again: Words


class DeadlinePart(Part):
    """A clock that runs, with the law it comes from."""

    title: Words
    limit: Words
    when: When
    starts: Words
    starts_at: Literal["noticed"] | None = Field(default=None, description="The answered time from which it runs.")
    hours: Annotated[int, Field(gt=0)] | None = Field(default=None, description="Hours from starts_at.")
    reference: Words
    mark: Mark = Field(description="S seen in a source, M from memory and not verified, S/M part of each.")


class LetterPart(Part):
    """A skeleton of something to be written: points to fill in, never sent by the assistant."""

    title: Words
    goes_with: list[Name] = Field(min_length=1, description="The responses and roles whose words it helps to write.")
    points: list[Words] = Field(min_length=1, description="One point on each line; ___ is filled in by a person.")
    reference: Words | None = Field(default=None, description="The law it rests on, cited exactly.")
    mark: Mark | None = Field(default=None, description="Of the reference; see deadlines.")


class ConfidencePart(Part):
    """How sure a row is, and what lowers it."""

    high: float
    medium: float
    low: float
    inferred: float = Field(description="Taken off for each answer to confirm that was only inferred.")
    unsure: float = Field(description="Taken off for each answer to confirm that is unsure.")
    changes: float = Field(description="Taken off when another value of an unsure answer changes the responses.")
    unsure_options: list[Name]
    show_high_from: float
    show_medium_from: float


class FlowPart(Part):
    """A whole flow."""

    flow: Name
    title: Words
    about: Words
    says: list[Words] = Field(
        default=[], description="How people begin to tell of it: a first message like these chooses this flow."
    )
    safe_steps: list[SafeStepPart] = Field(min_length=1)
    questions: dict[Name, QuestionPart] = Field(min_length=1)
    groups: dict[Name, GroupPart] = {}
    settings: dict[Name, SettingPart] = {}
    terms: dict[Name, TermPart] = {}
    responses: dict[Name, CodePart] = Field(min_length=1)
    people: dict[Name, CodePart] = {}
    gates: dict[Name, GatePart] = {}
    rows: dict[Name, RowPart] = Field(min_length=1)
    floors: dict[Name, FloorPart] = {}
    offers: dict[Name, OfferPart] = {}
    never: dict[Name, NeverPart] = {}
    wording: dict[Name, WordingPart] = {}
    levels: list[LevelPart] = Field(min_length=1)
    deadlines: dict[Name, DeadlinePart] = {}
    letters: dict[Name, LetterPart] = {}
    confidence: ConfidencePart


def schema() -> dict[str, Any]:
    """The JSON Schema of a flow file, for editors."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **FlowPart.model_json_schema()}
