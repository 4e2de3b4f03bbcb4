"""The figures of generated records, against the same figures worked out in plain Python from what was generated."""

import random
import statistics
from collections import Counter
from datetime import timedelta
from functools import cache

import pytest

from amends.flows import parse_answers, parse_flow, recommend
from amends.incidents.trail import Kind
from amends.insights.suppress import parts
from tests.insights.conftest import LONDON, Seen
from tests.insights.records import ANSWERS, FLOW, POSTED, answered

ISSUES = ["slip", "insult", "bad_joke", "wrong_fact", "copyright", "personal_data"]
NEWER = parse_flow(FLOW.source + "\n# Changed.\n", "newer")
TIMED = {"notice", "report", "advice", "take_down", "response"}


def made(rnd):
    """What `Records.add` takes, drawn by chance."""
    advised = rnd.random() < 0.9
    tragedy = rnd.choice(["unsure", "absent", "absent"])
    said = [answered("harm", "none"), answered("tragedy", tragedy)]
    said += [(Kind.WENT_BACK, {"question": "tragedy", "before": tragedy})] if rnd.random() < 0.3 else []
    said += [answered("harm", "upset", Kind.CORRECTED, before="none")] if rnd.random() < 0.3 else []
    said += [(Kind.EXPLAINED, {"what": "question", "question": "harm", "text": ""})] if rnd.random() < 0.2 else []
    steps = ("preserve", "take_down", "respond", "apologise", "hold")
    noticed = rnd.randrange(0, 300)
    return {
        "answers": {"issue": sorted(rnd.sample(ISSUES, rnd.choice([1, 1, 2]))), "harm": rnd.choice(["none", "upset"])},
        "posted": POSTED + timedelta(days=rnd.randrange(150)) if rnd.random() < 0.8 else None,
        "noticed": noticed if rnd.random() < 0.7 else None,
        "reported": noticed + rnd.randrange(0, 60),
        "advised": noticed + rnd.randrange(60, 90) if advised else None,
        "done": {step: rnd.randrange(400, 5_000) for step in steps if rnd.random() < 0.6},
        "state": rnd.choice(["closed", "advised"]) if advised else rnd.choice(["asking", "abandoned"]),
        "override": advised and rnd.random() < 0.2,
        "drill": rnd.random() < 0.1,
        "restricted": rnd.random() < 0.1,
        "channel": rnd.choice(["web", "slack"]),
        "said": said,
        "flow": rnd.choice([FLOW, FLOW, NEWER]),
    }


def decided(one):
    return advice(one["answers"]["harm"], *one["answers"]["issue"]) if one["advised"] is not None else None


@cache
def advice(harm, *issue):
    return recommend(FLOW, parse_answers(FLOW, {**ANSWERS, "harm": harm, "issue": list(issue)}))


def taken(one, span):
    """Minutes, or None when they are not known."""
    if one["posted"] is None:
        return None
    public = [one["done"][code] for code in ("respond", "apologise", "make_light") if code in one["done"]]
    return {
        "notice": one["noticed"],
        "report": one["reported"],
        "advice": one["advised"],
        "take_down": one["done"].get("take_down"),
        "response": min(public, default=None),
    }[span]


def outcome(one):
    decision = decided(one)
    if decision is None:
        return "none"
    if one["override"]:
        return "overridden"
    if one["state"] == "advised":
        return "running"
    return "steps_open" if any(s.code not in one["done"] and not s.optional for s in decision.steps) else "followed"


def marks(one, question):
    """What happened at a question."""
    found = set()
    for kind, payload in one["said"]:
        if payload["question"] == question:
            found.add({"went_back": "WENT_BACK", "corrected": "CORRECTED", "explained": "ASKED_WHY"}.get(kind, ""))
            found |= {"NOT_SURE"} if payload.get("value") == "unsure" else set()
    return found - {""}


def month(one):
    time = (one["posted"] or POSTED) + timedelta(minutes=one["reported"])
    return f"{time.astimezone(LONDON):%Y-%m}"


def hidden_by_rule(counts):
    return dict(zip(counts, parts(list(counts.values())), strict=True))


def same_times(line, values):
    """Whether a line of times is what `statistics` says of the values, in minutes."""
    seconds = [60 * value for value in values]
    expected = statistics.median(seconds) if len(values) >= 5 else None
    spread = statistics.quantiles(seconds, n=10, method="inclusive")[8] if len(values) >= 10 else None
    return (line.median, line.ninetieth) == (pytest.approx(expected), pytest.approx(spread))


