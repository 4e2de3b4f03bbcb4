"""The figures of small records, worked out by hand."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from amends.flows import load_flow, parse_flow
from amends.incidents.models import Incident
from amends.incidents.record import involve
from amends.incidents.trail import Kind
from amends.incidents.visible import Viewer
from amends.insights.as_json import as_json
from amends.insights.figures import Part, Timed
from amends.insights.scope import Scope
from amends.settings import ROOT
from tests.insights.records import FLOW, POSTED, answered

HOUR = 3600


def counts(parts):
    return {part.code: part.count for part in parts.parts}


def times(lines):
    return {line.code: line for line in lines}


def test_nothing_is_counted_in_an_empty_record(seen):
    assert seen.figures().total == 0


def test_fewer_than_five_incidents_are_not_shown_at_all(seen):
    for _ in range(4):
        seen.add()
    assert seen.figures().total is None
    assert seen.figures().levels.parts == ()


def test_incidents_by_month_level_kind_row_and_clause(seen):
    for day in (0, 1, 2, 3, 4, 5):
        seen.add(posted=POSTED + timedelta(days=day))
    for day in (60, 61, 62, 63, 64, 65, 66):
        seen.add({"issue": ["slip", "insult"], "harm": "upset", "spread": "few"}, posted=POSTED + timedelta(days=day))
    figures = seen.figures()
    assert figures.total == 13
    assert figures.months.parts == (Part("2026-03", 6), Part("2026-04", 0), Part("2026-05", 7))
    assert counts(figures.levels) == {"0": 6, "2": 7}
    assert counts(figures.kinds) == {"slip": 13, "insult": 7}
    assert counts(figures.rows) == {"P14": 6, "P11": 7}
    assert [part.code for part in figures.rows.parts] == ["P11", "P14"]
    assert "RF-11.1" in counts(figures.clauses)


def test_a_month_begins_in_the_organisation_s_zone(seen):
    for number in range(5):
        seen.add(posted=None, reported=0, noticed=None, channel="web", reporter=f"web:{number}")
    late = datetime(2026, 5, 31, 23, 30, tzinfo=UTC)  # half past midnight of 1 June in London
    for _ in range(5):
        seen.add(posted=late, reported=0, advised=1)
    assert counts(seen.figures().months) == {"2026-03": 5, "2026-04": 0, "2026-05": 0, "2026-06": 5}


def test_times_as_median_and_90th_percentile(seen):
    for number in range(1, 11):  # advice after 11, 12 ... 20 minutes; taken down after 10, 20 ... 100
        seen.add(noticed=5, advised=10 + number, done={"take_down": 10 * number})
    seen.add(posted=None)
    found = times(seen.figures().spans)
    assert found["notice"] == Timed("notice", 10, 300, 300)
    assert found["report"] == Timed("report", 10, 600, 600)
    assert found["advice"] == Timed("advice", 10, 15.5 * 60, pytest.approx(19.1 * 60))
    assert found["take_down"] == Timed("take_down", 10, 55 * 60, pytest.approx(91 * 60))
    assert found["response"] == Timed("response", 0, None, None)


def test_a_90th_percentile_needs_more_than_a_median(seen):
    for number in range(9):
        seen.add(done={"respond": 60 * number} if number < 4 else {})
    found = times(seen.figures().spans)
    assert found["advice"] == Timed("advice", 9, 720, None)
    assert found["response"] == Timed("response", None, None, None)


def test_times_are_split_as_chosen(seen):
    for number in range(5):
        seen.add(done={"take_down": 60}, posted=POSTED + timedelta(days=number))
        seen.add(
            {"issue": ["insult"], "harm": "upset", "spread": "few"},
            done={"take_down": 120 + 60 * number},
            posted=POSTED + timedelta(days=40),
        )
    by_level = seen.figures(span="take_down", by="level").split
    assert by_level == (Timed("0", 5, HOUR), Timed("2", 5, 4 * HOUR))
    by_row = seen.figures(span="take_down", by="row").split
    assert by_row == (Timed("P11", 5, 4 * HOUR), Timed("P14", 5, HOUR))
    by_kind = seen.figures(span="take_down", by="kind").split
    assert by_kind == (Timed("insult", 5, 4 * HOUR), Timed("slip", 5, HOUR))
    by_month = seen.figures(span="take_down", by="month").split
    assert by_month == (Timed("2026-03", 5, HOUR), Timed("2026-04", 5, 4 * HOUR))


def test_a_group_with_few_times_takes_another_with_it(seen):
    for _ in range(6):
        seen.add(done={"take_down": 60})
    for _ in range(7):
        seen.add({"issue": ["insult"], "harm": "upset", "spread": "few"}, done={"take_down": 90})
    for _ in range(2):
        seen.add({"issue": ["insult"], "harm": "death"}, done={"take_down": 999})
    split = times(seen.figures(span="take_down").split)
    assert {code: line.count for code, line in split.items()} == {"0": None, "2": 7, "3": None}
    assert split["0"].median is None


def test_what_became_of_the_advice(seen):
    done = {"preserve": 13, "take_down": 14, "respond": 15}
    for _ in range(6):
        seen.add(done=done)
    for _ in range(5):
        seen.add(override=True)
    for _ in range(7):
        seen.add(state="asking", advised=None)
    assert counts(seen.figures().outcomes) == {
        "followed": 6,
        "overridden": 5,
        "steps_open": 0,
        "running": 0,
        "none": 7,
    }


def test_a_small_part_is_not_shown_and_cannot_be_worked_out(seen):
    for _ in range(20):
        seen.add()
    for _ in range(6):
        seen.add({"issue": ["insult"], "harm": "upset", "spread": "few"})
    for _ in range(3):
        seen.add({"personal_data": "sensitive"})
    figures = seen.figures()
    assert figures.total == 29
    assert counts(figures.levels) == {"0": 20, "2": None, "3": None}
    assert counts(figures.rows) == {"P14": 20}, "a rule that came up seldom is not even named"
    assert figures.rows.others == 9
    assert figures.rows.left_out


def test_where_people_stumble(seen):
    unsure = answered("tragedy", "unsure")
    for number in range(10):
        seen.add(
            said=[
                answered("origin", "own_post"),
                unsure if number < 5 else answered("tragedy", "absent"),
                *([(Kind.WENT_BACK, {"question": "tragedy", "before": "absent"})] if number >= 4 else []),
                *([(Kind.EXPLAINED, {"what": "question", "question": "origin", "text": ""})] if number < 2 else []),
            ]
        )
    tragedy, origin = seen.figures().questions
    assert (tragedy.question, tragedy.answered, tragedy.any) == ("tragedy", 10, 10)
    assert tragedy.trouble == {"NOT_SURE": 5, "CORRECTED": 0, "WENT_BACK": 6, "ASKED_WHY": 0}
    assert (origin.question, origin.answered, origin.any) == ("origin", 10, None)
    assert origin.trouble == {"NOT_SURE": 0, "CORRECTED": 0, "WENT_BACK": 0, "ASKED_WHY": None}


def test_what_two_flows_ask_under_the_same_name_is_not_counted_together(seen):
    outside = load_flow(ROOT / "data" / "flows" / "third_party.yml")
    for _ in range(6):
        seen.add(said=[answered("harm", "none")])
    for _ in range(7):
        seen.add(flow=outside, advised=None, state="abandoned", said=[answered("harm", "upset")])
    look = seen.look()
    assert counts(look.figures.flows) == {"third_party": 7, "problem_post": 6}
    asked = [(line.flow, line.question, line.answered) for line in look.figures.questions]
    assert asked == [("problem_post", "harm", 6), ("third_party", "harm", 7)]
    assert look.names.questions["third_party", "harm"] == outside.questions["harm"].topic
    assert look.names.flows["third_party"] == outside.title
    assert [used.version for used in look.names.versions] == [FLOW.version]
    chosen = seen.look(flow="third_party")
    assert chosen.figures.total == 7
    assert [used.version for used in chosen.names.versions] == [outside.version]
    assert seen.figures(flow="nothing").total == 0


def test_before_and_after_a_version_of_the_flow(seen):
    newer = parse_flow(FLOW.source + "\n# Changed.\n", "newer")
    unsure = answered("tragedy", "unsure")
    for number in range(10):
        seen.add(advised=10 + 10 * number, said=[answered("origin", "own_post"), unsure])
    for number in range(6):
        seen.add(flow=newer, posted=POSTED + timedelta(days=9), advised=11, said=[unsure], override=number < 5)
    figures = seen.figures()
    before, after = figures.before, figures.after
    assert (before.version, before.count, after.version, after.count) == (FLOW.version, 10, newer.version, 6)
    assert (before.to_advice.median, before.to_advice.ninetieth) == (45 * 60, pytest.approx(81 * 60))
    assert (after.to_advice.median, after.to_advice.ninetieth) == (60, None)
    assert (before.questions, after.questions) == (2, 1)
    assert before.overridden == 0
    assert after.overridden is None, "five of six: the one that was not would be recognised"
    assert (before.trouble["NOT_SURE"], after.trouble["NOT_SURE"]) == (10, 6)
    assert seen.figures(version=FLOW.version).before is None, "there is none before the first"


def test_a_version_with_few_incidents_is_not_compared(seen):
    newer = parse_flow(FLOW.source + "\n# Changed.\n", "newer")
    for _ in range(20):
        seen.add()
    for _ in range(4):
        seen.add(flow=newer, posted=POSTED + timedelta(days=9))
    figures = seen.figures()
    assert (figures.before, figures.after) == (None, None)


def test_what_is_chosen_narrows_the_figures(seen):
    for number in range(6):
        seen.add(posted=POSTED + timedelta(days=31 * number), channel="web")
        for _ in range(5):
            seen.add(
                {"issue": ["insult"], "harm": "upset", "spread": "few"}, posted=POSTED + timedelta(days=31 * number)
            )
    assert seen.figures().total == 36
    assert seen.figures(level="0").total == 6
    assert seen.figures(row="P11").total == 30
    assert seen.figures(kind="slip").total == 6
    assert seen.figures(channel="web").total == 6
    assert seen.figures(**{"from": "2026-04", "to": "2026-05"}).total == 12
    assert seen.figures(row="P99").total == 0
    assert seen.figures(kind="nothing", channel="nowhere").total == 0


def test_a_choice_that_leaves_out_only_a_few_gives_nothing_away(seen):
    for _ in range(10):
        seen.add()
    for _ in range(2):
        seen.add({"issue": ["insult"], "harm": "death"})
    assert seen.figures().total == 12
    figures = seen.figures(level="0")
    assert figures.total is None
    assert figures.gives_away


def test_drills_never_count(seen):
    for _ in range(6):
        seen.add(drill=True)
    assert seen.figures().total == 0
    ids = seen.add_all([{}] * 7)
    assert seen.figures().total == 7
    for id_ in ids[:2]:
        seen.change(id_, drill=True)
    assert seen.figures().total == 5


def test_an_incident_that_is_restricted_is_gone_at_once_for_those_who_may_not_see_it(seen):
    ids = seen.add_all([{}] * 12)
    assert seen.figures().total == 12
    with seen.database.begin() as session:  # as in the instant before its trail entry is read
        for id_ in ids[:5]:
            session.get_one(Incident, id_).restricted = True
        involve(session, session.get_one(Incident, ids[0]), "slack:T:ADA", POSTED)
    assert seen.figures().total == 7
    assert seen.figures(Viewer("slack:T:AUDITOR", lead=True, everything=True)).total == 12
    assert seen.figures(Viewer("slack:T:AUDITOR", everything=True)).total == 12
    assert seen.figures(Viewer("slack:T:ADA", lead=True)).total == 12, "a lead who is named sees it"
    assert seen.figures(Viewer("slack:T:ADA")).total == 12
    assert seen.figures(Viewer("slack:T:NOBODY")).total == 0


def test_more_than_three_years_are_shown_by_year(seen):
    for year in (2021, 2022, 2023, 2024, 2025):
        for month in (1, 5, 9, 11, 12):
            seen.add(posted=datetime(year, month, 10, tzinfo=UTC))
    assert counts(seen.figures().months) == dict.fromkeys(map(str, range(2021, 2026)), 5)


def test_the_same_figures_as_json(seen):
    for _ in range(20):
        seen.add()
    for _ in range(3):
        seen.add({"personal_data": "sensitive"})
    look = seen.look(**{"from": "2026-03"})
    told = json.loads(json.dumps(as_json(look, Scope.of({"from": "2026-03"}))))
    assert told["chosen"]["from"] == "2026-03"
    assert told["total"] == 23
    assert told["rows"] == {"parts": [], "others": 23}
    assert [part["count"] for part in told["levels"]["parts"]] == [None, None]
    assert told["times"][2] == {"code": "advice", "count": 23, "median": 720.0, "ninetieth": 720.0}


def test_conversations_without_advice_do_not_make_the_questions_look_few(seen):
    newer = parse_flow(FLOW.source + "\n# Changed.\n", "newer")
    three = [answered(question, "none") for question in ("harm", "truth", "fault")]
    for _ in range(6):
        seen.add(said=three)
        seen.add(flow=newer, posted=POSTED + timedelta(days=9), said=three[:1])
    for _ in range(8):
        seen.add(advised=None, state="abandoned")
    figures = seen.figures()
    assert (figures.before.questions, figures.after.questions) == (3, 1)
    assert (figures.before.count, figures.before.advised) == (14, 6)
