"""Real incidents and drills share their numbers, and neither leaves a gap that looks like a loss."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from amends.incidents import record, references, trail
from amends.incidents.trail import Kind
from amends.incidents.verify import verify
from tests.flows.small import small

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ADA = "web:ada"


def begins(database, *, drill):
    with database.begin() as session:
        record.ensure_participant(session, ADA, "Ada", NOW)
        talk = record.ensure_conversation(session, "web:ada", ADA, NOW)
        incident = record.open_incident(session, talk, small(), "A post", "web", NOW, 2026, drill=drill)
        said = {"actor_id": ADA, "source": "web", "said_at": NOW, "recorded_at": NOW}
        trail.append(session, incident, Kind.REPORTED, {"text": "A post"}, **said)
        return incident.reference


def damage(database):
    with database.read() as session:
        return [(found.reference, found.sentence) for found in verify(session).damage]


def test_they_share_their_numbers_and_nothing_is_missing(database):
    found = [begins(database, drill=drill) for drill in (False, True, False)]
    assert found == ["INC-2026-0001", "DRILL-2026-0002", "INC-2026-0003"]
    assert damage(database) == []


def test_a_number_that_was_given_out_and_is_not_there_is_missing(database):
    begins(database, drill=True)
    with database.begin() as session:
        session.execute(text("UPDATE reference_counter SET last = 2"))
    assert damage(database) == [("INC-2026-0002", "The whole incident is missing.")]


@pytest.mark.parametrize(
    ("text_", "practice"),
    [("DRILL-2026-0042", True), ("drill-2026-0042", True), ("INC-2026-0042", False), ("DRILLS", False)],
)
def test_a_reference_says_whether_it_is_practice(text_, practice):
    assert references.is_practice(text_) is practice
