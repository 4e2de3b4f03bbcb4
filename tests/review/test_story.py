"""A story is a choice of entries that never changes the trail; nobody saves over words they have not seen."""

from zoneinfo import ZoneInfo

import pytest

from amends.incidents import record
from amends.incidents.visible import Viewer
from amends.leads import acts
from amends.register.filters import Filter
from amends.register.finding import page
from amends.review.saving import SavedMeanwhile
from amends.review.story import Chapter, save_story, story_of
from tests.leads.conftest import BO, GRACE, LIN, NOW

TOLD = (Chapter(2, "A colleague saw it", "They were at home."), Chapter(1))


def save(room, actor=GRACE, introduction="It began on a Monday.", chapters=TOLD, seen=0):
    with room.database.begin() as session:
        incident = record.find(session, room.reference)
        return save_story(session, incident, actor, introduction, chapters, seen, NOW)


def stands(room):
    with room.database.read() as session:
        return story_of(session, record.find(session, room.reference))


def test_an_incident_has_no_story_until_somebody_writes_it(room):
    account = stands(room)
    assert (account.revision, account.chapters, account.saved_at) == (0, (), None)


def test_what_is_saved_stands_in_its_order_and_the_trail_is_as_it_was(room):
    before = room.trail
    save(room)
    account = stands(room)
    assert account.introduction == "It began on a Monday."
    assert account.chapters == TOLD
    assert (account.saved_by, account.saved_at, account.revision) == ("Grace", NOW, 1)
    assert room.trail == before


def test_who_saves_second_is_told_who_was_first_and_nothing_is_lost(room):
    save(room)
    with pytest.raises(SavedMeanwhile, match="Grace saved the story since you opened it") as refused:
        save(room, LIN, "Mine.", ())
    assert refused.value.by == "Grace"
    assert stands(room).introduction == "It began on a Monday."
    save(room, LIN, "Both.", TOLD[:1], seen=1)
    assert (stands(room).introduction, stands(room).saved_by, stands(room).revision) == ("Both.", "Lin", 2)


@pytest.mark.parametrize("chapters", [(Chapter(0),), (Chapter(99),), (Chapter(1), Chapter(1))])
def test_a_chapter_is_of_an_entry_that_there_is_and_told_once(chapters, room):
    with pytest.raises(acts.CannotAct, match="A chapter is of no entry"):
        save(room, chapters=chapters)
    assert stands(room).revision == 0


def test_a_restricted_incident_is_told_by_those_who_are_named(room):
    room.do(acts.restrict, GRACE, ())
    with pytest.raises(acts.CannotAct, match="restricted"):
        save(room, LIN)
    with pytest.raises(acts.CannotAct, match="restricted"):
        save(room, acts.Actor(BO, "Bo", "web", NOW))
    save(room)
    assert stands(room).revision == 1


def test_words_are_kept_at_a_length_and_titles_on_one_line(room):
    save(room, introduction="x" * 20_000, chapters=(Chapter(1, " A\n title " + "y" * 500, " c\r\nd "),))
    account = stands(room)
    assert len(account.introduction) == 10_000
    assert account.chapters[0].title.startswith("A title yyy")
    assert len(account.chapters[0].title) == 200
    assert account.chapters[0].context == "c\nd"


def test_an_incident_is_found_by_the_words_of_its_story(room):
    save(room, introduction="It began with a zebra.", chapters=(Chapter(1, "The giraffe", "An okapi was near."),))
    assert [found(room, word) for word in ("zebra", "giraffe", "okapi")] == [[room.reference]] * 3
    save(room, introduction="It began.", chapters=(), seen=1)
    assert found(room, "zebra") == []


def found(room, word):
    with room.database.read() as session:
        list_ = page(session, Filter(text=word), Viewer(GRACE.id, lead=True), NOW, ZoneInfo("Europe/London"))
        return [one.reference for one in list_.incidents]
