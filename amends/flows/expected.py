"""What a flow is expected to advise in situations that its authors thought through, and where it does otherwise.

`data/expected/NAME.yml` belongs to the flow of that name; docs/cases.md explains the lines. A decision that differs is
a mistake in the flow or in the expectation, and `amends flow check` says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from amends.flows.answers import parse_answers
from amends.flows.decide import decide
from amends.flows.problems import AnswerError, FlowError, Problem, either, unknown
from amends.flows.source import Source, text_of

if TYPE_CHECKING:
    from pathlib import Path

    from amends.flows.model import Flow

Text = Annotated[str, StringConstraints(min_length=1)]


class Expected(BaseModel):
    """One situation. `case` names the public case that it restates, in `data/cases`; without it, it was made up.

    `advised` are the steps in their order, without those that are optional; `forbidden` must at least be ruled out.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    case: Text | None = None
    what_happened: Text
    answers: dict[str, str | list[str]] = Field(min_length=1)
    settings: list[Text] = []
    row: Text
    advised: list[Text] = Field(min_length=1)
    forbidden: list[Text] = []
    level: int
    why: Text


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    flow: Text
    situations: dict[str, Expected] = Field(min_length=1)


def load_expected(file: Path) -> dict[str, Expected]:
    """The situations of a file, by their ids.

    Raises:
        FlowError: it cannot be used; with every mistake.
    """
    source, part = _read(file)
    if part is None:
        raise FlowError(source.problems)
    return part.situations


def check_expected(flow: Flow, file: Path) -> tuple[int, tuple[Problem, ...]]:
    """How many situations a file has, and each mistake in it or difference from what the flow advises."""
    try:
        source, part = _read(file)
    except FlowError as error:
        return 0, error.problems
    if part is None:
        return 0, tuple(sorted(source.problems))
    if part.flow != flow.id:
        source.report(("flow",), f"This is for the flow {part.flow}, not for {flow.id}.")
    for id_, situation in part.situations.items():
        for name, sentence in differences(flow, situation):
            source.report(("situations", id_, name), f"{id_}: {sentence}", key=True)
    return len(part.situations), tuple(sorted(source.problems))


def _read(file: Path) -> tuple[Source, _File | None]:
    """The source of a file, and its content; without that, the source has its mistakes."""
    source = Source(text_of(file), str(file))
    try:
        return source, _File.model_validate(source.content)
    except ValidationError as error:
        for mistake in error.errors():
            _report(source, mistake)
        return source, None


def _report(source: Source, mistake: Any) -> None:
    path = mistake["loc"]
    name = str(path[-1])
    if mistake["type"] == "missing":
        source.report(path[:-1], f"'{name}' is missing here.", key=True)
    elif mistake["type"] == "extra_forbidden":
        source.report(path, unknown("part", name, [*_File.model_fields, *Expected.model_fields]), key=True)
    else:
        source.report(path, f"{name}: {mistake['msg'][0].lower()}{mistake['msg'][1:]}.")


def differences(flow: Flow, expected: Expected) -> list[tuple[str, str]]:
    """The line of the situation that does not hold, and what the flow says instead."""
    stray = [name for name in expected.settings if name not in flow.settings]
    if stray:
        return [("settings", unknown("setting", stray[0], flow.settings))]
    try:
        decision = decide(flow, parse_answers(flow, expected.answers), frozenset(expected.settings))
    except AnswerError as error:
        return [("answers", str(error))]
    advised = [step.code for step in decision.steps if not step.optional]
    found = []
    if decision.row != expected.row:
        found.append(("row", f"row {decision.row} decides, not {expected.row}."))
    if advised != expected.advised:
        found.append(("advised", f"advised are {either(advised, 'and')}."))
    allowed = [code for code in expected.forbidden if code not in decision.forbidden]
    if allowed:
        found.append(("forbidden", f"{either(allowed, 'and')} is not ruled out."))
    if decision.level != expected.level:
        found.append(("level", f"the level is {decision.level}."))
    if decision.refused:
        found.append(("row", f"never-rule {either(decision.refused, 'and')} had to overrule the flow."))
    return found
