"""The shapes of what the API says of incidents. Times are in UTC; what is null is not there, or not known yet."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Shape(BaseModel):
    """What all share: read from objects as well as from dictionaries."""

    model_config = ConfigDict(from_attributes=True)


class Person(Shape):
    """Somebody in the record."""

    id: str = Field(examples=["slack:T024BE7LD:U1"])
    name: str = Field(examples=["Ada Okafor"])


class Row(Shape):
    """An incident in a list, with the same names as in an exported list."""

    reference: str = Field(examples=["INC-2026-0042"])
    state: str = Field(examples=["advised"])
    level: int | None = Field(examples=[2])
    title: str = Field(examples=["The open day was posted with the wrong date"])
    channel: str = Field(examples=["slack"])
    reporter_id: str
    reporter: str = Field(examples=["Ada Okafor"])
    reported_at: datetime
    lead_id: str | None
    lead: str | None
    responses: list[str] = Field(examples=[["take_down", "apologise"]])
    decided_by_lead: bool = Field(description="Whether a comms lead decided otherwise than the flow.")
    row: str | None = Field(description="The rule that decided.", examples=["P14"])
    people: list[str] = Field(description="Roles that the advice brings in.", examples=[["dpo"]])
    clauses: list[str] = Field(examples=[["SM-2.3"]])
    open_steps: list[str]
    closed_at: datetime | None
    signed_off_at: datetime | None
    restricted: bool
    drill: bool
    flow: str = Field(description="The flow that it goes by.", examples=["problem_post"])
    flow_title: str = Field(examples=["A post has gone wrong"])
    unfinished: list[str] = Field(
        description="Questions after a public reply that are not settled.", examples=[["unanswered", "update"]]
    )


class Found(Row):
    """An incident that was found."""

    excerpt: str | None = Field(description="What was written around the words that were sought.")


class Incidents(Shape):
    """A page of a list."""

    incidents: list[Found]
    count: int | None = Field(description="How many there are in all, on the first page and up to 100; else null.")
    next: str | None = Field(description="`cursor` of the following page; null on the last one.")


class Running(Shape):
    """Something that runs out."""

    kind: str = Field(description="deadline, step, promise, look (again), or human: somebody asked for one.")
    code: str
    title: str
    due_at: datetime


class OnBoard(Row):
    """An open incident, with what runs in it, and why it needs the person."""

    running: list[Running]
    needs: list[str]
    late: bool


class Part(Shape):
    """Some of the open incidents: the 25 most urgent ones, and how many there are."""

    count: int
    incidents: list[OnBoard]


class Board(Shape):
    """What is open, the most urgent first."""

    needs_me: Part
    mine: Part
    others: Part
    late: int
    more: bool = Field(description="Whether there are so many that not all were looked at.")


class Step(Shape):
    """A step of the advice."""

    label: str
    how: str
    person: bool = Field(description="Whether it is somebody to bring in.")
    optional: bool
    done_by: str | None
    done_at: datetime | None


class Deadline(Shape):
    """A deadline that the advice names."""

    id: str
    title: str
    limit: str
    due: datetime | None
    reference: str
    verified: bool = Field(description="Whether somebody has checked the law that it names.")


class AskedAfter(Shape):
    """One of the four questions after a public reply, with its last answer."""

    code: str = Field(examples=["quiet"])
    ask: str = Field(examples=["Has it died down?"])
    answer: str | None = Field(description="Null when nobody has answered yet.")
    settled: bool
    who: str | None
    at: datetime | None


class Promise(Shape):
    """Something that was promised in public."""

    number: int
    words: str = Field(examples=["Next update 15:00"])
    due: datetime
    who: str = Field(description="Who recorded it.")
    kept: bool
    ended: datetime | None = Field(description="When it was kept, or taken out because it was none; null while open.")


class After(Shape):
    """How far the conversation with the public is."""

    questions: list[AskedAfter]
    promises: list[Promise]
    look_again_at: datetime | None = Field(description="When it is asked again.")
    finished: bool


class SignedOff(Shape):
    """A sign-off as it stands in the trail."""

    sequence: int
    by: str
    at: datetime
    statement: str
    head: str = Field(description="The hash of the last entry that was accepted.")
    head_sequence: int | None
    holds: bool = Field(description="Whether that entry is still the one that was accepted.")


class Incident(Row):
    """One incident as its page shows it."""

    flow_version: str
    entries: int = Field(description="Of the trail.")
    head: str = Field(description="The hash of the last entry.")
    decision: dict[str, Any] | None = Field(description="What the flow advised, with its trace.")
    override: dict[str, Any] | None = Field(description="What a comms lead decided instead.")
    steps: list[Step]
    deadlines: list[Deadline]
    after_the_reply: After | None = Field(description="Null while there was no public reply and no promise.")
    not_to_do: list[dict[str, str]] = Field(examples=[[{"label": "Make light of it", "why": "People are upset."}]])
    sign_off: SignedOff | None
    cited: list[dict[str, Any]] = Field(description="The clauses, in the wording of then.")
    involved: list[Person] | None = Field(description="Who takes part; for comms leads and auditors.")


class Line(Shape):
    """One thing that an entry says, in words."""

    label: str
    text: str


class Entry(Shape):
    """An entry of a trail."""

    sequence: int
    kind: str = Field(examples=["corrected"])
    title: str = Field(examples=["An answer was corrected"])
    actor: Person
    source: str = Field(examples=["slack"])
    said_at: datetime = Field(description="When it happened, as the person or their device says.")
    recorded_at: datetime
    flow_version: str
    clauses: list[str] = Field(description="Each as id@version.")
    supersedes: int | None = Field(description="The entry that this one corrects.")
    hash: str
    erased: bool
    lines: list[Line]
    payload: dict[str, Any] | None = Field(
        description="The same as it is stored; for comms leads and auditors, and null when it was erased."
    )


class Trail(Shape):
    """What happened in an incident, in order."""

    reference: str
    head: str
    entries: list[Entry]


class File(Shape):
    """A file that is kept."""

    number: int = Field(description="Names it in its address.")
    name: str
    media_type: str
    size: int = Field(description="Bytes.")
    sha256: str
    kept_by: Person
    kept_at: datetime


class Files(Shape):
    """The files of an incident."""

    reference: str
    files: list[File]
