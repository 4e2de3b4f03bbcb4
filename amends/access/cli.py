"""`amends access`: who may come in to the pages, from the command line."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from sqlalchemy import delete, func, select

from amends.access import audit, links
from amends.access.audit import What
from amends.access.people import SignedIn
from amends.access.permissions import Role
from amends.access.tables import SessionRow
from amends.incidents.database import Database, RecordUnavailable
from amends.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

app = typer.Typer(no_args_is_help=True, help="Say who may come in to the pages.")

ROLES = ", ".join(role for role in Role if role is not Role.STAFF)


@app.command()
def link(
    role: Annotated[list[str], typer.Option("--role", help=f"What the person is: {ROLES}. Several are possible.")],
    name: Annotated[str, typer.Option("--name", help="Theirs; it stands in the record.")],
    minutes: Annotated[int, typer.Option("--minutes", min=1, max=24 * 60, help="How long it can be used.")] = 15,
) -> None:
    """Print a link that signs somebody in once."""
    settings = Settings()
    if not name.strip() or not name.isprintable():
        _stop("The name is empty. Say who the link is for: --name 'Ada Okafor'.")
    with _database(settings) as database, database.begin() as session:
        try:
            secret = links.make(session, role, datetime.now(UTC), name=name, minutes=minutes)
        except ValueError as error:
            _stop(str(error))
    typer.echo(f"{settings.address}/sign-in/{secret}")
    typer.echo(f"It works once, within {minutes} minutes. Give it to {name} alone.", err=True)


@app.command("sign-out")
def sign_out(
    who: Annotated[str, typer.Argument(help="A name, or the id of a participant, such as slack:T0:U1.")],
) -> None:
    """Sign somebody out everywhere: they have to sign in again."""
    with _database(Settings()) as database, database.begin() as session:
        query = select(SessionRow.participant_id, SessionRow.name).where(
            (SessionRow.participant_id == who) | (func.lower(SessionRow.name) == who.strip().lower())
        )
        found = dict(session.execute(query.distinct()).all())
        for id_, name in found.items():
            session.execute(delete(SessionRow).where(SessionRow.participant_id == id_))
            person = SignedIn(id_, name, frozenset())
            audit.viewed(session, person, What.SIGNED_OUT_EVERYWHERE, "", datetime.now(UTC), {"by": "operator"})
    if not found:
        _stop(f"Nobody called {who} is signed in.")
    typer.echo(f"Signed out everywhere: {', '.join(found.values())}.")


@app.command("audit")
def show_audit(
    reference: Annotated[str, typer.Option("--incident", help="Only of this incident.")] = "",
    most: Annotated[int, typer.Option("--most", min=1, help="At most so many.")] = 100,
) -> None:
    """Print who looked at what, took what out, and came in; newest first. Checks first that it was not changed."""
    with _database(Settings()) as database, database.read() as session:
        verdict = audit.verify(session)
        found = audit.entries(session, reference=reference.upper(), limit=most)
    for each in found:
        typer.echo(
            f"{each.sequence}  {each.at:%Y-%m-%d %H:%M:%S}Z  {each.name}  {each.what}  {each.reference}".rstrip()
        )
    if verdict.damage:
        _stop(verdict.damage)
    typer.echo(f"{verdict.entries} entries, none of them changed.", err=True)


@contextmanager
def _database(settings: Settings) -> Iterator[Database]:
    try:
        database = Database(settings.database_url)
        try:
            database.migrate()
            yield database
        finally:
            database.dispose()
    except RecordUnavailable as error:
        _stop(str(error))


def _stop(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(1)
