"""What is found in a draft: the words and their place, what could go wrong, the clause, a safe way to say it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from amends.drafts.kinds import Kind


@dataclass(frozen=True)
class Mark:
    """A place in a text that a rule points at: characters `start` to `end`, and what it is, in a few words."""

    kind: str
    start: int
    end: int
    what: str = ""


@dataclass(frozen=True)
class Finding:
    """One thing that could go wrong with a draft.

    `words` are the characters `start` to `end` of the draft as it was given; `what` says what they are. `level` is
    that of the table of levels (0 to 3); `read_first` is the role that reads it first, from level 2 on.
    """

    kind: str
    title: str
    start: int
    end: int
    words: str
    what: str
    could: str
    instead: str
    clauses: tuple[str, ...]
    level: int
    read_first: str


@dataclass(frozen=True)
class Report:
    """All that was found in a draft: the gravest kinds first, then in the order of the text."""

    findings: tuple[Finding, ...]

    @property
    def level(self) -> int:
        """The highest level of what was found; 0 if nothing was."""
        return max((finding.level for finding in self.findings), default=0)

    @property
    def read_first(self) -> tuple[str, ...]:
        """The roles that should read it before it goes out, each once."""
        return tuple(dict.fromkeys(finding.read_first for finding in self.findings if finding.read_first))


def report_of(text: str, marks: Sequence[Mark], kinds: Mapping[str, Kind]) -> Report:
    """The findings for marks; of marks of one kind that overlap or touch, one is made."""
    merged: list[Mark] = []
    for mark in sorted(marks, key=lambda mark: (mark.kind, mark.start, -mark.end)):
        last = merged[-1] if merged else None
        if last and last.kind == mark.kind and mark.start <= last.end:
            what = last.what if not mark.what or mark.what in last.what else f"{last.what}; {mark.what}".strip("; ")
            merged[-1] = Mark(mark.kind, last.start, max(last.end, mark.end), what)
        else:
            merged.append(mark)
    findings = [_finding(text, mark, kinds[mark.kind]) for mark in merged]
    first = {finding.kind: finding.start for finding in reversed(findings)}
    return Report(tuple(sorted(findings, key=lambda each: (-each.level, first[each.kind], each.kind, each.start))))


def _finding(text: str, mark: Mark, kind: Kind) -> Finding:
    return Finding(
        kind=mark.kind,
        title=kind.title,
        start=mark.start,
        end=mark.end,
        words=text[mark.start : mark.end],
        what=mark.what,
        could=kind.could,
        instead=kind.instead,
        clauses=tuple(kind.clauses),
        level=kind.level,
        read_first=kind.read_first if kind.level >= 2 else "",
    )
