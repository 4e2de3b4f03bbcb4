"""Past incidents under another version of a flow: the same advice, different advice, or one cannot tell."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from amends.flows.answers import mask_of, options_of, parse_answers
from amends.flows.ask import next_question
from amends.flows.decide import decide
from amends.flows.diagrams import ALWAYS, Diagrams, TooLarge
from amends.flows.encode import Copy
from amends.flows.explain import reason_for, reasons
from amends.flows.measure import ADVICE, outputs
from amends.flows.problems import AnswerError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from amends.flows.answers import Answers
    from amends.flows.measure import Key
    from amends.flows.model import Flow

Verdict = Literal["same", "different", "cannot tell"]


@dataclass(frozen=True)
class Recorded:
    """An incident as it was recorded: `answers` and `decision` as JSON; no decision if it was stopped early."""

    reference: str
    answers: Mapping[str, Any]
    decision: Mapping[str, Any] | None


@dataclass(frozen=True)
class Outcome:
    """What the other version would have said.

    `before` and `after` are the steps; `lost` and `gained` what is no longer said and what is said instead.
    `question` was not asked then, and decides now. `reason` is a sentence.
    """

    verdict: Verdict
    before: tuple[str, ...]
    after: tuple[str, ...]
    lost: tuple[Key, ...] = ()
    gained: tuple[Key, ...] = ()
    question: str | None = None
    reason: str = ""

    def as_json(self) -> dict[str, Any]:
        """The outcome, ready for JSON."""
        return {
            "verdict": self.verdict,
            "before": list(self.before),
            "after": list(self.after),
            "lost": [" ".join(key) for key in self.lost],
            "gained": [" ".join(key) for key in self.gained],
            "question": self.question,
            "reason": self.reason,
        }


def replay(
    flow: Flow, incidents: Iterable[Recorded], settings: AbstractSet[str] = frozenset()
) -> Iterator[tuple[str, Outcome]]:
    """Each incident's reference with its outcome under `flow`; equal incidents are worked out once.

    Args:
        flow: the edited version.
        incidents: from the record, in any order.
        settings: the organisation's yes/no settings that are on.
    """
    player = _Player(flow, frozenset(settings))
    known: dict[tuple[str, frozenset[Key], tuple[str, ...]], Outcome] = {}
    for incident in incidents:
        said, steps = _recorded(incident.decision)
        key = (repr(sorted(incident.answers.items())), said, steps)
        if key not in known:
            known[key] = player.outcome(incident.answers, said, steps)
        yield incident.reference, known[key]


def _recorded(decision: Mapping[str, Any] | None) -> tuple[frozenset[Key], tuple[str, ...]]:
    """The advice and the steps of a decision as it is kept."""
    if decision is None:
        return frozenset(), ()
    parts: list[Key] = [("level", str(decision["level"]))]
    parts += [("response", code) for code in decision["responses"]]
    parts += [("person", code) for code in decision["people"]]
    parts += [("ruled out", code) for code in decision["forbidden"]]
    parts += [("deadline", deadline["id"]) for deadline in decision["deadlines"]]
    return frozenset(parts), tuple(step["code"] for step in decision["steps"])


class _Player:
    """Works out what one flow would have said."""

    def __init__(self, flow: Flow, settings: frozenset[str]) -> None:
        self._flow = flow
        self._settings = settings
        try:
            self._open: _Open | None = _Open(flow, settings)
        except TooLarge:
            self._open = None

    def outcome(self, raw: Mapping[str, Any], said: frozenset[Key], steps: tuple[str, ...]) -> Outcome:
        """The outcome for answers, and what was advised then."""
        flow = self._flow
        if not said:
            return Outcome("cannot tell", (), (), reason="No decision was recorded: it was stopped before.")
        try:
            answers = parse_answers(flow, {name: value for name, value in raw.items() if name in flow.questions})
        except AnswerError as error:
            return Outcome("cannot tell", steps, (), reason=f"An answer of then is no longer possible. {error}")
        question = self._undecided(answers)
        if question is not None:
            asked = flow.questions[question]
            reason = f"It hangs on a question that was not asked then: {asked.ask}"
            return Outcome("cannot tell", steps, (), question=question, reason=reason)
        decision = decide(flow, answers, self._settings)
        now = frozenset(key for key in outputs(decision) if key[0] in ADVICE)
        after = tuple(step.code for step in decision.steps)
        if now == said:
            return Outcome("same", steps, after)
        lost, gained = tuple(sorted(said - now)), tuple(sorted(now - said))
        why = [
            sentence
            for kind, code in lost
            if kind in ("response", "person") and code in flow.codes
            for sentence in reasons(flow, answers, self._settings, decision, code)
        ]
        why += [
            reason_for(flow, answers, self._settings, decision, code)
            for kind, code in gained
            if kind in ("response", "person")
        ]
        reason = " ".join(dict.fromkeys(why)) or "The level, a deadline or what is ruled out is different."
        return Outcome("different", steps, after, lost, gained, reason=reason)

    def _undecided(self, answers: Answers) -> str | None:
        """A question without an answer on which the advice hangs, or None."""
        if self._open is None:
            question = next_question(self._flow, answers, self._settings)
            decides = question is not None and self._flow.questions[question].when_missing is not None
            return question if decides else None
        return self._open.undecided(answers)


class _Open:
    """Which unanswered question decides, by decision diagrams: as exact as asking the solver, and faster."""

    def __init__(self, flow: Flow, settings: frozenset[str]) -> None:
        self._flow = flow
        one = {n: tuple(q.options) for n, q in flow.questions.items() if q.kind != "many" and q.options}
        many = {n: tuple(q.options) for n, q in flow.questions.items() if q.kind == "many"}
        self._diagrams = Diagrams(one, many, (*one, *many))
        self._copy = Copy(flow, self._diagrams, settings)
        self._asked = (*one, *many)
        self._hanging = lru_cache(maxsize=None)(self._hanging_on)

    def undecided(self, answers: Answers) -> str | None:
        """A question without an answer that the advice hangs on."""
        missing = [name for name in self._asked if name not in answers]
        if not missing:
            return None
        implied = frozenset(name for name in missing if name in self._copy.implied)
        given = {}
        for name in self._asked:
            if name in answers:
                question = self._flow.questions[name]
                given[name] = options_of(question, mask_of(question, answers[name]))
        for node in self._diagrams.given(self._hanging(implied), given):
            if node > ALWAYS:
                found = self._diagrams.questions_of(node)
                return next(name for name in self._flow.questions if name in found)
        return None

    def _hanging_on(self, implied: frozenset[str]) -> tuple[int, ...]:
        """The advice when these questions are not answered, so that they follow from others where they can."""
        logic, copy = self._diagrams, self._copy
        nodes = list(dict.fromkeys(node for node in copy.outcome() if node > ALWAYS))
        for name in reversed(copy.implied):
            if name in implied:
                question = self._flow.questions[name]
                assert question.implied is not None
                value = {name: options_of(question, question.implied[0])}
                follows = copy.implied[name]
                otherwise = logic.opposite(follows)
                nodes = [
                    logic.some((logic.every((follows, implied_)), logic.every((otherwise, node))))
                    for node, implied_ in zip(nodes, logic.given(nodes, value), strict=True)
                ]
        for rule in copy.rules:
            nodes = [logic.within(node, rule) for node in nodes]
        return tuple(sorted(set(nodes), key=logic.size))
