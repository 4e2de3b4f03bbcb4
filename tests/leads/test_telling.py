"""Once a message to a role went out, the record says who was told, and the step is done."""

import json

from amends.leads import acts
from tests.leads.conftest import GRACE, SLIP


def test_who_was_told_is_recorded_and_the_step_is_done(room):
    room.reference = room.report({**SLIP, "personal_data": "ordinary"})
    room.do(acts.told, "dpo", "Dara, data protection", GRACE)
    told, done = room.trail[-2:]
    assert told.kind == "told"
    assert told.payload == {
        "role": "dpo",
        "label": "the data protection officer",
        "told": "Dara, data protection",
    }
    assert done.kind == "step_done"
    assert json.loads(room.incident.done)["dpo"] == {"who": "Grace", "at": GRACE.said_at.isoformat()}


def test_a_step_that_was_done_before_stays_as_it_was(room):
    room.reference = room.report({**SLIP, "personal_data": "ordinary"})
    room.do(acts.told, "dpo", "Dara", GRACE)
    before = room.incident.done
    room.do(acts.told, "dpo", "Dara again", acts.Actor("slack:T1:U2", "Bo", "slack", GRACE.said_at))
    assert room.incident.done == before
    assert room.last.kind == "told"


def test_a_role_that_is_no_step_can_be_told_too(room):
    room.do(acts.told, "comms", "The press office", GRACE)
    assert room.last.kind == "told"
    assert json.loads(room.incident.done) == {}


def test_it_is_recorded_also_when_the_incident_was_closed_since(room):
    room.reference = room.report({**SLIP, "personal_data": "ordinary"})
    room.do(acts.close, GRACE)
    room.do(acts.told, "dpo", "Dara", GRACE)
    assert [entry.kind for entry in room.trail[-2:]] == ["told", "step_done"]
