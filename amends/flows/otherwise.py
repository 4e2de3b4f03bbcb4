"""What there is to do when a person decides on other responses than the flow's, and which of its rules that breaks.

The people stay as the flow brings them in. Whatever is taken down is saved first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from amends.flows.decide import with_recommended
from amends.flows.decision import Step

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from amends.flows.answers import Answers
    from amends.flows.decision import Decision
    from amends.flows.model import Flow

SAVED_FIRST = ("take_down", "report_platform")
"""What makes the post go away, so that it is saved before, also where no rule of the flow says so."""


@dataclass(frozen=True)
class Otherwise:
    """A decision with other responses, and a sentence for each rule of the flow that they go against."""

    decision: Decision
    against: tuple[str, ...]


def otherwise(
    flow: Flow, answers: Answers, settings: Collection[str], decision: Decision, responses: Sequence[str]
) -> Otherwise:
    """The decision with these responses in the place of those that the flow recommends.

    Args:
        flow: a loaded flow.
        answers: those that `decision` was made for, with `settings`.
        decision: the flow's.
        responses: codes of the flow, in the order to do them.
    """
    order = _order(flow, answers, settings, decision, responses)
    situation = with_recommended(flow, answers, settings, order)
    decided = replace(
        decision,
        steps=tuple(_step(flow, decision, code) for code in order),
        forbidden={code: reason for code, reason in decision.forbidden.items() if code not in order},
        wording=tuple(dict.fromkeys(_wording(flow, decision, situation))),
    )
    return Otherwise(decided, tuple(dict.fromkeys(_against(flow, decision, order, situation))))


def _order(
    flow: Flow, answers: Answers, settings: Collection[str], decision: Decision, responses: Sequence[str]
) -> list[str]:
    order = list(dict.fromkeys(responses))
    for person in decision.people:
        place = len(order)
        if flow.codes[person].before_public:
            place = next((n for n, other in enumerate(order) if flow.codes[other].public), place)
        order.insert(place, person)
    if "preserve" not in order and _saved_before(flow, with_recommended(flow, answers, settings, order), order):
        order.append("preserve")
    return sorted(order, key=lambda code: code != "preserve" and not flow.codes[code].first)


def _saved_before(flow: Flow, situation: list[int], order: Sequence[str]) -> bool:
    """Whether something of this is not done before the evidence is saved."""
    if "preserve" not in flow.codes:
        return False
    saving = flow.codes["preserve"].bit
    rules = (rule for rule in flow.never if rule.without == saving and rule.guard.test(situation))
    return not set(order).isdisjoint({*SAVED_FIRST, *(code for rule in rules for code in rule.refuse)})


def _step(flow: Flow, decision: Decision, code: str) -> Step:
    known = flow.codes[code]
    advised = next((step for step in decision.steps if step.code == code), None)
    if advised is not None:
        return replace(advised, optional=False) if known.kind == "response" else advised
    return Step(code, known.kind, known.how, clear_first=decision.clear_first if known.public else ())


def _wording(flow: Flow, decision: Decision, situation: list[int]) -> Iterator[str]:
    """The rules for what is said: those of gates and rows stay, the others fit what is said now."""
    by_rule = {rule.says for rule in flow.wording}
    yield from (line for line in decision.wording if line not in by_rule)
    yield from (rule.says for rule in flow.wording if rule.guard.test(situation))


def _against(flow: Flow, decision: Decision, order: Sequence[str], situation: list[int]) -> Iterator[str]:
    chosen = [code for code in order if flow.codes[code].kind == "response"]
    for traced in decision.trace:
        broken = set(traced.codes) & set(chosen)
        if broken and traced.did == "forbids":
            yield _sentence(traced.title, traced.why)
        elif broken and traced.did == "does not offer":
            yield traced.why
    together = situation[flow.recommended_slot]
    for rule in flow.never:
        lacks = rule.without and not together & rule.without
        if lacks and set(rule.refuse) & set(chosen) and rule.guard.test(situation):
            yield _sentence(rule.title, rule.reason)


def _sentence(title: str, reason: str) -> str:
    return f"{title.rstrip('.')}. {reason}"
