"""Every handler, by everybody, on an incident that is open, closed, restricted or somebody else's.

What each may do is said here a second time, and not taken from the handlers.
"""

import json
import secrets
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, func, select

from amends.accounts.tables import AccountPerson, OfficialAccount
from amends.conversation.replies import DraftReply, TextReply, press_done
from amends.flows import load_flow, parse_answers, recommend
from amends.incidents import record, trail
from amends.incidents.database import Database
from amends.incidents.models import Delivery, Evidence
from amends.outbox import outgoing
from amends.outbox.tables import DraftReading, Inbound, Outgoing, Reminder
from amends.settings import ROOT
from amends.slack import ids, permission, places
from amends.slack.handlers import HANDLERS
from amends.slack.people import Person
from amends.slack.registry import Refused, Registry
from amends.slack.worker import Worker
from tests.console import triage
from tests.slack.fake import File
from tests.slack.odd_parts import AWAY, ODD, with_part
from tests.slack.office import Office

SITUATIONS = ("open", "closed", "restricted", "other")
"""Mine and open; mine and closed; restricted to others; somebody else's."""
ALL, SEEN, HERS = set(SITUATIONS), {"open", "closed"}, {"open", "closed", "other"}
TALK = {"staff": ALL, "lead": ALL}
ADVISED = {"staff": {"open"}, "lead": {"open", "other"}}
LEADS = {"lead": HERS}
MAY = {
    ("message", "message"): TALK,
    ("message", "mention"): TALK,
    ("press", "say:"): TALK,
    ("press", "pick"): TALK,
    ("press", "submit_many"): TALK,
    ("press", "submit_times"): TALK,
    ("press", "submit_ticks"): TALK,
    ("file", "file"): {"staff": HERS, "lead": HERS},
    ("shortcut", "triage_this"): TALK,
    ("shortcut", "report"): TALK,
    ("command", "/amends"): TALK,
    ("home", "home"): TALK,
    ("press", "home:start"): TALK,
    ("press", "home:go_on"): TALK,
    ("press", "accounts:right"): TALK,
    ("submission", "start"): TALK,
    ("shortcut", "check_this"): TALK,
    ("submission", "check"): TALK,
    ("press", "check:keep"): TALK,
    ("press", "check:ask:"): TALK,
    ("press", "reading:fine"): TALK,
    ("press", "reading:change"): TALK,
    ("submission", "reading_change"): TALK,
    ("press", "open_clauses"): {"staff": SEEN, "lead": HERS},
    ("press", "open_draft"): ADVISED,
    ("submission", "draft"): ADVISED,
    ("press", "tell:"): ADVISED,
    ("press", "snooze"): {"staff": SEEN, "lead": HERS},
    ("press", "lead:take_over"): {"lead": {"open", "other"}},
    ("press", "lead:close"): {"lead": {"open", "other"}},
    ("submission", "close"): {"lead": {"open", "other"}},
    ("press", "lead:override"): {"lead": {"open", "other"}},
    ("submission", "override"): {"lead": {"open", "other"}},
    ("press", "lead:note"): LEADS,
    ("submission", "note"): LEADS,
    ("press", "lead:sign_off"): {"lead": {"closed"}},
    ("submission", "sign_off"): {"lead": {"closed"}},
    ("press", "lead:restrict"): LEADS,
    ("submission", "restrict"): LEADS,
    ("press", "lead:reopen"): {"lead": {"closed"}},
    ("submission", "reopen"): {"lead": {"closed"}},
    ("press", "lead:drill"): LEADS,
    ("submission", "drill"): LEADS,
    ("press", "lead:resend"): LEADS,
    ("press", "lead:card"): LEADS,
}
NOW = datetime.now(UTC)
ANSWERS = {
    "origin": "hijack",
    "issue": ["profanity"],
    "harm": "upset",
    "spread": "few",
    "personal_data": "none",
    "protected": "absent",
    "tragedy": "absent",
    "legal": ["none"],
    "control": "can_remove",
}


