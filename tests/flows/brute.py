"""All answer sets of a small flow, listed: what the solver says must be true of them."""

from __future__ import annotations

from itertools import chain, combinations, product
from typing import TYPE_CHECKING

from amends.flows import Answer, Flow, decide
from amends.flows.answers import situation

if TYPE_CHECKING:
    from collections.abc import Iterator


def possible_answers(question) -> list[Answer]:
    if question.kind != "many":
        return [Answer(option) for option in question.options]
    options = list(question.options)
    sets = chain.from_iterable(combinations(options, n) for n in range(1, len(options) + 1))
    alone = {option for option, bit in question.bits.items() if bit & question.alone}
    return [Answer(chosen) for chosen in sets if len(chosen) == 1 or not alone & set(chosen)]


def outcome(flow: Flow, answers) -> tuple:
    d = decide(flow, answers)
    return (
        frozenset(d.responses),
        frozenset(d.people),
        frozenset(d.forbidden),
        d.level,
        frozenset(deadline.id for deadline in d.deadlines),
    )


def completions(flow: Flow, answers, but: str) -> Iterator[dict]:
    """Every way to answer the other open questions; one that follows from earlier ones takes that answer."""
    open_ = [q for name, q in flow.questions.items() if name not in answers and name != but and q.kind != "times"]
    for chosen in product(*(possible_answers(q) for q in open_)):
        completed = {**answers, **{q.id: a for q, a in zip(open_, chosen, strict=True)}}
        if all(_follows(flow, q, completed) for q in open_):
            yield completed


def _follows(flow: Flow, question, answers) -> bool:
    if question.implied is None:
        return True
    mask, guard = question.implied
    if not guard.test(situation(flow, answers)):
        return True
    return question.bits[answers[question.id].value] == mask


def matters(flow: Flow, answers, name: str) -> bool:
    """Whether two answers to `name` can lead to different advice, whatever the others turn out to be."""
    question = flow.questions[name]
    for completed in completions(flow, answers, name):
        if question.implied is not None and question.implied[1].test(situation(flow, completed)):
            continue
        outcomes = {outcome(flow, {**completed, name: answer}) for answer in possible_answers(question)}
        if len(outcomes) > 1:
            return True
    return False


def next_by_listing(flow: Flow, answers) -> str | None:
    return next((name for name in flow.questions if name not in answers and matters(flow, answers, name)), None)
