"""What an owner reads before a text goes live: the checks, the proof, the known cases, and what changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from amends.console.editing.desk import encoder
from amends.flows import FlowError, parse_flow
from amends.understanding.twins import find_twins
from amends.workshop.changes import changes
from amends.workshop.checks import check
from amends.workshop.publishing import DATA

if TYPE_CHECKING:
    from amends.flows.prove import Finding
    from amends.settings import Settings
    from amends.workshop.changes import Changes
    from amends.workshop.checks import Around, Report
    from amends.workshop.documents import Document
    from amends.workshop.scenarios import Scenario

MOST_LINES = 1_000
"""Lines of a difference that are shown."""


@dataclass(frozen=True)
class Told:
    """A finding of the proof, with one situation in words and what the flow does there."""

    line: int
    sentence: str
    situation: str
    trace: tuple[str, ...]


@dataclass(frozen=True)
class Shown:
    """A text before it goes live."""

    document: Document
    report: Report
    findings: tuple[Told, ...]
    warnings: tuple[str, ...]
    changes: Changes | None

    @property
    def changed(self) -> list[Scenario]:
        """The known cases that come out differently."""
        return [one for one in self.report.scenarios if one.differs]

    @property
    def failing(self) -> list[Scenario]:
        """The known cases that fail, as they did before."""
        return [one for one in self.report.scenarios if one.fails and not one.differs]

    @property
    def lines(self) -> list[tuple[str, str]]:
        """The text's difference: each line with what it is (added, removed, place or kept)."""
        kinds = {"+": "added", "-": "removed", "@": "place"}
        lines = self.changes.lines if self.changes else ()
        return [(kinds.get(line[:1], "kept"), line) for line in lines[:MOST_LINES]]


def shown(document: Document, text: str, before: str | None, beside: Around, settings: Settings) -> Shown:
    """Look at a text that is to go live; two or three seconds for a flow that was not looked at before.

    Args:
        before: what is live, None when nothing is.
        beside: all that is live.
    """
    on = settings.flow_settings
    report = check(document, text, beside, prove=True, settings=on, data=DATA)
    warnings = list(report.warnings)
    findings: tuple[Told, ...] = ()
    if document.kind == "flow":
        findings = tuple(_told(finding, text) for finding in report.findings)
        warnings += _twins(text)
    return Shown(document, report, findings, tuple(warnings), changes(document, before, text, on))


def _told(finding: Finding, text: str) -> Told:
    flow = parse_flow(text)
    example = finding.example
    situation, trace = (example.told(flow), example.trace(flow)) if example else ("", ())
    return Told(finding.line, finding.sentence, situation, tuple(trace))


def _twins(text: str) -> list[str]:
    try:
        return [str(pair) for pair in find_twins(parse_flow(text), encoder())]
    except FlowError:
        return []
