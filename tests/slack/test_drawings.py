"""What is drawn when it is sent: from the record, as it stands at that moment."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from amends.conversation.replies import press_answer, press_done
from amends.conversation.shelf import Shelf
from amends.incidents import record
from amends.incidents.actor import Actor
from amends.incidents.models import Evidence, Incident
from amends.leads import acts
from amends.outbox.tables import Inbound, Outgoing, Place, Posted, Reminder
from amends.settings import ROOT, Settings
from amends.slack import blocks as kit
from amends.slack import drawings
from tests.actions.conftest import assistant, clock, encoder  # noqa: F401 - fixtures
from tests.actions.talking import Person
from tests.slack.manners import assert_good, assert_good_view, values
from tests.slack.test_real_cards import GRAVE, everything, goes_on

ADA, GRACE, CHANNEL, THREAD = "slack:T1:U1", "slack:T1:U9", "C5", "1700000000.000100"
SLOT = "advice:1:x"


@pytest.fixture
def settings():
    return Settings(_env_file=None, emergency_contact="Grace Hopper, 01234 555", slack_tell_dpo="U7")


@pytest.fixture
def desk(sqlite_database, settings, assistant, clock):  # noqa: F811, ARG001 - the actions find the assistant
    return Desk(sqlite_database, settings, clock)


class Desk:
    """An incident with advice, talked about in a thread, and what is drawn of it."""

    def __init__(self, database, settings, clock):  # noqa: F811
        self.database, self.settings, self.clock = database, settings, clock
        self.person = Person("Ada", ADA, clock)
        self.advice = goes_on(self.person, self.person.says(GRAVE, "report_problem"), everything, [])
        self.drawings = drawings.make(settings, Shelf(database, ROOT / "data"))
        with database.begin() as session:
            session.add(Place(conversation_id=ADA, team="T1", channel=CHANNEL, thread=THREAD))
            record.ensure_participant(session, GRACE, "Grace", clock())
            keep = json.dumps({"reply": self.advice.model_dump(mode="json")})
            session.add(Posted(slot=SLOT, channel=CHANNEL, ts="1.1", thread=THREAD, body=keep, updated_at=clock()))

    def draw(self, name, **args):
        with self.database.read() as session:
            return self.drawings[name](session, args, self.clock())

    def changes(self, **what):
        with self.database.begin() as session:
            incident = session.scalars(select(Incident)).one()
            for column, value in what.items():
                setattr(incident, column, value)

    def acts(self, act, *args, **more):
        with self.database.begin() as session:
            incident = session.scalars(select(Incident)).one()
            actor = Actor(GRACE, "Grace", "slack", self.clock())
            act(session, self.settings, incident, actor, *args, self.clock(), **more)

    def adds(self, row):
        with self.database.begin() as session:
            session.add(row)
            session.flush()
            return row.id


def test_the_card_for_leads_is_drawn_from_the_record(desk):
    text = desk.draw("lead_card", incident=1, here=True)
    assert_good(text, f"INC-2026-0001:{state_number(desk)}")
    for part in (
        "INC-2026-0001, level 3 (crisis): I posted a photo",
        "&lt;student&gt; &amp; teacher",
        "<!here>",
        "By 09:30 on Thursday 5 March: Tell the Information Commissioner (ICO) (not verified)",
        "Open: save the evidence",
        "bring in the data protection officer",
        "Advice given. Nobody leads it yet.",
        "Advised: save the evidence",
        "Reported by Ada at 09:30.",
        "No evidence is kept yet.",
        "Open the thread: <https://slack.com/app_redirect?team=T1&amp;channel=C5&amp;message_ts=1700000000.000100>",
    ):
        assert part in text["text"]


def state_number(desk):
    with desk.database.read() as session:
        return session.scalars(select(Incident.state_number)).one()


def test_the_card_for_leads_says_who_leads_what_was_decided_and_what_is_kept(desk):
    desk.acts(acts.take_over)
    with desk.database.begin() as session:
        incident = session.scalars(select(Incident)).one()
        flow = record.flow_of(session, incident.flow_version)
        actor = Actor(GRACE, "Grace", "slack", desk.clock())
        acts.decide_otherwise(
            session, desk.settings, flow, incident, actor, ("hold",), "I rang them & waited", desk.clock()
        )
        session.add(
            Evidence(
                key="k",
                incident_id=1,
                participant_id=ADA,
                name="a.png",
                media_type="image/png",
                size=1,
                sha256="0" * 64,
                content=b"x",
                stored_at=desk.clock(),
            )
        )
    message = desk.draw("lead_card", incident=1)
    assert_good(message)
    assert "Led by Grace." in message["text"]
    assert "Decided by Grace, comms lead: hold. Reason: I rang them &amp; waited." in message["text"]
    assert "1 file kept as evidence." in message["text"]
    assert "Advised:" not in message["text"]


def test_leads_read_first_that_somebody_may_be_in_danger_and_who_was_asked_for(desk):
    desk.person.says("get me somebody from legal", "handover")
    assert "\nSomebody asked for legal" in desk.draw("lead_card", incident=1)["text"]
    desk.person.says("hang on, somebody says he will kill himself", "out_of_scope")
    message = desk.draw("lead_card", incident=1)
    assert_good(message)
    assert message["text"].split("\n")[1] == "Somebody may be in danger. A person must take over now."
    desk.acts(acts.close)
    assert "in danger" not in desk.draw("lead_card", incident=1)["text"]


def test_in_a_direct_message_there_is_no_link(desk):
    with desk.database.begin() as session:
        place = session.get(Place, ADA)
        place.channel, place.thread = "D1", None
    text = desk.draw("lead_card", incident=1)["text"]
    assert "In a direct message" in text
    assert "https://" not in text


def test_a_restricted_incident_gives_leads_its_reference_level_and_lead_alone(desk):
    desk.acts(acts.take_over)
    desk.changes(restricted=True)
    message = desk.draw("lead_card", incident=1)
    assert_good(message)
    assert message["text"].split("\n")[:2] == ["INC-2026-0001, level 3 (crisis): restricted", "Led by Grace."]
    for secret in ("photo", "Ada", "evidence", "Instagram", CHANNEL):
        assert secret not in json.dumps(message)


def test_the_advice_is_drawn_again_with_what_was_done(desk):
    before = drawn(desk)
    assert before["text"].startswith("Now: save the evidence")
    desk.person.sends(press_done("preserve", desk.advice.state))
    after = drawn(desk)
    assert after["text"].startswith("Now: bring in ")
    assert "1. Save the evidence: 09:30, Ada" in after["text"]
    assert "tell:dpo" in [action for action, _ in values(after["blocks"])]
    assert "tell:legal" not in [action for action, _ in values(after["blocks"])]


def drawn(desk):
    """The advice as it stands now; the reply that is kept with it is the same advice."""
    message = desk.draw("advice", slot=SLOT)
    keep = message.pop("keep")["reply"]
    assert_good(message, keep["state"])
    assert keep["reference"] == "INC-2026-0001"
    return message


def test_the_advice_says_what_a_lead_decided(desk):
    with desk.database.begin() as session:
        incident = session.scalars(select(Incident)).one()
        flow = record.flow_of(session, incident.flow_version)
        actor = Actor(GRACE, "Grace", "slack", desk.clock())
        acts.decide_otherwise(session, desk.settings, flow, incident, actor, ("hold",), "I rang them", desk.clock())
    text = drawn(desk)["text"]
    assert "Decided by Grace, comms lead: hold. Reason: I rang them." in text
    assert "Apologise" not in text.split("Do not")[0]


def test_the_advice_of_a_closed_incident_cannot_be_done_any_more(desk):
    desk.person.sends(press_answer("_close", "yes", desk.advice.state))
    desk.person.sends(desk.person.last[-1].buttons[0].send)
    message = drawn(desk)
    assert message["text"].startswith("INC-2026-0001 is closed")
    assert {action for action, _ in values(message["blocks"])} == {"open_clauses"}


def test_the_advice_of_a_stopped_incident_is_taken_away(desk):
    desk.changes(state="abandoned")
    message = desk.draw("advice", slot=SLOT)
    assert message["text"] == "INC-2026-0001 was stopped. Everything is in the record."


def test_the_advice_of_a_restricted_incident_does_not_stand_in_a_thread(desk):
    desk.changes(restricted=True)
    message = desk.draw("advice", slot=SLOT)
    assert message["text"] == "INC-2026-0001 is restricted. Only those named see it."
    assert not list(values(message["blocks"]))


def test_the_advice_of_a_restricted_incident_stands_with_those_who_are_named(desk):
    desk.changes(restricted=True)
    with desk.database.begin() as session:
        place = session.get(Place, ADA)
        place.channel, place.thread = "D1", None
        session.get(Posted, SLOT).channel = "D1"
    assert "Now: save the evidence" in drawn(desk)["text"]


def test_an_advice_that_is_not_posted_is_not_drawn(desk):
    assert desk.draw("advice", slot="advice:1:elsewhere") is None


def test_my_home_shows_my_open_incidents_and_nobody_elses(desk):
    mine = desk.draw("home", participant=ADA)
    assert_good_view({"type": "home", "blocks": mine["blocks"]}, "home")
    assert "Advice given. Next: Save the evidence. Due by 09:30 on Thursday 5 March: Tell the " in mine["text"]
    assert "(ICO) (not verified)." in mine["text"]
    assert ("home:go_on", "INC-2026-0001") in list(values(mine["blocks"]))
    theirs = desk.draw("home", participant=GRACE, lead=True)
    assert "You have no open incident" in theirs["text"]
    assert "INC-2026-0001" not in theirs["text"]


def test_a_leads_home_shows_what_could_not_be_sent(desk):
    now = desk.clock()
    row = Outgoing(key="k1", to="C1", action="post", body="{}", incident_id=1, created_at=now, not_before=now)
    row.last_error, row.dead_at = "channel_not_found", now
    id_ = desk.adds(row)
    desk.adds(Inbound(key="i1", kind="press", lane="x", payload="{}", received_at=now, not_before=now, set_aside=True))
    lead = desk.draw("home", participant=GRACE, lead=True)
    assert_good_view({"type": "home", "blocks": lead["blocks"]}, "home")
    assert ("lead:resend", json.dumps({"outgoing": id_})) in list(values(lead["blocks"]))
    assert "A message about INC-2026-0001\nSlack does not find the place that it was for. Given up" in lead["text"]
    assert "1 message from Slack could not be handled." in lead["text"]
    assert "Given up" not in desk.draw("home", participant=ADA)["text"]


@pytest.mark.parametrize(
    ("to", "error", "said"),
    [
        ("C5", "never: not_in_channel", "A message in the thread that Ada began\nI am not in that channel. Invite me"),
        ("U1", "later: ratelimited", "A message to Ada\nSlack said: ratelimited. Given up"),
        ("C9", "not recorded: OperationalError", "A message\nSlack said: not recorded: OperationalError. Given up"),
    ],
)
def test_a_lead_reads_for_whom_a_message_was_and_why_it_was_given_up(desk, to, error, said):
    now = desk.clock()
    row = Outgoing(key="k1", to=to, thread="1700000000.000100", action="post", body="{}", created_at=now)
    row.not_before, row.last_error, row.dead_at = now, error, now
    desk.adds(row)
    assert said in desk.draw("home", participant=GRACE, lead=True)["text"]


def test_of_a_restricted_incident_it_is_not_said_for_whom_a_message_was(desk):
    now = desk.clock()
    row = Outgoing(key="k1", to="U1", action="post", body="{}", incident_id=1, created_at=now, not_before=now)
    row.last_error, row.dead_at = "never: is_archived", now
    desk.adds(row)
    desk.changes(restricted=True)
    assert (
        "A message about INC-2026-0001\nThat channel is archived."
        in (desk.draw("home", participant=GRACE, lead=True)["text"])
    )


def test_the_card_of_a_closed_incident_says_who_signed_it_off(desk):
    desk.acts(acts.close)
    desk.acts(acts.sign_off, "I have read all of it.")
    text = desk.draw("lead_card", incident=1)["text"]
    assert "Signed off by Grace at 09:30." in text
    assert "Nobody leads it" not in text


def a_reminder(desk, **more):
    now = desk.clock()
    what = {"kind": "step", "code": "take_down", "title": "take down", "due_at": now, "next_at": now, "stage": 1}
    return desk.adds(Reminder(incident_id=1, state="waiting", **{**what, **more}))


def test_a_reminder_of_a_step_can_be_done_where_it_is_talked_about_but_not_by_leads(desk):
    id_ = a_reminder(desk, next_at=desk.clock() + timedelta(minutes=30))
    message = desk.draw("reminder", reminder=id_, leads=False, here=False)
    assert_good(message)
    assert message["text"].startswith("Still open: take it down\n")
    assert "The next reminder comes at 10:00." in message["text"]
    assert ("say:0", press_done("take_down", desk.advice.state)) in list(values(message["blocks"]))
    leads = desk.draw("reminder", reminder=id_, leads=True, here=True)
    assert_good(leads)
    assert leads["text"].startswith("Still open: take it down\n")
    assert "<!here>" in leads["text"]
    assert "<!here>" not in message["text"]
    assert {action for action, _ in values(leads["blocks"])} == {"snooze"}


def test_a_reminder_that_is_done_says_so_and_one_that_is_gone_is_not_drawn(desk):
    id_ = a_reminder(desk)
    with desk.database.begin() as session:
        session.get(Reminder, id_).state = "done"
    assert desk.draw("reminder", reminder=id_)["text"] == "No longer open: take it down (INC-2026-0001)."
    assert desk.draw("reminder", reminder=999) is None


def test_a_reminder_says_how_a_step_is_done_in_this_incident_and_that_nobody_verified_a_deadline(desk):
    step = next(step for step in desk.advice.steps if step.code == "respond")
    assert step.how in desk.draw("reminder", reminder=a_reminder(desk, code="respond"))["text"]
    person = desk.draw("reminder", reminder=a_reminder(desk, code="dpo"))
    assert person["text"].startswith("Still open: bring in the data protection officer\n")
    ends = desk.draw("reminder", reminder=a_reminder(desk, kind="deadline", code="ico_72h", title="Tell the ICO"))
    assert "Tell the Information Commissioner (ICO) (not verified)" in ends["text"]


def test_leads_are_reminded_of_a_restricted_incident_without_its_title(desk):
    desk.changes(restricted=True)
    id_ = a_reminder(desk, kind="deadline", code="ico", title="Tell the regulator")
    assert "photo" not in json.dumps(desk.draw("reminder", reminder=id_, leads=True))
    assert "photo" in json.dumps(desk.draw("reminder", reminder=id_, leads=False))


def test_the_digest_names_what_is_not_finished_and_is_not_sent_for_nothing(desk):
    message = desk.draw("digest", day="2026-03-02")
    assert_good(message)
    assert message["text"].startswith("1 incident to look at, Monday 2 March\nINC-2026-0001, level 3: I posted a photo")
    assert "Next: Save the evidence." in message["text"]
    desk.changes(restricted=True)
    assert "photo" not in json.dumps(desk.draw("digest", day="2026-03-02"))
    desk.changes(state="closed")
    assert desk.draw("digest", day="2026-03-02") is None
    desk.changes(level=0)
    assert "level 0" in desk.draw("digest", day="2026-03-02")["text"]
    desk.clock.goes_on(days=2)
    assert desk.draw("digest", day="2026-03-04") is None


def test_a_role_is_told_what_is_asked_of_it_and_by_whom(desk):
    message = desk.draw("told", incident=1, role="dpo", by="Ada")
    assert_good(message)
    text = message["text"]
    assert text.startswith("You are needed as the data protection officer\nAda was advised: bring in the data")
    assert "Tell them at once" in text
    assert "What happened\nI posted a photo" in text
    assert "By 09:30 on Thursday 5 March: Tell the Information Commissioner (ICO) (not verified)" in text
    assert "level 3 (crisis). Ada asks for you." in text
    comms = desk.draw("told", incident=1, role="comms", by="Ada")
    assert comms["text"].startswith("You are needed as the communications lead")
    desk.changes(restricted=True)
    hidden = desk.draw("told", incident=1, role="dpo", by="Ada")
    assert "photo" not in json.dumps(hidden)
    assert "slack.com" not in json.dumps(hidden)


def test_what_is_gone_is_not_drawn(desk):
    assert desk.draw("lead_card", incident=99) is None
    assert desk.draw("told", incident=99, role="dpo") is None


def test_the_roles_that_can_be_told_are_those_of_the_settings(settings):
    assert drawings.roles_told(settings) == {"dpo"}
    assert kit.LONGEST_TEXT < 4_000
