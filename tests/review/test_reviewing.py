"""What went well, what to change, and what follows from it."""

from datetime import date, timedelta

import pytest

from amends.incidents import record
from amends.incidents.models import Participant
from amends.leads import acts
from amends.outbox import hours
from amends.review import reviewing
from amends.review.reminding import waiting
from amends.review.saving import SavedMeanwhile
from amends.review.tables import FollowUp
from tests.leads.conftest import ADA, BO, GRACE, LIN, NOW

DAY = date(2026, 3, 9)


def review(room, actor=GRACE, well="Quick.", change="Two people look.", seen=0):
    return room.do(reviewing.save_review, actor, well, change, seen)


def agree(room, owner=BO, actor=GRACE, due=DAY, what="Write the rule down"):
    with room.database.begin() as session:
        incident = record.find(session, room.reference)
        who = session.get(Participant, owner) or owner
        return reviewing.agree(session, room.settings, incident, actor, what, who, due, NOW).id


def change(room, act, id_, *given, actor=GRACE, seen=1):
    with room.database.begin() as session:
        row = session.get_one(FollowUp, id_)
        act(session, room.settings, row, actor, *given, seen, NOW)


def follow_ups(room):
    with room.database.read() as session:
        return list(reviewing.follow_ups_of(session, record.find(session, room.reference)))


def test_a_review_stands_and_every_version_of_it_is_in_the_trail(room):
    assert review(room).revision == 1
    kept = review(room, LIN, " Quick and kind. ", "", seen=1)
    assert (kept.went_well, kept.to_change, kept.saved_by, kept.revision) == ("Quick and kind.", "", "Lin", 2)
    written = [entry.payload for entry in room.trail if entry.kind == "reviewed"]
    assert [each["went_well"] for each in written] == ["Quick.", "Quick and kind."]


def test_who_saves_second_is_told_who_was_first(room):
    review(room)
    with pytest.raises(SavedMeanwhile, match="Grace saved the review since you opened it"):
        review(room, LIN, "Mine.")
    with room.database.read() as session:
        assert reviewing.review_of(session, room.incident).went_well == "Quick."


def test_a_review_has_words(room):
    with pytest.raises(acts.CannotAct, match="review is empty"):
        review(room, well=" ", change="\n")


def test_a_follow_up_has_an_owner_and_a_date_and_stands_in_the_trail(room):
    agree(room)
    (row,) = follow_ups(room)
    assert (row.what, row.owner_name, row.owner_id, row.due) == ("Write the rule down", "Bo", BO, DAY)
    assert row.next_at == hours.morning(DAY - timedelta(days=1), room.settings.zone)
    assert room.last.kind == "follow_up_set"
    assert room.last.payload == {"follow_up": "Write the rule down", "owner": "Bo", "due": "2026-03-09"}


def test_one_that_is_due_already_is_reminded_of_at_once(room):
    agree(room, due=NOW.date())
    assert follow_ups(room)[0].next_at == NOW


def test_an_owner_can_be_somebody_who_was_never_here(room):
    agree(room, owner="  Chris of\n web  ")
    (row,) = follow_ups(room)
    assert (row.owner_name, row.owner_id) == ("Chris of web", None)


@pytest.mark.parametrize(("owner", "what", "words"), [(" ", "x", "Say who"), (BO, " ", "to be done is empty")])
def test_what_is_needed_is_said(owner, what, words, room):
    with pytest.raises(acts.CannotAct, match=words):
        agree(room, owner, what=what)
    assert follow_ups(room) == []


def test_who_may_not_see_a_restricted_incident_does_not_become_an_owner(room):
    room.do(acts.restrict, GRACE, ())
    with pytest.raises(acts.CannotAct, match="Bo may not see INC-2026-0001"):
        agree(room)
    agree(room, owner=ADA)
    assert [row.owner_id for row in follow_ups(room)] == [ADA]


def test_another_day_is_agreed_and_done_is_done(room):
    id_ = agree(room)
    change(room, reviewing.move, id_, DAY + timedelta(days=7))
    assert room.last.payload["due_before"] == "2026-03-09"
    assert room.last.payload["due"] == "2026-03-16"
    with pytest.raises(SavedMeanwhile):
        change(room, reviewing.finish, id_, actor=LIN, seen=1)
    change(room, reviewing.finish, id_, actor=LIN, seen=2)
    assert (follow_ups(room)[0].done_by, follow_ups(room)[0].done_at) == ("Lin", NOW)
    assert room.last.kind == "follow_up_done"
    with pytest.raises(acts.CannotAct, match="Lin said before that this is done"):
        change(room, reviewing.finish, id_, seen=3)


def test_the_same_day_is_no_change(room):
    id_ = agree(room)
    with pytest.raises(acts.CannotAct, match="as it was"):
        change(room, reviewing.move, id_, DAY)


def test_what_is_open_comes_first_by_date_and_only_to_those_who_may_see_it(room):
    later = agree(room, due=DAY + timedelta(days=1))
    done = agree(room, due=DAY - timedelta(days=1))
    first = agree(room)
    change(room, reviewing.finish, done)
    assert [row.id for row in follow_ups(room)] == [first, later, done]

    def seen(viewer):
        with room.database.read() as session:
            return [row.id for row, _ in waiting(session, viewer)]

    from amends.incidents.visible import Viewer

    assert seen(Viewer(LIN.id, lead=True)) == [first, later]
    assert seen(Viewer(BO)) == [first, later]
    assert seen(Viewer("web:x")) == []
    room.do(acts.restrict, GRACE, ())
    assert seen(Viewer(LIN.id, lead=True)) == seen(Viewer(BO)) == []
