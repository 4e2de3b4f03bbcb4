"""The short form: some conversations while everything that they need goes wrong. `make torture` is the long one.

`AMENDS_TORTURE_SEED` makes it another one.
"""

import os
import sys
from copy import copy

import pytest
from sqlalchemy import text

from amends.incidents.models import TrailEntry

from . import claims
from .place import Place
from .run import one_round

SEED = int(os.environ.get("AMENDS_TORTURE_SEED", "7"))
CONVERSATIONS = 8
SECONDS = 200.0
"""People leave after so long in any case; on a quiet machine they have said all much sooner."""


@pytest.fixture(scope="module")
def outcome(tmp_path_factory):
    place = Place(tmp_path_factory.mktemp("torture"), SEED)
    try:
        place.starts()
        outcome = one_round(place, 0, CONVERSATIONS, 8, SECONDS, kinds=3)
        sys.stdout.write(f"AMENDS_TORTURE_SEED={SEED}: {', '.join(outcome.misfortunes)}\n")
        yield outcome
    finally:
        place.stops()


@pytest.fixture
def after(outcome):
    """A copy, so that a test can damage it."""
    return copy(outcome.after)


def test_people_talked_and_things_went_wrong(outcome):
    assert outcome.conversations > CONVERSATIONS / 2
    assert outcome.messages > outcome.conversations
    assert len(outcome.kinds) >= 3, outcome.misfortunes
    assert outcome.kinds["kill"], outcome.misfortunes


@pytest.mark.parametrize("claim", claims.CLAIMS, ids=lambda claim: claim.__name__)
def test_what_is_claimed_holds(after, claim):
    assert list(claim(after)) == []


def test_a_lost_message_would_be_noticed(after):
    lost = next(key for person in after.people for key in person.sent)
    after.deliveries = {key: row for key, row in after.deliveries.items() if key != lost}
    assert any(lost in found for found in claims.nothing_acknowledged_is_lost(after))


def test_a_report_that_is_doubled_or_not_there_would_be_noticed(after):
    reported = next(entry for entry in after.entries if entry.kind == "reported")
    whole = after.entries
    for entries in ([*whole, reported], [entry for entry in whole if entry is not reported]):
        after.entries = entries
        assert len(list(claims.everything_is_in_the_trail_once(after))) == 1


def test_a_message_that_did_something_twice_would_be_noticed(after):
    done = next(entry for entry in after.entries if entry.kind in claims.ONCE_A_TURN)
    turn = done.actor_id, done.recorded_at
    after.by_turn = {**after.by_turn, turn: [*after.by_turn[turn], done]}
    after.by_turn = claims.defaultdict(list, after.by_turn)
    assert any(f"2 entries of {done.kind}" in found for found in claims.everything_is_in_the_trail_once(after))


def test_what_is_stuck_or_unanswered_would_be_noticed(after):
    after.left = [("web:1", "")]
    assert len(list(claims.nothing_is_stuck(after))) == 1
    row = next(iter(after.deliveries.values()))
    mute = copy(row)
    mute.replies = "[]"
    after.deliveries = {**after.deliveries, row.key: mute}
    assert list(claims.everybody_got_an_answer(after)) == [f"{row.key} has no answer"]


def test_an_incident_that_somebody_was_told_of_and_is_not_there_would_be_noticed(after):
    after.incidents = dict(list(after.incidents.items())[1:])
    assert any("which is not there" in found for found in claims.nothing_is_said_that_is_not_so(after))


def test_an_entry_that_was_changed_would_be_noticed(after):
    with after.place.database.begin() as session:
        for name in session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
            session.execute(text(f"DROP TRIGGER {name}"))
        session.query(TrailEntry).filter(TrailEntry.id == after.entries[0].id).update({"actor_id": "web:somebody"})
    assert len(list(claims.every_chain_verifies(after))) == 1
