"""Slack, the desk and the assistant in one process: see `office`."""

import pytest

from amends.settings import ROOT
from amends.understanding.encoder import load_encoder
from tests.slack.office import Office


@pytest.fixture(scope="session")
def encoder():
    return load_encoder(ROOT / "var" / "cache")


@pytest.fixture
def office_with(sqlite_database, encoder, monkeypatch):
    """Makes an office with these settings; a value such as "@grace" is that person's id."""
    made = []

    def make(**settings):
        made.append(Office(sqlite_database, encoder, monkeypatch, **settings))
        return made[-1]

    yield make
    for office in made:
        office.stop()
        assert office.bot.mistakes == []


@pytest.fixture
def office(office_with):
    return office_with()
