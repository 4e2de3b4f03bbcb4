"""What counts of one incident, worked out by hand."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from amends.flows import load_flow
from amends.incidents.trail import Kind
from amends.insights.facts import KINDS, Fact, Happened, Outcome, Recorded, Stumble, fact_of
from amends.settings import ROOT

REPORTED = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def at(hour, minute):
    return datetime(2026, 3, 2, hour, minute, tzinfo=UTC)


def step(code, *, optional=False):
    return {"code": code, "kind": "response", "how": "", "optional": optional, "clear_first": []}


def decision(*steps, row="P14", clauses=("SM-2.1",)):
    return json.dumps({"row": row, "steps": list(steps), "clauses": list(clauses)})


def incident(**more):
    usual = {
        "id": 7,
        "channel": "slack",
        "state": "closed",
        "flow": "problem_post",
        "flow_version": "f" * 64,
        "answers": "{}",
        "decision": None,
        "override": None,
        "done": "{}",
        "level": None,
        "reported_at": REPORTED,
    }
    return Recorded(**{**usual, **more})


def done(**steps):
    return json.dumps({code: {"who": "Ada", "at": time.isoformat()} for code, time in steps.items()})


@pytest.mark.parametrize("question", ["issue", "content", "what", "happened"])
def test_each_flow_has_a_question_that_says_what_was_wrong(question):
    known = [load_flow(path) for path in (ROOT / "data" / "flows").glob("*.yml")]
    asked = next(flow.questions[question] for flow in known if question in flow.questions)
    option = next(iter(asked.options))
    answer = [option] if asked.kind == "many" else option
    assert fact_of(incident(answers=json.dumps({"harm": "none", question: answer})), []).kinds == (option,)
    assert all(len(set(KINDS) & set(flow.questions)) == 1 for flow in known)


def test_times_count_from_the_post():
    answers = {"noticed_at": {"posted": at(8, 0).isoformat(), "noticed": at(8, 45).isoformat()}}
    fact = fact_of(
        incident(
            answers=json.dumps(answers),
            decision=decision(step("take_down"), step("apologise"), step("respond")),
            done=done(take_down=at(10, 0), apologise=at(12, 0), respond=at(11, 0)),
        ),
        [Happened(Kind.RECOMMENDED, at(9, 40)), Happened(Kind.RECOMMENDED, at(11, 40))],
    )
    assert fact.spans == {
        "notice": 45 * 60,
        "report": 90 * 60,
        "advice": 100 * 60,
        "take_down": 120 * 60,
        "response": 180 * 60,
        "report_to_advice": 10 * 60,
    }


def test_without_the_time_of_the_post_only_what_counts_from_the_report_is_known():
    fact = fact_of(incident(done=done(take_down=at(10, 0))), [Happened(Kind.RECOMMENDED, at(9, 40))])
    assert fact.spans == {"report_to_advice": 600}


def test_a_time_that_is_only_understood_counts_and_so_does_one_in_another_zone():
    answers = {"noticed_at": {"value": {"posted": "2026-03-02T10:00:00+01:00"}, "inferred": True}}
    assert fact_of(incident(answers=json.dumps(answers)), []).spans == {"report": 1800}


def test_what_ends_before_it_begins_does_not_count():
    answers = {"noticed_at": {"posted": at(9, 50).isoformat()}}
    fact = fact_of(incident(answers=json.dumps(answers), done=done(take_down=at(9, 55))), [])
    assert fact.spans == {"take_down": 300}


def test_an_answer_that_only_says_when_it_was_noticed_times_nothing():
    answers = {"noticed_at": {"noticed": at(9, 0).isoformat()}}
    assert fact_of(incident(answers=json.dumps(answers)), []).spans == {}


@pytest.mark.parametrize(
    ("more", "outcome"),
    [
        ({"state": "asking"}, Outcome.NONE),
        ({"state": "abandoned"}, Outcome.NONE),
        ({"state": "advised", "decision": decision(step("hold"))}, Outcome.RUNNING),
        ({"decision": decision(step("hold"))}, Outcome.STEPS_OPEN),
        ({"decision": decision(step("hold")), "done": done(hold=REPORTED)}, Outcome.FOLLOWED),
        ({"decision": decision(step("make_light", optional=True))}, Outcome.FOLLOWED),
        ({"decision": decision(step("hold")), "override": '{"steps": []}'}, Outcome.OVERRIDDEN),
        ({"state": "advised", "decision": decision(step("hold")), "override": '{"steps": []}'}, Outcome.OVERRIDDEN),
    ],
)
def test_what_became_of_the_advice(more, outcome):
    assert fact_of(incident(**more), []).outcome is outcome


def test_what_happened_at_each_question():
    fact = fact_of(
        incident(),
        [
            Happened(Kind.CONFIRMED, REPORTED, {"answers": {"origin": "unknown", "issue": ["slip", "insult"]}}),
            Happened(Kind.EXPLAINED, REPORTED, {"what": "question", "question": "harm", "text": "Because."}),
            Happened(Kind.ANSWERED, REPORTED, {"question": "harm", "value": "upset"}),
            Happened(Kind.WENT_BACK, REPORTED, {"question": "harm", "before": "upset"}),
            Happened(Kind.ANSWERED, REPORTED, {"question": "harm", "value": "none"}),
            Happened(Kind.ANSWERED, REPORTED, {"question": "legal", "value": ["unsure"]}),
            Happened(Kind.CORRECTED, REPORTED, {"question": "legal", "value": ["police"], "before": ["unsure"]}),
            Happened(Kind.CORRECTED, REPORTED, {"question": "spread", "value": "few", "before": "few"}),
            Happened(Kind.EXPLAINED, REPORTED, {"what": "advice", "text": "Because."}),
            Happened(Kind.ANSWERED, REPORTED, None),
        ],
    )
    assert fact.stumbles == {
        "origin": Stumble.ANSWERED | Stumble.NOT_SURE,
        "issue": Stumble.ANSWERED,
        "harm": Stumble.ANSWERED | Stumble.WENT_BACK | Stumble.ASKED_WHY,
        "legal": Stumble.ANSWERED | Stumble.NOT_SURE | Stumble.CORRECTED,
        "spread": Stumble.ANSWERED,
    }


def test_what_was_asked_before_the_flow_was_changed_belongs_to_another_flow():
    asked = Happened(Kind.ANSWERED, REPORTED, {"question": "harm", "value": "upset"})
    changed = Happened(Kind.FLOW_CHOSEN, REPORTED, {"flow": "breach", "was_flow": "problem_post", "answers": {}})
    stays = Happened(Kind.FLOW_CHOSEN, REPORTED, {"flow": "breach", "title": "Personal information got out"})
    after = Happened(Kind.ANSWERED, REPORTED, {"question": "certain", "value": "yes"})
    assert fact_of(incident(), [asked, changed, after, stays]).stumbles == {"certain": Stumble.ANSWERED}


def test_kind_row_level_and_clauses():
    fact = fact_of(
        incident(
            answers=json.dumps({"issue": {"value": ["slip", "insult", "slip"], "inferred": True}}),
            decision=decision(row="P11", clauses=("SM-2.4", "RF-11.1")),
            level=2,
            drill=True,
        ),
        [],
    )
    assert (fact.kinds, fact.row, fact.level) == (("slip", "insult"), "P11", 2)
    assert fact.clauses == ("SM-2.4", "RF-11.1")
    assert fact.drill


def test_a_fact_holds_no_words_and_no_names():
    answers = {"noticed_at": {"posted": at(8, 0).isoformat()}, "issue": ["slip"]}
    told = [Happened(Kind.ANSWERED, REPORTED, {"question": "harm", "value": "upset", "words": "Zebra"})]
    marks = json.dumps({"take_down": {"who": "Zebra", "at": (REPORTED + timedelta(hours=1)).isoformat()}})
    fact = fact_of(incident(answers=json.dumps(answers), done=marks, override='{"reason": "Zebra"}'), told)
    kept = json.dumps(fact.as_json())
    assert "Zebra" not in kept
    assert Fact.from_json(json.loads(kept)) == fact
