"""Whoever a follow-up is for is reminded of it until it is done; what is restricted is told to nobody else."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from amends.incidents import record
from amends.incidents.models import Incident
from amends.incidents.visible import Viewer
from amends.leads import acts
from amends.outbox.tables import Outgoing
from amends.review import reminding, reviewing
from amends.review.tables import FollowUp
from amends.settings import Settings
from tests.leads.conftest import ADA, GRACE
from tests.review.test_reviewing import agree, change, follow_ups

DUE = date(2026, 3, 9)
SUNDAY, MONDAY, TUESDAY = (datetime(2026, 3, day, 10, 0, tzinfo=UTC) for day in (8, 9, 10))
FRIDAY = datetime(2026, 3, 6, 10, 0, tzinfo=UTC)


@pytest.fixture
def room(room):
    room.settings = Settings(
        _env_file=None, slack_bot_token="xoxb-1", slack_app_token="xapp-1", slack_leads_channel="C9"
    )
    return room


def look(room, at):
    return reminding.look(room.database, room.settings, at)


def sent(room):
    with room.database.read() as session:
        found = session.scalars(select(Outgoing).where(Outgoing.key.startswith("follow-up:")).order_by(Outgoing.id))
        return [(row.to, row.body) for row in found]


def test_the_owner_is_reminded_on_the_day_and_each_working_day_until_it_is_done(room):
    id_ = agree(room, due=DUE)
    assert look(room, FRIDAY) == 0
    assert look(room, SUNDAY) == 0, "not outside office hours"
    assert look(room, MONDAY) == 1
    assert look(room, MONDAY + timedelta(hours=2)) == 0, "once a day"
    assert look(room, TUESDAY) == 1
    assert [to for to, _ in sent(room)] == ["U2", "U2", "C9"], "overdue, it goes to the leads as well"
    assert "To be done by Monday 9 March, by Bo" in sent(room)[0][1]
    assert "It was to be done by Monday 9 March, by Bo" in sent(room)[1][1]
    assert "It follows from INC-2026-0001. When it is done, say so here: http" in sent(room)[0][1]
    assert "/follow-ups" in sent(room)[0][1]
    assert follow_ups(room)[0].reminded == 2
    change(room, reviewing.finish, id_)
    assert look(room, TUESDAY + timedelta(days=1)) == 0


def test_a_reminder_stands_in_the_trail(room):
    agree(room, due=DUE)
    look(room, MONDAY)
    assert (room.last.kind, room.last.actor_id) == ("reminded", "amends")
    assert room.last.payload == {
        "kind": "follow_up",
        "title": "Write the rule down",
        "due": "2026-03-09",
        "told": ["owner"],
    }


@pytest.mark.parametrize("owner", ["Chris of web", "web:0123"])
def test_the_leads_are_reminded_of_what_is_for_somebody_who_is_not_in_slack(owner, room):
    agree(room, owner=owner, due=DUE)
    assert look(room, MONDAY) == 1
    assert [to for to, _ in sent(room)] == ["C9"]


def test_what_was_typed_is_no_markup(room):
    agree(room, due=DUE, what="<!channel> & <@U1>")
    look(room, MONDAY)
    assert "&lt;!channel&gt; &amp; &lt;@U1&gt;" in sent(room)[0][1]
    assert "<!channel>" not in sent(room)[0][1]


def test_a_restricted_incident_is_not_told_to_an_owner_who_is_not_named_nor_to_the_leads_channel(room):
    agree(room, due=DUE)
    agree(room, owner=ADA, due=DUE)
    agree(room, owner="Chris of web", due=DUE)
    room.do(acts.restrict, GRACE, ())
    look(room, MONDAY)
    look(room, TUESDAY)
    assert {to for to, _ in sent(room)} == {"U1", "U9"}, "the reporter, and the lead who agreed on it"


def test_two_processes_send_one_reminder(room):
    id_ = agree(room, due=DUE)
    with room.database.begin() as session:
        assert reminding.remind(session, room.settings, id_, MONDAY)
    with room.database.begin() as session:
        assert not reminding.remind(session, room.settings, id_, MONDAY)
    assert len(sent(room)) == 1


def test_one_that_fails_holds_up_no_other(room, monkeypatch, caplog):
    broken, _fine = agree(room, due=DUE, what="secret words"), agree(room, due=DUE)
    whole = reminding.remind

    def remind(session, settings, id_, at):
        if id_ == broken:
            raise ValueError("secret words")
        return whole(session, settings, id_, at)

    monkeypatch.setattr(reminding, "remind", remind)
    assert look(room, MONDAY) == 1
    assert f"Follow-up {broken} failed: ValueError" in caplog.text
    assert "secret words" not in caplog.text


def test_without_anybody_to_tell_nothing_is_said_and_the_next_look_is_tomorrow(room):
    room.settings = Settings(_env_file=None)
    agree(room, owner="Chris of web", due=DUE)
    assert look(room, MONDAY) == 0
    with room.database.read() as session:
        assert session.scalars(select(FollowUp.next_at)).one() > MONDAY
    assert sent(room) == []


def test_the_pages_press_owners_from_the_day_before_and_leads_once_it_is_overdue(room):
    id_ = agree(room, due=DUE)
    owner = Viewer(follow_ups(room)[0].owner_id)
    with room.database.begin() as session:
        record.involve(session, session.get_one(Incident, 1), owner.id, MONDAY)
    seen = {day: [_pressing(room, each, day) for each in (owner, Viewer(GRACE.id, lead=True))] for day in range(7, 11)}
    nothing, mine, theirs = reminding.Pressing(), reminding.Pressing(mine=1), reminding.Pressing(others=1)
    assert seen == {7: [nothing, nothing], 8: [mine, nothing], 9: [mine, nothing], 10: [mine, theirs]}
    assert _pressing(room, Viewer("slack:T:NOBODY"), 10) == nothing
    change(room, reviewing.finish, id_)
    assert _pressing(room, owner, 10) == nothing


def _pressing(room, viewer, day):
    with room.database.read() as session:
        return reminding.pressing(session, viewer, date(2026, 3, day))
