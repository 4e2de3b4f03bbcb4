"""The shapes of what people said, and of what comms leads wrote afterwards."""

from datetime import date, datetime
from typing import Any

from amends.console.api.shapes import Shape


class Message(Shape):
    """What somebody said, and what was answered."""

    who: str
    said: str
    at: datetime
    answers: list[dict[str, Any]]


class Conversation(Shape):
    """The messages that wrote into the trail of an incident."""

    reference: str
    messages: list[Message]


class Chapter(Shape):
    """One entry of the trail, as it is told."""

    entry: int
    title: str
    context: str


class Story(Shape):
    """A comms lead's account. `revision` is 0 when nobody has written one."""

    reference: str
    revision: int
    introduction: str
    chapters: list[Chapter]
    saved_by: str | None
    saved_at: datetime | None


class FollowUp(Shape):
    """Something that is to be done after an incident."""

    number: int
    reference: str
    what: str
    owner: str
    owner_id: str | None
    due: date
    overdue: bool
    agreed_at: datetime
    done_at: datetime | None
    done_by: str | None


class FollowUps(Shape):
    """What is still to be done, the nearest date first."""

    follow_ups: list[FollowUp]


class View(Shape):
    """A filter that somebody gave a name: `query` stands behind the question mark in the list's address."""

    name: str
    query: str
    saved_at: datetime


class Views(Shape):
    """The views that you saved, by name."""

    views: list[View]


class Review(Shape):
    """The review after an incident. `revision` is 0 when nobody has written one."""

    reference: str
    revision: int
    went_well: str
    to_change: str
    saved_by: str | None
    saved_at: datetime | None
    follow_ups: list[FollowUp]
