"""What came of a drill: what was done, held against what was judged right, and what was read otherwise. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from amends.flows import AnswerError, Times, parse_answers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from amends.cases import Case, Verdict
    from amends.flows import Answer, Flow

What = Literal["as_judged", "either_way", "left_out", "against"]


@dataclass(frozen=True)
class Judged:
    """One response: how it was judged, whether it was done, and what that is."""

    code: str
    verdict: Verdict
    done: bool

    @property
    def what(self) -> What:
        """Done or left as it was judged; a must that was left out; a mistake that was made; or either way was fine."""
        if self.verdict == "fine":
            return "either_way"
        if self.verdict == "must":
            return "as_judged" if self.done else "left_out"
        return "against" if self.done else "as_judged"


@dataclass(frozen=True)
class Read:
    """A question that was answered otherwise than the case was read, with both answers as codes."""

    question: str
    given: tuple[str, ...]
    case: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """What came of a drill.

    Attributes:
        seconds: from the first part of the story to the end.
        steps: each step that was marked as done, and how many seconds after the start.
        judged: the responses that were judged, each with what was done.
        otherwise: the questions that were answered otherwise than the case was read.
        stopped: somebody stopped before there was advice.
    """

    seconds: int
    steps: Mapping[str, int]
    judged: tuple[Judged, ...]
    otherwise: tuple[Read, ...]
    stopped: bool

    @property
    def as_judged(self) -> bool:
        """Whether nothing that was judged a must was left out, and nothing that was judged wrong was done."""
        return all(each.what in ("as_judged", "either_way") for each in self.judged)

    def as_json(self) -> dict[str, Any]:
        """What the record keeps: codes and seconds alone."""
        return {
            "seconds": self.seconds,
            "steps": dict(self.steps),
            "judged": {each.code: each.what for each in self.judged},
            "otherwise": [asdict(each) for each in self.otherwise],
            "stopped": self.stopped,
            "as_judged": self.as_judged,
        }


def judged(case: Case, done: Iterable[str]) -> tuple[Judged, ...]:
    """What was done, held against what was judged right.

    An apology counts as having responded: it carries the words. Asking the host or a recall counts as taking down,
    which is what the judgements mean by it.
    """
    codes = {"take_down" if code == "report_platform" else code for code in done}
    responded = codes | ({"respond"} if "apologise" in codes else set())
    return tuple(
        Judged(code, verdict, code in (responded if verdict == "must" else codes))
        for code, verdict in (case.judgement or {}).items()
    )


def otherwise(case: Case, flow: Flow, answers: Mapping[str, Answer]) -> tuple[Read, ...]:
    """The questions that were answered, and otherwise than the case was read; in the order in which they are asked."""
    read = facts(case, flow)
    both = [
        (question, _codes(answers[question].value), _codes(fact.value))
        for question, fact in read.items()
        if question in answers
    ]
    return tuple(Read(*each) for each in both if set(each[1]) != set(each[2]))


def facts(case: Case, flow: Flow) -> dict[str, Answer]:
    """The case as it was read, as far as a flow asks for it; in the order in which it asks."""
    found = {question: _fact(case, flow, question) for question in flow.questions if question in case.facts}
    return {question: answer for question, answer in found.items() if answer is not None}


def _fact(case: Case, flow: Flow, question: str) -> Answer | None:
    """None where the flow asks a question of this name with other answers."""
    try:
        return parse_answers(flow, {question: case.facts[question]}).get(question)
    except AnswerError:
        return None


def _codes(value: str | tuple[str, ...] | Times) -> tuple[str, ...]:
    if isinstance(value, Times):
        return ()
    return (value,) if isinstance(value, str) else tuple(value)
