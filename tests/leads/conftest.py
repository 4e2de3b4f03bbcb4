"""Incidents with advice, and leads who act on them, on SQLite and on PostgreSQL."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from amends.flows import load_flow, parse_answers, recommend
from amends.incidents import record, trail
from amends.incidents.visible import Viewer, incidents_of
from amends.leads.acts import Actor
from amends.settings import ROOT, Settings

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
SLIP = {
    "origin": "own_post",
    "issue": ["slip"],
    "harm": "upset",
    "spread": "few",
    "personal_data": "none",
    "protected": "absent",
    "tragedy": "absent",
    "legal": ["none"],
    "control": "can_remove",
}
GRACE = Actor("slack:T1:U9", "Grace", "slack", NOW - timedelta(seconds=3))
LIN = Actor("slack:T1:U8", "Lin", "slack", NOW)
ADA, BO = "slack:T1:U1", "slack:T1:U2"


class Room:
    """A conversation with one incident, looked at and acted on, each time in a transaction of its own."""

    settings = Settings(_env_file=None)

    def __init__(self, database):
        self.database = database
        self.flow = load_flow(ROOT / "data" / "flows" / "problem_post.yml")
        self.reference = self.report()

    def report(self, answers=SLIP, state="advised", conversation="slack:T1:C1:1.2"):
        with self.database.begin() as session:
            record.ensure_participant(session, ADA, "Ada", NOW)
            record.ensure_participant(session, BO, "Bo", NOW)
            talk = record.ensure_conversation(session, conversation, ADA, NOW)
            incident = record.open_incident(session, talk, self.flow, "A typo", "slack", NOW, 2026)
            said = {"source": "slack", "said_at": NOW, "recorded_at": NOW}
            trail.append(session, incident, trail.Kind.REPORTED, {"text": "A typo"}, actor_id=ADA, **said)
            trail.append(session, incident, trail.Kind.NOTE_ADDED, {"text": "I saw it"}, actor_id=BO, **said)
            record.involve(session, incident, BO, NOW)
            incident.state = state
            if state == "advised":
                decision = recommend(self.flow, parse_answers(self.flow, answers))
                incident.answers = json.dumps(answers)
                incident.decision, incident.level = json.dumps(decision.as_json()), decision.level
            return incident.reference

    def do(self, act, *given, at=NOW, **more):
        with self.database.begin() as session:
            incident = record.find(session, self.reference)
            return act(session, self.settings, incident, *given, at=at, **more)

    @property
    def incident(self):
        with self.database.read() as session:
            return record.find(session, self.reference)

    @property
    def trail(self):
        with self.database.read() as session:
            return trail.entries(session, record.find(session, self.reference))

    @property
    def last(self):
        return self.trail[-1]

    def seen_by(self, id_, *, lead=False):
        with self.database.read() as session:
            return [incident.reference for incident in incidents_of(session, Viewer(id_, lead))]


@pytest.fixture
def room(database):
    return Room(database)
