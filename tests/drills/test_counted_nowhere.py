"""Practice is counted nowhere: whatever counts, lists, charts, exports, announces or reminds is as if it was not there.

Everything of that kind is read before and after practice happened. What is new of this kind belongs into `COUNTED`.
"""

import json
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from amends.conversation import recording
from amends.conversation.shelf import Shelf
from amends.exports import lists
from amends.flows import load_flow, parse_answers, recommend
from amends.incidents import completion, record
from amends.incidents.actor import Actor
from amends.incidents.trail import Kind
from amends.incidents.visible import Viewer
from amends.insights.look import Insights
from amends.insights.scope import Scope
from amends.leads import acts
from amends.outbox import reminders
from amends.outbox.tables import Outgoing, Reminder
from amends.register import finding
from amends.register.asking import asked_of
from amends.register.board import open_board
from amends.register.filters import Drill, Filter
from amends.review import reminding
from amends.review.tables import FollowUp
from amends.settings import ROOT
from amends.slack import drawings
from tests.outbox.incident import settings as slack_settings

ZONE = ZoneInfo("Europe/London")
NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
ADA, GRACE = "slack:T1:U1", "slack:T1:U9"
LEAD = Viewer(GRACE, lead=True)
SETTINGS = slack_settings(slack_here_from_level=2)
FLOW = load_flow(ROOT / "data" / "flows" / "problem_post.yml")
GRAVE = {
    "origin": "misdirected",
    "issue": ["personal_data"],
    "harm": "serious",
    "personal_data": "sensitive",
    "noticed_at": {"noticed": (NOW - timedelta(hours=80)).isoformat()},
    "protected": "present",
    "tragedy": "absent",
    "legal": ["none"],
    "control": "cannot_remove",
    "spread": "press",
}
"""Level 3, with a deadline that is over: it shows wherever anything does."""


class World:
    """A record in which things happen."""

    def __init__(self, database):
        self.database = database
        self.shelf = Shelf(database, ROOT / "data")
        self.insights = Insights(database, ZONE)

    def happens(self, *, drill=False):
        """A grave incident: reported, advised, an emergency, a reply that went out, closed late or open, reviewed."""
        with self.database.begin() as session:
            for id_, name in ((ADA, "Ada"), (GRACE, "Grace")):
                record.ensure_participant(session, id_, name, NOW)
            talk = record.ensure_conversation(session, "slack:T1:D1", ADA, NOW)
            incident = record.open_incident(session, talk, FLOW, "A list", "slack", NOW, 2026, ADA, drill=drill)
            self.write(session, incident, Kind.REPORTED, {"text": "We sent the list to everybody"})
            decision = recommend(FLOW, parse_answers(FLOW, GRAVE))
            incident.answers, incident.decision = json.dumps(GRAVE), json.dumps(decision.as_json())
            incident.state, incident.level = record.State.ADVISED, decision.level
            self.write(session, incident, Kind.RECOMMENDED, {"decision": decision.as_json()})
            self.write(session, incident, Kind.HANDOVER_REQUESTED, {"role": "emergency", "contact": ""})
            mark = {"who": "Ada", "at": (NOW - timedelta(hours=5)).isoformat()}
            incident.done = json.dumps({"respond": mark, "apologise": mark})
            self.write(session, incident, Kind.STEP_DONE, {"step": "apologise", "label": "Apologise", **mark})
            session.add(
                FollowUp(
                    incident_id=incident.id,
                    what="Train everybody",
                    owner_name="Grace",
                    owner_id=GRACE,
                    due=date(2026, 11, 20),
                    revision=1,
                    agreed_by=GRACE,
                    agreed_at=NOW,
                    next_at=NOW - timedelta(days=5),
                )
            )
            return incident.reference

    def write(self, session, incident, kind, payload):
        actor = Actor(ADA, "Ada", "slack", NOW)
        recording.write(session, SETTINGS, incident, kind, payload, actor=actor, at=NOW)

    def counted(self):
        """Everything that counts, by name."""
        with self.database.read() as session:
            return {name: str(read(self, session)) for name, read in COUNTED.items()}


def csv_of(world, _session):
    return b"".join(lists.as_csv(lists.parts(world.database, Filter(), LEAD, NOW, ZONE)))


