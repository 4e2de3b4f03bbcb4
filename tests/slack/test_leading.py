"""What comms leads do from Slack, each act recorded with the person."""

import json
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from amends.conversation import recording
from amends.incidents import record, trail
from amends.incidents.actor import Actor
from amends.leads import acts
from amends.outbox import digest, outgoing
from amends.outbox.tables import Outgoing, Reminder
from amends.slack import ids, moving
from tests.references import reference

DATA = "The spreadsheet with student names and grades was emailed to the whole year group"


def lead_card(office):
    return office.sees(office.lena, reference(), where=office.leads)


def advised(office, **where):
    office.advise(office.ada, **where)
    office.quiet()
    return lead_card(office)


def window(office, card, what):
    office.slack.presses(office.lena, card, what)
    return office.until(lambda: office.slack.view_of(office.lena))


def test_taking_over_is_recorded_and_told_where_it_is_talked_about(office):
    office.presses(office.lena, advised(office), "Take over")

    assert office.incident().lead_id.endswith(office.lena)
    entry = next(entry for entry in office.trail() if entry.kind == "taken_over")
    assert (entry.actor_id.endswith(office.lena), entry.source) == (True, "slack")
    assert office.sees(office.ada, f"Lena Lead, comms lead, leads {reference()}")
    assert "Led by Lena Lead" in lead_card(office).shown
    assert office.slack.refused == []


def test_who_presses_while_another_lead_is_taking_it_over_is_told_and_takes_nothing(office):
    card = advised(office)
    other = ids.participant(office.slack.team, office.grace)
    with office.database.begin() as session:
        record.ensure_participant(session, other, "Grace Hopper", datetime.now(UTC))
        record.lock(session, office.incident().id).lead_id = other
    office.presses(office.lena, card, "Take over")

    assert office.incident().lead_id == other
    assert "taken_over" not in office.kinds()
    assert any("has changed" in text for text in office.hints(office.lena))
    office.until(lambda: "Led by Grace Hopper" in lead_card(office).shown)
    office.presses(office.lena, lead_card(office), "Take over")
    assert office.incident().lead_id.endswith(office.lena)


def test_a_lead_brings_the_card_of_an_incident_that_has_none_from_the_digest(office):
    office.says(office.ada, "oops, I tweeted a typo from the official account")
    with office.database.begin() as session:
        now = datetime.now(UTC)  # today's is sent already
        digest.put(session, office.settings, now.date() + timedelta(days=1), now)
    told = office.sees(office.lena, "1 incident to look at", where=office.leads)
    assert all("Take over" not in card.labels for card in office.cards(office.lena, office.leads))

    office.presses(office.lena, told, "Show the card")
    office.presses(office.lena, office.until(lambda: _with(office, "Take over")), "Take over")

    assert office.incident().lead_id.endswith(office.lena)
    assert office.until(lambda: "Led by Lena Lead" in _with(office, "Close").shown)
    assert office.slack.refused == []


def _with(office, label):
    return next((card for card in office.cards(office.lena, office.leads) if label in card.labels), None)


def test_an_override_with_its_reason_changes_the_advice_in_place(office):
    card = advised(office)
    advice = office.sees(office.ada, "Now:")
    view = window(office, card, "Override")
    office.slack.submits(office.lena, view, responses=["Hold"], reason="The police asked us to wait.")
    office.quiet()

    override = json.loads(office.incident().override)
    assert (override["responses"], override["by"]) == (["hold"], "Lena Lead")
    now = office.slack.message(advice.channel, advice.ts)
    assert "Decided by Lena Lead" in now.shown
    assert office.sees(office.ada, "The police asked us to wait", f"The advice for {reference()} says so now")
    assert office.slack.refused == []


def test_an_override_needs_a_reason(office):
    view = window(office, advised(office), "Override")
    office.slack.submits(office.lena, view, responses=["Hold"], reason=" ")
    office.quiet()

    assert "Say why" in office.slack.view_of(office.lena).errors["reason"]
    assert office.incident().override is None


