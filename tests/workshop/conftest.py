"""A record in which the shipped files went live first, and owners."""

from datetime import UTC, datetime, timedelta

import pytest

from amends.settings import ROOT, Settings
from amends.workshop import Document, Owner, ask_to_publish, draft_of, live, publish_first, save_draft

FLOW = Document("flow", "problem_post")
POLICY = Document("policy", "social_media")
OLGA = Owner("web:olga", "Olga")
IVAN = Owner("web:ivan", "Ivan")
DATA = ROOT / "data"
QUESTION = "What is wrong with it? Pick all that fit."


class Workshop:
    """The workshop's functions, each in a transaction of its own, at a clock that goes on by itself."""

    def __init__(self, database):
        self.database = database
        self.settings = Settings(_env_file=None)
        self._now = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)

    def now(self):
        self._now += timedelta(minutes=1)
        return self._now

    def do(self, work, *arguments, **more):
        with self.database.begin() as session:
            return work(session, *arguments, **more)

    def text(self, document=FLOW):
        return self.do(live, document).text

    def draft(self, document=FLOW):
        return self.do(draft_of, document)

    def save(self, text, document=FLOW, owner=OLGA, seen=None):
        if seen is None:
            draft = self.draft(document)
            seen = draft.revision if draft else 0
        return self.do(save_draft, document, text, owner=owner, seen=seen, now=self.now())

    def publish(self, document=FLOW, owner=OLGA, note="Plainer words.", seen=None):
        seen = self.draft(document).revision if seen is None else seen
        how = {"owner": owner, "note": note, "seen": seen, "now": self.now(), "settings": self.settings}
        return self.do(ask_to_publish, document, **how)

    def edited(self, old=QUESTION, new="What is amiss?", document=FLOW):
        text = self.text(document)
        assert old in text
        return text.replace(old, new)


@pytest.fixture
def workshop(database):
    publish_first(database, DATA)
    return Workshop(database)


@pytest.fixture
def quick(sqlite_database):
    """The same on SQLite alone, for what does not touch the tables."""
    publish_first(sqlite_database, DATA)
    return Workshop(sqlite_database)