def json_of(world, _session):
    return b"".join(lists.as_json(lists.parts(world.database, Filter(), LEAD, NOW, ZONE), {}))


def board(_world, session):
    found = open_board(session, LEAD, NOW)
    shown = [one.incident.reference for part in (found.needs_me, found.mine, found.others) for one in part.shown]
    return shown, found.count, found.late


def listed(filter_):
    def read(_world, session):
        shown = finding.page(session, filter_, LEAD, NOW, ZONE).incidents
        return [one.reference for one in shown], finding.count(session, filter_, LEAD, NOW, ZONE)

    return read


def digest(world, session):
    return drawings.make(SETTINGS, world.shelf)["digest"](session, {"day": "2026-11-25"}, NOW)


def waiting_reminders(_world, session):
    return session.scalars(select(func.count()).select_from(Reminder).where(Reminder.state != "done")).one()


def due_reminders(_world, session):
    due = reminders.due(session, SETTINGS, NOW + timedelta(days=9))
    return [(one.incident_id, one.kind, one.code, one.due_at) for one in due]


COUNTED = {
    "the open board": board,
    "all incidents": listed(Filter()),
    "what is late": listed(Filter(late=True)),
    "a search": listed(Filter(text="list")),
    "the charts": lambda world, _session: world.insights.look(LEAD, Scope.of({})).figures,
    "the list as CSV": csv_of,
    "the list as JSON": json_of,
    "the daily digest": digest,
    "reminders that wait": waiting_reminders,
    "reminders that are due": due_reminders,
    "follow-ups that are due": lambda _world, session: reminding.due(session, SETTINGS, NOW),
    "follow-ups on every page": lambda _world, session: reminding.pressing(session, LEAD, NOW.date()),
    "incidents that a rule is tried on": lambda _world, session: list(record.advised(session, FLOW.id)),
    "their number": lambda _world, session: record.count_of(session, FLOW.id),
}


@pytest.fixture
def empty(database):
    return World(database)


@pytest.fixture
def world(empty):
    for _ in range(5):  # charts show no smaller numbers
        empty.happens()
    return empty


@pytest.mark.parametrize("restricted", [True, False], ids=["alone", "as a team"])
def test_practice_changes_nothing_that_is_counted_or_announced(world, restricted):
    before, told = world.counted(), sent(world)
    reference = world.happens(drill=True)
    with world.database.begin() as session:
        record.find(session, reference).restricted = restricted
    assert world.counted() == before
    assert sent(world) == told


def test_a_real_incident_changes_all_of_it(world):
    before, told = world.counted(), sent(world)
    world.happens()
    after = world.counted()
    assert [name for name in COUNTED if after[name] == before[name]] == []
    assert sent(world) > told


def test_what_a_lead_marks_as_a_drill_afterwards_counts_no_more(world):
    before = world.counted()
    reference = world.happens()
    with world.database.begin() as session:
        grace = Actor(GRACE, "Grace", "web", NOW)
        acts.mark_drill(session, SETTINGS, record.find(session, reference), grace, NOW)
    assert world.counted() == before


def test_leads_find_practice_of_teams_when_they_ask_for_it(empty):
    reference = empty.happens(drill=True)
    with empty.database.read() as session:
        found = finding.page(session, Filter(drill=Drill.ONLY), LEAD, NOW, ZONE).incidents
    assert [one.reference for one in found] == [reference] == ["DRILL-2026-0001"]


def test_nothing_is_left_to_finish_after_practice(empty):
    real, practice = empty.happens(), empty.happens(drill=True)
    with empty.database.read() as session:
        assert completion.of(record.find(session, real)).left
        assert completion.of(record.find(session, practice)).left == ()
        assert asked_of(session, ADA, NOW + timedelta(days=3)) == [real]


def test_what_was_begun_as_practice_cannot_become_real(empty):
    reference = empty.happens(drill=True)
    grace = Actor(GRACE, "Grace", "web", NOW)
    with empty.database.begin() as session, pytest.raises(acts.CannotAct, match="was begun as practice and stays that"):
        acts.mark_drill(session, SETTINGS, record.find(session, reference), grace, NOW, on=False)


def sent(world):
    with world.database.read() as session:
        return session.scalars(select(func.count()).select_from(Outgoing)).one()
