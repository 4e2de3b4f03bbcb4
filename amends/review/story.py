"""The story of an incident: a lead's choice of trail entries, with titles and context. The trail stays as it is."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from amends.incidents.models import Participant
from amends.leads.opening import CannotAct, opened
from amends.leads.signing import head_of
from amends.register.shelving import changed
from amends.review.saving import SavedMeanwhile, text_of
from amends.review.tables import Story

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from amends.incidents.actor import Actor
    from amends.incidents.models import Incident

MOST_CHAPTERS = 200
LONGEST_TITLE = 200


@dataclass(frozen=True)
class Chapter:
    """One entry of the trail in a story. An empty title is the entry's own."""

    entry: int
    title: str = ""
    context: str = ""


@dataclass(frozen=True)
class Account:
    """A story as it stands. `revision` is 0 before it was saved for the first time."""

    revision: int
    introduction: str
    chapters: tuple[Chapter, ...]
    saved_by: str
    saved_at: datetime | None


def story_of(session: Session, incident: Incident) -> Account:
    """The story of an incident; empty when nobody has written one."""
    row = session.get(Story, incident.id, populate_existing=True)
    if row is None:
        return Account(0, "", (), "", None)
    who = session.get_one(Participant, row.saved_by)
    chapters = tuple(Chapter(**each) for each in json.loads(row.items))
    return Account(row.revision, row.introduction, chapters, who.name or who.id, row.saved_at)


def save_story(
    session: Session,
    incident: Incident,
    actor: Actor,
    introduction: str,
    chapters: Sequence[Chapter],
    seen: int,
    at: datetime,
) -> Account:
    """Keep a story in the place of the one that stands.

    Args:
        chapters: in the order in which they are told, each entry at most once.
        seen: the revision that it was made from.

    Raises:
        CannotAct: a chapter is of no entry, or the incident is not for this lead to see.
        SavedMeanwhile: somebody saved another revision since.
    """
    incident = opened(session, incident, actor, at)
    before = story_of(session, incident)
    if before.revision != seen:
        raise SavedMeanwhile("the story", before.saved_by)
    entries = [chapter.entry for chapter in chapters]
    last = head_of(session, incident).sequence
    if len(set(entries)) != len(entries) or any(not 1 <= entry <= last for entry in entries):
        raise CannotAct("A chapter is of no entry of this incident, or of one that is told already.")
    kept = [
        asdict(Chapter(each.entry, " ".join(each.title.split())[:LONGEST_TITLE], text_of(each.context)))
        for each in chapters[:MOST_CHAPTERS]
    ]
    row = session.get(Story, incident.id)
    if row is None:
        row = Story(incident_id=incident.id)
        session.add(row)
    row.revision, row.introduction = seen + 1, text_of(introduction)
    row.items = json.dumps(kept, ensure_ascii=False)
    row.saved_by, row.saved_at = actor.id, at
    session.flush()
    changed(session, incident, at)
    return story_of(session, incident)