class Setting:
    """One incident in one situation, and the calls that name it."""

    def __init__(self, office, situation, actor):
        self.office = office
        self.situation = situation
        self.actor = actor
        owner = office.grace if situation in ("restricted", "other") else actor
        self.thread = office.slack.says(office.grace, office.open, "about this")
        self.where = ids.Where(office.slack.team, office.open, self.thread)
        with office.database.begin() as session:
            self._make(session, owner)

    def _make(self, session, owner):
        office = self.office
        flow = office.flow
        person = Person(owner, office.slack.team, "Somebody", office.settings.zone, "staff")
        places.ensure(session, self.where, person, NOW)
        talk = record.ensure_conversation(session, self.where.conversation_id, person.id, NOW)
        incident = record.open_incident(session, talk, flow, "Swear words", "slack", NOW, 2026, self._reporter(session))
        record.involve(session, incident, person.id, NOW)
        said = {"source": "slack", "said_at": NOW, "recorded_at": NOW}
        trail.append(session, incident, trail.Kind.REPORTED, {"text": "x"}, actor_id=person.id, **said)
        decision = recommend(flow, parse_answers(flow, ANSWERS))
        incident.answers, incident.decision = json.dumps(ANSWERS), json.dumps(decision.as_json())
        incident.level = decision.level
        incident.state = "closed" if self.situation == "closed" else "advised"
        incident.restricted = self.situation == "restricted"
        self.reference = incident.reference
        self.id = incident.id
        self.state = f"{incident.reference}:{incident.state_number}"
        card = triage.recommendation().model_copy(update={"reference": self.reference})
        slot = f"advice:{incident.id}:{self.where.conversation_id}"
        body = json.dumps({"reply": card.model_dump(mode="json")})
        outgoing.stand(session, slot, channel=office.open, ts="1.1", thread=self.thread, body=body, at=NOW)
        later = NOW + timedelta(days=1)
        reminder = Reminder(
            incident_id=incident.id,
            kind="step",
            code="preserve",
            title="x",
            due_at=later,
            next_at=later,
            state="waiting",
        )
        session.add(reminder)
        outgoing.put(
            session, f"dead:{self.reference}", to=office.open, body={"text": "x"}, incident_id=incident.id, at=NOW
        )
        row = session.scalars(select(Outgoing).where(Outgoing.key == f"dead:{self.reference}")).one()
        row.dead_at = NOW
        session.flush()
        self.reminder, self.outgoing = reminder.id, row.id
        self.account = self._account(session).id
        self.reading = self._reading(session, person.id).id

    def _account(self, session):
        """An official account of the one who acts."""
        person = session.scalars(select(AccountPerson).where(AccountPerson.contact == self.actor)).first()
        if person is None:
            person = AccountPerson(name="Somebody", contact=self.actor, revision=1)
            session.add(person)
            session.flush()
        named = {"platform": "Threads", "handle": self.reference, "key": self.reference, "called": "", "two_factor": ""}
        account = OfficialAccount(**named, owner_id=person.id, next_at=NOW, reminded=0, revision=1)
        session.add(account)
        session.flush()
        return account

    def _reading(self, session, owner):
        """A draft that everybody in the channel was asked to read first; nobody keeps any number of them."""
        session.execute(delete(DraftReading).where(DraftReading.owner_id == owner))
        asked = {"role": "security", "asked": self.office.open, "kept_at": NOW}
        reading = DraftReading(owner_id=owner, text="Come in.", account="", own=False, level=2, **asked)
        session.add(reading)
        session.flush()
        return reading

    def _reporter(self, session):
        """Who reported it: the actor, but not where a lead signs off, who must be somebody else."""
        if self.situation != "closed" or self.actor != self.office.lena:
            return None
        id_ = ids.participant(self.office.slack.team, self.office.grace)
        return record.ensure_participant(session, id_, "Grace", NOW).id

    def does(self, kind, id_):
        """What comes in when this person does this: a row of the inbox."""
        payload = getattr(self, f"_{kind}")(id_)
        key = f"{kind}:{secrets.token_hex(8)}"
        return Inbound(
            id=1,
            key=key,
            kind=kind,
            lane="x",
            payload=json.dumps(payload),
            received_at=datetime.now(UTC),  # what is old already is tried again later than what is new
            attempts=0,
            set_aside=False,
        )

    def _message(self, id_):
        event = {"type": "message", "channel": self.office.open, "user": self.actor, "text": "hello", "ts": "9.9"}
        return event | {"thread_ts": self.thread, "mentioned": id_ == "mention", "team": self.office.slack.team}

    def _file(self, _id):
        space = self.office.slack._core.space
        space.files["F1"] = File("post.png", b"\x89PNG\r\n\x1a\n" + b"0" * 50)
        url = f"{self.office.slack.url}/files-pri/F1/download/post.png"
        file = {"id": "F1", "name": "post.png", "mimetype": "image/png", "size": 58, "url_private_download": url}
        return {**self._message("message"), "ts": f"8.{secrets.randbelow(10**6)}", "file": file}

    def _home(self, _id):
        return {"type": "app_home_opened", "user": self.actor, "tab": "home"}

    def _command(self, id_):
        return {"command": id_, "text": "something went wrong here", "user_id": self.actor} | self._where()

    def _where(self):
        trigger = self.office.slack._core.space.new_trigger(self.actor)
        return {"trigger_id": trigger, "team": {"id": self.office.slack.team}, "channel_id": self.office.open}

    def _shortcut(self, id_):
        message = {"text": "Look at this", "user": self.office.grace, "ts": "1.1"}
        inside = {"message": message, "channel": {"id": self.office.open}}
        return {"type": "message_action", "callback_id": id_, "user": {"id": self.actor}, **inside, **self._where()}

    def _press(self, id_):
        carried = {"incident": self.reference, "state": self.state, "role": "security"}
        carried |= {"question": "issue", "reminder": self.reminder, "minutes": 60, "outgoing": self.outgoing}
        carried |= {"accounts": [[self.account, 1]], "reading": self.reading}
        if id_ == "snooze":
            del carried["incident"], carried["state"]
        action = {"action_id": id_, "block_id": f"pick|harm|{self.state}", "value": json.dumps(carried)}
        if id_ == "say:":
            action |= {"action_id": "say:0", "value": press_done("preserve", self.state)}
        if id_ in ("tell:", "check:ask:"):
            action["action_id"] = f"{id_}security"
        if id_ == "home:go_on":
            action["value"] = self.reference
        if id_ == "pick":
            action["selected_option"] = {"value": "upset"}
        values = {
            f"many|issue|{self.state}": {"many": {"selected_options": [{"value": "slip"}]}},
            f"posted|issue|{self.state}": {"posted": {"selected_date_time": int(NOW.timestamp()) - 600}},
        }
        message = {"ts": "1.1", "thread_ts": self.thread}
        there = {"channel": {"id": self.office.open}, "message": message, "container": {"type": "message"}}
        return {
            "type": "block_actions",
            "user": {"id": self.actor},
            "actions": [action],
            "action": action,
            "state": {"values": values},
            "view": {"id": "V1", "state": {"values": {"draft": {"value": {"value": "Come in."}}}}},
            **there,
            **self._where(),
        }

    def _submission(self, id_):
        words = "We are sorry. We have taken it down and say more at noon."
        values = {
            name: {"value": {"value": words}} for name in ("what", "draft", "reason", "text", "statement", "note")
        }
        values["responses"] = {"value": {"selected_options": [{"value": "hold"}]}}
        values["restricted"] = {"value": {"selected_option": {"value": "yes"}}}
        values["drill"] = {"value": {"selected_option": {"value": "yes"}}}
        values["named"] = {"value": {"selected_users": []}}
        metadata = {"incident": self.reference, "state": self.state, "conversation": self.where.conversation_id}
        metadata["reading"] = str(self.reading)
        view = {"id": "V1", "callback_id": id_, "private_metadata": json.dumps(metadata), "state": {"values": values}}
        return {"type": "view_submission", "user": {"id": self.actor}, "view": view, **self._where()}

    def record(self):
        """What stands in the record about this incident, and what was said by this person."""
        with self.office.database.read() as session:
            incident = record.find(session, self.reference)
            said = select(func.count()).select_from(Delivery)
            kept = select(func.count()).select_from(Evidence).where(Evidence.incident_id == self.id)
            waits = session.scalars(select(Outgoing).where(Outgoing.id == self.outgoing)).one()
            return (
                [entry.kind for entry in trail.entries(session, incident)],
                incident.state,
                incident.state_number,
                incident.lead_id,
                incident.restricted,
                incident.signed_off_at,
                incident.override,
                session.scalars(kept).one(),
                session.scalars(said).one(),
                session.get(Reminder, self.reminder).next_at,
                waits.dead_at is None,
                session.get(OfficialAccount, self.account).checked_on,
                session.get(DraftReading, self.reading).answer,
                session.scalar(select(func.count()).select_from(DraftReading)),
            )


