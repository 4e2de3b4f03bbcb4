"""An incident in the record, with advice that a test writes itself."""

import json
from datetime import timedelta

from amends.incidents import record, trail
from amends.incidents.trail import Kind
from amends.outbox import notices
from amends.outbox.tables import Outgoing, Place, Posted, Reminder
from amends.settings import Settings
from tests.flows.small import small
from tests.outbox.line import NOW

ADA = "slack:T1:U1"
HERE = "slack:T1:D1"


def settings(**changes):
    given = {
        "slack_bot_token": "xoxb-1",
        "slack_app_token": "xapp-1",
        "slack_leads_channel": "CLEADS",
        "timezone": "UTC",
        **changes,
    }
    return Settings(_env_file=None, **given)


def step(code, kind="response", *, optional=False):
    return {"code": code, "kind": kind, "how": "Do it.", "optional": optional, "clear_first": []}


def deadline(id_, due):
    return {"id": id_, "title": f"Tell {id_}", "due": due.isoformat() if due else None}


class Story:
    """One incident and its clock."""

    def __init__(self, box, *, slack=True, **changes):
        self.box = box
        self.settings = settings(**changes)
        with box.database.begin() as session:
            record.ensure_participant(session, ADA, "Ada", NOW)
            conversation = record.ensure_conversation(session, HERE, ADA, NOW)
            incident = record.open_incident(session, conversation, small(), "A post", "slack", NOW, 2026, ADA)
            record.involve(session, incident, ADA, NOW)
            if slack:
                session.add(Place(conversation_id=HERE, team="T1", channel="D1", thread=None))
            self.id = incident.id

    def happens(self, kind=Kind.NOTE_ADDED, payload=None, *, notice=True, **changes):
        """Something happens; `changes` of the incident are made after the trail entry, as the conversation does."""
        with self.box.database.begin() as session:
            incident = record.lock(session, self.id)
            self.write(session, incident, kind, payload or {}, notice=notice)
            for name, value in changes.items():
                setattr(incident, name, value)

    def write(self, session, incident, kind, payload, *, notice=True):
        at = self.box.clock()
        given = {"actor_id": ADA, "source": "slack", "said_at": at, "recorded_at": at}
        trail.append(session, incident, kind, payload, **given)
        if notice:
            notices.happened(session, self.settings, incident, kind, at)

    def advised(self, level, steps=(), deadlines=(), **changes):
        decision = json.dumps({"level": level, "steps": list(steps), "deadlines": list(deadlines)})
        self.happens(Kind.RECOMMENDED, decision=decision, level=level, state="advised", **changes)

    def done(self, *codes):
        self.happens(Kind.STEP_DONE, done=json.dumps({code: {"who": "Ada", "at": NOW.isoformat()} for code in codes}))

    def posted(self, slot, channel="CLEADS", ts="1.1", thread=None, body=None):
        with self.box.database.begin() as session:
            text = json.dumps(body or {})
            session.add(Posted(slot=slot, channel=channel, ts=ts, thread=thread, body=text, updated_at=NOW))

    def rows(self, draw=None):
        with self.box.database.read() as session:
            query = session.query(Outgoing).order_by(Outgoing.id)
            return [row for row in query if draw is None or row.draw == draw]

    def reminders(self):
        with self.box.database.read() as session:
            return {(each.kind, each.code): each for each in session.query(Reminder)}

    def trail(self, kind):
        with self.box.database.read() as session:
            found = trail.entries(session, record.lock(session, self.id))
            return [entry for entry in found if entry.kind == kind]


def minutes(number):
    return timedelta(minutes=number)
