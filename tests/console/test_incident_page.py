"""What a comms lead did with an incident, and the evidence, stand on its page; what is restricted does not."""

import hashlib
import re
from datetime import UTC, datetime

import httpx
import pytest

from amends.console.book import Book
from amends.console.trail_words import TITLES
from amends.conversation import evidence
from amends.incidents import deliveries, trail
from amends.incidents import record as incident_record
from amends.incidents.trail import Kind
from amends.leads import acts
from amends.settings import Settings
from tests.console.triage import recommendation
from tests.console.workshop import add_incident, give_name, id_of
from tests.leads.conftest import SLIP
from tests.waiting import LONGEST

NOW = datetime(2026, 3, 24, 21, 40, tzinfo=UTC)
GRACE = acts.Actor("slack:T1:U9", "Grace Hopper", "slack", NOW)
SETTINGS = Settings(_env_file=None)


@pytest.fixture
def client(desk):
    with httpx.Client(base_url=desk.url, follow_redirects=True, timeout=LONGEST) as client:
        give_name(client)
        yield client


@pytest.fixture
def incident(client, record):  # noqa: ARG001 - the visitor comes first
    return add_incident(record, SLIP, reporter=id_of(record))


def act(database, reference, what, *given, **more):
    with database.begin() as session:
        found = incident_record.find(session, reference)
        if what is acts.decide_otherwise:
            given = (incident_record.flow_of(session, found.flow_version), found, GRACE, *given)
        elif what in (evidence.keep, evidence.refuse):
            given, more = (found,), {**more, "actor": GRACE}
        elif what is acts.told:
            given = (found, *given, GRACE)
        else:
            given = (found, GRACE, *given)
        return what(session, SETTINGS, *given, at=NOW, **more)


def page_of(client, reference):
    page = client.get(f"/incidents/{reference}")
    assert page.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text)).replace("&#39;", "'")


def test_the_page_says_who_decided_otherwise_why_and_what_it_goes_against(client, record, incident):
    act(record, incident, acts.decide_otherwise, ("make_light",), "It is our <mascot>.")
    page = page_of(client, incident)
    assert "Decided by Grace Hopper, comms lead, " in page
    assert "Make light of it." in page
    assert "Reason: It is our &lt;mascot&gt;." in page
    assert "Never make light when anyone is or may be harmed, grieving or frightened." in page
    advice = page[page.index("The advice") : page.index("What happened, in order")]
    assert "Take it down" not in advice
    assert "Decided by a comms lead" in page
    assert "Instead of Save the evidence; Take it down; Apologise" in page


def test_the_page_lists_the_evidence_with_its_sha_256(client, record, incident):
    given = {"key": "f1", "name": "shot <1>.png", "media_type": "image/png", "content": b"x" * 1234}
    act(record, incident, evidence.keep, **given)
    act(record, incident, evidence.refuse, name="film.mov", reason="It is larger than 20 MB.")
    page = page_of(client, incident)
    assert "shot &lt;1&gt;.png (image/png, 1,234 bytes)" in page
    assert "Kept by Grace Hopper" in page
    assert page.count(hashlib.sha256(b"x" * 1234).hexdigest()) == 2
    assert "Evidence not kept" in page
    assert "It is larger than 20 MB." in page
    assert "Done by Grace Hopper" in page


def test_the_page_says_who_leads_it_and_that_it_is_signed_off(client, record, incident):
    act(record, incident, acts.take_over)
    act(record, incident, acts.told, "legal", "Lee, legal services")
    act(record, incident, acts.close)
    act(record, incident, acts.sign_off, "The record is complete.")
    page = page_of(client, incident)
    assert "Comms lead Grace Hopper" in page
    assert "Somebody was told" in page
    assert "Role legal services" in page
    assert "Told Lee, legal services" in page
    assert "Steps still open Save the evidence; Take it down; Apologise" in page
    assert "Signed off" in page
    assert "The record is complete." in page


def test_a_restricted_incident_says_so_to_those_who_are_named(client, record, incident):
    act(record, incident, acts.restrict, ("slack:T1:U7",))
    page = page_of(client, incident)
    assert "Seen only by those who are named." in page
    assert "From now on seen only by those who are named" in page
    assert "slack:T1:U7" in page


def test_a_restricted_incident_is_no_longer_there_for_somebody_who_took_part(client, record):
    reference = add_incident(record, SLIP)
    with record.begin() as session:
        incident_record.involve(session, incident_record.find(session, reference), id_of(record), NOW)
    assert reference in client.get("/incidents").text
    act(record, reference, acts.restrict, ())
    assert reference not in client.get("/incidents").text
    assert client.get(f"/incidents/{reference}").status_code == 404


def test_the_chat_says_what_was_decided_since_the_advice_was_given(client, record, incident):
    visitor = id_of(record)
    given = {"conversation_id": visitor, "person": (visitor, "Ada Okafor"), "source": "web", "text": "x", "at": NOW}
    deliveries.receive(record, "advice", **given)
    deliveries.finish(record, "advice", [recommendation().model_dump(mode="json")], NOW)
    assert "Decided by" not in client.get("/").text
    act(record, incident, acts.decide_otherwise, ("hold",), "It is over.")
    assert "Decided by Grace Hopper, comms lead: hold. Reason: It is over." in client.get("/").text


def test_every_kind_of_entry_has_a_name(record, incident):
    assert set(TITLES) == {kind.value for kind in Kind}
    with record.begin() as session:
        found = incident_record.lock(session, incident_record.find(session, incident).id)
        reminder = {"kind": "step", "code": "take_down", "title": "take down", "stage": 0, "told": ["talk"]}
        how = {"actor_id": "amends", "source": "outbox", "said_at": NOW, "recorded_at": NOW}
        trail.append(session, found, Kind.REMINDED, reminder, **how)
    with record.read() as session:
        entry = Book(session, incident_record.find(session, incident), str).page()["trail"][-1]
    assert (entry.title, entry.who, entry.source) == ("Reminded", "Amends", "on its own")
    assert [(line.label, line.text) for line in entry.lines] == [("Of", "take down"), ("Sent to", "talk")]
