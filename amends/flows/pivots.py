"""Which one answer would change the advice: every other answer to every question, tried out one at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from amends.flows.answers import mask_of, options_of
from amends.flows.decide import decide
from amends.flows.explain import mid_sentence
from amends.flows.measure import ADVICE, outputs
from amends.flows.model import Answer
from amends.flows.problems import either

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from amends.flows.answers import Answers
    from amends.flows.decision import Decision
    from amends.flows.measure import Key, Kind
    from amends.flows.model import Flow, Question


@dataclass(frozen=True)
class Pivot:
    """One other answer, and what the advice would be then.

    `options` all do the same; `adds` is whether they are answered, or taken out of the several that were.
    `answers` are those with the first of them. `lost` and `gained` are what is advised no longer, and instead.
    """

    question: str
    options: tuple[str, ...]
    adds: bool
    answers: Answers
    lost: tuple[Key, ...]
    gained: tuple[Key, ...]

    @property
    def changes_steps(self) -> bool:
        """Whether what is to be done changes, and not only a level, a deadline or a ban."""
        return any(kind in ("response", "person") for kind, _ in (*self.lost, *self.gained))

    def answer_told(self, flow: Flow) -> str:
        """The other answer in the words of the file."""
        question = flow.questions[self.question]
        labels = either([f"'{question.options[option].label}'" for option in self.options])
        return labels if self.adds else f"not {labels}"

    def change_told(self, flow: Flow) -> str:
        """What would be different, as one sentence without its full stop."""
        return change_told(flow, self.lost, self.gained)


def pivots(flow: Flow, answers: Answers, settings: Collection[str] = ()) -> tuple[Pivot, ...]:
    """Every single other answer that changes the advice, in the order of the questions.

    Options of one question that change the same are told together. Those that change what is to be done
    come before those that change only a level, a deadline or what is ruled out.
    """
    now = _advice(decide(flow, answers, settings))
    found: dict[tuple[str, bool, tuple[Key, ...], tuple[Key, ...]], list[tuple[str, Answers]]] = {}
    for question in flow.questions.values():
        for option, adds, others in _others(question, answers):
            then = _advice(decide(flow, others, settings))
            if then != now:
                key = (question.id, adds, _sorted(now - then), _sorted(then - now))
                found.setdefault(key, []).append((option, others))
    all_ = [
        Pivot(question, tuple(option for option, _ in options), adds, options[0][1], lost, gained)
        for (question, adds, lost, gained), options in found.items()
    ]
    return tuple(sorted(all_, key=lambda pivot: not pivot.changes_steps))


def change_told(flow: Flow, lost: Collection[Key], gained: Collection[Key]) -> str:
    """What is advised no longer and what instead: 'no longer apologise; also hold; level 2 instead of 3'."""
    parts = [_list("no longer", _names(flow, lost)), _list("also", _names(flow, gained))]
    levels = [[code for kind, code in keys if kind == "level"] for keys in (lost, gained)]
    if all(levels):
        parts.append(f"level {levels[1][0]} instead of {levels[0][0]}")
    titles = {rule.id: rule.title for rule in flow.deadlines}
    for words, keys in (("no deadline", lost), ("a deadline", gained)):
        parts.append(_list(words, [titles.get(code, code) for kind, code in keys if kind == "deadline"]))
    parts += [
        _list("no longer ruled out", _names(flow, lost, ("ruled out",))),
        _list("ruled out", _names(flow, gained, ("ruled out",))),
    ]
    return "; ".join(part for part in parts if part)


def _list(words: str, names: Collection[str]) -> str:
    return f"{words}: {', '.join(names)}" if names else ""


def _names(flow: Flow, keys: Collection[Key], kinds: tuple[Kind, ...] = ("response", "person")) -> list[str]:
    return [mid_sentence(flow.codes[code].label) for kind, code in keys if kind in kinds and code in flow.codes]


def _advice(decision: Decision) -> frozenset[Key]:
    return frozenset(key for key in outputs(decision) if key[0] in ADVICE)


def _sorted(keys: Collection[Key]) -> tuple[Key, ...]:
    return tuple(sorted(keys, key=lambda key: (ADVICE.index(key[0]), key[1])))


def _others(question: Question, answers: Answers) -> Iterator[tuple[str, bool, Answers]]:
    """Every other answer to one question: the option that makes it, whether it is added, and all answers then."""
    if question.kind == "times":
        return
    given = options_of(question, mask_of(question, answers[question.id])) if question.id in answers else ()
    rest = {name: answer for name, answer in answers.items() if name != question.id}
    for option, bit in question.bits.items():
        if question.kind != "many":
            if option not in given:
                yield option, True, {**rest, question.id: Answer(option)}
        elif option not in given:
            together = () if bit & question.alone else [o for o in given if not question.bits[o] & question.alone]
            chosen = tuple(o for o in question.options if o == option or o in together)
            yield option, True, {**rest, question.id: Answer(chosen)}
        elif len(given) > 1:
            yield option, False, {**rest, question.id: Answer(tuple(o for o in given if o != option))}
