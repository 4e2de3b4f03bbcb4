"""Answers in, decision out: gates, then the first row, floors, what is forbidden, offers, never-rules, level.

Pure: the same flow, answers and settings give the same decision, with the reasons for each part of it.
`amends.flows.encode` says the same in the solver's language; a test holds the two together.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from amends.flows.answers import situation
from amends.flows.decision import Confidence, Deadline, Decision, Step, Traced
from amends.flows.model import Times
from amends.flows.problems import either

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from amends.flows.answers import Answers
    from amends.flows.model import Flow, Gate, Level, Row, RowStep


def decide(flow: Flow, answers: Answers, settings: Collection[str] = ()) -> Decision:
    """What the flow advises for these answers; missing ones are read as the flow says.

    Args:
        flow: a loaded flow.
        answers: from `parse_answers`.
        settings: the organisation's yes/no settings that are on.
    """
    s = situation(flow, answers, settings)
    recommended, gates_slot, row_slot = (flow.recommended_slot + n for n in range(3))
    trace: list[Traced] = []

    gates = [gate for gate in flow.gates.values() if gate.guard.test(s)]
    for gate in gates:
        s[gates_slot] |= gate.bit
    row = next((row for row in flow.rows.values() if row.guard.test(s)), None)

    order: list[str] = []
    how: dict[str, str] = {}
    if row is not None:
        s[row_slot] = row.bit
        for step in _row_steps(row, s):
            order.append(step.code)
            if step.how:
                how[step.code] = step.how
        trace.append(Traced("row", row.id, row.title, "recommends", tuple(order), row.reason, row.clauses))
    forbidden = _apply_gates(flow, gates, order, trace)
    s[recommended] = _bits(flow, order)
    wording = _apply_floors(flow, s, order, trace)

    for code in [code for code in order if code in forbidden]:
        order.remove(code)
    s[recommended] = _bits(flow, order)
    optional = _make_offers(flow, s, order, forbidden, how, trace)
    refused = _keep_never_rules(flow, s, order, forbidden, trace)
    order.sort(key=lambda code: not flow.codes[code].first)
    s[recommended] = _bits(flow, order)

    clear_first = tuple(dict.fromkeys(role for gate in gates for role in gate.clear_first))
    level = next(level for level in flow.levels if level.guard.test(s))
    return Decision(
        row=row.id if row else None,
        steps=tuple(_step(flow, code, how, gates, row, clear_first, code in optional) for code in order),
        forbidden=forbidden,
        do_not=tuple(act for gate in gates for act in gate.do_not),
        wording=_wording(flow, s, row, gates, wording),
        clear_first=clear_first,
        level=level.level,
        level_name=level.name,
        decider=_decider(flow, level, gates),
        first_public_line=level.first_public_line,
        look_again=level.look_again,
        deadlines=_deadlines(flow, s, answers),
        cites=tuple(dict.fromkeys(clause for traced in trace for clause in traced.clauses)),
        confidence=_confidence(flow, row, answers, s),
        missing=_missing(flow, answers, s),
        trace=tuple(trace),
        refused=tuple(refused),
    )


def label(flow: Flow, value: float) -> Confidence:
    """A confidence with the word that is shown for it."""
    value = round(max(value, 0.0), 2)
    rule = flow.confidence
    if value >= rule.show_high_from:
        return Confidence(value, "high")
    return Confidence(value, "medium" if value >= rule.show_medium_from else "low")


def _row_steps(row: Row, s: Sequence[int]) -> list[RowStep]:
    steps = next((steps for guard, steps in row.instead if guard.test(s)), row.steps)
    return [step for step in steps if step.guard.test(s)]


def _bits(flow: Flow, order: Sequence[str]) -> int:
    bits = 0
    for code in order:
        bits |= flow.codes[code].bit
    return bits


def _apply_gates(flow: Flow, gates: Sequence[Gate], order: list[str], trace: list[Traced]) -> dict[str, str]:
    """Add what gates add, after what the row recommends, some roles before the public responses."""
    forbidden: dict[str, str] = {}
    for gate in gates:
        new = [code for code in gate.add if code not in order]
        for code in new:
            place = len(order)
            if flow.codes[code].before_public:
                public = (n for n, other in enumerate(order) if flow.codes[other].public)
                place = next(public, place)
            order.insert(place, code)
        trace.append(
            Traced(
                "gate",
                gate.id,
                gate.title,
                "adds" if new else "applies",
                tuple(new),
                gate.reason,
                gate.clauses,
            )
        )
        if gate.forbid:
            trace.append(Traced("forbidden", gate.id, gate.title, "forbids", gate.forbid, gate.reason))
            for code in gate.forbid:
                forbidden.setdefault(code, gate.reason)
    return forbidden


def _apply_floors(flow: Flow, s: list[int], order: list[str], trace: list[Traced]) -> list[str]:
    wording: list[str] = []
    for floor in flow.floors:
        if not floor.guard.test(s):
            continue
        added = []
        for add in floor.add:
            if add.code in order or not add.guard.test(s):
                continue
            place = len(order)
            if add.in_place_of in order:
                place = order.index(add.in_place_of)
            elif add.after in order:
                place = order.index(add.after) + 1
            order.insert(place, add.code)
            added.append(add.code)
        dropped = tuple(code for code in floor.drop if code in order)
        for code in dropped:
            order.remove(code)
        s[flow.recommended_slot] = _bits(flow, order)
        wording += floor.wording
        if dropped:
            trace.append(
                Traced("floor", floor.id, floor.title, "drops", dropped, floor.reason, floor.clauses)
            )
        if added:
            trace.append(
                Traced("floor", floor.id, floor.title, "adds", tuple(added), floor.reason, floor.clauses)
            )
    return wording


def _make_offers(
    flow: Flow,
    s: list[int],
    order: list[str],
    forbidden: dict[str, str],
    how: dict[str, str],
    trace: list[Traced],
) -> list[str]:
    offered = []
    for offer in flow.offers:
        failed = [line for line in offer.lines if not line.guard.test(s)]
        code = (offer.code,)
        if not failed and offer.code not in forbidden and offer.code not in order:
            order.append(offer.code)
            offered.append(offer.code)
            how[offer.code] = f"{offer.how} {offer.task}"
            s[flow.recommended_slot] |= flow.codes[offer.code].bit
            trace.append(Traced("offer", offer.id, offer.title, "offers", code, offer.reason, offer.clauses))
        else:
            trace.extend(
                Traced("offer", line.id, offer.title, "does not offer", code, line.says) for line in failed
            )
    return offered


def _keep_never_rules(
    flow: Flow, s: list[int], order: list[str], forbidden: dict[str, str], trace: list[Traced]
) -> list[str]:
    """The last word. What is refused in this situation is named; what was recommended all the same is removed."""
    refused = []
    for rule in flow.never:
        if rule.never_empty is not None:
            if not any(flow.codes[code].kind == "response" for code in order):
                order.append(rule.never_empty)
                refused.append(rule.id)
                trace.append(Traced("never", rule.id, rule.title, "adds", (rule.never_empty,), rule.reason))
        elif rule.guard.test(s) and not s[flow.recommended_slot] & rule.without:
            broken = tuple(code for code in rule.refuse if code in order)
            for code in broken:
                order.remove(code)
            if broken:
                refused.append(rule.id)
                trace.append(
                    Traced("never", rule.id, rule.title, "refuses", broken, rule.reason, rule.clauses)
                )
            if not rule.without:
                for code in rule.refuse:
                    forbidden.setdefault(code, rule.reason)
                trace.append(Traced("forbidden", rule.id, rule.title, "forbids", rule.refuse, rule.reason))
        s[flow.recommended_slot] = _bits(flow, order)
    return refused


def _step(
    flow: Flow,
    code: str,
    how: dict[str, str],
    gates: Sequence[Gate],
    row: Row | None,
    clear_first: tuple[str, ...],
    optional: bool,
) -> Step:
    known = flow.codes[code]
    sentences = [how.get(code, known.how)]
    for gate in gates:
        hows = gate.how_instead if row is not None and row.id in gate.how_unless_row else gate.how
        if code in hows:
            sentences.append(hows[code])
    return Step(code, known.kind, " ".join(sentences), optional, clear_first if known.public else ())


def _wording(
    flow: Flow, s: list[int], row: Row | None, gates: Sequence[Gate], floors: Sequence[str]
) -> tuple[str, ...]:
    rules = [*(row.wording if row else ()), *(line for gate in gates for line in gate.wording), *floors]
    rules += [rule.says for rule in flow.wording if rule.guard.test(s)]
    return tuple(dict.fromkeys(rules))


def _decider(flow: Flow, level: Level, gates: Sequence[Gate]) -> str:
    if not level.with_gate_roles:
        return level.decider
    roles = dict.fromkeys(code for gate in gates for code in gate.add if flow.codes[code].kind == "person")
    labels = [flow.codes[role].label for role in roles]
    return f"{level.decider}, with {either(labels, 'and')}" if labels else level.decider


def _deadlines(flow: Flow, s: list[int], answers: Answers) -> tuple[Deadline, ...]:
    times = next((a.value for a in answers.values() if isinstance(a.value, Times)), Times())
    found = []
    for rule in flow.deadlines:
        if rule.guard.test(s):
            start = times.noticed if rule.starts_at == "noticed" else None
            due = start + timedelta(hours=rule.hours) if start and rule.hours else None
            found.append(
                Deadline(rule.id, rule.title, rule.limit, due, rule.starts, rule.reference, rule.mark)
            )
    return tuple(found)


def _confidence(flow: Flow, row: Row | None, answers: Answers, s: list[int]) -> Confidence:
    rule = flow.confidence
    value = {"high": rule.high, "medium": rule.medium, "low": rule.low}[row.confidence if row else "low"]
    for name, question in flow.questions.items():
        if question.confirm:
            answer = answers.get(name)
            if answer is not None and answer.inferred:
                value -= rule.inferred
            if any(s[question.index] & question.bits.get(option, 0) for option in rule.unsure_options):
                value -= rule.unsure
    return label(flow, value)


def _missing(flow: Flow, answers: Answers, s: list[int]) -> tuple[str, ...]:
    return tuple(
        name
        for name, question in flow.questions.items()
        if name not in answers
        and question.when_missing is not None
        and not (question.implied is not None and question.implied[1].test(s))
    )
