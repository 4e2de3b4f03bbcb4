"""What the workshop's commands do. They say in the end what is live, or why it is not, with exit code 1."""

from __future__ import annotations

import getpass
import json
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from amends.flows import FlowError, parse_flow
from amends.incidents.database import RecordUnavailable, record_at
from amends.policies import PolicyError
from amends.settings import CACHE, ROOT, Settings
from amends.understanding.encoder import load_encoder
from amends.understanding.twins import find_twins
from amends.workshop import publishing, versions
from amends.workshop.changes import changes, line_diff
from amends.workshop.documents import FOLDERS, Document, Kind, Owner, WorkshopError
from amends.workshop.drafts import draft_of
from amends.workshop.files import differences, publish_first, read_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy.orm import Session

    from amends.incidents.database import Database
    from amends.workshop.checks import Report

DATA = ROOT / "data"
LONGEST_NAME = 80


def history(kind: Kind, name: str, *, as_json: bool) -> None:
    """Every publication of a document, newest first."""
    document = Document(kind, name)
    with _database() as database, database.read() as session:
        versions.live(session, document)
        found = versions.history(session, document)
        waiting = publishing.requests(session, document)
        stale = [d.sentence for d in differences(session, DATA) if d.document == document]
    if as_json:
        typer.echo(json.dumps([_row(each) for each in found], ensure_ascii=False))
        return
    for request in waiting:
        typer.echo(f"Request {request.id} of {request.owner.name} waits for a second owner: {request.note}")
    for n, each in enumerate(found):
        approved = f", approved by {each.approver.name}" if each.approver else ""
        live = "  (live)" if n == 0 else ""
        typer.echo(f"{each.version[:12]}  {each.at:%Y-%m-%d %H:%M} UTC  {each.owner.name}{approved}{live}")
        typer.echo(f"    {each.note}")
    for sentence in stale:
        typer.echo(f"Note: {sentence}", err=True)


def show(kind: Kind, prefix: str, *, text: bool, as_json: bool) -> None:
    """One version: every time it went live, and which lines it changed the first time."""
    with _database() as database, database.read() as session:
        version = _find(session, kind, prefix)
        found = [each for each in versions.history(session, version.document) if each.version == version.hash]
        live = versions.live_hash(session, version.document)
        first = found[-1]
        before = versions.version(session, version.document, first.previous).text if first.previous else None
    if text:
        typer.echo(version.text, nl=False)
        return
    if as_json:
        report = {"version": version.hash, "live": live == version.hash, "text": version.text}
        typer.echo(json.dumps({**report, "published": [_row(each) for each in found]}, ensure_ascii=False))
        return
    state = "live" if live == version.hash else "not live"
    typer.echo(f"{version.document.name}, version {version.hash} ({state})")
    for each in found:
        approved = f", approved by {each.approver.name}" if each.approver else ""
        typer.echo(f"Published {each.at:%Y-%m-%d %H:%M} UTC by {each.owner.name}{approved}: {each.note}")
    if before is None:
        typer.echo("It was the first version. --text prints it.")
        return
    typer.echo("\n".join(line_diff(before, version.text, (first.previous or "")[:12], version.hash[:12])))


def publish(kind: Kind, names: list[str], note: str, author: str | None, *, dry_run: bool) -> None:
    """Check files and let them go live. A file that another one has to go before is tried again after it."""
    settings = Settings()
    owner = _owner(author, settings)
    with _database() as database:
        with database.read() as session:
            differing = [d for d in differences(session, DATA) if d.document.kind == kind and d.file is not None]
        texts = _texts(kind, names) if names else {d.document: read_text(d.document.path(DATA)) for d in differing}
        if not texts:
            typer.echo(f"Every file in data/{FOLDERS[kind]} is what is live. There is nothing to publish.")
            return
        if not note.strip() and not dry_run:
            _stop("Say with --note what you changed and why. It stands in the history.")
        refused = _publish_all(
            texts,
            lambda document, text: _publish_one(database, document, text, owner, note, settings, dry_run=dry_run),
        )
    for document, sentence in refused.items():
        typer.echo(f"{document.name} was not published. {sentence}", err=True)
    if refused:
        raise typer.Exit(1)


def _publish_all(texts: dict[Document, str], one: Callable[[Document, str], None]) -> dict[Document, str]:
    """Publish texts in an order in which they can be; returns why those that are left cannot."""
    left = dict(texts)
    while left:
        refused: dict[Document, str] = {}
        for document, text in left.items():
            try:
                one(document, text)
            except WorkshopError as error:  # noqa: PERF203 - each file by itself
                refused[document] = _refusal(error)
        if len(refused) == len(left):
            return refused
        left = {document: left[document] for document in refused}
    return {}


