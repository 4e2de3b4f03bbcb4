"""`amends access`: who may come in to the pages, from the command line."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from sqlalchemy import delete, func, select

from amends.access import audit, links, tokens
from amends.access.audit import What
from amends.access.links import OPERATOR, person_id
from amends.access.people import SignedIn, with_staff
from amends.access.permissions import Role
from amends.access.tables import SessionRow
from amends.access.tokens import NoToken, Scope
from amends.incidents.database import RecordUnavailable, record_at
from amends.incidents.models import Participant
from amends.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from amends.incidents.database import Database

app = typer.Typer(no_args_is_help=True, help="Say who may come in to the pages.")
token_app = typer.Typer(no_args_is_help=True, help="Keys of programs that read the JSON API.")
app.add_typer(token_app, name="token")

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
            (SessionRow.participant_id == who) | (func.lower(SessionRow.name) == func.lower(who.strip()))
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


@token_app.command("create")
def create_token(
    name: Annotated[str, typer.Option("--name", help="What the token is for.")],
    scope: Annotated[list[str], typer.Option("--scope", help=f"What it reaches: {', '.join(Scope)}. Several will do.")],
    role: Annotated[list[str], typer.Option("--role", help=f"As what it looks: {ROLES}, staff. Several will do.")],
    person: Annotated[str, typer.Option("--as", help="As whom: the name of somebody, or the id of a participant.")],
    days: Annotated[int, typer.Option("--days", help="How long it is good.")] = tokens.DAYS,
) -> None:
    """Make a token and print it. It is shown only now."""
    now = datetime.now(UTC)
    strange = sorted(set(role) - set(Role))
    if strange:
        _stop(f"There is no role {', '.join(strange)}. There are: {', '.join(Role)}.")
    with _database(Settings()) as database, database.begin() as session:
        try:
            acts_as = _person(session, person, role)
            row, secret = tokens.make(session, acts_as, name, scope, now, by=OPERATOR, days=days)
        except NoToken as error:
            _stop(str(error))
    typer.echo(secret)
    typer.echo(f"Token {row.id} acts as {row.person} until {row.ends_at:%Y-%m-%d}. Keep it like a password.", err=True)


@token_app.command("list")
def list_tokens() -> None:
    """Print the tokens there are, the newest first; never what they say."""
    now = datetime.now(UTC)
    with _database(Settings()) as database, database.read() as session:
        found = tokens.all_of(session)
    for row in found:
        typer.echo(f"{row.id}  {row.name}  as {row.person}  ({row.roles})  {row.scopes}  {tokens.standing(row, now)}")


@token_app.command("revoke")
def revoke_token(number: Annotated[int, typer.Argument(help="Of the token, as 'list' shows it.")]) -> None:
    """Take a token back at once."""
    with _database(Settings()) as database, database.begin() as session:
        try:
            row = tokens.revoke(session, number, datetime.now(UTC), OPERATOR)
        except NoToken as error:
            _stop(str(error))
    typer.echo(f"Token {row.id}, {row.name}, is refused from now on.")


def _person(session: Session, who: str, roles: list[str]) -> SignedIn:
    """Somebody who is in the record by this id, or somebody by name, as a link makes them."""
    known = session.get(Participant, who)
    if known is not None:
        return SignedIn(known.id, known.name or known.id, with_staff(roles))
    name = " ".join(who.split())
    if not name or not name.isprintable() or ":" in name:
        raise NoToken(f"Nobody in the record has the id {who[:80]}. Give an id that it has, or somebody's name.")
    return SignedIn(person_id(name), name, with_staff(roles))


@contextmanager
def _database(settings: Settings) -> Iterator[Database]:
    try:
        with record_at(settings.database_url) as database:
            yield database
    except RecordUnavailable as error:
        _stop(str(error))


def _stop(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(1)
