"""What `prove` must find, by listing every set of answers and settings of a small flow."""

from __future__ import annotations

from itertools import chain, combinations, product
from typing import TYPE_CHECKING

from amends.flows import Answer, Flow, decide
from amends.flows.answers import situation
from tests.flows.brute import possible_answers

if TYPE_CHECKING:
    from collections.abc import Iterator


def every_situation(flow: Flow) -> Iterator[tuple[dict, frozenset[str]]]:
    names = list(flow.settings)
    subsets = chain.from_iterable(combinations(names, n) for n in range(len(names) + 1))
    for on in [frozenset(subset) for subset in subsets]:
        for chosen in product(*(possible_answers(q) for q in flow.questions.values())):
            yield dict(zip(flow.questions, chosen, strict=True)), on


def told(flow: Flow, answers, settings) -> tuple:
    """Everything that somebody is told of a decision."""
    d = decide(flow, answers, settings)
    asked = tuple(q.implied is None or not q.implied[1].test(situation(flow, answers)) for q in flow.questions.values())
    return (
        d.row,
        tuple(traced for traced in d.trace if traced.did != "does not offer"),
        tuple((step.code, step.how, step.optional) for step in d.steps),
        frozenset(d.wording),
        frozenset(d.forbidden),
        d.level,
        frozenset(deadline.id for deadline in d.deadlines),
        asked,
    )


def findings(flow: Flow) -> set[tuple]:
    """Kind, subject and options of everything that is not true of the flow."""
    every = list(every_situation(flow))
    decided = [decide(flow, *one) for one in every]
    found: set[tuple] = set()

    def dead(kind, names, seen):
        found.update((kind, str(name), ()) for name in names if name not in seen)

    if any(d.row is None for d in decided):
        found.add(("no row", "rows", ()))
    live = {d.row for d in decided}
    dead("dead row", flow.rows, live)
    fired = {(t.kind, t.rule) for d in decided for t in d.trace if t.did != "does not offer"}
    dead("dead gate", flow.gates, {rule for kind, rule in fired if kind == "gate"})
    words = {line for d in decided for line in d.wording}
    floors = {rule for kind, rule in fired if kind == "floor"}
    floors |= {floor.id for floor in flow.floors if set(floor.wording) & words}
    dead("dead floor", [floor.id for floor in flow.floors], floors)
    dead("dead offer", [offer.code for offer in flow.offers], {c for d in decided for c in _offered(d)})
    dead("dead level", [level.level for level in flow.levels], {d.level for d in decided})
    dead("dead deadline", [x.id for x in flow.deadlines], {x.id for d in decided for x in d.deadlines})
    dead("dead wording", [rule.id for rule in flow.wording], {r.id for r in flow.wording if r.says in words})
    found.update(("never-rule broken", rule, ()) for d in decided for rule in d.refused)
    full = [_full(flow, *one) for one in every]
    dead("dead never-rule", [r.id for r in flow.never], {r.id for r in flow.never for s in full if r.guard.test(s)})
    special = {(d.row, _special(flow.rows[d.row], s)) for d, s in zip(decided, full, strict=True) if d.row}
    for name in live - {None}:
        for n in range(len(flow.rows[name].instead)):
            if (name, n) not in special:
                found.add(("dead special case", name, ()))
    dead("unreachable response", flow.responses, {c for d in decided for c in d.responses})
    dead("unreachable person", flow.people, {c for d in decided for c in d.people})
    return found | _effects(flow, every)


def _offered(decision):
    return [code for t in decision.trace if t.did == "offers" for code in t.codes]


def _full(flow, answers, settings):
    s = situation(flow, answers, settings)
    slot = flow.recommended_slot
    s[slot + 1] = sum(gate.bit for gate in flow.gates.values() if gate.guard.test(s))
    row = next((row for row in flow.rows.values() if row.guard.test(s)), None)
    s[slot + 2] = row.bit if row else 0
    return s


def _special(row, s):
    return next((n for n, (guard, _) in enumerate(row.instead) if guard.test(s)), None)


def _effects(flow, every) -> set[tuple]:
    found = set()
    for name, question in flow.questions.items():
        rests: dict[tuple, dict] = {}
        for answers, settings in every:
            rest = (tuple((q, a) for q, a in answers.items() if q != name), settings)
            rests.setdefault(rest, {})[answers[name].value] = told(flow, answers, settings)
        if question.kind == "many":
            groups = [(o,) for o in question.options if _never_matters(question, o, rests.values())]
            if len(groups) == len(question.options):
                groups = [tuple(question.options)]
        else:
            groups = _alike(question, rests.values())
        for group in groups:
            whole = len(group) == len(question.options)
            found.add((f"{'question' if whole else 'option'} without effect", name, group))
    return found


def _alike(question, tables) -> list[tuple]:
    rows: dict[tuple, list] = {}
    for option in question.options:
        rows.setdefault(tuple(table[option] for table in tables), []).append(option)
    return [tuple(group) for group in rows.values() if len(group) > 1]


def _never_matters(question, option, tables) -> bool:
    alone = {o for o, bit in question.bits.items() if bit & question.alone}
    sets = [a.value for a in possible_answers(question)]
    pairs = [((option,), (other,)) for other in question.options if other != option and {option, other} & alone]
    if option not in alone:
        for chosen in sets:
            if option not in chosen and not alone & set(chosen):
                more = tuple(o for o in question.options if o in {*chosen, option})
                pairs.append((chosen, more))
    return all(table[a] == table[b] for table in tables for a, b in pairs)


def fits(example, answers: dict[str, Answer], settings) -> bool:
    """Whether a situation has all the answers that an example says are enough."""
    same = all(answers[name] == example.answers[name] for name in example.needed)
    return same and all((name in settings) == (name in example.settings) for name in example.needed_settings)
