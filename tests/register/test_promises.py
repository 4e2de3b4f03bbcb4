"""Promises and looks run on the board, and a promise that was not kept in time makes an incident late."""

import json
from datetime import datetime

import pytest

from amends.register.board import open_board
from amends.register.filters import Filter
from amends.register.rebuilding import rebuild
from tests.register.conftest import LEAD, NOW, decision, hours

DONE = json.dumps({"respond": {"who": "Ada Stone", "at": NOW.isoformat()}})


def promised(due, ended=None, *, kept=False):
    said = {"number": 1, "words": "Next update", "due": due.isoformat(), "who": "Ada Stone", "at": NOW.isoformat()}
    return json.dumps({"promises": [said | {"ended": ended and ended.isoformat(), "kept": kept}]})


def running(records, now=NOW):
    with records.database.read() as session:
        board = open_board(session, LEAD, now)
        opened = [*board.needs_me.shown, *board.mine.shown, *board.others.shown]
        return {(one.kind, one.code): one.due_at for each in opened for one in each.running}


def test_a_promise_and_the_next_look_stand_on_the_board(records):
    reference = records.report(advice=decision(responses=("respond",)))
    records.change(reference, done=DONE, completion=promised(NOW + hours(3)))
    assert running(records) == {("promise", "promise-1"): NOW + hours(3), ("look", "look"): NOW + hours(24)}


def test_a_promise_stands_there_while_there_is_no_advice(records):
    reference = records.report(advice=decision(responses=("respond",)))
    records.change(reference, done=DONE, completion=promised(NOW + hours(3)), decision=None, state="asking")
    assert running(records) == {("promise", "promise-1"): NOW + hours(3)}
    assert records.found(Filter(late=True), now=NOW + hours(4)) == [reference]


@pytest.mark.parametrize(
    ("completion", "late"),
    [
        (promised(NOW + hours(1), NOW + hours(2), kept=True), True),
        (promised(NOW + hours(3), NOW + hours(2), kept=True), False),
        (promised(NOW + hours(1), NOW + hours(2)), False),
        (promised(NOW + hours(1)), True),
    ],
    ids=["kept too late", "kept in time", "was none", "never kept"],
)
def test_an_incident_was_late_when_a_promise_was_not_kept_in_time(completion, late, records):
    reference = records.report(advice=decision(responses=("respond",)))
    due = datetime.fromisoformat(json.loads(completion)["promises"][0]["due"])
    records.change(reference, done=DONE, completion=promised(due))
    records.change(reference, at=NOW + hours(2), completion=completion)
    records.change(reference, at=NOW + hours(5), completion=completion, state="closed", closed_at=NOW + hours(5))
    assert (records.found(Filter(late=True), now=NOW + hours(6)) == [reference]) is late
    rebuild(records.database)
    assert (records.found(Filter(late=True), now=NOW + hours(6)) == [reference]) is late
