"""The real actions over a real record, with a clock that stands where the test puts it."""

from datetime import UTC, datetime, timedelta

import pytest

from actions import service
from amends.conversation.assistant import Assistant
from amends.conversation.shelf import Shelf
from amends.incidents import record, trail
from amends.settings import CACHE, ROOT, Settings
from amends.understanding.encoder import load_encoder

from .talking import Person


class Clock:
    def __init__(self):
        self.time = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)

    def __call__(self):
        return self.time

    def goes_on(self, **by):
        self.time += timedelta(**by)


@pytest.fixture(scope="session")
def encoder():
    return load_encoder(ROOT / "var" / "cache")


@pytest.fixture
def settings():
    return Settings(_env_file=None, emergency_contact="Grace Hopper, 01234 555", contact_legal="Lee Legal, 01234 777")


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def assistant(sqlite_database, encoder, settings, clock):
    made = Assistant(settings, sqlite_database, Shelf(sqlite_database, ROOT / "data", encoder, CACHE), now=clock)
    service.use(made)
    yield made
    service.use(None)


@pytest.fixture
def ada(assistant, clock):  # noqa: ARG001 - the actions find the assistant by themselves
    return Person("Ada", "web:ada", clock)


class Record:
    """What stands in the record."""

    def __init__(self, database):
        self.database = database

    def incident(self, reference="INC-2026-0001"):
        with self.database.read() as session:
            return record.find(session, reference)

    def trail(self, reference="INC-2026-0001"):
        with self.database.read() as session:
            return trail.entries(session, record.find(session, reference))

    def kinds(self, reference="INC-2026-0001"):
        return [entry.kind for entry in self.trail(reference)]


@pytest.fixture
def the_record(sqlite_database):
    return Record(sqlite_database)
