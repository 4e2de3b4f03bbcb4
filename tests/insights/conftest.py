"""A record to write incidents into, and the figures of it."""

from zoneinfo import ZoneInfo

import pytest

from amends.incidents.visible import Viewer
from amends.insights.look import Insights
from amends.insights.scope import Scope
from tests.insights.records import Records

LONDON = ZoneInfo("Europe/London")
LEAD = Viewer("slack:T:LEAD", lead=True)


class Seen(Records):
    """Writes incidents, and looks at the figures of them."""

    def __init__(self, database):
        super().__init__(database)
        self.insights = Insights(database, LONDON)

    def look(self, viewer=LEAD, **chosen):
        self.write_waiting()
        return self.insights.look(viewer, Scope.of(chosen))

    def figures(self, viewer=LEAD, **chosen):
        return self.look(viewer, **chosen).figures


@pytest.fixture
def seen(database):
    return Seen(database)


@pytest.fixture
def sqlite_seen(sqlite_database):
    return Seen(sqlite_database)
