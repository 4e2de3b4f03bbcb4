"""Two leads who save at the same instant: one is first, the other is told so, on SQLite and on PostgreSQL."""

import threading

import pytest

from amends.incidents import record
from amends.incidents.verify import verify
from amends.leads import acts
from amends.review.reviewing import save_review
from amends.review.saving import SavedMeanwhile
from amends.review.story import Chapter, save_story
from tests.leads.conftest import GRACE, LIN, NOW


def at_once(room, *works):
    """Run these at the same instant, each in a transaction of its own; what came of each."""
    barrier = threading.Barrier(len(works))
    outcomes = []

    def run(work):
        barrier.wait()
        try:
            with room.database.begin() as session:
                work(session, record.find(session, room.reference))
        except acts.CannotAct as error:
            outcomes.append(type(error))
        else:
            outcomes.append(None)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes, key=str)


def story(actor):
    return lambda session, incident: save_story(session, incident, actor, actor.name, (Chapter(1),), 0, NOW)


def review(room, actor):
    return lambda session, incident: save_review(session, room.settings, incident, actor, actor.name, "", 0, NOW)


def sign(room, actor):
    return lambda session, incident: acts.sign_off(session, room.settings, incident, actor, "Seen.", NOW)


@pytest.mark.parametrize("turn", range(3))
def test_one_story_and_one_review_are_saved(turn, room):
    del turn
    assert at_once(room, story(GRACE), story(LIN)) == [SavedMeanwhile, None]
    assert at_once(room, review(room, GRACE), review(room, LIN)) == [SavedMeanwhile, None]
    assert [entry.kind for entry in room.trail].count("reviewed") == 1


def test_one_signs_off(room):
    room.do(acts.close, GRACE)
    assert at_once(room, sign(room, GRACE), sign(room, LIN)) == [acts.CannotAct, None]
    assert [entry.kind for entry in room.trail].count("signed_off") == 1
    with room.database.read() as session:
        assert verify(session).damage == ()


def test_one_decides_and_the_other_has_not_seen_it(room):
    seen = room.last.sequence

    def decide(actor, response):
        def work(session, incident):
            acts.unchanged_since(session, record.lock(session, incident.id), actor, seen)
            acts.decide_otherwise(session, room.settings, room.flow, incident, actor, [response], "Because.", NOW)

        return work

    assert at_once(room, decide(GRACE, "hold"), decide(LIN, "respond")) == [acts.ChangedMeanwhile, None]
    assert [entry.kind for entry in room.trail].count("lead_decided") == 1
