"""Texts that understanding is trained with, beside the phrases in the flow: `data/understanding`, `data/nlu`.

All were written for this purpose; none of them is in a test file, and a test says so.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

_ANSWERING = frozenset(
    ("inform", "report_problem", "affirm", "deny", "not_sure", "correct_answer", "add_note", "action_done")
)
"""Intents whose texts may say something about a question."""


@dataclass(frozen=True)
class FirstMessage:
    """A report: the answers it states, and those that a fair reader may read in it, but need not."""

    text: str
    facts: Mapping[str, tuple[str, ...]]
    allowed: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Examples:
    """What there is to learn from.

    Attributes:
        answers: question -> option -> texts that answer the one with the other.
        first: first messages.
        silent: texts that answer no question of any flow.
        danger: texts of people whose life or body, or somebody's, is in danger now.
        harmless: texts that only sound like it.
        digest: a hash of all of them.
    """

    answers: Mapping[str, Mapping[str, tuple[str, ...]]]
    first: tuple[FirstMessage, ...]
    silent: tuple[str, ...]
    danger: tuple[str, ...]
    harmless: tuple[str, ...]

    @cached_property
    def digest(self) -> str:
        parts = (self.answers, self.first, self.silent, self.danger, self.harmless)
        return hashlib.sha256(repr(parts).encode()).hexdigest()


@lru_cache(maxsize=4)
def load_examples(data: Path) -> Examples:
    """Read the examples.

    Args:
        data: the directory with `understanding/` and `nlu/`.

    Raises:
        OSError, yaml.YAMLError: a file is missing or is no YAML.
    """
    folder = data / "understanding"
    answers = {path.stem: _lists(_read(path)) for path in sorted((folder / "answers").glob("*.yml"))}
    first = read_first(_read(folder / "first_messages.yml"))
    silent: list[str] = []
    for path in sorted((data / "nlu").glob("*.yml")):
        for part in _read(path)["nlu"]:
            if part["intent"] not in _ANSWERING:
                silent += [line.removeprefix("- ") for line in part["examples"].splitlines()]
    danger = _lists(_read(folder / "danger.yml"))
    return Examples(answers, tuple(first), tuple(silent), danger["danger"], danger["harmless"])


def read_first(document: Iterable[Mapping[str, Any]]) -> list[FirstMessage]:
    """The messages of a file of first messages."""
    return [FirstMessage(one["text"], _lists(one["facts"]), _lists(one.get("allowed", {}))) for one in document]


def _read(path: Path) -> Any:
    return yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)


def _lists(document: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {str(key): tuple(str(one) for one in value) for key, value in document.items()}
