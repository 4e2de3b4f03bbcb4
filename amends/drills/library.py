"""Drills as their owners write them: `data/drills/*.yml`, each a known case told as it unfolded, without names.

A drill tells parts of a story, each with the time of the story at which it comes. `docs/drills.md` explains the format.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from amends.cases import Case, CaseError, load_cases
from amends.flows import FlowError, Problem
from amends.flows.problems import unknown
from amends.flows.source import Source, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Clock = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
When = Literal["start", "reported", "advised"]
Grade = Literal["easy", "medium", "hard"]

GRADES: tuple[Grade, ...] = ("easy", "medium", "hard")
FEWEST_PARTS = 3
LONGEST = 120
SHAPES = {"minutes": f"a whole number from 1 to {LONGEST}", "told": "a list of parts"}
"""What stands in a line that is no text."""
_DAY = 24 * 60
_number = re.compile(r"^\d+_")


class DrillError(Exception):
    """Drill files that cannot be used. `problems` has every mistake, with file, line and column."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class Part(BaseModel):
    """One message of the story, and the stage at which it comes: at the start, once it was reported, once advised."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    clock: Clock
    when: When
    text: Text


class Drill(BaseModel):
    """One drill. `minutes` is the time in which it can be done well; `case` is the case that it is made from."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Text
    title: Text
    grade: Grade
    case: Text
    minutes: int = Field(ge=1, le=LONGEST)
    you: Text
    told: Annotated[list[Part], Field(min_length=FEWEST_PARTS)]

    def begins_after(self, part: int) -> int:
        """Minutes of the story between its start and a part; past midnight it goes on."""
        passed, before = 0, _minute(self.told[0].clock)
        for each in self.told[1 : part + 1]:
            now = _minute(each.clock)
            passed += (now - before) % _DAY
            before = now
        return passed


@dataclass(frozen=True)
class Drills:
    """The drills, from easy to hard, and the cases that they are made from."""

    drills: Mapping[str, Drill]
    cases: Mapping[str, Case]

    def case_of(self, drill: Drill) -> Case:
        """The case that a drill is made from."""
        return self.cases[drill.case]

    def number(self, drill: Drill) -> int:
        """The place of a drill among all, from 1."""
        return list(self.drills).index(drill.id) + 1

    def find(self, name: str) -> Drill | None:
        """A drill by its id, its title or its number."""
        said = " ".join(name.split()).casefold()
        if said.isdecimal() and 1 <= int(said) <= len(self.drills):
            return list(self.drills.values())[int(said) - 1]
        return next((each for each in self.drills.values() if said in (each.id, each.title.casefold())), None)


def load_drills(data: Path) -> Drills:
    """The drills in `drills/` of a data directory, from easy to hard and within a grade in the order of their files.

    Files that did not change since are not read again.

    Raises:
        DrillError: something in a drill or in a case is wrong; it has every mistake.
    """
    files = [*sorted((data / "drills").glob("*.yml")), *sorted((data / "cases").glob("*.yml"))]
    return _load(data, tuple((str(file), file.stat().st_mtime_ns) for file in files))


@lru_cache(maxsize=2)
def _load(data: Path, _marks: tuple[tuple[str, int], ...]) -> Drills:
    try:
        cases = load_cases(data / "cases", None)
    except CaseError as error:
        raise DrillError(error.problems) from error
    files = sorted((data / "drills").glob("*.yml"))
    if not files:
        raise DrillError([Problem(str(data / "drills"), 1, 1, "There is no drill in this folder.")])
    problems: list[Problem] = []
    found: dict[str, Drill] = {}
    for file in files:
        try:
            source = Source(text_of(file), str(file))
        except FlowError as error:
            problems += error.problems
            continue
        drill = _drill(_number.sub("", file.stem), source)
        if drill is not None:
            _check(drill, source, cases)
            if drill.id in found:
                source.report((), f"There is a drill called {drill.id} already. Give this file another name.")
            found[drill.id] = drill
        problems += source.problems
    if problems:
        raise DrillError(problems)
    graded = sorted(found.values(), key=lambda drill: GRADES.index(drill.grade))  # within a grade as the files are
    return Drills({drill.id: drill for drill in graded}, cases)


def _drill(id_: str, source: Source) -> Drill | None:
    try:
        return Drill.model_validate({**source.content, "id": id_})
    except ValidationError as error:
        for mistake in error.errors():
            place = mistake["loc"]
            source.report(place, _sentence(mistake["type"], str(place[-1]), mistake.get("ctx", {})))
        return None


def _sentence(kind: str, name: str, expected: Mapping[str, Any]) -> str:
    if kind == "missing":
        return f"'{name}' is missing here."
    if kind == "extra_forbidden":
        return unknown("part", name, [name for name in (*Drill.model_fields, *Part.model_fields) if name != "id"])
    if kind == "literal_error":
        return f"{name} is {expected['expected']}."
    if kind == "too_short":
        return f"A story has {FEWEST_PARTS} parts or more."
    if kind.startswith("model_"):
        return "A part of the story has three lines: clock, when and text."
    if name == "clock":
        return "A time of the story is written as '08:40', from 00:00 to 23:59, in quotes."
    return f"{name} is {SHAPES.get(name, 'text, and not empty')}."


def _check(drill: Drill, source: Source, cases: Mapping[str, Case]) -> None:
    """Report a case that is not there or was not judged, names in the story, and parts that come too early."""
    case = cases.get(drill.case)
    if case is None:
        source.report(("case",), unknown("case", drill.case, cases))
    elif case.judgement is None:
        source.report(("case",), f"Nobody has judged {drill.case}, so there is nothing to compare with. Take another.")
    stages = ("start", "reported", "advised")
    before = "start"
    for n, part in enumerate(drill.told):
        if case is not None and case.organisation.casefold() in part.text.casefold():
            source.report(("told", n, "text"), f"The story names {case.organisation}. Tell it without names.")
        if (n == 0) != (part.when == "start"):
            source.report(("told", n, "when"), "The first part comes at the start, and only the first.")
        elif stages.index(part.when) < stages.index(before):
            source.report(("told", n, "when"), f"This comes after a part that is told when {before}. Put it before.")
        before = part.when


def _minute(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)
