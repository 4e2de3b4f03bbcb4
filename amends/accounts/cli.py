"""`amends accounts`: the register of official accounts, from the command line."""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path  # noqa: TC003 - Typer reads the annotations
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from amends.accounts.concerns import CLAUSE, concerns
from amends.accounts.history import OPERATOR
from amends.accounts.importing import take_in
from amends.accounts.registered import registered
from amends.accounts.rows import OF_ACCOUNTS, OF_PEOPLE
from amends.accounts.sheet import SheetError
from amends.exports.cells import BOM, lines
from amends.incidents.database import RecordUnavailable, record_at
from amends.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from amends.accounts.registered import Registered
    from amends.accounts.tables import AccountPerson, OfficialAccount
    from amends.incidents.database import Database

app = typer.Typer(no_args_is_help=True, help="Keep the register of official accounts.")
WITH_CONTACT = "{name} <{contact}>"


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help=f"CSV of accounts ({', '.join(OF_ACCOUNTS)}) or people.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
) -> None:
    """Take a file into the register: all of it, or nothing. What is not in the file stays."""
    try:
        text = file.read_text("utf-8-sig")
    except OSError as error:
        _stop(f"{file} cannot be read: {error.strerror}.")
    except UnicodeDecodeError:
        _stop(f'{file} is not in UTF-8. Save it as "CSV UTF-8" and try again.')
    settings = Settings()
    with _database(settings) as database:
        try:
            taken = take_in(database, settings, text, OPERATOR, datetime.now(UTC), dry_run=dry_run)
        except SheetError as error:
            _stop(f"{error}\nNothing was taken in.")
    for line in (*taken.lines, *taken.known):
        typer.echo(line)
    same = f", {taken.same} as before" if taken.same else ""
    done = "would change" if dry_run else "changed"
    typer.echo(f"{len(taken.lines)} {done}{same}.{' Nothing was kept.' if dry_run else ''}")


@app.command("list")
def list_(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print a file that 'import' reads.")] = False,
    people: Annotated[bool, typer.Option("--people", help="The people instead of the accounts.")] = False,
) -> None:
    """Print the accounts: who owns each, who stands in, who can sign in, and when that was last confirmed."""
    with _database(Settings()) as database, database.read() as session:
        register = registered(session)
        named = [each for each in register.people.values() if each.name]
        rows = [_person(each) for each in named] if people else [_account(register, each) for each in register.accounts]
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, indent=1))  # noqa: T201
        return
    if as_csv:
        columns = OF_PEOPLE if people else OF_ACCOUNTS
        print(BOM + lines([columns, *(row.values() for row in rows)]), end="")  # noqa: T201
        return
    for row in rows:
        first, *rest = (f"{name.replace('_', ' ')}: {value}" for name, value in row.items() if value)
        typer.echo(", ".join([first.partition(": ")[2], *rest]))
    if not rows:
        typer.echo("The register is empty. Take a file in with 'amends accounts import', or add accounts on the page.")


@app.command("check")
def check() -> None:
    """Say what is not as it should be; exit code 1 when there is something."""
    settings, at = Settings(), datetime.now(UTC)
    with _database(settings) as database, database.read() as session:
        register = registered(session)
        found = concerns(register, at, at.astimezone(settings.zone).date())
    for each in found:
        typer.echo(f"{each.account.label}: {each.sentence}")
    count = f"{len(register.accounts)} account{'' if len(register.accounts) == 1 else 's'}"
    if found:
        _stop(f"{count}; {len(found)} to see to (clause {CLAUSE}).")
    typer.echo(f"{count}, and nothing to see to.")


def _account(register: Registered, account: OfficialAccount) -> dict[str, Any]:
    owner, deputy = register.owner(account), register.deputy(account)
    return {
        "platform": account.platform,
        "handle": account.handle,
        "called": "; ".join(account.names),
        "owner": _name(owner),
        "deputy": _name(deputy),
        "keys": "; ".join(_name(each) for each in register.holders(account)),
        "two_factor": account.two_factor,
        "last_checked": account.checked_on.isoformat() if account.checked_on else "",
    }


def _person(person: AccountPerson) -> dict[str, Any]:
    return {
        "name": person.name,
        "contact": person.contact,
        "left_on": person.left_on.isoformat() if person.left_on else "",
        "away_until": person.away_until.isoformat() if person.away_until else "",
    }


def _name(person: AccountPerson | None) -> str:
    """Somebody as 'import' reads them."""
    if person is None:
        return ""
    return WITH_CONTACT.format(name=person.name, contact=person.contact) if person.contact else person.name


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