@pytest.fixture(scope="module")
def workplace(tmp_path_factory, encoder):
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('record') / 'record.db'}")
    database.migrate()
    with pytest.MonkeyPatch.context() as monkeypatch:
        office = Office(database, encoder, monkeypatch, slack_tell_security="@lena")
        office.flow = load_flow(ROOT / "data" / "flows" / "problem_post.yml")
        office.bot.answer = lambda _body: [TextReply(text="Heard."), DraftReply(text="Fine.", findings=())]
        office.people = {
            "staff": office.ada,
            "lead": office.lena,
            "guest": office.slack.add_user("Guest", guest=True),
            "stranger": office.slack.add_user("Stranger", home_of="T0OTHER"),
            "bot": office.slack.add_user("Robot", bot=True),
            "gone": office.slack.add_user("Gone"),
        }
        for user in office.people.values():
            office.slack.joins(user, office.open) if user not in (office.ada, office.lena) else None
            office.run(office.service._worker._desk.people.get(user))
        office.slack.change_user(office.people["gone"], deleted=True)
        office.service._worker._desk.people.forget(office.people["gone"])
        with database.begin() as session:
            from amends.outbox.tables import SlackUser

            session.get(SlackUser, office.people["gone"]).standing = "gone"
        yield office
        office.stop()
    database.dispose()


