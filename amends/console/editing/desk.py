"""What the pages of the editor do with a flow's text: check it, prove it, and say what is wrong and where."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from amends.console.editing.sections import SECTIONS
from amends.console.sheets import Sheet
from amends.flows.problems import FlowError
from amends.flows.source import Source
from amends.policies import PolicyError
from amends.settings import CACHE
from amends.understanding.encoder import load_encoder
from amends.workshop import Report, check

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from amends.flows import Flow
    from amends.flows.prove import Finding
    from amends.flows.source import Path_
    from amends.understanding.encoder import Encoder


class FlowSheet(Sheet):
    """The text of a flow that is edited."""

    kind = "flow"

    def content(self) -> dict[Any, Any]:
        """What the text says.

        Raises:
            FlowError: it is not YAML.
        """
        return Source(self.text, self.name).content

    def clauses(self) -> Mapping[str, str]:
        """Clause -> its title; none while the policies do not fit together."""
        try:
            return {id_: clause.title for id_, clause in self.beside.library().clauses.items()}
        except PolicyError:
            return {}


@dataclass(frozen=True)
class Said:
    """One sentence of the checks, and where it belongs: the section and the id of the element, if it has one."""

    sentence: str
    line: int = 0
    path: Path_ = ()
    section: str = ""
    id: str = ""
    kind: str = "mistake"
    situation: str = ""
    trace: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """What is to be looked at, as a link says it: 'row P14'."""
        return named(self.section, self.id) if self.section else f"line {self.line}"

    @property
    def address(self) -> str:
        """The end of the address of its form, or of the YAML."""
        return f"{self.section}/{self.id}" if self.section else f"yaml#line-{self.line}"


@cache
def encoder() -> Encoder:
    """What finds phrases that cannot be told apart; loaded when first needed."""
    return load_encoder(CACHE)


def look(sheet: FlowSheet, text: str, *, twins: bool = False) -> Report:
    """The quick checks of a text."""
    return check(sheet.document, text, sheet.beside, encoder=encoder() if twins else None)


def prove(sheet: FlowSheet) -> Report:
    """All that there is to say of the text as it stands: about a second when it was not looked at before."""
    return check(sheet.document, sheet.text, sheet.beside, prove=True, encoder=encoder())


def said(report: Report, text: str) -> list[Said]:
    """The mistakes, then the notes, each with its place."""
    try:
        source = Source(text, "")
    except FlowError as error:
        return [Said(problem.message, problem.line) for problem in error.problems]
    found = []
    for kind, problems in (("mistake", report.problems), ("note", report.notes)):
        for problem in problems:
            path = source.path_at(problem.line, problem.column)
            found.append(Said(problem.message, problem.line, path, *element(path), kind=kind))
    return [*found, *(Said(warning, kind="warning", path=_warned(warning)) for warning in report.warnings)]


def new_mistakes(sheet: FlowSheet, text: str) -> list[Said]:
    """What would be wrong with a text and is not wrong already."""
    there = {problem.message for problem in look(sheet, sheet.text).problems}
    return [each for each in said(look(sheet, text), text) if each.kind == "mistake" and each.sentence not in there]


def told(finding: Finding, source: Source, flow: Flow) -> Said:
    """A finding of the proof with its situation in words."""
    path = source.path_at(finding.line, finding.column)
    return Said(
        finding.sentence,
        finding.line,
        path,
        *element(path),
        kind="finding",
        situation=finding.example.told(flow) if finding.example else "",
        trace=finding.example.trace(flow) if finding.example else (),
    )


def element(path: Path_) -> tuple[str, str]:
    """The section and the id of the form in which a path of the file is edited."""
    if not path:
        return "", ""
    section = str(path[0])
    if section in ("title", "about", "says"):
        return "about", "all"
    if section == "confidence":
        return section, "all"
    if section == "flow" or len(path) < 2:
        return "", ""
    return section, str(path[1] + 1) if isinstance(path[1], int) else path[1]


def named(section: str, id_: str) -> str:
    """An element as a link says it: 'row P14', 'safe step 3', 'the confidence'."""
    one = SECTIONS[section].one if section in SECTIONS else section
    return f"the {one}" if id_ == "all" else f"{one} {id_}"


def _warned(warning: str) -> Path_:
    """The question that a warning of phrases that are too much alike is about."""
    name, colon, _ = warning.partition(": ")
    return ("questions", name) if colon and " " not in name else ()
