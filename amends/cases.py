"""Publicly documented cases: what went wrong, what was done, and what was judged right.

`data/cases/*.yml`, one schema. `docs/cases.md` explains it to the people who add cases.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from amends.flows import AnswerError, FlowError, Problem, parse_answers
from amends.flows.problems import unknown
from amends.flows.source import Source, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from amends.flows import Flow

Text = Annotated[str, StringConstraints(min_length=1)]
Address = Annotated[str, StringConstraints(pattern=r"^https?://\S+$")]
Judged = Literal["take_down", "respond", "apologise", "make_light"]
Verdict = Literal["must", "fine", "wrong"]


class CaseError(Exception):
    """Case files that cannot be used. `problems` has every mistake, with file, line and column."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class Case(BaseModel):
    """One documented case, in our own words.

    `facts` are answers to the flow's questions as things stood when somebody first had to decide: our reading
    of the reports. `best_practice_response` is what observers, courts, regulators or the literature held
    right, or None where opinion was split. `judgement` says of each of four responses whether leaving it out
    (must) or including it (wrong) would have been a mistake; None where nobody judged them one by one.
    `confidence` is that of the facts. `source` is `memory` where no address was seen.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Text
    year: int = Field(ge=2000, le=2100)
    organisation: Text
    sector: Text
    platform: Text
    what_happened: Text
    how_it_happened: Text
    facts: dict[str, str | list[str]] = Field(min_length=1)
    what_they_did: list[str]
    time_to_response: Text | None
    reception: Literal["good", "mixed", "bad"]
    best_practice_response: list[str] | None
    judgement: dict[Judged, Verdict] | None = None
    basis: Literal["observers", "court", "regulator", "literature", "inferred"]
    lesson: Text
    tags: list[Text] = []
    source: Annotated[list[Address], Field(min_length=1)] | Literal["memory"]
    confidence: Literal["high", "medium", "low"]


class _CasesPart(BaseModel):
    model_config = ConfigDict(extra="forbid")
    cases: dict[str, dict[str, Any]] = Field(min_length=1)


def load_cases(directory: Path, flow: Flow | None) -> dict[str, Case]:
    """The cases of all files in a directory, by id, in the order of the files.

    Args:
        directory: where the `*.yml` files are.
        flow: the facts and responses have to be known to it; with None they are not checked.

    Raises:
        CaseError: something in a file is wrong, or there is no file; it has every mistake.
    """
    files = sorted(directory.glob("*.yml"))
    if not files:
        raise CaseError([Problem(str(directory), 1, 1, "There is no case file in this folder.")])
    problems: list[Problem] = []
    cases: dict[str, Case] = {}
    homes: dict[str, str] = {}
    for file in files:
        try:
            source = Source(text_of(file), str(file))
        except FlowError as error:
            problems += error.problems
            continue
        for id_, raw in _parts(source).items():
            if id_ in homes:
                source.report(("cases", id_), f"{id_} stands in {homes[id_]} too. Rename one.", key=True)
            homes[id_] = str(file)
            case = _case(id_, raw, source)
            if case is not None:
                if flow is not None:
                    _check(case, source, flow)
                cases[id_] = case
        problems += source.problems
    if problems:
        raise CaseError(problems)
    return cases


def _parts(source: Source) -> Mapping[str, dict[str, Any]]:
    try:
        return _CasesPart.model_validate(source.content).cases
    except ValidationError as error:
        _report(error, source, ())
        return {}


def _case(id_: str, raw: dict[str, Any], source: Source) -> Case | None:
    try:
        return Case.model_validate({**raw, "id": id_})
    except ValidationError as error:
        _report(error, source, ("cases", id_))
        return None


def _report(error: ValidationError, source: Source, path: tuple[str | int, ...]) -> None:
    for mistake in error.errors():
        place = (*path, *mistake["loc"])
        source.report(place, _sentence(mistake["type"], str(place[-1]) if place else "The file", mistake["msg"]))


def _sentence(kind: str, name: str, message: str) -> str:
    if kind == "missing":
        return f"'{name}' is missing here."
    if kind == "extra_forbidden":
        return unknown("part", name, [*Case.model_fields, *_CasesPart.model_fields])
    return f"{name}: {message[0].lower()}{message[1:]}."


def _check(case: Case, source: Source, flow: Flow) -> None:
    """Report answers and codes that the flow does not know."""
    path = ("cases", case.id)
    for question, answer in case.facts.items():
        mistake = _answer_mistake(flow, question, answer)
        if mistake:
            source.report((*path, "facts", question), mistake)
    for name in ("what_they_did", "best_practice_response"):
        for n, code in enumerate(getattr(case, name) or ()):
            if code not in flow.codes:
                source.report((*path, name, n), unknown("response or role", code, flow.codes))


def _answer_mistake(flow: Flow, question: str, answer: str | list[str]) -> str:
    try:
        parse_answers(flow, {question: answer})
    except AnswerError as error:
        return str(error)
    return ""