def outcome_of(office, row, registry=HANDLERS):
    worker = office.service._worker if registry is HANDLERS else Worker(office.service._worker._desk, registry)
    return office.run(worker._handle(row)).error


def test_every_handler_is_told_of_here():
    assert {(entry.kind, entry.id) for entry in HANDLERS.entries()} == set(MAY)


@pytest.mark.parametrize("role", ["staff", "lead", "guest", "stranger", "bot", "gone"])
@pytest.mark.parametrize(("kind", "id_"), MAY, ids=[f"{kind} {id_}" for kind, id_ in MAY])
def test_it_is_done_for_those_who_may_and_nothing_is_changed_by_others(workplace, kind, id_, role):
    for situation in SITUATIONS:
        there = Setting(workplace, situation, workplace.people[role])
        before = there.record()
        error = outcome_of(workplace, there.does(kind, id_))
        if situation in MAY[kind, id_].get(role, set()):
            assert error is None, situation
        else:
            assert error is not None, situation
            assert there.record() == before, situation
    workplace.quiet()


@pytest.mark.parametrize(("kind", "id_"), MAY, ids=[f"{kind} {id_}" for kind, id_ in MAY])
def test_without_a_declared_permission_nobody_may(workplace, kind, id_):
    done = []
    undeclared = Registry()

    @undeclared.on(kind, id_)
    async def handler(_desk, call):
        done.append(call)

    for role in ("staff", "lead", "guest"):
        there = Setting(workplace, "open", workplace.people[role])
        assert outcome_of(workplace, there.does(kind, id_), undeclared) == "refused"
    assert done == []


@pytest.mark.parametrize("entry", list(HANDLERS.entries()), ids=lambda entry: f"{entry.kind} {entry.id}")
def test_guests_are_let_in_by_a_setting_and_never_do_what_leads_do(workplace, entry):
    guest = Person(workplace.people["guest"], workplace.slack.team, "Guest", workplace.settings.zone, "guest")
    there = Setting(workplace, "open", workplace.people["guest"])
    state = "closed" if entry.may.states and "closed" in entry.may.states else "advised"
    with workplace.database.begin() as session:
        record.find(session, there.reference).state = state
    let_in = workplace.settings.model_copy(update={"slack_guests": True})

    def check(settings):
        with workplace.database.read() as session:
            permission.check(session, settings, entry.may, guest, there.reference)

    with pytest.raises(Refused, match="Guests"):
        check(workplace.settings)
    windows = ("override", "note", "sign_off", "restrict", "reopen", "drill", "close")
    if entry.id.startswith("lead:") or entry.id in windows:
        with pytest.raises(Refused, match="comms leads"):
            check(let_in)
    else:
        check(let_in)


@pytest.mark.parametrize(("kind", "id_"), MAY, ids=[f"{kind} {id_}" for kind, id_ in MAY])
def test_what_is_handled_twice_has_its_effect_once(workplace, kind, id_):
    situation = "closed" if id_.endswith(("sign_off", "reopen")) else "open"
    there = Setting(workplace, situation, workplace.lena)
    row = there.does(kind, id_)
    assert outcome_of(workplace, row) is None
    workplace.quiet()
    once = there.record()
    sent = len(workplace.slack.calls_of("chat.postMessage"))

    error = outcome_of(workplace, row)
    workplace.quiet()

    assert there.record() == once
    assert len(workplace.slack.calls_of("chat.postMessage")) == sent
    opens_a_window = id_ in ("open_clauses", "open_draft", "report", "home:start", "lead:override", "lead:note")
    closes = id_ in ("lead:close", "close", "lead:restrict", "lead:sign_off", "reopen")
    assert error is None or opens_a_window or closes


@pytest.mark.parametrize(
    ("kind", "id_", "path", "value", "outcome"),
    ODD,
    ids=[f"{kind} {id_} {path} {'away' if value is AWAY else ascii(value)}" for kind, id_, path, value, _ in ODD],
)
def test_a_part_that_is_odd_is_passed_over_or_refused_at_once(workplace, kind, id_, path, value, outcome):
    there = Setting(workplace, "open", workplace.lena)
    row = there.does(kind, id_)
    row.payload = json.dumps(with_part(json.loads(row.payload), path, value))
    assert outcome_of(workplace, row) == outcome
