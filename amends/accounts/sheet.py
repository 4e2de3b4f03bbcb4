"""Reads a file of accounts, or of people, as a spreadsheet saves it. Pure; what is wrong is said line by line."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from amends.accounts.rows import (
    OF_ACCOUNTS,
    OF_PEOPLE,
    AccountRow,
    AccountsError,
    Named,
    PersonRow,
    account_row,
    person_row,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

MOST_CHARACTERS = 1_000_000
MOST_ROWS = 2_000
NEEDED = {"accounts": ("platform", "handle"), "people": ("name",)}


class SheetError(AccountsError):
    """A file that cannot be taken in. `problems` are sentences, each with its line; nothing was taken in."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Sheet:
    """A file that was read: what is in it, each row with the number of its line."""

    kind: Literal["accounts", "people"]
    accounts: tuple[tuple[int, AccountRow], ...] = ()
    people: tuple[tuple[int, PersonRow], ...] = ()

    @property
    def contacts(self) -> frozenset[str]:
        """How people are reached, where the file itself says it."""
        of_accounts = [each for _, row in self.accounts for each in (row.owner, row.deputy, *(row.keys or ()))]
        named = [each for each in of_accounts if isinstance(each, Named)] + [row.person for _, row in self.people]
        return frozenset(each.contact for each in named) - {""}


def read_sheet(text: str, today: date) -> Sheet:
    """A file of accounts (it has the columns platform and handle) or of people (it has the column name).

    Args:
        text: CSV with commas, semicolons or tabs between; the first line names the columns.
        today: no check lies after it.

    Raises:
        SheetError: with everything that is wrong in it.
    """
    if len(text) > MOST_CHARACTERS:
        raise SheetError([f"The file is larger than {MOST_CHARACTERS:,} characters. Split it."])
    lines = _lines(text.removeprefix("\ufeff"))
    names = _columns(next(lines, (1, []))[1])
    kind: Literal["accounts", "people"] = "accounts" if {"platform", "handle"} & set(names) else "people"
    _check_columns(names, kind)
    rows: list[tuple[int, AccountRow | PersonRow]] = []
    problems: list[str] = []
    first: dict[object, int] = {}
    for line, cells in lines:
        if len(rows) + len(problems) >= MOST_ROWS:
            problems.append(f"Line {line}: There are more than {MOST_ROWS:,} rows. Split the file.")
            break
        try:
            row = _row(names, cells, kind, today)
        except AccountsError as error:
            problems.append(f"Line {line}: {error}")
            continue
        same = first.setdefault(row.key if isinstance(row, AccountRow) else row.person, line)
        if same != line:
            what = "the same account" if isinstance(row, AccountRow) else "the same person"
            problems.append(f"Line {line}: It is {what} as in line {same}. Keep one of the two lines.")
        else:
            rows.append((line, row))
    if not rows and not problems:
        problems.append("The file has no rows under the names of its columns.")
    if problems:
        raise SheetError(problems)
    accounts = tuple((line, row) for line, row in rows if isinstance(row, AccountRow))
    people = tuple((line, row) for line, row in rows if isinstance(row, PersonRow))
    return Sheet(kind, accounts, people)


def _row(names: list[str], cells: list[str], kind: str, today: date) -> AccountRow | PersonRow:
    if any(cell.strip() for cell in cells[len(names) :]):
        raise AccountsError(
            "It has more cells than there are columns. A comma or semicolon in a cell needs quotation marks."
        )
    fields = {name: cell.strip() for name, cell in zip(names, cells, strict=False)}
    return account_row(fields, today) if kind == "accounts" else person_row(fields)


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """The lines that hold something, each with its number."""
    head = text.split("\n", 1)[0]
    between = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=between, strict=True)
    begins = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield begins, cells
            begins = reader.line_num + 1
    except csv.Error as error:
        raise SheetError([f"Line {begins}: The cells cannot be told apart. Look at its quotation marks."]) from error


def _columns(cells: list[str]) -> list[str]:
    return [re.sub(r"[\s\-]+", "_", cell.strip().casefold()) for cell in cells]


def _check_columns(names: list[str], kind: str) -> None:
    known = OF_ACCOUNTS if kind == "accounts" else OF_PEOPLE
    there = f"A file of accounts has {', '.join(OF_ACCOUNTS)}; a file of people has {', '.join(OF_PEOPLE)}."
    missing = [each for each in NEEDED[kind] if each not in names]
    strange = [each for each in names if each not in known]
    twice = sorted({each for each in names if names.count(each) > 1})
    wrong = (("lacks the column", missing), ("has the unknown column", strange), ("has more than one column", twice))
    for what, found in wrong:
        if found:
            names_of = ", ".join(f'"{each}"' for each in found)
            raise SheetError([f"Line 1: The file {what} {names_of}. {there}"])
