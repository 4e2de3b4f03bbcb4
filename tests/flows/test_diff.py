"""A difference between two versions is told by what it changes, and counted exactly."""

import json
from itertools import product

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from amends.flows import Answer, decide, parse_flow
from amends.flows.diff import _compare, diff
from amends.flows.measure import ADVICE, USUAL, Counted, Estimated, outputs
from amends.flows.shared import Shared
from tests.flows.brute import possible_answers
from tests.flows.generate import flows
from tests.flows.small import SHIPPED, SMALL, shipped, small
from tests.flows.test_cli import amends

# Two flows at once take minutes to shrink: a failing pair is small enough as it is.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
slow = settings(max_examples=150, phases=PHASES, deadline=None, suppress_health_check=list(HealthCheck))


def both_answered(old, new):
    """Every situation that can be told to both versions, with what each says; and whether it is a usual one."""
    asked = {}
    for flow, other, side in ((new, old, "new"), (old, new, "old")):
        for name, question in flow.questions.items():
            twin = other.questions.get(name)
            if twin is None or (twin.kind == "many") != (question.kind == "many"):
                asked[side, name] = possible_answers(question)
                continue
            common = set(question.options) & set(twin.options)
            in_both = [
                a
                for a in possible_answers(question)
                if set(chosen(a)) <= common and chosen(a) in [chosen(b) for b in possible_answers(twin)]
            ]
            asked["both", name] = in_both
    for picked in product(*asked.values()):
        answers = dict(zip(asked, picked, strict=True))
        said = [
            outputs(decide(flow, {name: a for (side, name), a in answers.items() if side in ("both", mine)}))
            for flow, mine in ((old, "old"), (new, "new"))
        ]
        yield answers, *said


def chosen(answer: Answer):
    return (answer.value,) if isinstance(answer.value, str) else tuple(sorted(answer.value))


def listed(old, new):
    """How many situations there are, how many have other advice, and how many lose or gain each thing."""
    every = [(before, after) for _, before, after in both_answered(old, new)]
    counts: dict[tuple, int] = {}
    for before, after in every:
        levels = [next(key for key in said if key[0] == "level") for said in (before, after)]
        pairs = [tuple(levels)] if levels[0] != levels[1] else []
        pairs += [(key, None) for key in before - after if key[0] != "level"]
        pairs += [(None, key) for key in after - before if key[0] != "level"]
        for pair in pairs:
            counts[pair] = counts.get(pair, 0) + 1
    different = sum({k for k in b if k[0] in ADVICE} != {k for k in a if k[0] in ADVICE} for b, a in every)
    return len(every), different, counts


@slow
@given(flows(), flows())
def test_every_change_is_found_and_counted_as_listing_says(old, new):
    whole, different, counts = listed(old, new)
    told = diff(old, new)
    assert told.exact
    assert {(c.lost, c.gained) for c in told.changes} == set(counts)
    for change in told.changes:
        count = counts[change.lost, change.gained]
        assert change.amount.count * whole == count * change.amount.of
        before, after = outputs(change.example.before), outputs(change.example.after)
        assert change.lost is None or (change.lost in before and change.lost not in after)
        assert change.gained is None or (change.gained in after and change.gained not in before)
    assert (told.advice.share if told.advice else 0) * whole == pytest.approx(different)


@settings(max_examples=25, phases=PHASES, deadline=None, suppress_health_check=list(HealthCheck))
@given(flows(), flows())
def test_an_estimate_finds_the_same_changes_and_its_margin_holds(old, new):
    shared = Shared.of(old, new)
    exact = _compare(Counted(old, new, shared, frozenset()), exact=True)
    estimated = _compare(Estimated(old, new, shared, frozenset()), exact=False)
    shares = {(c.lost, c.gained): c.amount for c in exact.changes}
    assert {(c.lost, c.gained) for c in estimated.changes} == set(shares)
    for change in estimated.changes:
        true = shares[change.lost, change.gained]
        # 95 % margins: three of them are passed once in many thousand times.
        assert abs(change.amount.share - true.share) <= 3 * change.amount.margin
        assert abs(change.amount.usual_share - true.usual_share) <= 3 * change.amount.margin


def test_a_flow_does_not_differ_from_itself():
    told = diff(small(), small("A small flow", "Another title"))
    assert (told.advice, told.changes) == (None, ())


def test_a_change_is_told_in_a_sentence_with_its_situation():
    new = small("when: {harm: {at_least: some}}\n    do", "when: {harm: many}\n    do")
    told = diff(small(), new)
    assert [c.sentence for c in told.changes if c.kind == "response"] == [
        "1 of 3 kinds of situation (33.3 %) lose Save it, all with who could be hurt: Somebody.",
        "1 of 3 kinds of situation (33.3 %) lose Take it down, all with who could be hurt: Somebody.",
        "1 of 3 kinds of situation (33.3 %) gain Hold, all with who could be hurt: Somebody.",
        (
            "2 of 9 kinds of situation (22.2 %) lose Respond, all with who could be hurt: Somebody; "
            "who saw it: Yes or Not sure."
        ),
    ]


def test_new_and_removed_questions_and_options_are_named():
    text = SMALL.replace('unsure: "Not sure"}', 'unsure: "Not sure", later: "Later"}').replace(
        "responses:\n",
        '  mood:\n    topic: "the mood"\n    ask: "How is the mood?"\n    options: {calm: "Calm", angry: "Angry"}\n'
        '    why: "It decides."\n    when_missing: calm\nresponses:\n',
        1,
    )
    new = parse_flow(text.replace("when: {issue: data}\n    add", "when: {issue: data, mood: angry}\n    add"))
    told = diff(small(), new)
    assert (told.shared.added, told.shared.options_added) == (("mood",), (("seen", "later"),))
    lost = next(c for c in told.changes if c.lost == ("person", "dpo"))
    assert lost.sentence.endswith(
        "lose the data protection officer, all with the mood: Calm; what is wrong: Personal data."
    )
    back = diff(new, small())
    assert (back.shared.removed, back.shared.options_removed) == (("mood",), (("seen", "later"),))
    gained = next(c for c in back.changes if c.gained == ("person", "dpo"))
    assert gained.example.told.endswith("the mood: Calm")


def test_the_shipped_flow_is_compared_exactly():
    text = SHIPPED.read_text()
    new = parse_flow(text.replace("gate: [B2, B4]", "gate: [B2]"))
    told = diff(shipped(), new)
    assert told.exact
    assert all(c.always == {"legal": ("safeguarding",)} | c.always for c in told.changes)
    assert {c.lost for c in told.changes} == {("level", "3")}
    assert USUAL == 3


def test_flow_diff_reads_files_and_git(tmp_path):
    edited = tmp_path / "new.yml"
    edited.write_text(SHIPPED.read_text().replace("gate: [B2, B4]", "gate: [B2]"))
    result = amends("flow", "diff", str(SHIPPED), str(edited))
    assert result.returncode == 0, result.stderr
    assert "move from level 3 to level 2" in result.stdout.decode()
    result = amends("flow", "diff", "HEAD:data/flows/problem_post.yml", "HEAD:data/flows/problem_post.yml", "--json")
    assert json.loads(result.stdout)["changes"] == []
    assert b"git has no" in amends("flow", "diff", "HEAD:nowhere.yml", str(edited)).stderr
