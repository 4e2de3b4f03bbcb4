"""People are reminded of deadlines and open steps: in time, ever more people, until it is done or put off."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from amends.incidents import record
from amends.incidents.trail import Kind
from amends.outbox import reminders
from amends.outbox.clerk import Clerk
from amends.outbox.tables import Place, Reminder
from tests.outbox.incident import ADA, HERE, Story, deadline, minutes, step
from tests.outbox.line import NOW

HOUR = timedelta(hours=1)


@pytest.fixture
def story(box):
    box.drawings |= {"lead_card": lambda *_: {"text": "card"}, "reminder": lambda *_: {"text": "reminder"}}
    return Story(box)


def look(story):
    """How many reminders go out now."""
    before = len(story.trail(Kind.REMINDED))
    Clerk(story.box.database, story.settings, now=story.box.clock).look()
    return len(story.trail(Kind.REMINDED)) - before


def sent(story):
    """What reminders were put so far: the place, the channel, the thread, whether it calls here."""
    return [
        (row.slot.split(":")[-1], row.to, row.thread, json.loads(row.body)["here"])
        for row in story.rows("reminder")
        if row.action == "replace"
    ]


def test_before_advice_there_is_nothing_to_be_reminded_of(story):
    story.happens(level=3)
    assert story.reminders() == {}


def test_open_steps_and_deadlines_with_a_time_are_planned(story):
    due = NOW + 4 * HOUR
    steps = [step("take_down"), step("respond", optional=True), step("dpo", "person")]
    story.advised(1, steps, [deadline("report", due), deadline("later", None)])
    planned = story.reminders()
    assert set(planned) == {("step", "take_down"), ("step", "dpo"), ("deadline", "report")}
    assert planned["deadline", "report"].due_at == due
    assert planned["deadline", "report"].title == "Tell report"


@pytest.mark.parametrize(
    ("left", "before"),
    [(minutes(30), minutes(10)), (2 * HOUR, minutes(30)), (72 * HOUR, HOUR), (minutes(12), minutes(7))],
)
def test_a_deadline_is_announced_a_quarter_ahead_at_least_ten_minutes_at_most_an_hour(story, left, before):
    story.advised(1, (), [deadline("report", NOW + left)])
    assert story.reminders()["deadline", "report"].next_at == NOW + left - before


def test_a_deadline_that_has_passed_is_announced_soon_but_not_in_the_same_breath(story):
    story.advised(1, (), [deadline("report", NOW - HOUR)])
    assert story.reminders()["deadline", "report"].next_at == NOW + minutes(5)


@pytest.mark.parametrize(("level", "wait"), [(3, minutes(10)), (2, minutes(30)), (1, 2 * HOUR), (0, 24 * HOUR)])
def test_an_open_step_is_reminded_of_the_sooner_the_more_serious_it_is(story, level, wait):
    story.advised(level, [step("hold")])
    assert story.reminders()["step", "hold"].next_at == NOW + wait


def test_a_deadline_is_reminded_of_in_three_stages_before_at_and_after(story, box):
    story.advised(2, (), [deadline("report", NOW + 2 * HOUR)])
    box.send()
    (card,) = box.line.messages["CLEADS"]
    times = []
    for _ in range(3):
        box.clock.at = story.reminders()["deadline", "report"].next_at
        times.append(box.clock() - NOW)
        assert look(story) == 1
        box.send()
    assert times == [minutes(90), 2 * HOUR, 2 * HOUR + minutes(30)]
    assert sent(story) == [
        ("talk", "D1", None, False),
        ("talk", "D1", None, False),
        ("leads", "CLEADS", card, False),
        ("leads", "CLEADS", None, True),
    ]
    assert story.reminders()["deadline", "report"].state == "spent"
    box.clock.forward(100_000)
    assert look(story) == 0


def test_a_step_is_reminded_of_at_longer_and_longer_intervals(story, box):
    story.advised(3, [step("hold")])
    waits, before = [], NOW
    for _ in range(3):
        box.clock.at = story.reminders()["step", "hold"].next_at
        waits.append(box.clock() - before)
        before = box.clock()
        look(story)
    assert waits == [minutes(10), minutes(20), minutes(40)]
    assert sent(story)[-1] == ("leads", "CLEADS", None, True)


def test_the_last_reminder_of_a_small_incident_calls_nobody(story, box):
    story.advised(1, [step("hold")])
    for _ in range(3):
        box.clock.at = max(story.reminders()["step", "hold"].next_at, NOW)
        look(story)
    box.clock.forward(24 * 3600)
    look(story)
    assert sent(story)[-1] == ("leads", "CLEADS", None, False)


def test_a_new_reminder_replaces_the_one_before(story, box):
    story.advised(2, [step("hold")])
    for _ in range(3):
        box.clock.at = story.reminders()["step", "hold"].next_at
        look(story)
        box.send()
    assert box.line.texts("D1") == ["reminder"]
    assert box.line.texts("CLEADS") == ["card", "reminder"]


def test_each_reminder_is_in_the_trail_and_says_whom_it_went_to(story, box):
    story.advised(3, [step("hold")])
    box.clock.forward(600)
    look(story)
    (entry,) = story.trail(Kind.REMINDED)
    assert (entry.actor_id, entry.source) == ("amends", "outbox")
    assert entry.payload == {
        "kind": "step",
        "code": "hold",
        "title": "hold",
        "due": (NOW + minutes(10)).isoformat(),
        "stage": 0,
        "told": ["talk"],
    }


def test_a_step_that_was_done_is_not_reminded_of_and_its_reminder_says_so(story, box):
    story.advised(3, [step("hold"), step("respond")])
    box.clock.forward(600)
    look(story)
    box.send()
    story.done("hold")
    assert story.reminders()["step", "hold"].state == "done"
    (redrawn,) = [row for row in story.rows("reminder") if row.action == "update"]
    assert json.loads(redrawn.body)["reminder"] == story.reminders()["step", "hold"].id
    box.clock.forward(100_000)
    look(story)
    assert {json.loads(row.body)["reminder"] for row in story.rows("reminder") if not row.sent_at} >= {
        story.reminders()["step", "respond"].id
    }
    assert len(story.trail(Kind.REMINDED)) == 3  # two at first, then one


@pytest.mark.parametrize("state", ["closed", "abandoned"])
def test_nobody_is_reminded_of_an_incident_that_has_ended(story, box, state):
    story.advised(3, [step("hold")], [deadline("report", NOW + HOUR)])
    story.happens(Kind.CLOSED, state=state)
    assert {each.state for each in story.reminders().values()} == {"done"}
    box.clock.forward(100_000)
    assert look(story) == 0


def test_an_incident_that_goes_on_is_reminded_of_again(story):
    story.advised(3, [step("hold")])
    story.happens(Kind.CLOSED, state="closed")
    story.happens(Kind.RESUMED, state="advised")
    assert story.reminders()["step", "hold"].state == "waiting"


def test_a_deadline_that_moved_begins_anew(story, box):
    story.advised(2, (), [deadline("report", NOW + HOUR)])
    box.clock.at = NOW + HOUR
    look(story)
    story.advised(2, (), [deadline("report", NOW + 10 * HOUR)])
    again = story.reminders()["deadline", "report"]
    assert (again.stage, again.due_at, again.next_at) == (0, NOW + 10 * HOUR, NOW + 9 * HOUR)


def test_what_happens_meanwhile_moves_no_reminder(story, box):
    story.advised(2, [step("hold")], [deadline("report", NOW + 4 * HOUR)])
    before = {key: each.next_at for key, each in story.reminders().items()}
    box.clock.forward(60)
    story.happens()
    assert {key: each.next_at for key, each in story.reminders().items()} == before


def test_a_step_comes_sooner_when_the_incident_becomes_more_serious(story, box):
    story.advised(0, [step("hold")])
    box.clock.forward(60)
    story.advised(3, [step("hold")])
    assert story.reminders()["step", "hold"].next_at == box.clock() + minutes(10)


def test_nobody_is_reminded_of_a_step_that_a_lead_decided_against(story):
    story.advised(2, [step("take_down"), step("dpo", "person")])
    override = json.dumps({"responses": ["hold"], "steps": [step("hold"), step("dpo", "person")]})
    story.happens(Kind.LEAD_DECIDED, override=override)
    assert {code: each.state for (_, code), each in story.reminders().items()} == {
        "take_down": "done",
        "hold": "waiting",
        "dpo": "waiting",
    }


@pytest.mark.parametrize(("level", "at_night"), [(0, 0), (1, 0), (2, 1), (3, 1)])
def test_outside_office_hours_only_serious_incidents_remind(story, box, level, at_night):
    story.advised(level, [step("hold")])
    box.clock.at = datetime(2026, 3, 7, 22, 0, tzinfo=UTC)  # a Saturday
    assert look(story) == at_night
    box.clock.at = datetime(2026, 3, 9, 9, 0, tzinfo=UTC)
    assert look(story) == 1


def test_an_incident_from_the_web_reminds_the_leads(box):
    story = Story(box, slack=False)
    story.advised(3, [step("hold")])
    box.clock.forward(600)
    look(story)
    assert sent(story) == [("leads", "CLEADS", None, False)]


def test_where_nobody_can_be_reminded_nothing_is_claimed(box):
    story = Story(box, slack=False, slack_leads_channel="")
    story.advised(3, [step("hold")])
    box.clock.forward(600)
    assert look(story) == 0
    assert story.trail(Kind.REMINDED) == []


def test_a_restricted_incident_is_not_named_in_a_thread_that_others_read(story, box):
    with box.database.begin() as session:
        session.get_one(Place, HERE).thread = "1.1"
    story.happens(Kind.RESTRICTED, restricted=True)
    story.advised(3, [step("hold")])
    box.clock.forward(600)
    look(story)
    assert sent(story) == [("leads", "CLEADS", None, False)]
    assert json.loads(story.rows("reminder")[0].body)["leads"] is True


@pytest.mark.parametrize("named", [True, False])
def test_a_restricted_incident_is_reminded_of_in_the_direct_message_of_somebody_who_is_named(story, box, named):
    if not named:
        with box.database.begin() as session:
            session.execute(record.Involved.__table__.delete())
    story.happens(Kind.RESTRICTED, restricted=True)
    story.advised(3, [step("hold")])
    box.clock.forward(600)
    look(story)
    assert [place for place, *_ in sent(story)] == ["talk" if named else "leads"]


def test_a_reminder_in_a_thread_says_less_as_soon_as_the_incident_is_restricted(story, box):
    with box.database.begin() as session:
        session.get_one(Place, HERE).thread = "1.1"
    story.advised(3, [step("hold")])
    box.clock.forward(600)
    look(story)
    box.send()
    story.happens(Kind.RESTRICTED, restricted=True)
    (redrawn,) = [row for row in story.rows("reminder") if row.action == "update"]
    assert json.loads(redrawn.body)["leads"] is True


def test_a_reminder_that_stands_is_drawn_again_with_new_advice_for_its_button_is_stale(story, box):
    story.advised(3, [step("hold")])
    box.clock.forward(600)
    look(story)
    box.send()
    story.happens()
    assert [row.action for row in story.rows("reminder")] == ["replace"]
    story.advised(3, [step("hold")])
    assert [row.action for row in story.rows("reminder")] == ["replace", "update"]


def snooze(story, code="hold", until=NOW + 2 * HOUR):
    id_ = story.reminders()["step", code].id
    with story.box.database.begin() as session:
        return reminders.snooze(session, story.settings, id_, until, ADA, "slack", story.box.clock())


def test_a_reminder_that_was_put_off_comes_when_it_was_asked_for(story, box):
    story.advised(3, [step("hold")])
    box.clock.forward(600)
    look(story)
    box.send()
    snooze(story)
    (entry,) = story.trail(Kind.SNOOZED)
    assert (entry.actor_id, entry.payload["until"]) == (ADA, (NOW + 2 * HOUR).isoformat())
    assert [row.action for row in story.rows("reminder")] == ["replace", "update"]
    story.happens()
    box.clock.at = NOW + 2 * HOUR - minutes(1)
    assert look(story) == 0
    box.clock.forward(60)
    assert look(story) == 1


def test_the_last_reminder_can_be_put_off_too(story, box):
    story.advised(3, [step("hold")])
    for _ in range(3):
        box.clock.at = story.reminders()["step", "hold"].next_at
        look(story)
    snooze(story, until=box.clock() + HOUR)
    box.clock.forward(3600)
    assert look(story) == 1
    assert sent(story)[-1] == ("leads", "CLEADS", None, True)
    assert look(story) == 0


def test_what_is_done_stays_done_when_somebody_puts_it_off(story):
    story.advised(3, [step("hold")])
    story.done("hold")
    assert snooze(story).state == "done"
    assert story.trail(Kind.SNOOZED) == []


def test_reminders_survive_a_restart_and_go_out_once_with_two_processes(story, box):
    story.advised(3, [step("hold"), step("respond"), step("dpo", "person")])
    box.clock.forward(600)
    clerks = [Clerk(box.database, story.settings, now=box.clock) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(lambda clerk: clerk.look(), clerks)) == 3 + 1  # and the digest
    assert len(story.trail(Kind.REMINDED)) == 3
    assert len(sent(story)) == 3


def test_a_reminder_that_fails_holds_up_no_other(story, box, monkeypatch, caplog):
    story.advised(3, [step("hold"), step("respond")])
    box.clock.forward(600)
    broken = story.reminders()["step", "hold"].id
    real = reminders.remind

    def remind(session, settings, reminder, at):
        if reminder.id == broken:
            raise LookupError("a name")
        return real(session, settings, reminder, at)

    monkeypatch.setattr(reminders, "remind", remind)
    assert look(story) == 1
    assert "LookupError" in caplog.text
    assert "a name" not in caplog.text
    with box.database.read() as session:
        assert session.get_one(Reminder, broken).stage == 0
