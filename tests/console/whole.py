"""One incident with everything in it: what was said, corrected, advised, shown, kept and done."""

import json
from datetime import UTC, datetime, timedelta

from amends.conversation import evidence, recording
from amends.conversation.replies import TextReply
from amends.flows import parse_answers, recommend
from amends.incidents import deliveries, record, trail
from amends.incidents.actor import Actor
from amends.incidents.trail import Kind
from amends.policies.library import load_library
from amends.settings import ROOT, Settings
from tests.console.triage import recommendation
from tests.console.workshop import live_flow
from tests.leads.conftest import SLIP

WHEN = datetime.now(UTC).replace(microsecond=0) - timedelta(days=3)
"""Long enough ago to be called by its date, whenever the tests run, and also when they run over midnight."""
WORDS = "I posted the open day with the wrong date, and people are asking"
SETTINGS = Settings(_env_file=None)
_local = WHEN.astimezone(SETTINGS.zone)
THAT_DAY = f"{_local:%A} {_local.day} {_local:%B %Y}"
ADA = "web:ada"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(200)


def whole_incident(database, reporter=ADA, name="Ada Okafor", words=WORDS):
    """An advised incident whose conversation is kept, with a correction, a file, a step done and a clock running."""
    flow = live_flow(database)
    with database.begin() as session:
        record.ensure_participant(session, reporter, name, WHEN)
        talk = record.ensure_conversation(session, reporter, reporter, WHEN)
        incident = record.open_incident(session, talk, flow, words, "web", WHEN, WHEN.year)
        reference = incident.reference
    clauses = list(load_library(ROOT / "data" / "policies").clauses.values())[:2]
    decision = recommend(flow, parse_answers(flow, SLIP))
    kept = decision.as_json()
    due = (datetime.now(UTC) + timedelta(hours=30)).isoformat()
    kept["deadlines"] = [
        {
            "id": "look",
            "title": "Look at it again",
            "limit": "within two days",
            "due": due,
            "starts": "the report",
            "reference": "House rule 4",
            "mark": "S",
            "verified": True,
        }
    ]
    turns = [
        (words, "First, keep the evidence.", [(Kind.REPORTED, {"text": words}, {}), (Kind.SAFE_STEPS_SHOWN, {}, {})]),
        ("It annoyed people", "Thank you.", [(Kind.ANSWERED, {"question": "harm", "value": "annoyance"}, {})]),
        (
            "No, it upset them",
            "Changed.",
            [(Kind.CORRECTED, {"question": "harm", "value": "upset", "before": "annoyance"}, {"supersedes": 3})],
        ),
        (
            "/affirm",
            recommendation().model_copy(update={"reference": reference}),
            [
                (
                    Kind.RECOMMENDED,
                    {"decision": kept, "answers": SLIP},
                    {"clauses": [f"{each.id}@{each.version}" for each in clauses]},
                )
            ],
        ),
    ]
    for n, (text, answer, entries) in enumerate(turns):
        at = WHEN + timedelta(minutes=n)
        how = {"conversation_id": reporter, "person": (reporter, name), "source": "web", "at": at}
        deliveries.receive(database, f"{reference}:{n}", text=text, **how)
        with database.begin() as session:
            incident = record.lock(session, record.find(session, reference).id)
            said = at + timedelta(seconds=1)
            for kind, payload, more in entries:
                trail.append(
                    session,
                    incident,
                    kind,
                    payload,
                    actor_id=reporter,
                    source="web",
                    said_at=said,
                    recorded_at=said,
                    **more,
                )
        reply = TextReply(text=answer) if isinstance(answer, str) else answer
        deliveries.finish(database, f"{reference}:{n}", [reply.model_dump(mode="json")], at + timedelta(seconds=3))
    _advise(database, reference, kept, decision.level, clauses)
    _look_after(database, reference, Actor(reporter, name, "web", WHEN + timedelta(minutes=9)))
    return reference


def _advise(database, reference, kept, level, clauses):
    with database.begin() as session:
        incident = record.find(session, reference)
        incident.answers, incident.decision = json.dumps(SLIP), json.dumps(kept)
        incident.state, incident.level = "advised", level
        record.remember_clauses(session, [(each.id, each.version, each.body()) for each in clauses], WHEN)


def _look_after(database, reference, ada):
    at = ada.said_at
    with database.begin() as session:
        incident = record.find(session, reference)
        given = {"key": f"{reference}:shot", "name": "the post.png", "media_type": "image/png", "content": PNG}
        evidence.keep(session, SETTINGS, incident, actor=ada, at=at, **given)
        incident = recording.locked(session, incident, ada, at)
        recording.mark_done(session, SETTINGS, incident, "take_down", actor=ada, at=at)
