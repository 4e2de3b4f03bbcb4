"""The shapes of what the API says of flows, policies, the audit and the token itself."""

from datetime import datetime
from typing import Any

from pydantic import Field

from amends.console.api.shapes import Person, Shape


class Me(Shape):
    """The token that was sent."""

    number: int
    name: str = Field(description="What the token is for.", examples=["Nightly report"])
    person: Person
    roles: list[str] = Field(examples=[["lead", "staff"]])
    scopes: list[str] = Field(examples=[["exports", "incidents"]])
    ends_at: datetime


class Live(Shape):
    """A flow or a policy, and which version of it is live."""

    name: str = Field(examples=["problem_post"])
    version: str = Field(description="The SHA-256 of its text.")
    first_published_at: datetime


class Flows(Shape):
    """The flows."""

    flows: list[Live]


class Policies(Shape):
    """The policies."""

    policies: list[Live]


class Text(Live):
    """A version with its text, as its owners edit it, and what stands in it."""

    text: str = Field(description="YAML.")
    content: dict[str, Any] = Field(description="The same as JSON.")


class Clause(Shape):
    """One numbered rule of a policy."""

    id: str = Field(examples=["SM-2.3"])
    policy: str
    title: str
    text: str
    keywords: list[str]
    applies_when: list[str]
    supports: list[str]
    forbids: list[str]
    owner: str
    legal: str
    mark: str
    verified: bool = Field(description="Whether all the law that it names was seen in a source.")
    beats: dict[str, str] = Field(description="The clauses that it goes before, and why.")
    version: str


class Policy(Live):
    """A policy with its clauses, as they are live."""

    clauses: list[Clause]


class Publication(Shape):
    """A version going live."""

    sequence: int
    version: str
    previous: str | None
    owner: Person
    approver: Person | None
    note: str
    at: datetime


class History(Shape):
    """Every time a version went live, the newest first."""

    name: str
    publications: list[Publication]


class PolicyEntry(Shape):
    """A step of a policy owner."""

    sequence: int
    kind: str = Field(examples=["published"])
    document: str = Field(examples=["flow/problem_post"])
    version: str | None
    previous: str | None
    actor: Person
    note: str
    at: datetime
    hash: str


class PolicyTrail(Shape):
    """A page of the policy trail, the newest first."""

    entries: list[PolicyEntry]
    next: int | None = Field(description="`before` of the following page; null on the last one.")


class AuditEntry(Shape):
    """One time that somebody looked at, took out or came in."""

    sequence: int
    person: Person
    roles: list[str]
    what: str = Field(examples=["viewed_incident"])
    reference: str
    details: dict[str, Any]
    at: datetime
    hash: str


class Audit(Shape):
    """A page of the audit, the newest first."""

    entries: list[AuditEntry]
    next: int | None = Field(description="`before` of the following page; null on the last one.")


class Count(Shape):
    """One part of what is counted. `count` is null when it is not shown, because it is small."""

    code: str
    name: str | None
    count: int | None


class Counts(Shape):
    """Parts, and those that are not shown, together."""

    parts: list[Count]
    others: int | None


class Timed(Shape):
    """How long something took, in seconds."""

    code: str
    count: int | None
    median: float | None
    ninetieth: float | None


class Insights(Shape):
    """The figures of a choice, with the same numbers left out as on the page."""

    chosen: dict[str, Any]
    total: int | None = Field(description="null when there are so few that nothing is shown.")
    gives_away: bool = Field(description="Whether the choice differs from a wider one by so few that nothing is shown.")
    months: Counts
    flows: Counts = Field(description="What it was about.")
    levels: Counts
    rows: Counts
    kinds: Counts
    clauses: Counts
    outcomes: Counts
    times: list[Timed]
    split: list[Timed]
    questions: list[dict[str, Any]] = Field(description="Each with its flow.")
    before: dict[str, Any] | None
    after: dict[str, Any] | None
