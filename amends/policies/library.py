"""The clause library: read, checked, and looked up for a decision."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from amends.flows.problems import FlowError, Problem, either, unknown
from amends.flows.source import Source, text_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

MOST_SHOWN = 8
"""More clauses than this on one card are not read by anybody."""


class PolicyError(Exception):
    """A policy file that cannot be used. `problems` has every mistake."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class _ClausePart(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    title: str = Field(min_length=1)
    text: str = Field(min_length=1)
    keywords: list[str] = []
    applies_when: list[str] = Field(min_length=1)
    supports: list[str] = []
    forbids: list[str] = []
    owner: str = Field(min_length=1)
    legal: str = Field(min_length=1)
    mark: Literal["S", "M", "S/M", "P"]
    beats: dict[str, str] = {}


class _PolicyPart(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    policy: str = Field(min_length=1)
    title: str = Field(min_length=1)
    clauses: dict[str, _ClausePart] = Field(min_length=1)


@dataclass(frozen=True)
class Clause:
    """One numbered rule. `mark`: S its law was seen in a source, M from memory, S/M part of each, P none."""

    id: str
    policy: str
    title: str
    text: str
    keywords: tuple[str, ...]
    applies_when: tuple[str, ...]
    supports: tuple[str, ...]
    forbids: tuple[str, ...]
    owner: str
    legal: str
    mark: str
    beats: Mapping[str, str] = field(hash=False)
    version: str = ""

    @property
    def verified(self) -> bool:
        """Whether all the law it names was seen in a source."""
        return self.mark in ("S", "P")

    @property
    def note(self) -> str:
        """What to say of the law's mark."""
        return {"M": "not verified", "S/M": "partly verified"}.get(self.mark, "")

    def body(self) -> str:
        """The clause as it is kept in the record."""
        kept = ("id", "title", "text", "applies_when", "supports", "forbids", "owner", "legal", "mark")
        return json.dumps({name: getattr(self, name) for name in kept}, ensure_ascii=False)


@dataclass(frozen=True)
class Cited:
    """A clause for a decision: why it is there, which ones speak against it, and which it gives way to."""

    clause: Clause
    because: str
    against: tuple[str, ...]
    gives_way_to: str | None

    @property
    def note(self) -> str:
        """One sentence about its place among the others, or nothing."""
        if self.gives_way_to:
            return f"Gives way to {self.gives_way_to}."
        return f"Read it together with {either(self.against, 'and')}." if self.against else ""


@dataclass(frozen=True)
class Library:
    """All clauses, by id. `version` is the SHA-256 of their content."""

    clauses: Mapping[str, Clause]
    version: str

    def for_decision(
        self, cites: Sequence[str], answers: Mapping[str, Collection[str]], responses: Sequence[str]
    ) -> tuple[Cited, ...]:
        """The clauses that a decision rests on.

        Args:
            cites: the clauses of the rules that fired, first to be shown.
            answers: question -> options answered; `a+b` tags need both.
            responses: what is advised; a clause that argues for or against one of them is nearer.

        Returns:
            The cited ones, then those whose tags match, by how many match; at most eight, and beside each
            clause that forbids what another one supports, that other one.
        """
        held = {f"{question}:{option}" for question, options in answers.items() for option in options}
        matches = {id_: _matching(clause, held) for id_, clause in self.clauses.items()}
        shown: dict[str, str] = {id_: "a rule that applied rests on it" for id_ in cites if id_ in self.clauses}
        by_tags = sorted(
            (id_ for id_, count in matches.items() if count and id_ not in shown),
            key=lambda id_: (-matches[id_], -len(set(self.clauses[id_].supports) & set(responses))),
        )
        for id_ in by_tags:
            if len(shown) >= MOST_SHOWN:
                break
            shown[id_] = "it fits the answers"
        return tuple(self._cited(id_, because, shown) for id_, because in shown.items())

    def unused(self, cited: Collection[str], options: Collection[str]) -> tuple[str, ...]:
        """The clauses that no rule cites and no answer brings in. `options` are written question:option."""
        return tuple(
            id_
            for id_, clause in self.clauses.items()
            if id_ not in cited and not any(set(tag.split("+")) <= set(options) for tag in clause.applies_when)
        )

    def contradicting(self, cited: Collection[str]) -> tuple[tuple[str, str], ...]:
        """Pairs of clauses, cited together, of which one forbids what the other supports, and neither gives way."""
        clauses = [self.clauses[id_] for id_ in cited if id_ in self.clauses]
        return tuple(
            (one.id, other.id)
            for n, one in enumerate(clauses)
            for other in clauses[n + 1 :]
            if _conflict(one, other) and one.id not in other.beats and other.id not in one.beats
        )

    def _cited(self, id_: str, because: str, shown: Collection[str]) -> Cited:
        clause = self.clauses[id_]
        others = [self.clauses[other] for other in shown if other != id_]
        against = tuple(other.id for other in others if _conflict(clause, other))
        winner = next((other.id for other in others if id_ in other.beats), None)
        return Cited(clause, because, against, winner)


def load_library(
    directory: Path,
    vocabulary: Mapping[str, Collection[str]] | None = None,
    codes: Collection[str] | None = None,
) -> Library:
    """The clauses of all policy files in a directory.

    Args:
        directory: where the `*.yml` files are.
        vocabulary: question -> options, to check the tags against; with None, tags are not checked.
        codes: responses and roles, to check `supports` and `forbids` against.

    Raises:
        PolicyError: something in a file is wrong, or there is no file; it has every mistake.
    """
    files = sorted(directory.glob("*.yml"))
    if not files:
        raise PolicyError([Problem(str(directory), 1, 1, "There is no policy file in this folder.")])
    try:
        texts = [(str(path), text_of(path)) for path in files]
    except FlowError as error:
        raise PolicyError(error.problems) from error
    return parse_library(texts, vocabulary, codes)


def parse_library(
    texts: Sequence[tuple[str, str]],
    vocabulary: Mapping[str, Collection[str]] | None = None,
    codes: Collection[str] | None = None,
) -> Library:
    """The clauses of several policy texts, each with a name for messages; see `load_library`.

    The same texts give the same object.
    """
    options = None if vocabulary is None else tuple((q, tuple(o)) for q, o in vocabulary.items())
    return _library(tuple(texts), options, None if codes is None else tuple(codes))


def clauses_of(text: str, file: str = "policy") -> dict[str, Clause]:
    """The clauses of one policy text alone; the names in it are not looked up.

    Raises:
        PolicyError: it is not formed as a policy.
    """
    source, part, problems = _read(text, file)
    if source is None or part is None:
        raise PolicyError(problems)
    return {id_: _clause(id_, part.policy, raw) for id_, raw in part.clauses.items()}


def _read(text: str, file: str) -> tuple[Source | None, _PolicyPart | None, list[Problem]]:
    """The source and the content of a policy text, or its mistakes."""
    try:
        source = Source(text, file)
    except FlowError as error:
        return None, None, list(error.problems)
    try:
        return source, _PolicyPart.model_validate(source.content), []
    except ValidationError as error:
        for mistake in error.errors():
            source.report(tuple(mistake["loc"]), _sentence(mistake))
        return source, None, list(source.problems)


@lru_cache(maxsize=8)
def _library(
    texts: tuple[tuple[str, str], ...],
    vocabulary: tuple[tuple[str, tuple[str, ...]], ...] | None,
    codes: tuple[str, ...] | None,
) -> Library:
    problems: list[Problem] = []
    clauses: dict[str, Clause] = {}
    sources: dict[str, Source] = {}
    for file, text in texts:
        source, part, mistakes = _read(text, file)
        if source is None or part is None:
            problems += mistakes
            continue
        for id_, raw in part.clauses.items():
            if id_ in clauses:
                source.report(("clauses", id_), f"{id_} stands in {sources[id_].file} too.", key=True)
            sources[id_] = source
            clauses[id_] = _clause(id_, part.policy, raw)
    for id_, clause in clauses.items():
        _check(clause, sources[id_], clauses, dict(vocabulary) if vocabulary else None, codes)
    for source in dict.fromkeys(sources.values()):
        problems += source.problems
    if problems:
        raise PolicyError(list(dict.fromkeys(problems)))
    whole = "".join(clause.version for clause in clauses.values())
    return Library(clauses, hashlib.sha256(whole.encode()).hexdigest())


def _clause(id_: str, policy: str, raw: _ClausePart) -> Clause:
    clause = Clause(
        id=id_,
        policy=policy,
        title=raw.title,
        text=raw.text,
        keywords=tuple(raw.keywords),
        applies_when=tuple(raw.applies_when),
        supports=tuple(raw.supports),
        forbids=tuple(raw.forbids),
        owner=raw.owner,
        legal=raw.legal,
        mark=raw.mark,
        beats=raw.beats,
    )
    return replace(clause, version=hashlib.sha256(clause.body().encode()).hexdigest())


def _check(
    clause: Clause,
    source: Source,
    clauses: Mapping[str, Clause],
    vocabulary: Mapping[str, Collection[str]] | None,
    codes: Collection[str] | None,
) -> None:
    """Report names in a clause that lead nowhere."""
    path = ("clauses", clause.id)
    for other in clause.beats:
        if other not in clauses:
            source.report((*path, "beats", other), unknown("clause", other, clauses), key=True)
    for name in ("supports", "forbids"):
        for n, code in enumerate(getattr(clause, name)):
            if codes is not None and code not in codes:
                source.report((*path, name, n), unknown("response or role", code, codes))
    for n, tag in enumerate(clause.applies_when):
        for part in tag.split("+"):
            mistake = _tag_mistake(part, vocabulary)
            if mistake:
                source.report((*path, "applies_when", n), mistake)


def _tag_mistake(tag: str, vocabulary: Mapping[str, Collection[str]] | None) -> str:
    question, _, option = tag.partition(":")
    if not option:
        return f"A tag is written question:option, not {tag}."
    if vocabulary is None:
        return ""
    if question not in vocabulary:
        return unknown("question", question, vocabulary)
    if option not in vocabulary[question]:
        return unknown(f"option of {question}", option, vocabulary[question])
    return ""


def _sentence(mistake: Any) -> str:
    name = str(mistake["loc"][-1]) if mistake["loc"] else "The file"
    if mistake["type"] == "missing":
        return f"'{name}' is missing here."
    if mistake["type"] == "extra_forbidden":
        return unknown("part", name, [*_ClausePart.model_fields, *_PolicyPart.model_fields])
    return f"{name}: {mistake['msg'][0].lower()}{mistake['msg'][1:]}."


def _matching(clause: Clause, held: Collection[str]) -> int:
    return sum(all(part in held for part in tag.split("+")) for tag in clause.applies_when)


def _conflict(one: Clause, other: Clause) -> bool:
    return bool(set(one.forbids) & set(other.supports) or set(one.supports) & set(other.forbids))
