"""What a lead does in the console is told where the incident is talked about in Slack, and hidden when restricted."""

import json
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from amends.console.forms import Form
from amends.console.lead_desk import LeadDesk
from amends.console.lead_incident import ACTS, LeadIncident
from amends.incidents import record as incident_record
from amends.leads import acts
from amends.outbox.tables import Outgoing, Place, Posted
from amends.settings import ROOT, Settings
from amends.workshop.files import publish_first
from tests.console.whole import whole_incident
from tests.console.workshop import NOW

GRACE = acts.Actor("slack:T1:U9", "Grace", "web", NOW)
ON = Settings(_env_file=None, slack_bot_token="xoxb-1", slack_app_token="xapp-1", slack_leads_channel="C9")
OFF = Settings(_env_file=None)


@pytest.fixture
def talk(sqlite_database):
    """An incident that is talked about in a thread, where its advice stands."""
    publish_first(sqlite_database, ROOT / "data")
    reference = whole_incident(sqlite_database, reporter="slack:T1:U1")
    with sqlite_database.begin() as session:
        incident = incident_record.find(session, reference)
        session.add(Place(conversation_id=incident.conversation_id, team="T1", channel="C1", thread="1.2"))
        slot = f"advice:{incident.id}:{incident.conversation_id}"
        session.add(Posted(slot=slot, channel="C1", ts="1.3", thread="1.2", body="{}", updated_at=NOW))
    return SimpleNamespace(database=sqlite_database, reference=reference)


def do(talk, act, settings=ON, options=(), **fields):
    page = LeadIncident(LeadDesk(None, talk.database, settings))
    with talk.database.begin() as session:
        incident = incident_record.find(session, talk.reference)
        page._work(act, Form(fields, list(options)))(session, incident, GRACE, NOW)


def said(talk):
    with talk.database.read() as session:
        found = session.scalars(select(Outgoing).where(Outgoing.to == "C1").order_by(Outgoing.id)).all()
        return [json.loads(row.body).get("text", "") for row in found if row.draw is None]


def test_taking_over_deciding_closing_and_opening_again_are_told(talk):
    do(talk, "take-over")
    do(talk, "override", options=["hold"], reason="The police asked us to wait.")
    do(talk, "close")
    do(talk, "reopen", reason="There is more.")
    told = said(talk)
    assert [text.split(",")[0].split(" ")[0] for text in told] == ["Grace", "Decided", "Grace", "Grace"]
    assert f"leads {talk.reference} from now on" in told[0]
    assert told[1].startswith("Decided by Grace, comms lead: Hold")
    assert told[2].endswith(f"has closed {talk.reference}.")
    assert told[3].endswith(f"has opened {talk.reference} again.")


def test_a_note_a_drill_and_what_is_done_without_slack_are_not_told(talk):
    do(talk, "note", text="x")
    do(talk, "drill", drill="yes")
    do(talk, "take-over", settings=OFF)
    assert said(talk) == []


def test_what_is_restricted_leaves_the_thread_and_is_drawn_there_no_more(talk):
    do(talk, "restrict", restricted="yes")
    assert said(talk) == ["This goes on in private."]
    with talk.database.read() as session:
        private = session.scalars(select(Outgoing).where(Outgoing.to == "U1")).one()
    assert "It goes on here, in private." in json.loads(private.body)["text"]
    with talk.database.read() as session:
        assert session.scalars(select(Posted).where(Posted.slot.startswith("advice:"))).all() == []


def test_every_act_has_its_work():
    page = LeadIncident(LeadDesk(None, None, OFF))
    assert all(page._work(act, Form({}, [])) for act in ACTS)
