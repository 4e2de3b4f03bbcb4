"""Goes at a drill in the record, on SQLite and on PostgreSQL."""

from datetime import UTC, datetime, timedelta

import pytest

from amends.drills import practice
from amends.drills.outcome import Outcome
from amends.drills.tables import Practice
from amends.incidents import record, trail
from amends.incidents.trail import Kind
from tests.flows.small import small

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ADA, BO = "web:ada", "web:bo"
OUTCOME = Outcome(300, {"take_down": 60}, (), (), stopped=False)


@pytest.fixture
def begins(database):
    """Begins a go in Ada's conversation, reported when asked for; gives its number."""

    def begin(drill="beer_tasting", *, team=False, reported=False, at=NOW, state="advised"):
        with database.begin() as session:
            record.ensure_participant(session, ADA, "Ada", at)
            talk = record.ensure_conversation(session, ADA, ADA, at)
            go = practice.begin(session, drill, talk.id, ADA, at, team=team)
            if reported:
                incident = record.open_incident(session, talk, small(), "A post", "web", at, 2026, drill=True)
                incident.state = state
                go.incident_id = incident.id
            return go.id

    return begin


def running(database):
    with database.read() as session:
        found = practice.running(session, ADA)
        return found.drill if found else None


def test_one_go_is_under_way_in_a_conversation_and_a_new_one_leaves_it(database, begins):
    assert running(database) is None
    first = begins()
    begins("before_dawn", at=NOW + timedelta(minutes=3))
    assert running(database) == "before_dawn"
    with database.read() as session:
        left = session.get_one(Practice, first)
        assert (left.ended_at, left.outcome) == (NOW + timedelta(minutes=3), None)


@pytest.mark.parametrize(("state", "there"), [("asking", "beer_tasting"), ("closed", None), ("abandoned", None)])
def test_a_go_whose_incident_is_closed_is_over(database, begins, state, there):
    begins(reported=True, state=state)
    assert running(database) == there


def test_an_end_with_an_outcome_is_in_the_history_of_those_who_took_part(database, begins):
    number = begins(reported=True)
    with database.begin() as session:
        go = session.get_one(Practice, number)
        record.ensure_participant(session, BO, "Bo", NOW)
        record.involve(session, session.get_one(record.Incident, go.incident_id), BO, NOW)
        assert practice.mine(session, ADA) == []  # it has not ended
        practice.end(go, NOW, OUTCOME)
    with database.read() as session:
        for person, there in ((ADA, [number]), (BO, [number]), ("web:cy", [])):
            assert [go.id for go in practice.mine(session, person)] == there


@pytest.mark.parametrize(("wrote", "practised"), [(Kind.DRILL_TOLD, False), (Kind.ANSWERED, True)])
def test_whoever_only_has_the_story_go_on_did_not_practise(database, begins, wrote, practised):
    number = begins(reported=True, team=True)
    with database.begin() as session:
        go = session.get_one(Practice, number)
        incident = record.lock(session, go.incident_id)
        record.ensure_participant(session, BO, "Bo", NOW)
        record.involve(session, incident, BO, NOW)
        said = {"actor_id": BO, "source": "web", "said_at": NOW, "recorded_at": NOW}
        trail.append(session, incident, Kind.NOTE_ADDED, {"text": "Well done."}, **said)
        trail.append(session, incident, wrote, {"text": "06:58"}, **said)
        practice.end(go, NOW, OUTCOME)
    with database.read() as session:
        assert [go.id for go in practice.mine(session, BO)] == ([number] if practised else [])


def test_only_goes_of_teams_are_followed(database, begins):
    begins()
    team = begins("before_dawn", team=True)
    with database.read() as session:
        assert [go.id for go in practice.of_teams(session)] == [team]


def test_the_next_part_is_cued_once_and_not_beyond_the_last(database, begins):
    number = begins()
    with database.begin() as session:
        go = session.get_one(Practice, number)
        assert [practice.cue(go, 3), go.cued] == [True, 2]
        assert [practice.cue(go, 3), go.cued] == [True, 3]
        assert practice.cue(go, 3) is False
        practice.end(go, NOW)
        go.cued = 1
        assert practice.cue(go, 3) is False
