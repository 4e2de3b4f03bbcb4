"""A workshop with something in it: a draft, past incidents, several versions."""

import json
import re
from datetime import UTC, datetime

from sqlalchemy import select

from amends.cases import load_cases
from amends.flows import decide, parse_answers, parse_flow
from amends.incidents import record as incident_record
from amends.incidents.models import Participant
from amends.settings import ROOT
from amends.workshop import Document, Owner, draft_of, live, save_draft

FLOW = Document("flow", "problem_post")
ADA = Owner("web:ada", "Ada Okafor")
NOW = datetime(2026, 3, 24, 21, 40, tzinfo=UTC)
SLIP = (
    "      harm: {at_most: annoyance}\n      issue: {only: [slip,",
    "      harm: {at_most: none}\n      issue: {only: [slip,",
)
"""A change of row P14, so that a slip that annoyed somebody is no longer one."""
WORDS = "Ada's own words, which are nobody else's business"


def live_text(record):
    with record.read() as session:
        return live(session, FLOW).text


def live_flow(record):
    return parse_flow(live_text(record), "live")


def make_draft(record, *changes, text=None):
    """Saves a draft with these replacements of the live text, and returns its text."""
    new = live_text(record) if text is None else text
    for old, instead in changes:
        assert new.count(old) == 1, old
        new = new.replace(old, instead)
    with record.begin() as session:
        before = draft_of(session, FLOW)
        save_draft(session, FLOW, new, owner=ADA, seen=before.revision if before else 0, now=NOW)
    return new


def field(page, name):
    return re.search(rf'name="{name}"[^>]*value="([^"]*)"', page.text)[1]


def give_name(client, name="Ada Okafor"):
    """A visitor with a name, as the first message makes one."""
    page = client.get("/")
    form = {"csrf": field(page, "csrf"), "key": field(page, "key"), "name": name, "text": "x"}
    assert client.post("/start", data=form).status_code in {200, 303}


def id_of(record, name="Ada Okafor"):
    with record.read() as session:
        return session.scalars(select(Participant.id).where(Participant.name == name)).one()


def add_incident(record, answers, reporter="web:somebody", flow=None, flow_id=None):
    """An advised incident with these answers, and its reference."""
    flow = flow or live_flow(record)
    with record.begin() as session:
        incident_record.ensure_participant(session, reporter, "", NOW)
        conversation = incident_record.ensure_conversation(session, reporter, reporter, NOW)
        incident = incident_record.open_incident(session, conversation, flow, WORDS, "web", NOW, 2026)
        decision = decide(flow, parse_answers(flow, answers))
        incident.answers, incident.decision = json.dumps(answers), json.dumps(decision.as_json())
        incident.state, incident.level = "advised", decision.level
        incident.flow_id = flow_id or incident.flow_id
        return incident.reference


def case_facts():
    """The answers of all public cases, by the case's id."""
    return {id_: case.facts for id_, case in load_cases(ROOT / "data" / "cases", None).items()}
