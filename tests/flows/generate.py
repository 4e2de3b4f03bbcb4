"""Small random flows and answers for Hypothesis: every part of the format, in every combination."""

from __future__ import annotations

import json

from hypothesis import strategies as st

from amends.flows import Answer, Flow, parse_flow
from tests.flows.brute import possible_answers

CODES = ["preserve", "take_down", "respond", "joke", "hold"]
PEOPLE = ["legal", "dpo"]
KINDS = ["one", "many", "scale"]


@st.composite
def flows(draw) -> Flow:
    questions = {}
    for n in range(draw(st.integers(2, 3))):
        kind = draw(st.sampled_from(KINDS))
        options = [f"o{k}" for k in range(draw(st.integers(2, 3)))]
        question = {
            "topic": f"question {n}",
            "ask": f"Question {n}?",
            "kind": kind,
            "options": {option: f"Option {option}" for option in options},
            "why": "To test.",
            "when_missing": [] if kind == "many" else draw(st.sampled_from(options)),
        }
        if kind == "many" and draw(st.booleans()):
            question["alone"] = [options[0]]
        questions[f"q{n}"] = question
    shape = {name: (q["kind"], list(q["options"])) for name, q in questions.items()}
    switches = {"s0": {"says": "A setting."}} if draw(st.booleans()) else {}
    names = list(questions)
    last = questions[names[-1]]
    if last["kind"] != "many" and draw(st.booleans()):
        earlier = {name: shape[name] for name in names[:-1]}
        last["implied"] = {
            "value": draw(st.sampled_from(list(last["options"]))),
            "when": draw(conditions(earlier, {})),
        }
    gates = {
        f"G{n}": {
            "title": "t",
            "when": draw(conditions(shape, {})),
            "add": draw(st.lists(st.sampled_from([*PEOPLE, "preserve"]), unique=True)),
            "forbid": draw(st.lists(st.sampled_from(["joke", "hold"]), unique=True, max_size=1)),
            "reason": "r",
        }
        for n in range(draw(st.integers(0, 2)))
    }
    known = {name: ["yes", "no"] for name in switches} | ({"gate": list(gates)} if gates else {})
    rows = {
        f"R{n}": {
            "title": "t",
            "when": draw(conditions(shape, known)),
            "do": draw(steps(shape)),
            "confidence": "low",
            "reason": "r",
        }
        for n in range(draw(st.integers(1, 3)))
    }
    if draw(st.booleans()):
        rows["R0"]["instead"] = [{"when": draw(conditions(shape, {})), "do": draw(steps(shape))}]
    known = {**known, "row": list(rows), "recommended": [*CODES, *PEOPLE]}
    floors = {
        f"F{n}": {
            "title": "t",
            "when": draw(conditions(shape, known)),
            "drop": draw(st.lists(st.sampled_from(CODES), unique=True, max_size=1)),
            "add": {code: {} for code in draw(st.lists(st.sampled_from(CODES), unique=True, max_size=1))},
            "wording": draw(st.sampled_from([[], [f"Floor {n}."]])),
            "reason": "r",
        }
        for n in range(draw(st.integers(0, 2)))
    }
    offers = {}
    if draw(st.booleans()):
        line = {"when": draw(conditions(shape, known)), "says": "s"}
        offers["joke"] = {"title": "t", "lines": {"L1": line}, "how": "h", "task": "t", "reason": "r"}
    never = {
        f"N{n}": {
            "title": "t",
            "when": draw(conditions(shape, {"row": list(rows)})),
            "refuse": [draw(st.sampled_from(CODES))],
            "without": draw(st.lists(st.sampled_from(CODES), unique=True, max_size=1)),
            "reason": "r",
        }
        for n in range(draw(st.integers(0, 2)))
    }
    never["N9"] = {"title": "t", "never_empty": "hold", "reason": "r"}
    level = {"decider": "d", "first_public_line": "f", "look_again": "l"}
    flow = {
        "flow": "random",
        "title": "t",
        "about": "a",
        "safe_steps": [{"says": "s"}],
        "questions": questions,
        "settings": switches,
        "responses": {code: {"label": code, "how": "h", "public": code == "respond"} for code in CODES},
        "people": {code: {"label": code, "how": "h", "before_public": True} for code in PEOPLE},
        "gates": gates,
        "rows": rows,
        "floors": floors,
        "offers": offers,
        "never": never,
        "wording": {"w0": {"says": "Wording.", "when": draw(conditions(shape, known))}},
        "levels": [
            {"level": 1, "name": "n", "when": draw(conditions(shape, known)), **level},
            {"level": 0, "name": "n", "when": {}, **level},
        ],
        "deadlines": {
            "d1": {
                "title": "t",
                "limit": "l",
                "when": draw(conditions(shape, known)),
                "starts": "s",
                "reference": "r",
                "mark": "M",
            }
        },
        "confidence": {
            "high": 0.9,
            "medium": 0.75,
            "low": 0.6,
            "inferred": 0.1,
            "unsure": 0.15,
            "changes": 0.15,
            "unsure_options": [],
            "show_high_from": 0.8,
            "show_medium_from": 0.65,
        },
    }
    return parse_flow(json.dumps(flow))


@st.composite
def steps(draw, shape):
    codes = draw(st.lists(st.sampled_from([*CODES, *PEOPLE]), unique=True, min_size=1, max_size=3))
    ways = [
        st.just({}),
        st.just({"how": "In a special way."}),
        conditions(shape, {}).map(lambda when: {"when": when}),
    ]
    return [{code: draw(st.one_of(ways))} for code in codes]


def conditions(shape, known, depth=2):
    """A condition over these questions; `known` are the special words that are allowed, with their names."""
    atoms = [_atom(name, kind, options) for name, (kind, options) in shape.items()]
    atoms += [st.sampled_from(names).map(lambda name, word=word: {word: name}) for word, names in known.items()]
    atom = st.one_of(atoms)
    if depth == 0:
        return atom
    inner = conditions(shape, known, depth - 1)
    return st.one_of(
        atom,
        st.just({}),
        inner.map(lambda part: {"not": part or {"all_of": [{}]}}),
        st.lists(inner, min_size=1, max_size=2).map(lambda parts: {"any_of": parts}),
        st.lists(inner, min_size=1, max_size=2).map(lambda parts: {"all_of": parts}),
    )


def _atom(name, kind, options):
    some = st.lists(st.sampled_from(options), min_size=1, max_size=2, unique=True)
    choices = [some, some.map(lambda chosen: {"not": chosen})]
    if kind == "many":
        choices += [some.map(lambda chosen, op=op: {op: chosen}) for op in ("only", "all", "exactly")]
    if kind == "scale":
        one = st.sampled_from(options)
        choices += [one.map(lambda option, op=op: {op: option}) for op in ("at_least", "at_most")]
    return st.one_of(choices).map(lambda value: {name: value})


@st.composite
def answers(draw, flow: Flow) -> dict[str, Answer]:
    given = {}
    for name, question in flow.questions.items():
        if draw(st.booleans()):
            given[name] = draw(st.sampled_from(possible_answers(question)))
    return given