def test_an_override_of_advice_that_changed_meanwhile_is_refused(office):
    view = window(office, advised(office), "Override")
    with office.database.begin() as session:
        record.lock(session, office.incident().id).state_number += 1
    office.slack.submits(office.lena, view, responses=["Hold"], reason="The police asked us to wait.")
    office.quiet()

    assert office.incident().override is None
    assert any("has changed" in card.text for card in office.cards(office.lena))


def test_a_note_goes_into_the_record_as_it_stands(office):
    view = window(office, advised(office), "Add note")
    office.slack.submits(office.lena, view, text="Rang the dean at ten.")
    office.quiet()

    entry = next(entry for entry in office.trail() if entry.kind == "note_added")
    assert (entry.payload["text"], entry.actor_id.endswith(office.lena)) == ("Rang the dean at ten.", True)
    assert office.sees(office.lena, f"Your note is in the record of {reference()}.")


def test_closing_names_the_open_steps_and_then_it_can_be_signed_off(office):
    office.presses(office.lena, advised(office), "Close")
    assert office.incident().state == "closed"
    assert office.sees(office.ada, f"Lena Lead, comms lead, has closed {reference()}", "Still open:")

    view = window(office, lead_card(office), "Sign off")
    assert "Missing from the record:" in json.dumps(view.blocks[0])
    assert "No file is kept as evidence." in json.dumps(view.blocks[0])
    closed = office.trail()[-1]
    office.slack.submits(office.lena, view, statement="I have read all of it.")
    office.quiet()

    assert office.incident().signed_off_at is not None
    entry = next(entry for entry in office.trail() if entry.kind == "signed_off")
    assert entry.payload["statement"] == "I have read all of it."
    assert (entry.payload["head"], entry.payload["head_sequence"]) == (closed.hash, closed.sequence)
    assert {each["explained"] for each in entry.payload["missing"]} == {"I have read all of it."}
    assert "Sign off" not in lead_card(office).labels
    assert office.slack.refused == []


def test_who_reported_does_not_sign_off(office):
    office.presses(office.lena, advised(office), "Close")
    with office.database.begin() as session:
        record.find(session, reference()).reporter_id = f"slack:{office.slack.team}:{office.lena}"
    view = window(office, lead_card(office), "Sign off")
    office.slack.submits(office.lena, view, statement="I have read all of it.")
    office.quiet()

    assert office.incident().signed_off_at is None
    assert any("another lead has to sign it off" in card.text for card in office.cards(office.lena))


def test_closing_in_the_middle_of_a_question_ends_that_card(office):
    office.says(office.ada, DATA)
    asked = office.sees(office.ada, "what I understood")
    with office.database.begin() as session:
        incident = record.lock(session, office.incident().id)
        incident.level = 2
        actor = Actor(incident.reporter_id, "Ada Lovelace", "slack", datetime.now(UTC))
        recording.write(
            session, office.settings, incident, trail.Kind.NOTE_ADDED, {"text": "x"}, actor=actor, at=datetime.now(UTC)
        )
    office.service.nudge()
    office.presses(office.lena, lead_card(office), "Close")

    assert f"has closed {reference()}" in office.slack.message(asked.channel, asked.ts).shown
    assert office.slack.message(asked.channel, asked.ts).labels == []


def test_a_press_on_an_older_lead_card_does_nothing_and_draws_it_again(office):
    card = advised(office)
    with office.database.begin() as session:
        record.lock(session, office.incident().id).state_number += 1
    office.presses(office.lena, card, "Take over")
    assert office.incident().lead_id is None
    assert any("has changed" in text for text in office.hints(office.lena))

    office.presses(office.lena, lead_card(office), "Take over")

    assert office.incident().lead_id is not None


def test_a_second_take_over_says_that_it_was_done(office):
    card = advised(office)
    office.presses(office.lena, card, "Take over")
    office.presses(office.lena, lead_card(office), "Take over")

    assert any("already" in text for text in office.hints(office.lena))
    assert office.kinds().count("taken_over") == 1


