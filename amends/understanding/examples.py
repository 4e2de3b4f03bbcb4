"""Texts that understanding is trained with, beside the phrases in the flow: `data/understanding`, `data/nlu`.

All were written for this purpose; none of them is in a test file, and a test says so.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import yaml

from amends.flows.names import USUAL

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

VAGUE = "vague"
_ANSWERING = frozenset(
    ("inform", "report_problem", "affirm", "deny", "not_sure", "correct_answer", "add_note", "action_done")
)
"""Intents whose texts may say something about a question."""


@dataclass(frozen=True)
class FirstMessage:
    """A report: the answers it states, and those that a fair reader may read in it, but need not.

    Attributes:
        told_in: the flow whose questions these are the answers to.
        flow: the flow that it is for; empty where that is not said.
    """

    text: str
    facts: Mapping[str, tuple[str, ...]]
    allowed: Mapping[str, tuple[str, ...]]
    told_in: str = USUAL
    flow: str = ""


@dataclass(frozen=True)
class Examples:
    """What there is to learn from.

    Attributes:
        answers: question -> option -> texts that answer the one with the other.
        first: first messages.
        silent: texts that answer no question of any flow.
        dodges: question -> what people say when they are asked it and do not answer.
        danger: texts of people whose life or body, or somebody's, is in danger now.
        harmless: texts that only sound like it.
        flows: flow -> first messages for it, of which no more is known; under `VAGUE` those that do not say it.
        digest: a hash of all but the last.
    """

    answers: Mapping[str, Mapping[str, tuple[str, ...]]]
    first: tuple[FirstMessage, ...]
    silent: tuple[str, ...]
    dodges: Mapping[str, tuple[str, ...]]
    danger: tuple[str, ...]
    harmless: tuple[str, ...]
    flows: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def digest(self) -> str:
        parts = (self.answers, self.first, self.silent, self.dodges, self.danger, self.harmless)
        return hashlib.sha256(repr(parts).encode()).hexdigest()

    def stating(self, flow: str, question: str, codes: Collection[str]) -> tuple[FirstMessage, ...]:
        """The messages that teach what states these options of a question, in a flow.

        They are those that are told in the flow's own questions. Where it shares a question with the usual flow, and
        the messages of that speak of all these options, they are learnt from, too.
        """
        own = self.told_in.get(flow, ())
        if flow != USUAL and self._spoken_of.get(question, frozenset()).issuperset(codes):
            return (*own, *self.told_in.get(USUAL, ()))
        return own

    @cached_property
    def told_in(self) -> Mapping[str, tuple[FirstMessage, ...]]:
        """The first messages, by the flow in whose questions they are told."""
        flows = dict.fromkeys(message.told_in for message in self.first)
        return {flow: tuple(one for one in self.first if one.told_in == flow) for flow in flows}

    @cached_property
    def _spoken_of(self) -> Mapping[str, frozenset[str]]:
        """The options that messages told in the usual flow state, by question."""
        found: dict[str, set[str]] = {}
        for message in self.told_in.get(USUAL, ()):
            for question, codes in message.facts.items():
                found.setdefault(question, set()).update(codes)
        return {question: frozenset(codes) for question, codes in found.items()}


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
    for path in sorted((folder / "first_messages").glob("*.yml")):
        first += read_first(_read(path), path.stem)
    silent: list[str] = []
    for path in sorted((data / "nlu").glob("*.yml")):
        for part in _read(path)["nlu"]:
            if part["intent"] not in _ANSWERING:
                silent += [line.removeprefix("- ") for line in part["examples"].splitlines()]
    dodges = _lists(_read(folder / "dodges.yml"))
    danger = _lists(_read(folder / "danger.yml"))
    flows = {flow: tuple(block.splitlines()) for flow, block in _read(folder / "flows.yml").items()}
    return Examples(answers, tuple(first), tuple(silent), dodges, danger["danger"], danger["harmless"], flows)


def read_first(document: Iterable[Mapping[str, Any]], flow: str = "") -> list[FirstMessage]:
    """The messages of a file of first messages.

    Args:
        document: what the file says.
        flow: that all of them are for, and are told in; without it they are told in the usual one, and each may say
            which it is for.
    """
    return [
        FirstMessage(
            one["text"],
            _lists(one.get("facts", {})),
            _lists(one.get("allowed", {})),
            told_in=flow or USUAL,
            flow=flow or one.get("flow", ""),
        )
        for one in document
    ]


def _read(path: Path) -> Any:
    return yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)


def _lists(document: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {str(key): tuple(str(one) for one in value) for key, value in document.items()}
