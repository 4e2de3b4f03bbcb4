"""What the pages of the editor do with the workshop: read the text, check it, save it, and say what is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from amends.console.editing.sections import SECTIONS
from amends.flows.problems import FlowError
from amends.flows.source import Source
from amends.policies import PolicyError
from amends.settings import CACHE
from amends.understanding.encoder import load_encoder
from amends.workshop import Around, Conflict, Document, Draft, Owner, Report, around, check, draft_of, live, save_draft

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from sqlalchemy.orm import Session

    from amends.flows import Flow
    from amends.flows.prove import Finding
    from amends.flows.source import Path_
    from amends.incidents.database import Database
    from amends.understanding.encoder import Encoder

MOST_TRIES = 20
"""So often a save begins again on what somebody else saved in the same moment."""


@dataclass(frozen=True)
class Sheet:
    """The text of a flow that is edited: its draft, or what is live while there is none."""

    name: str
    text: str
    draft: Draft | None
    beside: Around

    @property
    def document(self) -> Document:
        """The document that it is the text of."""
        return Document("flow", self.name)

    @property
    def showing(self) -> str:
        """What the page says that it shows."""
        return "draft" if self.draft else "live"

    @property
    def revision(self) -> int:
        """Of the draft, 0 without one."""
        return self.draft.revision if self.draft else 0

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


def read_sheet(session: Session, name: str) -> Sheet:
    """What is edited now.

    Raises:
        UnknownVersion: there is no such flow.
    """
    document = Document("flow", name)
    draft = draft_of(session, document)
    text = draft.text if draft else live(session, document).text
    return Sheet(name, text, draft, around(session))


def save(database: Database, name: str, owner: Owner, edit: Callable[[Sheet], str]) -> Sheet:
    """Save what `edit` makes of the newest text; it is called again when somebody saved in the same moment.

    Raises:
        Conflict: others saved every time.
        UnknownVersion: there is no such flow.
    """
    for tried in range(MOST_TRIES):
        try:
            with database.read() as session:
                sheet = read_sheet(session, name)
            # Outside the transaction, so that others need not wait while it is checked.
            text = edit(sheet)
            if text == sheet.text:
                return sheet
            with database.begin() as session:
                _refuse_if_overtaken(session, sheet)
                now = datetime.now(UTC)
                save_draft(session, sheet.document, text, owner=owner, seen=sheet.revision, now=now)
                return read_sheet(session, name)
        except Conflict:  # noqa: PERF203 - twenty times at most
            if tried == MOST_TRIES - 1:
                raise
    raise AssertionError


def _refuse_if_overtaken(session: Session, sheet: Sheet) -> None:
    """Without a draft, what was edited is what is live; another version may have gone live since."""
    if sheet.draft is None and live(session, sheet.document).text != sheet.text:
        raise Conflict(draft_of(session, sheet.document))


@cache
def encoder() -> Encoder:
    """What finds phrases that cannot be told apart; loaded when first needed."""
    return load_encoder(CACHE)


def look(sheet: Sheet, text: str, *, twins: bool = False) -> Report:
    """The quick checks of a text."""
    return check(sheet.document, text, sheet.beside, encoder=encoder() if twins else None)


def prove(sheet: Sheet) -> Report:
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


def new_mistakes(sheet: Sheet, text: str) -> list[Said]:
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
    if section in ("title", "about"):
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
