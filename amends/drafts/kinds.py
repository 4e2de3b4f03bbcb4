"""The kinds of findings and what is said about each (`data/drafts/kinds.yml`), and what is the organisation's own."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from amends.flows.problems import FlowError, unknown
from amends.flows.source import Source, text_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path


class DraftsError(Exception):
    """A file of the draft check that cannot be used. Each line is `file:line:column: sentence`."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Kind(_Part):
    """What is said about one kind of finding."""

    title: str = Field(min_length=1)
    could: str = Field(min_length=1)
    instead: str = Field(min_length=1)
    clauses: tuple[str, ...] = Field(min_length=1)
    level: int = Field(ge=0, le=3)
    read_first: Literal["", "comms", "legal", "dpo", "security", "safeguarding", "hr"] = ""


class _Kinds(_Part):
    kinds: dict[str, Kind]


FINE = "fine"
"""The class of examples with nothing wrong."""
ABOUT_SOMEBODY = frozenset({"accusation", "personal_data"})
"""Kinds that are a finding only when somebody is named."""


class _Examples(_Part):
    examples: dict[str, tuple[str, ...]]


def _month_and_day(written: str) -> str:
    try:
        date.fromisoformat(f"2000-{written}")
    except ValueError:
        raise ValueError("A day of every year is written month-day, such as 11-09.") from None
    return written


def _day(written: object) -> date:
    try:
        return date.fromisoformat(str(written))
    except ValueError:
        raise ValueError("Write a day as year-month-day, such as 2027-05-06.") from None


Day = Annotated[date, BeforeValidator(_day)]


class Period(_Part):
    """An election period, both days included."""

    from_: Day = Field(alias="from")
    to: Day
    name: str

    @model_validator(mode="after")
    def _runs_forward(self) -> Period:
        if self.to < self.from_:
            raise ValueError("The period ends before it begins.")
        return self


class Embargo(_Part):
    """Words that nobody says before a time; without a time zone it is meant in the organisation's own."""

    until: datetime
    words: tuple[str, ...] = Field(min_length=1)
    name: str


class Anniversary(_Part):
    """A day of every year on which people remember their dead."""

    day: Annotated[str, AfterValidator(_month_and_day)]
    name: str


class Organisation(_Part):
    """What drafts are held against that is the organisation's own."""

    hosts: tuple[str, ...] = ()
    elections: tuple[Period, ...] = ()
    embargoes: tuple[Embargo, ...] = ()
    anniversaries: tuple[Anniversary, ...] = ()


_Model = TypeVar("_Model", bound=_Part)


def load_kinds(path: Path, known: Collection[str] | None = None) -> Mapping[str, Kind]:
    """The kinds in a file, by name.

    Args:
        path: the file.
        known: ids of the clauses that there are, to check `clauses` against.

    Raises:
        DraftsError: something in it is wrong; it has every mistake.
    """
    source, part = _read(path, _Kinds)
    for name, kind in part.kinds.items():
        for n, clause in enumerate(kind.clauses):
            if known is not None and clause not in known:
                source.report(("kinds", name, "clauses", n), f"There is no clause called {clause}.")
        if kind.level >= 2 and not kind.read_first:
            source.report(("kinds", name), "From level 2 on, say in read_first who reads it first.", key=True)
    _refuse(source)
    return part.kinds


def load_examples(path: Path, kinds: Collection[str]) -> Mapping[str, tuple[str, ...]]:
    """Sentences to learn from, by kind, and those that are `fine`.

    Raises:
        DraftsError: something in the file is wrong; it has every mistake.
    """
    source, part = _read(path, _Examples)
    for name in part.examples:
        if name != FINE and name not in kinds:
            source.report(("examples", name), unknown("kind of finding", name, kinds), key=True)
    if FINE not in part.examples or len(part.examples) < 2:
        source.report(("examples",), "There have to be sentences that are fine, and sentences of some kind.")
    _refuse(source)
    return part.examples


def load_organisation(path: Path) -> Organisation:
    """What is the organisation's own.

    Raises:
        DraftsError: something in the file is wrong; it has every mistake.
    """
    return _read(path, Organisation)[1]


def _read(path: Path, model: type[_Model]) -> tuple[Source, _Model]:
    if not path.is_file():
        raise DraftsError(f"{path}: This file cannot be read. Restore it, or name another in .env.")
    try:
        source = Source(text_of(path), str(path))
    except FlowError as error:
        raise DraftsError(str(error)) from error
    try:
        return source, model.model_validate(source.content)
    except ValidationError as error:
        for mistake in error.errors():
            source.report(tuple(mistake["loc"]), f"{mistake['msg'].removeprefix('Value error, ').rstrip('.')}.")
    _refuse(source)
    raise AssertionError  # a mistake was reported just above


def _refuse(source: Source) -> None:
    if source.problems:
        raise DraftsError("\n".join(str(problem) for problem in sorted(source.problems)))
