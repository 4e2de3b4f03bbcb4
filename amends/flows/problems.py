"""What is wrong with a flow file: where, what, and what to write instead."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True, order=True)
class Problem:
    """One mistake, at a line and a column that both count from 1."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        """`file:line:column: sentence`, as editors read it."""
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


class FlowError(Exception):
    """A flow file that cannot be used. `problems` has every mistake, in the order of the file."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class AnswerError(ValueError):
    """An answer that the flow does not know. The message is a sentence for the person who gave it."""


def nearest(name: str, names: Iterable[str]) -> str:
    """' Did you mean X?' with the most similar name there is, or nothing when none is similar."""
    close = get_close_matches(name, list(names), n=1, cutoff=0.6)
    return f" Did you mean {close[0]}?" if close else ""


def unknown(what: str, name: str, names: Iterable[str]) -> str:
    """The sentence for a name that does not exist, with the nearest right one or those that there are."""
    names = list(names)
    hint = nearest(name, names)
    if not hint and names and len(names) <= 12:
        hint = f" There are: {', '.join(names)}."
    if not name:
        return f"No {what} is named here.{hint}"
    return f"There is no {what} called {name}.{hint}"


def either(words: Sequence[str], conjunction: str = "or") -> str:
    """`a, b or c`: a list as it is said."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {conjunction} {words[-1]}"
