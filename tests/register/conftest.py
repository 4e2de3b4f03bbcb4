"""Incidents as they come about, and the lists they are found in."""

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from amends.conversation import recording
from amends.incidents import record
from amends.incidents.actor import Actor
from amends.incidents.trail import Kind
from amends.incidents.visible import Viewer
from amends.register.filters import Filter
from amends.register.finding import page
from amends.settings import Settings
from tests.flows.small import small

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
ZONE = ZoneInfo("Europe/London")
ADA = "web:ada"
GRACE = "web:grace"
LEAD = Viewer(GRACE, lead=True)
SETTINGS = Settings(_env_file=None)


def actor(id_=ADA, name="Ada Stone", at=NOW):
    return Actor(id_, name, "web", at)


def decision(*, responses=("take_down",), people=(), row="R1", clauses=(), level=1, deadlines=()):
    """A decision as the record keeps it, as far as lists read it."""
    steps = [{"code": code, "kind": "response", "how": "", "optional": False, "clear_first": []} for code in responses]
    steps += [{"code": code, "kind": "person", "how": "", "optional": False, "clear_first": []} for code in people]
    due = [
        {"id": id_, "title": id_.replace("_", " "), "due": time.isoformat() if time else None}
        for id_, time in deadlines
    ]
    return {"row": row, "steps": steps, "clauses": list(clauses), "level": level, "deadlines": due}


class Records:
    """Writes incidents into a database as the conversation does."""

    def __init__(self, database):
        self.database = database

    def report(self, text="We posted the wrong picture.", *, at=NOW, who=ADA, name="Ada Stone", advice=None, **changes):
        """An incident with what was said; `advice` as `decision` gives it; `changes` to its row, and `flow`."""
        with self.database.begin() as session:
            record.ensure_participant(session, who, name, at)
            talk = record.ensure_conversation(session, f"talk:{who}", who, at)
            incident = record.open_incident(
                session, talk, changes.pop("flow", small()), text[:60], changes.pop("channel", "web"), at, 2026
            )
            self._write(session, incident, Kind.REPORTED, {"text": text}, actor(who, name, at), at)
            if advice is not None:
                incident.state, incident.level = record.State.ADVISED, advice["level"]
                incident.decision = json.dumps(advice)
                self._write(session, incident, Kind.RECOMMENDED, {"decision": advice}, actor(who, name, at), at)
            for part, value in changes.items():
                setattr(incident, part, value)
            return incident.reference

    def note(self, reference, text, *, who=ADA, name="Ada Stone", at=NOW):
        with self.database.begin() as session:
            incident = record.find(session, reference)
            record.ensure_participant(session, who, name, at)
            self._write(session, incident, Kind.NOTE_ADDED, {"text": text}, actor(who, name, at), at)

    def change(self, reference, *, at=NOW, **changes):
        with self.database.begin() as session:
            incident = record.find(session, reference)
            for part, value in changes.items():
                setattr(incident, part, value)
            self._write(session, incident, Kind.NOTE_ADDED, {"text": "changed"}, actor(at=at), at)

    def found(self, filter_=None, viewer=LEAD, *, now=NOW, **how):
        """The references that a list shows."""
        with self.database.read() as session:
            return [one.reference for one in self.page(session, filter_, viewer, now=now, **how).incidents]

    @staticmethod
    def page(session, filter_=None, viewer=LEAD, *, now=NOW, **how):
        return page(session, filter_ or Filter(), viewer, now, ZONE, **how)

    @staticmethod
    def _write(session, incident, kind, payload, who, at):
        record.ensure_participant(session, who.id, who.name, at)
        recording.write(session, SETTINGS, incident, kind, payload, actor=who, at=at)


@pytest.fixture
def records(database):
    return Records(database)


def hours(number):
    return timedelta(hours=number)
