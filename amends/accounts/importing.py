"""Takes a file into the register: all of it, or nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import select

from amends.accounts.history import FIELDS, last_change, take_turn
from amends.accounts.keeping import save
from amends.accounts.people import save_person
from amends.accounts.rows import AccountsError
from amends.accounts.sheet import SheetError, read_sheet
from amends.accounts.tables import AccountPerson

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from amends.accounts.sheet import Sheet
    from amends.incidents.database import Database
    from amends.settings import Settings


@dataclass(frozen=True)
class Taken:
    """What a file changed, or would change: a line for each row that does, and how many change nothing.

    `known` says whom the file names alone and the record knew: from now on they are woken, so somebody should look.
    """

    lines: list[str] = field(default_factory=list)
    same: int = 0
    known: list[str] = field(default_factory=list)


def take_in(
    database: Database, settings: Settings, text: str, actor_id: str, at: datetime, *, dry_run: bool = False
) -> Taken:
    """Take a file in. What stands in the register and not in the file stays.

    Args:
        text: CSV; see `read_sheet`.
        dry_run: do all of it, and keep nothing.

    Raises:
        SheetError: with everything that is wrong in it; nothing was kept.
        RecordUnavailable: nothing was kept.
    """
    sheet = read_sheet(text, at.astimezone(settings.zone).date())
    with database.begin() as session:
        taken = put(session, settings, sheet, actor_id, at)
        if dry_run:
            session.rollback()
    return taken


def put(session: Session, settings: Settings, sheet: Sheet, actor_id: str, at: datetime) -> Taken:
    """Put the rows of a file into the register, in the caller's transaction.

    Raises:
        SheetError: with every row that cannot be put; the caller's transaction must not be kept.
    """
    take_turn(session)
    there = set(session.scalars(select(AccountPerson.id)))
    lines: list[str] = []
    problems: list[str] = []
    same = 0
    for line, row in sheet.accounts:
        try:
            saved = save(session, settings, row, actor_id, at)
        except AccountsError as error:
            problems.append(f"Line {line}: {error}")
            continue
        same += saved.what == "same"
        if saved.what == "added":
            lines.append(f"Added: {saved.account.label}")
        elif saved.what == "changed":
            fields = ", ".join(FIELDS[name].lower() for name in saved.fields)
            lines.append(f"Changed: {saved.account.label} ({fields})")
    for line, each in sheet.people:
        try:
            before = last_change(session)
            person = save_person(session, settings, each, actor_id, at)
        except AccountsError as error:
            problems.append(f"Line {line}: {error}")
            continue
        if last_change(session) == before:
            same += 1
        else:
            lines.append(f"Kept: {person.name}")
    if problems:
        raise SheetError(problems)
    return Taken(lines, same, _known_by_name(session, sheet, there))


def _known_by_name(session: Session, sheet: Sheet, there: set[int]) -> list[str]:
    new = select(AccountPerson).where(AccountPerson.contact != "").order_by(AccountPerson.id)
    found = [each for each in session.scalars(new) if each.id not in there and each.contact not in sheet.contacts]
    return [f"Known by name alone: {each.name}, reached as {each.contact}. Look whether it is them." for each in found]
