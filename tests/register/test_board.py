"""What is open, for one lead: what needs them on top."""

import json

from amends.incidents import record
from amends.incidents.visible import Viewer
from amends.register.board import SHOWN, open_board
from tests.register.conftest import ADA, GRACE, LEAD, NOW, Records, actor, decision, hours


def board(records, viewer=LEAD, now=NOW):
    with records.database.read() as session:
        return open_board(session, viewer, now)


def shown(part):
    return [one.incident.reference for one in part.shown]


def test_what_needs_me_then_what_i_lead_then_the_rest(records):
    calm = records.report(advice=decision(level=0), at=NOW)
    serious = records.report(advice=decision(level=3), at=NOW)
    mine = records.report(advice=decision(level=2), at=NOW, lead_id=GRACE)
    hers = records.report(advice=decision(level=3), at=NOW, lead_id="web:other")
    asked = records.report(at=NOW)
    records.report(advice=decision(), state="closed", closed_at=NOW)
    found = board(records)
    assert shown(found.needs_me) == [serious, mine]
    assert found.needs_me.shown[0].needs == ["It is serious, and nobody leads it."]
    assert found.needs_me.shown[1].needs == ["You lead it, and something runs out within the hour."]
    assert shown(found.mine) == []
    assert shown(found.others) == [hers, calm, asked]
    assert (found.count, found.late, found.more) == (5, 0, False)
    later = board(records, now=NOW - hours(1))
    assert shown(later.mine) == [mine]


def test_what_is_late_comes_before_what_is_serious_and_what_ran_out_first_before_that(records):
    serious = records.report(advice=decision(level=3), at=NOW)
    late = records.report(advice=decision(level=1, deadlines=[("a", NOW - hours(1))]), at=NOW)
    later = records.report(advice=decision(level=1, deadlines=[("a", NOW - hours(2))]), at=NOW)
    found = board(records)
    assert shown(found.needs_me) == [later, late, serious]
    assert found.late == 2
    assert [one.late for one in found.needs_me.shown] == [True, True, False]
    assert [run.kind for run in found.needs_me.shown[0].running] == ["deadline", "step"]


def test_who_asked_for_a_human_waits_until_a_lead_takes_over(records):
    reference = records.report(at=NOW)
    with records.database.begin() as session:
        incident = record.find(session, reference)
        Records._write(session, incident, "handover_requested", {"role": "comms"}, actor(), NOW)
    records.note(reference, "Still there?", at=NOW + hours(1))
    found = board(records, now=NOW + hours(1))
    assert shown(found.needs_me) == [reference]
    assert [run.kind for run in found.needs_me.shown[0].running] == ["human"]
    records.change(reference, lead_id=GRACE, at=NOW + hours(1))
    assert board(records, now=NOW + hours(1)).needs_me.count == 0


def test_drills_and_what_others_may_not_see_are_not_on_the_board(records):
    records.report(drill=True)
    hidden = records.report(restricted=True)
    assert board(records).count == 0
    assert shown(board(records, Viewer(ADA, lead=True)).others) == [hidden]
    assert shown(board(records, Viewer("web:auditor", everything=True)).others) == [hidden]


def test_a_step_that_is_done_runs_no_more(records):
    reference = records.report(advice=decision(level=3), at=NOW)
    done = {"take_down": {"who": "Ada", "at": NOW.isoformat()}}
    records.change(reference, done=json.dumps(done))
    assert board(records, now=NOW + hours(2)).late == 0


def test_steps_that_run_out_together_come_as_the_advice_has_them(records):
    records.report(advice=decision(level=1, responses=("take_down", "hold", "apologise"), people=("dpo",)), at=NOW)
    (one,) = board(records).others.shown
    advised = [step["code"] for step in json.loads(one.incident.decision)["steps"]]
    assert [run.code for run in one.running] == advised


def test_many_are_counted_and_some_are_shown(records):
    for _ in range(SHOWN + 2):
        records.report(at=NOW)
    found = board(records)
    assert found.others.count == SHOWN + 2
    assert len(found.others.shown) == SHOWN
