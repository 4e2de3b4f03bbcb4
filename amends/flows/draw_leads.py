"""What leads where: the rules that look at a question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amends.flows.conditions import slots
from amends.flows.problems import either

if TYPE_CHECKING:
    from collections.abc import Iterator

    from amends.flows.model import DeadlineRule, Flow, Guard, Question, Row


def leads_to(flow: Flow, question: Question) -> str:
    """The rules that look at a question, by the names that they have in the picture; '' if none does."""

    def looks(*guards: Guard) -> bool:
        return any(question.index in slots(guard.condition) for guard in guards)

    named = {
        ("gate", "gates"): [gate.id for gate in flow.gates.values() if looks(gate.guard)],
        ("row", "rows"): [row.id for row in flow.rows.values() if looks(*_guards(row))],
        ("floor", "floors"): [f.id for f in flow.floors if looks(f.guard, *(add.guard for add in f.add))],
        ("offer line", "offer lines"): [line.id for offer in flow.offers for line in offer.lines if looks(line.guard)],
        ("never-rule", "never-rules"): [rule.id for rule in flow.never if looks(rule.guard)],
        ("level", "levels"): [str(level.level) for level in flow.levels if looks(level.guard)],
    }
    counted = {
        ("clock", "clocks"): [looks(rule.guard) or _starts(rule, question) for rule in flow.deadlines],
        ("rule for the words", "rules for the words"): [looks(rule.guard) for rule in flow.wording],
        ("first step", "first steps"): [looks(step.guard) for step in flow.safe_steps],
    }
    told = [f"{words[len(ids) > 1]} {either(ids, 'and')}" for words, ids in named.items() if ids]
    told += [f"{sum(found)} {words[sum(found) > 1]}" for words, found in counted.items() if any(found)]
    return "; ".join(told)


def _guards(row: Row) -> Iterator[Guard]:
    yield row.guard
    yield from (step.guard for step in row.steps)
    for guard, steps in row.instead:
        yield guard
        yield from (step.guard for step in steps)


def _starts(clock: DeadlineRule, question: Question) -> bool:
    return clock.starts_at is not None and question.kind == "times"