def test_somebody_who_is_no_lead_can_press_nothing_on_the_card(office):
    card = advised(office)
    office.slack.joins(office.grace, office.leads)
    office.presses(office.grace, card, "Take over")

    assert office.incident().lead_id is None
    assert any("Only comms leads" in text for text in office.hints(office.grace))


def test_a_restricted_incident_leaves_its_thread_and_goes_on_in_private(office):
    slack = office.slack
    ts = slack.mentions(office.ada, office.open, "Someone has got into our Twitter account and posts swear words")
    office.quiet()
    office.advise(office.ada, where=office.open, thread=ts)
    office.quiet()
    view = window(office, lead_card(office), "Restrict")
    office.slack.submits(office.lena, view, restricted="Only those who are named here", named=[office.lena])
    office.quiet()

    there = [card.shown for card in office.cards(office.ada, office.open, ts)]
    assert there == ["This goes on in private."]
    incident = office.incident()
    assert incident.restricted
    assert incident.conversation_id == f"slack:{slack.team}:{slack.dm(office.ada)}"
    assert office.sees(office.ada, f"Back to {reference()}")
    assert office.sees(office.ada, "Now:")
    assert "Twitter" not in lead_card(office).shown
    assert slack.refused == []


def test_what_is_restricted_in_the_console_leaves_its_thread_and_goes_on_in_private(office):
    slack = office.slack
    ts = slack.mentions(office.ada, office.open, "Someone has got into our Twitter account and posts swear words")
    office.quiet()
    office.advise(office.ada, where=office.open, thread=ts)
    office.quiet()
    lead = Actor(ids.participant(office.slack.team, office.lena), "Lena Lead", "web", datetime.now(UTC))
    with office.database.begin() as session:
        incident = record.find(session, reference())
        acts.restrict(session, office.settings, incident, lead, [], datetime.now(UTC))
        moving.move_away(session, incident, datetime.now(UTC))
    office.service.nudge()
    office.quiet()

    assert [card.shown for card in office.cards(office.ada, office.open, ts)] == ["This goes on in private."]
    assert office.incident().conversation_id == f"slack:{slack.team}:{slack.dm(office.ada)}"
    assert office.sees(office.ada, f"{reference()} is restricted now. It goes on here, in private.")
    assert office.sees(office.ada, f"Back to {reference()}")
    assert office.sees(office.ada, "Now:")
    assert slack.refused == []


def test_who_is_not_named_adds_nothing_to_a_restricted_incident(office):
    slack = office.slack
    ts = slack.mentions(office.ada, office.open, "Someone has got into our Twitter account and posts swear words")
    office.quiet()
    office.advise(office.ada, where=office.open, thread=ts)
    office.quiet()
    with office.database.begin() as session:
        later = datetime.now(UTC) + timedelta(days=1)
        body = {"text": "Somebody got in."}
        outgoing.put(session, "waits", to=office.open, thread=ts, body=body, at=datetime.now(UTC), not_before=later)
    view = window(office, lead_card(office), "Restrict")
    office.slack.submits(office.lena, view, restricted="Only those who are named here", named=[office.lena])
    office.quiet()
    before = len(office.trail())
    with office.database.read() as session:
        assert session.scalars(select(Outgoing.sent_at).where(Outgoing.key == "waits")).one() is not None

    office.says(office.grace, "I know who it was", office.open, thread=ts)

    assert len(office.trail()) == before
    assert any("restricted" in text for text in office.hints(office.grace))
    assert [card.shown for card in office.cards(office.ada, office.open, ts)] == ["This goes on in private."]


def test_a_bot_cannot_be_named(office):
    bot = office.slack.add_user("Robot", bot=True)
    view = window(office, advised(office), "Restrict")
    office.slack.submits(office.lena, view, restricted="Only those who are named here", named=[bot])
    office.quiet()

    assert not office.incident().restricted
    assert any("cannot be named" in card.text for card in office.cards(office.lena))


