"""A record in which the shipped files went live first, and owners."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text
from sqlalchemy.orm import Session

from amends.flows import load_flow
from amends.incidents import record
from amends.incidents import trail as incident_trail
from amends.incidents.database import MIGRATIONS, Database
from amends.incidents.models import utc_text
from amends.settings import ROOT, Settings
from amends.workshop import Document, Owner, ask_to_publish, draft_of, live, publish_first, save_draft
from tests.conftest import fresh_postgres
from tests.waiting import LONGEST

FLOW = Document("flow", "problem_post")
POLICY = Document("policy", "social_media")
OLGA = Owner("web:olga", "Olga")
IVAN = Owner("web:ivan", "Ivan")
DATA = ROOT / "data"
QUESTION = "What is wrong with it? Pick all that fit."


@pytest.fixture(params=["sqlite", "postgresql"])
def database_at_0001(request, tmp_path):
    """The address of a record as the program before left it, with an incident in it, and what reads that back."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'old.db'}"
    else:
        url = fresh_postgres(request.getfixturevalue("postgres_url"))
    database = Database(url)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    # Without `Database.begin`, which seals: that program had no seals.
    with Session(database.engine) as session, session.begin():
        now = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
        record.ensure_participant(session, "web:ada", "Ada", now)
        record.ensure_conversation(session, "c1", "web:ada", now)
        flow = load_flow(DATA / "flows" / "problem_post.yml")
        record.remember_flow(session, flow, now)
        # As that program wrote it: the models of today have columns that its tables do not have.
        row = {
            "id": 1,
            "reference": "INC-2026-0001",
            "conversation_id": "c1",
            "reporter_id": "web:ada",
            "channel": "web",
            "state": "confirming",
            "state_number": 1,
            "flow_id": flow.id,
            "flow_version": flow.version,
            "title": "A typo",
            "answers": "{}",
            "understood": "{}",
            "history": "[]",
            "done": "{}",
            "reported_at": utc_text(now),
        }
        session.execute(text(f"INSERT INTO incident ({', '.join(row)}) VALUES (:{', :'.join(row)})"), row)
        session.execute(text("INSERT INTO reference_counter (year, last) VALUES (2026, 1)"))
        session.execute(text("UPDATE conversation SET incident_id = 1"))
        incident = SimpleNamespace(id=1, reference="INC-2026-0001", flow_version=flow.version)
        how = {"actor_id": "web:ada", "source": "web", "said_at": now, "recorded_at": now}
        incident_trail.append(session, incident, incident_trail.Kind.REPORTED, {"text": "A typo"}, **how)

    def read():
        with database.read() as session:
            found = session.execute(text("SELECT id, title, flow_version FROM incident")).one()
            return found.title, found.flow_version, incident_trail.entries(session, found)

    yield url, read
    database.dispose()


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


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """Whoever publishes proves a flow meanwhile, which takes seconds on a machine that has much else to do."""
    monkeypatch.setattr("amends.incidents.database.BUSY_SECONDS", LONGEST)


@pytest.fixture
def workshop(database):
    publish_first(database, DATA)
    return Workshop(database)


@pytest.fixture
def quick(sqlite_database):
    """The same on SQLite alone, for what does not touch the tables."""
    publish_first(sqlite_database, DATA)
    return Workshop(sqlite_database)
