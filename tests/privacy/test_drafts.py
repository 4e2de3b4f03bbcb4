"""Drafts: those in passing are forgotten wherever they were carried, those that are kept go when their time is up."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from amends.conversation import forgetting, wording
from amends.drafts import Draft
from amends.incidents import deliveries, record
from amends.incidents.models import Command, Conversation
from amends.outbox import outgoing, readings
from amends.outbox.tables import DraftReading, Inbound, Outgoing
from amends.privacy import holds, people, retention
from amends.privacy.nightly import forget_drafts
from tests.leads.conftest import ADA, GRACE, NOW
from tests.privacy.conftest import ADMIN, ORDER, where
from tests.privacy.test_retention import settings

DRAFT = "quokka"
CONVERSATION, KEY = "slack:T1:D9", "message:D9:1.1"
PERSON = ("slack:T1:U9", "Ida")


def checked(database, at=NOW):
    """A draft that was pasted in a direct message, as it is while it waits whether somebody wants it kept."""
    how = {"conversation_id": CONVERSATION, "person": PERSON, "source": "slack", "at": at}
    deliveries.receive(database, KEY, text=f"check this: {DRAFT}", **how)
    deliveries.finish(database, KEY, [{"type": "text", "text": f"About {DRAFT}"}], at)
    waits = json.dumps({"kind": "draft_next", "text": DRAFT, "keys": [KEY]})
    with database.begin() as session:
        session.get_one(Conversation, CONVERSATION).pending = waits
        result = json.dumps([{"text": DRAFT}])
        session.add(Command(key=f"turn {CONVERSATION} {KEY}", result=result, done_at=at))
        lane = {"lane": CONVERSATION, "received_at": at, "not_before": at, "attempts": 1, "handled_at": at}
        session.add(Inbound(key=KEY, kind="message", payload=json.dumps({"text": DRAFT}), **lane))
        outgoing.put(session, f"reply:{KEY}:0", to="D9", body={"text": DRAFT}, at=at)
    with database.begin() as session:
        session.scalars(select(Outgoing).where(Outgoing.key == f"reply:{KEY}:0")).one().sent_at = at


def test_a_draft_in_passing_is_taken_out_of_all_that_carried_it(database):
    checked(database)
    assert len(where(database, DRAFT)) >= 5
    with database.begin() as session:
        session.get_one(Conversation, CONVERSATION).pending = None
        forgetting.forget(session, CONVERSATION, [KEY])
    assert where(database, DRAFT) == set()
    [said] = deliveries.transcript(database, CONVERSATION)
    assert (said.text, json.loads(said.replies)[0]["text"]) == (wording.SAID_NOT_KEPT, wording.FOUND_NOT_KEPT)


def test_a_draft_that_nobody_came_back_to_goes_within_the_hour(database):
    checked(database)
    assert forget_drafts(database, NOW + timedelta(minutes=59)) == 0
    assert where(database, DRAFT)
    assert forget_drafts(database, NOW + timedelta(minutes=61)) == 1
    assert where(database, DRAFT) == set()
    assert forget_drafts(database, NOW + timedelta(days=1)) == 0


def keep(database, owner=(GRACE.id, GRACE.name)):
    with database.begin() as session:
        return readings.keep(session, owner, Draft(DRAFT), "", 0, NOW).id


def left(database):
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(DraftReading).where(DraftReading.text == DRAFT))


def test_a_kept_draft_goes_with_the_talk_and_not_before_it_was_answered_so_long_ago(database):
    id_, limit = keep(database), settings(retain_talk_days=30)
    with database.begin() as session:
        readings.answer(session, id_, PERSON, "", NOW + timedelta(days=10))
    retention.let_go(database, limit, NOW + timedelta(days=31))
    assert left(database) == 1
    retention.let_go(database, limit, NOW + timedelta(days=41))
    assert left(database) == 0


def asked(database, owner=(ADA, "Ada")):
    """A draft that stands in Slack, where somebody is asked to read it first; how often it was drawn there again."""
    with database.begin() as session:
        row = readings.keep(session, owner, Draft(DRAFT), "", 0, NOW)
        readings.ask(session, row, "legal", ["ULEE"], NOW)
        slot = f"{readings.ASKED}:{row.id}:ULEE"
        outgoing.stand(session, slot, channel="D1", ts="1.2", thread=None, body="{}", at=NOW)
        first = session.scalars(select(Outgoing).where(Outgoing.slot == slot)).one()
        first.sent_at = NOW

    def drawn_again():
        with database.read() as session:
            waits = (Outgoing.slot == slot, Outgoing.sent_at.is_(None), Outgoing.dead_at.is_(None))
            return session.scalar(select(func.count()).select_from(Outgoing).where(*waits))

    return row.id, drawn_again


def test_what_stands_in_slack_of_a_draft_goes_with_it_when_its_time_is_up(database):
    _, drawn_again = asked(database)
    retention.let_go(database, settings(retain_talk_days=30), NOW + timedelta(days=31))
    assert (left(database), drawn_again()) == (0, 1)


@pytest.mark.parametrize("who", ["owner", "reader"])
def test_what_stands_in_slack_of_a_draft_goes_with_whoever_wrote_it_or_read_it(who, database):
    id_, drawn_again = asked(database, owner=PERSON if who == "owner" else (GRACE.id, GRACE.name))
    with database.begin() as session:
        record.ensure_participant(session, *PERSON, NOW)
    if who == "reader":
        with database.begin() as session:
            row = session.get_one(DraftReading, id_)
            row.answer, row.note, row.answered_by, row.answered_at = "change", "Leave it", PERSON[0], NOW
    people.erase_person(database, PERSON[0], ADMIN, ORDER, NOW, "web")
    assert drawn_again() == 1


def test_a_hold_on_somebody_keeps_their_draft(room):
    keep(room.database, (ADA, "Ada"))
    with room.database.begin() as session:
        holds.place(session, ADMIN, "A claim.", NOW, "web", participant_id=ADA)
    retention.let_go(room.database, settings(retain_talk_days=30), NOW + timedelta(days=90))
    assert left(room.database) == 1
