import asyncio
import math

import pytest

from amends.outbox import outgoing
from amends.outbox.sender import Sender
from amends.outbox.tables import Outgoing
from tests.outbox.line import Clock, Line


class Box:
    """An outbox with its sender, its clock and its line."""

    def __init__(self, database):
        self.database = database
        self.clock = Clock()
        self.line = Line(self.clock)
        self.drawings = {}
        self.thens = {}
        self.sender = self.another()

    def another(self, **options):
        options = {"rate": math.inf, "jitter": lambda seconds: seconds, **options}
        return Sender(self.database, self.line, self.drawings, self.thens, now=self.clock, **options)

    def put(self, key, to="C1", **options):
        if "draw" not in options:
            options.setdefault("body", {"text": key})
        with self.database.begin() as session:
            return outgoing.put(session, key, to=to, at=self.clock(), **options)

    def send(self, rounds=20):
        """Send until nothing is due; how many attempts that were."""

        async def work():
            total = 0
            for _ in range(rounds):
                sent = await self.sender.send_due()
                total += sent
                if not sent:
                    return total
            return total

        return asyncio.run(work())

    def row(self, key):
        with self.database.read() as session:
            return session.query(Outgoing).filter_by(key=key).one()

    def posted(self, slot):
        with self.database.read() as session:
            return outgoing.stands(session, slot)


@pytest.fixture
def box(database):
    return Box(database)


@pytest.fixture
def small_box(sqlite_database):
    """For what does not depend on the database."""
    return Box(sqlite_database)