def _publish_one(
    database: Database, document: Document, text: str, owner: Owner, note: str, settings: Settings, *, dry_run: bool
) -> None:
    with database.read() as session:
        live = versions.live_hash(session, document)
        before = versions.live(session, document).text if live else None
        report = publishing.report_of(session, document, text, settings)
        draft = draft_of(session, document)
    if before == text:
        typer.echo(f"{document.name}: this is what is live already.")
        return
    if not report.publishable:
        raise publishing.NotPublishable(report)
    _say_what_changes(document, before, text, report, settings)
    if dry_run:
        typer.echo(f"{document.name} would be published. Nothing was done.")
        return
    with database.begin() as session:
        done = publishing.publish_text(
            session, document, text, owner=owner, note=note, now=datetime.now(UTC), settings=settings, source="file"
        )
    if isinstance(done, publishing.Request):
        typer.echo(f"{document.name} waits for a second owner: request {done.id}, on the page of that {document.kind}.")
        return
    was = f" Before: {done.previous[:12]}." if done.previous else ""
    typer.echo(f"{document.name} is live for new conversations: version {done.version[:12]}.{was}")
    if draft is not None and draft.text != text:
        typer.echo(
            f"Note: the draft on the pages, last saved by {draft.owner.name}, was begun from the version before."
        )


def _say_what_changes(document: Document, before: str | None, text: str, report: Report, settings: Settings) -> None:
    typer.echo(f"{document.name}:")
    for line in changes(document, before, text, settings.flow_settings).meaning:
        typer.echo(f"  {line}")
    for scenario in report.scenarios:
        if scenario.differs:
            was, now = ", ".join(scenario.advised_before or ()), ", ".join(scenario.advised)
            typer.echo(f"  Known case {scenario.id}: {scenario.before} ({was}), now {scenario.verdict} ({now}).")
    twins: list[str] = []
    if document.kind == "flow":
        twins = [str(pair) for pair in find_twins(parse_flow(text), load_encoder(CACHE))]
    for warning in (*(f"line {note.line}: {note.message}" for note in report.notes), *report.warnings, *twins):
        typer.echo(f"  Note: {warning}")


def _texts(kind: Kind, names: list[str]) -> dict[Document, str]:
    texts = {}
    for name in names:
        path = Path(name) if Path(name).suffix else DATA / FOLDERS[kind] / f"{name}.yml"
        try:
            texts[Document(kind, path.stem)] = read_text(path)
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
            _stop(f"{path} cannot be read: {reason}.")
    return texts


def _find(session: Session, kind: Kind, prefix: str) -> versions.Version:
    """The one version of any document of a kind that begins so."""
    found, error = [], None
    for document in versions.documents(session):
        if document.kind == kind:
            try:
                found.append(versions.version(session, document, prefix))
            except versions.UnknownVersion as unknown:
                error = unknown
    if len(found) > 1:
        raise versions.UnknownVersion(f"Versions of several documents begin with {prefix}. Give more of it.")
    if not found:
        raise error or versions.UnknownVersion("Nothing was published yet.")
    return found[0]


def _owner(author: str | None, settings: Settings) -> Owner:
    user = getpass.getuser()
    name = " ".join((author or user).split())[:LONGEST_NAME]
    if not settings.is_policy_owner(name):
        _stop(f"{name} is no policy owner. POLICY_OWNERS in .env names those there are; --author says who you are.")
    return Owner(f"terminal:{user}:{name.casefold()}", name)


@contextmanager
def _database() -> Iterator[Database]:
    """The record, at its newest version and with something published; what goes wrong is said in a sentence."""
    try:
        with record_at(Settings().database_url) as database:
            publish_first(database, DATA)
            yield database
    except (RecordUnavailable, WorkshopError, FlowError, PolicyError) as error:
        _stop(str(error))


def _refusal(error: WorkshopError) -> str:
    if not isinstance(error, publishing.NotPublishable):
        return str(error)
    lines = "".join(f"\n  {line}" for line in error.report.refusals)
    return f"The checks say:{lines}"


def _row(publication: versions.Publication) -> dict[str, Any]:
    approver = publication.approver
    return {
        "sequence": publication.sequence,
        "version": publication.version,
        "previous": publication.previous,
        "owner": publication.owner.name,
        "approver": approver.name if approver else None,
        "note": publication.note,
        "at": publication.at.isoformat(),
    }


def _stop(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(1)
