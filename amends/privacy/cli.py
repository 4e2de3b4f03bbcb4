"""`amends privacy` and `amends retention`: what is kept of people, from the command line."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path  # noqa: TC003 - Typer reads the annotations
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from sqlalchemy.exc import NoResultFound

from amends.access.audit import What, viewed
from amends.access.links import OPERATOR
from amends.incidents import record
from amends.incidents.database import RecordUnavailable, record_at
from amends.incidents.models import Incident, Participant
from amends.privacy import holds, people, retention, subject
from amends.privacy.orders import GROUNDS, CannotErase, order_of
from amends.privacy.scrub import scrub
from amends.privacy.tables import LegalHold
from amends.privacy.words import erase_words, what_prevents
from amends.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from amends.incidents.database import Database

app = typer.Typer(no_args_is_help=True, help="Erase, hold and give out what is kept of people.")

SOURCE = "terminal"
Who = Annotated[str, typer.Argument(help="The id of an account, such as slack:T0:U1, or a name in the record.")]
Where = Annotated[str, typer.Argument(help="Such as INC-2026-0042.")]
Ground = Annotated[str, typer.Option("--ground", help=f"{', '.join(GROUNDS)}: see docs/privacy.md.")]
Request = Annotated[str, typer.Option("--request", help="The number of the request in your own register; no name.")]
Really = Annotated[bool, typer.Option("--really", help="Do it. Without this, it is only said what would happen.")]


@app.command()
def person(who: Who) -> None:
    """Say where somebody stands in the record, and what prevents erasing them."""
    with _database() as database, database.read() as session:
        _tell(session, _one(session, who))


@app.command("erase-person")
def erase_person(who: Who, ground: Ground, request: Request = "", really: Really = False) -> None:
    """Erase what somebody wrote and sent, and their name."""
    with _database() as database:
        order = order_of(ground, request)
        with database.read() as session:
            somebody = _one(session, who)
            _tell(session, somebody)
        if not really:
            _stop("Nothing was erased. Add --really to do it; it cannot be undone.")
        touched = people.erase_person(database, somebody.id, OPERATOR, order, datetime.now(UTC), SOURCE)
        scrub(database)
    typer.echo(f"Erased. Incidents that changed: {', '.join(touched) or 'none'}.")
    typer.echo("Backups still hold it: see 'Backups' in docs/privacy.md.", err=True)


@app.command("erase-incident")
def erase_incident(reference: Where, ground: Ground, request: Request = "", really: Really = False) -> None:
    """Erase everything that people wrote in an incident, and its files."""
    settings = Settings()
    with _database() as database:
        order = order_of(ground, request)
        with database.read() as session:
            if sentence := what_prevents(session, record.find(session, reference), OPERATOR):
                _stop(sentence)
        if not really:
            _stop(f"The words and files of {reference} would go. Add --really to do it; it cannot be undone.")
        with database.begin() as session:
            incident = record.find(session, reference)
            erased = erase_words(session, settings, incident, OPERATOR, order, datetime.now(UTC), SOURCE)
        scrub(database)
    typer.echo(f"Erased: the words of {erased.entries} entries, and {erased.files} files.")
    typer.echo("Backups still hold them: see 'Backups' in docs/privacy.md.", err=True)


@app.command()
def hold(
    reason: Annotated[str, typer.Option("--reason", help="Why it has to be kept.")],
    incident: Annotated[str, typer.Option("--incident", help="Such as INC-2026-0042.")] = "",
    who: Annotated[str, typer.Option("--person", help="The id of an account, or a name.")] = "",
) -> None:
    """Keep an incident, or all that somebody wrote, from being erased."""
    if bool(incident) == bool(who):
        _stop("Say what is to be held: either --incident or --person.")
    with _database() as database, database.begin() as session:
        what = record.find(session, incident) if incident else None
        id_ = _one(session, who).id if who else None
        now = datetime.now(UTC)
        row = holds.place(session, OPERATOR, reason, now, SOURCE, incident=what, participant_id=id_)
        typer.echo(f"Hold {row.id} stands. 'amends privacy lift {row.id}' lifts it.")


@app.command()
def lift(number: Annotated[int, typer.Argument(help="Of the hold, as 'amends privacy holds' shows it.")]) -> None:
    """Let a hold go."""
    with _database() as database, database.begin() as session:
        holds.lift(session, session.get_one(LegalHold, number), OPERATOR, datetime.now(UTC), SOURCE)
    typer.echo(f"Hold {number} is lifted.")


@app.command("holds")
def show_holds() -> None:
    """List the holds that stand."""
    with _database() as database, database.read() as session:
        for row in holds.all_now(session):
            on = _reference(session, row.incident_id) if row.incident_id else row.participant_id
            typer.echo(f"{row.id}  {on}  since {row.placed_at:%Y-%m-%d}  {row.reason}")


@app.command()
def export(who: Who, out: Annotated[Path, typer.Option("--out", help="The ZIP file to write.")]) -> None:
    """Write what the record holds about somebody, for that person."""
    now = datetime.now(UTC)
    with _database() as database:
        with database.read() as session:
            somebody = _one(session, who)
            with out.open("xb") as file:
                organisation = Settings().organisation
                given = subject.write_export(session, somebody, file, organisation, now, restricted=True)
        with database.begin() as session:
            viewed(session, OPERATOR, What.SUBJECT_EXPORT, "", now, {"person": somebody.id, **vars(given)})
    typer.echo(f"{out}: {given.incidents} incidents, {given.messages} messages, {given.files} files.")


def let_go(
    really: Annotated[bool, typer.Option("--really", help="Let it go now. Without this, it is only counted.")] = False,
) -> None:
    """Say what is past its time, by kind; the desk lets it go every night."""
    settings, now = Settings(), datetime.now(UTC)
    with _database() as database:
        if really:
            found = retention.let_go(database, settings, now)
            scrub(database)
        else:
            with database.read() as session:
                found = retention.due(session, settings, now)
    for each in found:
        kept = f"kept {each.days} days" if each.days else "kept for ever"
        typer.echo(f"{each.count:>8}  {retention.IN_WORDS[each.sort]} ({kept}; RETAIN_{each.sort.upper()}_DAYS)")
        for sentence in each.why:
            typer.echo(f"          {sentence}")
    typer.echo("These went." if really else "Nothing went. Add --really to let it go now.", err=True)


def _tell(session: Session, somebody: Participant) -> None:
    found = people.known(session, somebody)
    typer.echo(f"{found.id}  {found.name or '(no name)'}")
    typer.echo(f"Takes part in: {', '.join(_reference(session, each) for each in found.own) or 'nothing'}")
    if found.named:
        references = ", ".join(_reference(session, each) for each in found.named)
        typer.echo(f"Also named in, for somebody to read and judge: {references}")
    if sentence := people.what_prevents(session, found):
        typer.echo(sentence)


def _reference(session: Session, incident_id: int) -> str:
    return session.get_one(Incident, incident_id).reference


def _one(session: Session, who: str) -> Participant:
    found = people.find(session, who)
    if not found:
        _stop(f"Nobody called {who} is in the record. Write the name or the id as it stands there.")
    if len(found) > 1:
        _stop(f"Several people are called {who}. Say which by the id: {', '.join(each.id for each in found)}.")
    return found[0]


@contextmanager
def _database() -> Iterator[Database]:
    try:
        with record_at(Settings().database_url) as database:
            yield database
    except (RecordUnavailable, CannotErase, record.UnknownIncident) as error:
        _stop(str(error))
    except NoResultFound:
        _stop("There is no such hold. 'amends privacy holds' lists those there are.")
    except FileExistsError as error:
        _stop(f"{error.filename} is there already, and nothing was written. Name another file.")


def _stop(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(1)
