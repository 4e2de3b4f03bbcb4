"""Why this advice, and why not another: in sentences, with the answers that decide it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, product
from typing import TYPE_CHECKING

from amends.flows.answers import is_implied, options_of, situation
from amends.flows.ask import recommend
from amends.flows.conditions import slots
from amends.flows.decide import decide
from amends.flows.model import Answer
from amends.flows.problems import AnswerError, either, unknown

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from amends.flows.answers import Answers
    from amends.flows.decision import Decision, Traced
    from amends.flows.model import Flow, Guard, Question

MOST_CHANGES = 2
"""A smallest change of more answers than this is another case, not a change."""


@dataclass(frozen=True)
class WhyNot:
    """Why a response or role is not advised.

    `ruled_out_by` are the sentences of the rules, each with the answers it looked at; `change` is the
    smallest change of answers that would bring it in (question -> option), None when it takes more than two.
    """

    code: str
    allowed: bool
    ruled_out_by: tuple[str, ...]
    change: dict[str, str] | None
    text: str


def why(flow: Flow, answers: Answers, settings: Collection[str] = ()) -> str:
    """Why the flow advises what it does: the row, then what each other rule added, left out or forbade."""
    decision = recommend(flow, answers, settings)
    lines = []
    for traced in decision.trace:
        if traced.did in ("applies", "does not offer"):
            continue
        names = either([mid_sentence(flow.codes[code].label) for code in traced.codes], "and")
        verb = {
            "recommends": "",
            "adds": "That adds: ",
            "forbids": "That rules out: ",
            "drops": "That leaves out: ",
        }
        verb |= {"offers": "That allows: ", "refuses": "That rules out: "}
        said = because(flow, answers, settings, traced)
        if traced.kind == "row":
            lines.append(f"{traced.why} So: {names}.{said}")
        else:
            lines.append(f"{traced.why} {verb[traced.did]}{names}.{said}")
    return "\n".join(dict.fromkeys(lines))


def why_not(flow: Flow, answers: Answers, code: str, settings: Collection[str] = ()) -> WhyNot:
    """Why a response or role is not part of the advice.

    Raises:
        AnswerError: the flow has no such response or role.
    """
    if code not in flow.codes:
        raise AnswerError(unknown("response or role", code, flow.codes))
    decision = decide(flow, answers, settings)
    label = flow.codes[code].label
    if code in decision.responses or code in decision.people:
        how = next(step.how for step in decision.steps if step.code == code)
        return WhyNot(code, True, (), {}, f"It is part of the advice: {_upper(label)}. {how}")
    ruled_out = tuple(reasons(flow, answers, settings, decision, code))
    change = _smallest_change(flow, answers, settings, code)
    lines = [f"Not advised: {mid_sentence(label)}.", *ruled_out]
    if change:
        parts = [
            f"{flow.questions[q].topic}: {flow.questions[q].options[option].label}" for q, option in change.items()
        ]
        lines.append(f"It would be different with this answer: {'; '.join(parts)}.")
    elif change is None:
        lines.append("Several answers would have to be different.")
    return WhyNot(code, False, ruled_out, change, "\n".join(lines))


def reasons(flow: Flow, answers: Answers, settings: Collection[str], decision: Decision, code: str) -> Iterator[str]:
    """Why a response or role is not part of a decision: the rules that rule it out, else the row that applies."""
    found: dict[str, None] = {}
    for traced in decision.trace:
        if code in traced.codes and traced.did in ("forbids", "does not offer", "drops", "refuses"):
            found.setdefault(f"{traced.why}{because(flow, answers, settings, traced)}")
    if not found:
        row = next((traced for traced in decision.trace if traced.kind == "row"), None)
        if row is not None:
            found[f"{row.why}{because(flow, answers, settings, row)}"] = None
    yield from found


def reason_for(flow: Flow, answers: Answers, settings: Collection[str], decision: Decision, code: str) -> str:
    """Why a response or role is part of a decision: the rule that brought it in."""
    brought = [t for t in decision.trace if code in t.codes and t.did in ("recommends", "adds", "offers")]
    return f"{brought[-1].why}{because(flow, answers, settings, brought[-1])}" if brought else ""


def because(flow: Flow, answers: Answers, settings: Collection[str], traced: Traced) -> str:
    """The answers that decide whether a rule applies, as the person gave them: ' (who could be hurt: Nobody)'."""
    guard = _guard_of(flow, traced)
    if guard is None:
        return ""
    s = situation(flow, answers, settings)
    gates = (gate.bit for gate in flow.gates.values() if gate.guard.test(s))
    s[flow.recommended_slot + 1] = sum(gates)
    said = [
        _said(flow, question, answers, s[question.index])
        for question in flow.questions.values()
        if question.index in slots(guard.condition) and _decides(guard, s, question)
    ]
    return f" ({'; '.join(said)})" if said else ""


def _said(flow: Flow, question: Question, answers: Answers, mask: int) -> str:
    labels = [question.options[option].label for option in options_of(question, mask)]
    words = either(labels, "and") or "nothing"
    if question.id in answers:
        note = ", as I understood it" if answers[question.id].inferred else ""
    else:
        note = ", which follows" if is_implied(flow, question, answers) else ", taken as long as it is not answered"
    return f"{question.topic}: {words}{note}"


def _decides(guard: Guard, s: list[int], question: Question) -> bool:
    """Whether another answer to this question alone would change whether the rule applies."""
    now = guard.test(s)
    other = list(s)
    for bit in (0, *question.bits.values()):
        other[question.index] = bit
        if guard.test(other) != now:
            return True
    return False


def _guard_of(flow: Flow, traced: Traced) -> Guard | None:
    if traced.kind == "row":
        return flow.rows[traced.rule].guard
    if traced.rule in flow.gates:
        return flow.gates[traced.rule].guard
    floors = {floor.id: floor.guard for floor in flow.floors}
    never = {rule.id: rule.guard for rule in flow.never}
    lines = {line.id: line.guard for offer in flow.offers for line in offer.lines}
    return (floors | never | lines).get(traced.rule)


def _smallest_change(flow: Flow, answers: Answers, settings: Collection[str], code: str) -> dict[str, str] | None:
    """The fewest answers that would have to be different for `code` to be advised."""
    questions = [q for q in flow.questions.values() if q.kind != "times" and q.ask_before is None]
    for count in range(1, MOST_CHANGES + 1):
        for chosen in combinations(questions, count):
            for options in product(*(q.options for q in chosen)):
                changed = dict(answers)
                for question, option in zip(chosen, options, strict=True):
                    changed[question.id] = Answer((option,) if question.kind == "many" else option)
                if code in {step.code for step in decide(flow, changed, settings).steps}:
                    return {q.id: option for q, option in zip(chosen, options, strict=True)}
    return None


def _upper(text: str) -> str:
    return text[0].upper() + text[1:]


def mid_sentence(text: str) -> str:
    """A label as it stands in the middle of a sentence; abbreviations such as HR keep their capitals."""
    return text if text[1:2].isupper() else text[0].lower() + text[1:]