def test_what_could_not_be_sent_is_seen_on_the_home_tab_and_sent_again(office):
    office.says(office.ada, DATA)
    with office.database.begin() as session:
        row = session.scalars(select(Outgoing).where(Outgoing.key.startswith("reply:")).order_by(Outgoing.id)).first()
        row.sent_at, row.ts, row.dead_at, row.last_error = None, None, datetime.now(UTC), "is_archived"
        row.started_at = None
    before = len(office.cards(office.ada))
    office.slack.opens_home(office.lena)
    office.quiet()

    office.presses(office.lena, office.slack.home_of(office.lena), "Resend")

    assert len(office.cards(office.ada)) == before + 1
    assert "Resend" not in office.slack.home_of(office.lena).labels


def test_a_reminder_can_be_put_off_by_whoever_may_see_it(office):
    office.advise(office.ada)
    office.quiet()
    with office.database.begin() as session:
        reminder = session.scalars(select(Reminder).where(Reminder.state == "waiting")).first()
        id_ = reminder.id
    payload = {
        "type": "block_actions",
        "team": {"id": office.slack.team},
        "user": {"id": office.ada},
        "trigger_id": "1.2.a",
        "channel": {"id": office.slack.dm(office.ada)},
        "container": {"type": "message", "message_ts": "1.1", "channel_id": office.slack.dm(office.ada)},
        "message": {"ts": "1.1"},
        "actions": [
            {
                "type": "static_select",
                "action_id": "snooze",
                "selected_option": {"value": json.dumps({"reminder": id_, "minutes": 60})},
            }
        ],
    }
    office.slack.deliver("interactive", payload)
    office.quiet()
    office.slack.deliver("interactive", {**payload, "user": {"id": office.grace}, "trigger_id": "1.2.b"})
    office.quiet()

    with office.database.read() as session:
        reminder = session.get(Reminder, id_)
    assert abs(reminder.next_at - datetime.now(UTC) - timedelta(minutes=60)) < timedelta(minutes=1)
    assert office.kinds().count("snoozed") == 1


def test_a_closed_incident_is_opened_again_with_a_reason(office):
    office.presses(office.lena, advised(office), "Close")
    office.until(lambda: "Open again" in lead_card(office).labels)
    view = window(office, lead_card(office), "Open again")
    office.slack.submits(office.lena, view, reason="The post is up again.")
    office.quiet()

    assert office.incident().state == "advised"
    entry = next(entry for entry in office.trail() if entry.kind == "reopened")
    assert (entry.payload["reason"], entry.actor_id.endswith(office.lena)) == ("The post is up again.", True)
    assert office.sees(office.ada, f"Lena Lead, comms lead, has opened {reference()} again.")
    assert "Close" in lead_card(office).labels
    assert office.slack.refused == []


def test_opening_again_what_somebody_opened_meanwhile_is_refused(office):
    office.presses(office.lena, advised(office), "Close")
    office.until(lambda: "Open again" in lead_card(office).labels)
    view = window(office, lead_card(office), "Open again")
    with office.database.begin() as session:
        incident = record.lock(session, office.incident().id)
        incident.state, incident.state_number = "advised", incident.state_number + 1
    office.slack.submits(office.lena, view, reason="The post is up again.")
    office.quiet()

    assert "reopened" not in office.kinds()


def test_a_drill_is_marked_and_told_apart_on_the_card(office):
    view = window(office, advised(office), "Drill")
    office.slack.submits(office.lena, view, drill="A drill: practice, not counted among real incidents")
    office.quiet()

    assert office.incident().drill
    assert office.sees(office.lena, f"{reference()} is marked as a drill.")
    assert office.until(lambda: ": drill: " in lead_card(office).shown)
    view = window(office, lead_card(office), "Drill")
    office.slack.submits(office.lena, view, drill="Real")
    office.quiet()
    assert not office.incident().drill
    assert office.kinds().count("drill_marked") == 2
    assert office.slack.refused == []
