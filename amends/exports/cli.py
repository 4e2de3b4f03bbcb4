"""`amends export`: the record as files, from the command line, and bundles held against the record."""

from __future__ import annotations

import getpass
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn
from urllib.parse import parse_qsl

import typer

from amends.access.audit import What, viewed
from amends.access.people import SignedIn
from amends.access.permissions import Role
from amends.console.book import Book
from amends.exports import CannotExport, lists
from amends.exports.against import compared
from amends.exports.bundle import Asked, write_bundle
from amends.exports.paper import Look
from amends.exports.verifier import Check, Unreadable, opened
from amends.incidents.database import RecordUnavailable, record_at
from amends.incidents.keys import NoKey
from amends.incidents.models import utc_text
from amends.incidents.record import UnknownIncident
from amends.incidents.visible import Viewer, incident_for
from amends.register.filters import BadFilter, Filter
from amends.register.finding import sort_of
from amends.review.afterwards import afterwards
from amends.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import IO

    from amends.incidents.database import Database

app = typer.Typer(no_args_is_help=True, help="Take the record out as files, and check what was taken out.")


class Form(StrEnum):
    """How a list is written."""

    CSV = "csv"
    JSON = "json"


@app.command()
def incident(
    reference: Annotated[str, typer.Argument(help="Such as INC-2026-0042.")],
    out: Annotated[Path | None, typer.Option(help="The file to write; else one beside, named by itself.")] = None,
) -> None:
    """Write the evidence bundle of an incident: a ZIP file that can be checked without Amends."""
    settings = Settings()
    who, at = _who(), datetime.now(UTC)
    look = Look(settings.organisation, settings.zone)
    with _database(settings) as database, database.read() as session:
        found = incident_for(session, _viewer(who), reference)
        path = out or Path(f"{found.reference}-evidence.zip")
        with _written(path) as file:
            told = Book(session, found, look.clock).page()
            asked, after = Asked(who.id, who.name, at), afterwards(session, found)
            made = write_bundle(session, found, file, told, asked, look, after)
            with database.begin() as writing:
                viewed(writing, who, What.EXPORTED_INCIDENT, found.reference, at, made.for_audit())
    typer.echo(f"Written: {path}")
    typer.echo(f"Entries of the trail: {made.entries}")
    typer.echo(f"End of the trail: {made.head}")
    typer.echo(f"SHA-256 of manifest.json: {made.manifest}")


@app.command("list")
def list_(
    where: Annotated[str, typer.Option(help="As in the address of the list: 'level=3&state=open'.")] = "",
    sort: Annotated[str, typer.Option(help="newest, oldest or serious.")] = "",
    form: Annotated[Form, typer.Option("--as", help="How it is written.")] = Form.CSV,
    out: Annotated[Path | None, typer.Option(help="The file to write; else it is printed.")] = None,
) -> None:
    """Write a list of incidents as CSV or JSON."""
    settings = Settings()
    who, now = _who(), datetime.now(UTC)
    try:
        filter_, order = Filter.read(parse_qsl(where)), sort_of(sort)
    except BadFilter as error:
        _stop(str(error))
    with _database(settings) as database:
        with database.begin() as session:
            details = {"filter": filter_.query(sort=order)}
            viewed(session, who, What.EXPORTED_LIST, form, now, details)
        parts = lists.parts(database, filter_, _viewer(who), now, settings.zone, order)
        about = {"organisation": settings.organisation, "made_at": utc_text(now), "made_by": who.name, **details}
        about["record"] = lists.end_of(database)
        pieces = lists.as_csv(parts) if form is Form.CSV else lists.as_json(parts, about)
        if out is None:
            _print(pieces)
            return
        with _written(out) as file:
            file.writelines(pieces)
    typer.echo(f"Written: {out}")


@app.command()
def check(
    bundle: Annotated[Path, typer.Argument(help="A bundle: the ZIP file, or the folder it was unpacked to.")],
) -> None:
    """Check a bundle, and hold it against the record that it was made from; exit code 1 when something is wrong."""
    try:
        opened_bundle = opened(bundle)
    except (Unreadable, OSError) as error:
        _stop(str(error))
    with _database(Settings()) as database, database.read() as session:
        found = Check(opened_bundle, dict(database.keys().by_id))
        ours = compared(session, found)
    wrong = [*found.damage, *ours.damage]
    for sentence in wrong:
        typer.echo(f"WRONG: {sentence}", err=True)
    for sentence in (*found.remarks, *ours.remarks):
        typer.echo(f"Note: {sentence}")
    typer.echo(f"Checked {found.reference}: {found.files} files, and {found.entries} entries of the trail.")
    typer.echo(f"Wrong: {len(wrong)}." if wrong else "Nothing is wrong.")
    if wrong:
        raise typer.Exit(1)


def _who() -> SignedIn:
    """Whoever runs the command: they have the whole record in front of them, and the audit names them."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError):
        name = "somebody"
    return SignedIn(f"terminal:{name}"[:120], f"{name} (in the terminal)", frozenset({Role.ADMIN}))


def _viewer(who: SignedIn) -> Viewer:
    return Viewer(who.id, everything=True)


@contextmanager
def _database(settings: Settings) -> Iterator[Database]:
    try:
        with record_at(settings.database_url) as database:
            yield database
    except UnknownIncident as error:
        _stop(f"{error} 'amends incidents list' shows those there are.")
    except (RecordUnavailable, CannotExport, NoKey) as error:
        _stop(str(error))
    except OSError as error:
        _stop(f"The file cannot be written: {error.strerror or error}.")


@contextmanager
def _written(path: Path) -> Iterator[IO[bytes]]:
    """A file that is there when it is whole, and not before; only its owner can read it."""
    half = path.with_name(f"{path.name}.part")
    half.unlink(missing_ok=True)
    half.touch(mode=0o600, exist_ok=False)
    try:
        with half.open("wb") as file:
            yield file
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)


def _print(pieces: Iterable[bytes]) -> None:
    for piece in pieces:
        sys.stdout.buffer.write(piece)
    sys.stdout.flush()


def _stop(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(1)
