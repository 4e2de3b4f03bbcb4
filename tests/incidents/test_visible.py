"""Who sees which incident: those involved, and leads unless it is restricted."""

from datetime import UTC, datetime

import pytest

from amends.incidents import record
from amends.incidents.visible import Viewer, incident_for, incidents_of, may_see
from tests.flows.small import small

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ADA, BO, GRACE = (f"slack:T1:{name}" for name in ("ada", "bo", "grace"))


@pytest.fixture
def reference(database):
    """An incident that Bo reports in a conversation that Ada began."""
    with database.begin() as session:
        for person in (ADA, BO, GRACE):
            record.ensure_participant(session, person, person, NOW)
        conversation = record.ensure_conversation(session, "slack:T1:C1:1.1", ADA, NOW)
        incident = record.open_incident(session, conversation, small(), "A post", "slack", NOW, 2026, reporter_id=BO)
        return incident.reference


def seen(database, viewer):
    with database.read() as session:
        return [incident.reference for incident in incidents_of(session, viewer)]


def test_who_reports_is_involved_and_who_began_the_conversation_is_not(database, reference):
    assert seen(database, Viewer(BO)) == [reference]
    assert seen(database, Viewer(ADA)) == []
    with database.read() as session:
        assert record.find(session, reference).reporter_id == BO


def test_who_takes_part_sees_it_from_then_on_however_often_they_do(database, reference):
    for _ in range(2):
        with database.begin() as session:
            record.involve(session, record.find(session, reference), ADA, NOW)
    assert seen(database, Viewer(ADA)) == [reference]


def test_a_lead_sees_all_that_is_not_restricted(database, reference):
    assert seen(database, Viewer(GRACE)) == []
    assert seen(database, Viewer(GRACE, lead=True)) == [reference]
    with database.begin() as session:
        record.find(session, reference).restricted = True
    assert seen(database, Viewer(GRACE, lead=True)) == []
    assert seen(database, Viewer(BO)) == [reference]


def test_a_lead_who_is_named_sees_what_is_restricted(database, reference):
    with database.begin() as session:
        incident = record.find(session, reference)
        incident.restricted = True
        record.involve(session, incident, GRACE, NOW)
    with database.read() as session:
        assert may_see(session, Viewer(GRACE, lead=True), record.find(session, reference))
        assert not may_see(session, Viewer(ADA, lead=True), record.find(session, reference))


def test_what_is_not_there_and_what_is_not_for_somebody_are_not_told_apart(database, reference):
    sentences = set()
    with database.read() as session:
        for asked in (reference, "INC-2026-0999"):
            with pytest.raises(record.UnknownIncident) as refused:
                incident_for(session, Viewer(ADA), asked)
            sentences.add(str(refused.value).replace(asked, "it"))
    assert len(sentences) == 1
