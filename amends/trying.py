"""`amends flow try`: which version is tried, what can be loaded into it, and the lines that are typed."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console

from amends.cases import CaseError
from amends.flows import FlowError, load_flow, parse_flow
from amends.flows.problems import nearest
from amends.incidents import record
from amends.incidents.database import RecordUnavailable, record_at
from amends.incidents.references import PREFIXES
from amends.known import known_of
from amends.policies import PolicyError, load_library
from amends.settings import ROOT, Settings
from amends.trial import Trial
from amends.workshop.documents import Document
from amends.workshop.drafts import draft_of
from amends.workshop.versions import UnknownVersion, live, version

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy.orm import Session

    from amends.flows import Flow

DATA = ROOT / "data"
_errors = Console(stderr=True, highlight=False)


def try_flow(name: str, of_version: str = "", begin_with: str = "") -> None:
    """Try a flow until the person ends it.

    Args:
        name: of a flow in `data/flows`, or the path of a flow file.
        of_version: `draft`, `live` or the beginning of a published version, instead of the file.
        begin_with: a public case or an incident to load first.
    """
    settings = Settings()
    out = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
    try:
        flow = _flow(settings, name, of_version)
        titles = {clause.id: clause.title for clause in load_library(DATA / "policies").clauses.values()}

        def load(what: str) -> Mapping[str, Any]:
            return _load(settings, flow.id, what)

        trial = Trial(flow, settings.flow_settings, settings.zone, titles, load, out)
        trial.run(_lines(out, begin_with))
    except (FlowError, PolicyError, UnknownVersion, RecordUnavailable, CaseError) as error:
        _errors.print(str(error), markup=False, soft_wrap=True)
        raise typer.Exit(1) from None


def _flow(settings: Settings, name: str, of_version: str) -> Flow:
    if not of_version:
        return load_flow(Path(name) if Path(name).suffix else DATA / "flows" / f"{name}.yml")
    document = Document("flow", name)
    with _reading(settings) as session:
        if of_version == "live":
            text = live(session, document).text
        elif of_version == "draft":
            draft = draft_of(session, document)
            if draft is None:
                raise UnknownVersion(f"There is no draft of {name} now.")
            text = draft.text
        else:
            text = version(session, document, of_version).text
    return parse_flow(text, f"{name}, {of_version}")


def _load(settings: Settings, flow_id: str, name: str) -> Mapping[str, Any]:
    """The answers of a public case, of another known situation of the flow, or of an incident.

    Raises:
        LookupError: there is none of that name; a sentence.
    """
    known = known_of(flow_id, DATA)
    if name in known:
        return known[name].answers
    if not name.upper().startswith(tuple(f"{prefix}-" for prefix in PREFIXES)):
        raise LookupError(f"There is no public case called {name[:60]}.{nearest(name, known)}")
    with _reading(settings) as session:
        incident = record.find(session, name)
        if incident.flow_id != flow_id:
            raise LookupError(f"{incident.reference} was decided by another flow, {incident.flow_id}.")
        answers: dict[str, Any] = json.loads(incident.answers)
        return answers


@contextmanager
def _reading(settings: Settings) -> Iterator[Session]:
    with record_at(settings.database_url) as database, database.read() as session:
        yield session


def _lines(out: Console, begin_with: str) -> Iterator[str]:
    """What is typed, line by line; with a prompt when somebody sits there."""
    if begin_with:
        yield f"load {begin_with}"
    if not sys.stdin.isatty():
        yield from sys.stdin
        return
    with suppress(EOFError, KeyboardInterrupt):
        while True:
            yield out.input("[bold]> [/bold]")
    out.print()
