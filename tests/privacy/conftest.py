"""An incident with something of everything in it, so that what is erased can be looked for everywhere."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import MetaData, select

from amends.access.people import SignedIn
from amends.conversation import evidence
from amends.incidents import deliveries, record, trail
from amends.incidents.models import Command, Conversation
from amends.leads import acts
from amends.outbox import outgoing
from amends.outbox.tables import DraftReading, Inbound, Place, SlackUser
from amends.privacy import holds
from amends.privacy.orders import Ground, Order
from amends.register.shelving import shelve
from amends.register.views import save_view
from amends.review import reviewing, story
from amends.workshop.tables import DraftRow, PublishRequest
from tests.leads.conftest import ADA, GRACE, LIN, NOW, Room

LATER = NOW + timedelta(days=30)
LEAD = SignedIn(LIN.id, LIN.name, frozenset({"lead"}))
ADMIN = SignedIn("oidc:admin", "Kim Admin", frozenset({"admin"}))
ORDER = Order(Ground.OBJECTED, "DSR-2026-014")
NAME = "Ada Okafor-Zebra"
WORDS = "wombat"
"""In everything that people write here, and nowhere else."""


def spoken(database, text, minute, conversation="slack:T1:C1:1.2", person=(ADA, NAME), key=None):
    at = NOW + timedelta(minutes=minute)
    key = key or f"message:C1:{minute}"
    how = {"conversation_id": conversation, "person": person, "source": "slack", "at": at}
    deliveries.receive(database, key, text=text, **how)
    return key, at


def everything(database):
    """A closed, reviewed incident of Ada's, with her words, a lead's, a file, a story, Slack's rows and cards."""
    room = Room(database)
    with database.begin() as session:
        record.ensure_participant(session, ADA, NAME, NOW)
    key, at = spoken(database, f"A {WORDS} got out", 0)
    with database.begin() as session:
        incident = record.lock(session, record.find(session, room.reference).id)
        said = {"source": "slack", "said_at": at, "recorded_at": at}
        note = {"text": f"The {WORDS} is angry"}
        trail.append(session, incident, trail.Kind.NOTE_ADDED, note, actor_id=ADA, **said)
        incident.title = f"A {WORDS}"
        incident.understood = json.dumps({"harm": {"value": "upset", "words": WORDS}})
        incident.history = json.dumps([{"question": "harm", "before": WORDS}])
        session.add(Command(key=f"turn slack:T1:C1:1.2 {key}", result=json.dumps([{"text": WORDS}]), done_at=at))
        session.add(Place(conversation_id="slack:T1:C1:1.2", team="T1", channel="C1", thread="1.2"))
        session.add(SlackUser(id="U1", team="T1", name=NAME, zone="Europe/London", standing="member", fetched_at=at))
        lane = {"lane": "slack:T1:C1:1.2", "received_at": at, "not_before": at, "attempts": 1, "handled_at": at}
        session.add(Inbound(key="in", kind="message", payload=json.dumps({"text": WORDS, "user": "U1"}), **lane))
        outgoing.put(session, "out", to="C1", thread="1.2", body={"text": WORDS}, at=at)
        slot = f"advice:{incident.id}:slack:T1:C1:1.2"
        outgoing.stand(session, slot, channel="C1", ts="1.3", thread="1.2", body=json.dumps({"text": WORDS}), at=at)
    deliveries.finish(database, key, [{"text": f"About the {WORDS}", "type": "text"}], at + timedelta(seconds=5))
    room.do(evidence.keep, key="f1", name=f"{WORDS}.png", media_type="image/png", content=WORDS.encode(), actor=ada())
    with database.begin() as session:
        incident = record.find(session, room.reference)
        flow = record.flow_of(session, incident.flow_version)
        acts.decide_otherwise(session, room.settings, flow, incident, GRACE, ("apologise",), f"{WORDS} hurt.", NOW)
    room.do(acts.take_over, GRACE)
    room.do(acts.promise, GRACE, f"News of the {WORDS} at five", NOW + timedelta(hours=5))
    room.do(acts.close, GRACE, reason=f"The {WORDS} is safe.")
    room.do(acts.add_note, GRACE, f"Ask {NAME} about the {WORDS}.")
    room.do(reviewing.save_review, GRACE, f"Well: {WORDS}", f"Change: {WORDS}", 0)
    with database.begin() as session:
        incident = record.find(session, room.reference)
        story.save_story(session, incident, GRACE, f"Once a {WORDS}", [story.Chapter(1, WORDS, WORDS)], 0, NOW)
        row = reviewing.agree(session, room.settings, incident, GRACE, f"Feed the {WORDS}", NAME, NOW.date(), NOW)
        reviewing.finish(session, room.settings, row, GRACE, 1, NOW)
        save_view(session, ADA, f"My {WORDS}", f"q={WORDS}", NOW)
        words = {"text": f"See our {WORDS}", "account": f"@{WORDS}", "note": f"No {WORDS}, please"}
        read = {"role": "legal", "asked": "U9", "answer": "change", "answered_by": GRACE.id, "answered_at": NOW}
        session.add(DraftReading(owner_id=ADA, own=False, level=1, kept_at=NOW, **words, **read))
        draft = {"kind": "flow", "name": "x", "text": "", "revision": 1, "owner_id": ADA, "owner_name": NAME, "at": NOW}
        session.add(DraftRow(**draft))
        asked = {
            "decided_by_name": NAME,
            "kind": "flow",
            "name": "x",
            "text": "",
            "version": "0",
            "note": WORDS,
            "owner_id": ADA,
        }
        session.add(
            PublishRequest(owner_name=NAME, asked_at=NOW, state="declined", decided_by_id=ADA, reason=WORDS, **asked)
        )
        lifted = holds.place(session, ADMIN, f"The {WORDS} may sue.", NOW, "web", incident=incident)
        holds.lift(session, lifted, ADMIN, NOW, "web")
        waits = json.dumps({"kind": "new_or_same", "text": WORDS})
        session.get_one(Conversation, "slack:T1:C1:1.2").pending = waits
        shelve(session, incident, NOW, anew=True)
    return room


def ada():
    return acts.Actor(ADA, NAME, "slack", NOW)


def where(database, words):
    """The table and column of everything that holds these words, in any letters."""
    metadata = MetaData()
    metadata.reflect(database.engine)
    found = set()
    with database.engine.connect() as connection:
        for table in metadata.tables.values():
            for row in connection.execute(select(table)).mappings():
                for column, value in row.items():
                    text = bytes(value).decode("utf-8", "replace") if isinstance(value, bytes | memoryview) else value
                    if words.lower() in str(text).lower():
                        found.add((table.name, column))
    return found


@pytest.fixture
def room(database):
    return everything(database)


@pytest.fixture
def lite_room(sqlite_database):
    """The same on SQLite alone, for what asks no database anything that it could do otherwise."""
    return everything(sqlite_database)
