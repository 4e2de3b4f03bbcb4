"""What is known of a flow: situations that it is held against, and that can be loaded where it is tried.

The public cases are told in the questions of the usual flow. For the others `data/expected` restates them, beside
situations that were made up, and says what each flow is expected to advise. A flow with neither is held against the
public cases.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from amends.cases import CaseError, load_cases
from amends.cases_compared import compare
from amends.flows import USUAL, AnswerError, FlowError, Problem, decide, parse_answers
from amends.flows.expected import differences, load_expected
from amends.flows.problems import unknown

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from amends.cases import Case
    from amends.flows import Flow
    from amends.flows.expected import Expected

Verdict = Literal["pass", "fail", "disputed", "does not fit"]
"""`disputed`: opinion is split on what was right. `does not fit`: its answers are not the flow's."""


@dataclass(frozen=True)
class Known:
    """One situation: the public case that it is, or restates, and what is expected in it; one of them may be None."""

    id: str
    what_happened: str
    answers: Mapping[str, str | list[str]]
    case: Case | None = None
    expected: Expected | None = None

    @property
    def title(self) -> str:
        """What it is called in a list."""
        of = f"{self.case.organisation}, {self.case.year}" if self.case else "made up"
        return f"{self.id.replace('-', ' ').capitalize()} ({of})" if self.expected else of


@dataclass(frozen=True)
class Held:
    """What a flow advises in a known situation, and what is wrong with it; None where that is disputed."""

    row: str | None
    advised: tuple[str, ...]
    mistakes: tuple[str, ...] | None
    fits: bool = True

    @property
    def verdict(self) -> Verdict:
        """In a word or two."""
        if not self.fits:
            return "does not fit"
        if self.mistakes is None:
            return "disputed"
        return "fail" if self.mistakes else "pass"


def known_of(flow_id: str, data: Path) -> Mapping[str, Known]:
    """The known situations of a flow by their ids, read again when their files change.

    Args:
        flow_id: the name of the flow; the situations are not checked against it.
        data: the folder with `cases/` and `expected/`.

    Raises:
        CaseError: a file cannot be used, or a situation names a case that there is not.
    """
    files = sorted((data / "cases").glob("*.yml")), sorted((data / "expected").glob("*.yml"))
    marks = tuple((str(file), file.stat().st_mtime_ns) for folder in files for file in folder)
    return _known(flow_id, data, marks)


def hold(known: Known, flow: Flow, settings: Collection[str] = frozenset()) -> Held:
    """Hold a flow against a known situation.

    Args:
        settings: those of the organisation that are on; what is expected has its own.
    """
    try:
        return _held(known, flow, settings)
    except AnswerError as error:
        return Held(None, (), (str(error),), fits=False)


def _held(known: Known, flow: Flow, settings: Collection[str]) -> Held:
    if known.expected is None:
        assert known.case is not None
        compared = compare(known.case, flow, settings)
        return Held(compared.row, compared.advised, compared.flow_mistakes)
    decision = decide(flow, parse_answers(flow, known.answers), frozenset(known.expected.settings))
    advised = tuple(step.code for step in decision.steps if not step.optional)
    return Held(decision.row, advised, tuple(sentence for _, sentence in differences(flow, known.expected)))


@lru_cache(maxsize=8)
def _known(flow_id: str, data: Path, _marks: tuple[tuple[str, int], ...]) -> Mapping[str, Known]:
    cases = _cases(data / "cases", _marks)
    file = data / "expected" / f"{flow_id}.yml"
    found: dict[str, Known] = {}
    if flow_id == USUAL or not file.exists():
        found = {id_: Known(id_, case.what_happened, case.facts, case) for id_, case in cases.items()}
    if file.exists():
        found |= _expected(file, cases)
    return found


@lru_cache(maxsize=2)
def _cases(folder: Path, _marks: tuple[tuple[str, int], ...]) -> Mapping[str, Case]:
    return load_cases(folder, None)


def _expected(file: Path, cases: Mapping[str, Case]) -> dict[str, Known]:
    try:
        situations = load_expected(file)
    except FlowError as error:
        raise CaseError(error.problems) from error
    strange = [
        Problem(str(file), 1, 1, f"{id_}: {unknown('case', each.case, cases)}")
        for id_, each in situations.items()
        if each.case is not None and each.case not in cases
    ]
    if strange:
        raise CaseError(strange)
    return {
        id_: Known(id_, each.what_happened, each.answers, cases[each.case] if each.case else None, each)
        for id_, each in situations.items()
    }