@pytest.mark.parametrize("seed", range(3))
def test_figures_of_generated_records(database, seed):
    rnd, seen = random.Random(seed), Seen(database)
    every = [made(rnd) for _ in range(150)]
    seen.add_all(every)
    counted = [one for one in every if not one["drill"] and not one["restricted"]]
    narrowings = [
        ({}, lambda _: True),
        ({"channel": "web"}, lambda one: one["channel"] == "web"),
        ({"kind": "insult"}, lambda one: "insult" in one["answers"]["issue"]),
        ({"from": "2026-04", "to": "2026-06"}, lambda one: "2026-04" <= month(one) <= "2026-06"),
        ({"level": "2"}, lambda one: decided(one) is not None and decided(one).level == 2),
    ]
    compared = 0
    for chosen, fits in narrowings:
        figures = seen.figures(**chosen)
        ours = [one for one in counted if fits(one)]
        if figures.gives_away:
            assert 0 < len(counted) - len(ours) < 5 or len(chosen) > 1
            continue
        compared += 1
        compare(figures, ours)
    assert compared >= 4


def compare(figures, ours):
    assert figures.total == len(ours)
    decisions = [decided(one) for one in ours]
    of_month = dict(sorted(Counter(map(month, ours)).items()))
    assert {part.code: part.count for part in figures.months.parts if part.count != 0} == hidden_by_rule(of_month)
    levels = dict(sorted(Counter(str(d.level) for d in decisions if d).items()))
    levels |= {"": decisions.count(None)} if None in decisions else {}
    assert {part.code: part.count for part in figures.levels.parts} == hidden_by_rule(levels)
    rows = Counter(d.row for d in decisions if d)
    rows |= Counter({"": decisions.count(None)})
    shown = {part.code: part.count for part in figures.rows.parts}
    assert all(count == rows[code] and count >= 5 for code, count in shown.items())
    assert sum(shown.values()) + (figures.rows.others or 0) == len(ours)
    kinds = Counter(kind for one in ours for kind in one["answers"]["issue"])
    expected = {kind: n for kind, n in kinds.items() if n >= 5 and (len(ours) - n == 0 or len(ours) - n >= 5)}
    assert {part.code: part.count for part in figures.kinds.parts} == expected
    clauses = Counter(clause for d in decisions if d for clause in d.cites)
    for part in figures.clauses.parts:
        assert part.count == clauses[part.code]
    outcomes = Counter(map(outcome, ours))
    codes = ["followed", "overridden", "steps_open", "running", "none"]
    assert {part.code: part.count for part in figures.outcomes.parts} == hidden_by_rule({c: outcomes[c] for c in codes})
    assert {line.code for line in figures.spans} == TIMED
    for line in figures.spans:
        values = [value for one in ours if (value := taken(one, line.code)) is not None]
        assert line.count == (None if 0 < len(values) < 5 else len(values))
        assert same_times(line, values), line
    for line in figures.questions:
        happened = [marks(one, line.question) for one in ours]
        assert line.answered == len(ours)
        for trouble, count in line.trouble.items():
            real = sum(trouble in marks for marks in happened)
            assert count == (None if 0 < real < 5 else real), (line.question, trouble)
        assert line.any == sum(bool(marks) for marks in happened) or line.any is None


@pytest.mark.parametrize("by", ["level", "row", "kind", "month"])
def test_times_of_generated_records_by_group(database, by):
    rnd, seen = random.Random(by), Seen(database)
    every = [made(rnd) for _ in range(150)]
    seen.add_all(every)
    groups = {}
    for one in every:
        value = taken(one, "take_down")
        if value is None or one["drill"] or one["restricted"]:
            continue
        decision = decided(one)
        keys = {
            "level": [str(decision.level)] if decision else [],
            "row": [decision.row] if decision else [],
            "kind": one["answers"]["issue"],
            "month": [month(one)],
        }[by]
        for key in keys:
            groups.setdefault(key, []).append(value)
    lines = seen.figures(span="take_down", by=by).split
    assert lines
    for line in lines:
        if line.count is not None:
            assert line.count == len(groups[line.code])
            assert same_times(line, groups[line.code]), line
    shown = {line.code for line in lines if line.count is not None}
    assert all(len(groups[code]) >= 5 for code in shown)
