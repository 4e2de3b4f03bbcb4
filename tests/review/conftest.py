"""An incident with advice, as the leads' tests have it, on SQLite and on PostgreSQL."""

import pytest

from tests.leads.conftest import Room


@pytest.fixture
def room(database):
    return Room(database)
