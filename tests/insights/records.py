"""Incidents with known answers, times and steps, as the record keeps them."""

import json
from datetime import UTC, datetime, timedelta

from amends.flows import load_flow, parse_answers, recommend
from amends.incidents import record, trail
from amends.incidents.trail import Kind
from amends.settings import ROOT

FLOW = load_flow(ROOT / "data" / "flows" / "problem_post.yml")
POSTED = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ANSWERS = {
    "origin": "own_post",
    "issue": ["slip"],
    "harm": "none",
    "spread": "unseen",
    "personal_data": "none",
    "protected": "absent",
    "tragedy": "absent",
    "legal": ["none"],
    "control": "can_remove",
}


def minutes(number):
    return timedelta(minutes=number)


class Records:
    """Writes incidents into a database."""

    def __init__(self, database, flow=FLOW):
        self.database, self.flow = database, flow
        self.number, self.waiting = 0, []

    def add(self, answers=None, **more):
        """An incident, written with the others before anything is looked at; see `_add`."""
        self.waiting.append({"answers": answers, **more})

    def write_waiting(self):
        """Writes what waits."""
        self.waiting, waiting = [], self.waiting
        if waiting:
            self.add_all(waiting)

    def add_all(self, incidents):
        """Several incidents at once, each as what `add` takes. Returns their ids."""
        with self.database.begin() as session:
            return [self._add(session, **each) for each in incidents]

    def _add(
        self,
        session,
        answers=None,
        *,
        posted=POSTED,
        noticed=None,
        reported=10,
        advised=12,
        done=None,
        state="closed",
        override=False,
        restricted=False,
        drill=False,
        reporter="slack:T:ADA",
        channel="slack",
        said=(),
        flow=None,
    ):
        """Times are minutes after the post, which was at `posted`, if that is known; `done` maps steps to such."""
        flow = flow or self.flow
        self.number += 1
        answers = {**ANSWERS, **(answers or {})}
        if posted is not None:
            answers["noticed_at"] = {"posted": posted.isoformat()}
            if noticed is not None:
                answers["noticed_at"]["noticed"] = (posted + minutes(noticed)).isoformat()
        posted = posted or POSTED
        at = posted + minutes(reported)
        record.ensure_participant(session, reporter, "Ada", at)
        talk = record.ensure_conversation(session, f"{reporter}:{self.number}", reporter, at)
        incident = record.open_incident(session, talk, flow, "A secret title", channel, at, 2026)
        incident.answers = json.dumps(answers)
        self.write(session, incident, Kind.REPORTED, {"text": "Secret words"}, at)
        for kind, payload in said:
            self.write(session, incident, kind, payload, at)
        incident.state = state
        if advised is not None:
            decision = recommend(flow, parse_answers(flow, answers))
            incident.decision, incident.level = json.dumps(decision.as_json()), decision.level
            self.write(session, incident, Kind.RECOMMENDED, {"advice": True}, posted + minutes(advised))
        marks = {code: (posted + minutes(after)).isoformat() for code, after in (done or {}).items()}
        incident.done = json.dumps({code: {"who": "Ada", "at": time} for code, time in marks.items()})
        if override:
            incident.override = json.dumps({"by": "Grace", "responses": ["hold"], "steps": []})
        incident.restricted, incident.drill = restricted, drill
        return incident.id

    def write(self, session, incident, kind, payload, at):
        said = {"actor_id": incident.reporter_id, "source": incident.channel, "said_at": at, "recorded_at": at}
        trail.append(session, incident, kind, payload, **said)

    def change(self, id_, kind=Kind.NOTE_ADDED, **values):
        """Changes an incident, with a trail entry as everything that changes one writes."""
        with self.database.begin() as session:
            incident = record.lock(session, id_)
            for name, value in values.items():
                setattr(incident, name, value)
            self.write(session, incident, kind, {"text": "changed"}, POSTED)


def answered(question, value, kind=Kind.ANSWERED, **more):
    return kind, {"question": question, "value": value, "words": "", **more}
