"""The first stage in the picture of a decision: what was answered, what follows, and what is still open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amends.flows.answers import is_implied, mask_of, options_of, situation
from amends.flows.draw_items import Item, Stage
from amends.flows.draw_svg import SOFT, Words
from amends.flows.in_words import quoted, short_labels, upper
from amends.flows.model import Times
from amends.flows.problems import either

if TYPE_CHECKING:
    from collections.abc import Collection

    from amends.flows.answers import Answers
    from amends.flows.decision import Decision
    from amends.flows.model import Flow, Question


def answered(flow: Flow, answers: Answers, settings: Collection[str], decision: Decision) -> Stage:
    """A card for each question that was answered or matters; the others are only named."""
    items, idle = [], []
    for name, question in flow.questions.items():
        told = _answer(flow, answers, decision, question)
        if told is None:
            idle.append(question.topic)
        else:
            items.append(Item("questions", name, upper(question.topic), told))
    says = f"Not needed: {either(idle, 'and')}." if idle else "Every question."
    if on := [name for name in flow.settings if name in settings]:
        says += f" Settings that are on: {either(on, 'and')}."
    return Stage("What was answered", says, tuple(items), "cards", columns=4, always=True)


def _answer(flow: Flow, answers: Answers, decision: Decision, question: Question) -> tuple[Words, ...] | None:
    """The answer and where it comes from; None if the question is neither answered nor matters."""
    answer = answers.get(question.id)
    if answer is not None:
        note = ("As understood, not confirmed.",) if answer.inferred else ()
        said = (
            _times(answer.value) if isinstance(answer.value, Times) else _options(question, mask_of(question, answer))
        )
    elif is_implied(flow, question, answers):
        said = _options(question, situation(flow, answers)[question.index])
        note = ("Follows from another answer.",)
    elif question.id in decision.missing:
        said = "Not answered"
        read = _options(question, question.when_missing or 0)
        note = (f"Until then it counts as {quoted(read)}.",)
    else:
        return None
    return (Words(said, bold=True), *(Words(text, 11.5, ink=SOFT) for text in note))


def _times(times: Times) -> str:
    both = (("Posted", times.posted), ("Noticed", times.noticed))
    return " ".join(f"{what} {time.day} {time:%B %Y, %H:%M %Z}." for what, time in both if time)


def _options(question: Question, mask: int) -> str:
    labels = short_labels(question)
    return "; ".join(labels[option] for option in options_of(question, mask)) or "nothing"
