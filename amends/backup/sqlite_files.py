"""Copies of SQLite files, made while others write into them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from amends.backup import CannotBackUp
from amends.backup.folder import COUNTED, Contents

if TYPE_CHECKING:
    from pathlib import Path


def copy(source: Path, target: Path) -> None:
    """Copy a database as it is at one instant. Nobody who reads or writes waits for it.

    Raises:
        CannotBackUp: it cannot be read, or the copy cannot be written.
    """
    try:
        with (
            closing(sqlite3.connect(f"{source.as_uri()}?mode=ro", uri=True)) as there,
            closing(sqlite3.connect(target)) as here,
        ):
            there.backup(here)  # in one step: in WAL mode a reader sees one state, whatever is written meanwhile
            here.execute("PRAGMA journal_mode=DELETE")  # one file, without a second one beside it
    except sqlite3.Error as error:
        raise CannotBackUp(f"{source} could not be copied to {target}: {error}.") from error


def contents(path: Path) -> Contents:
    """How much stands in a copy of the record, once SQLite has looked through all of it.

    Raises:
        CannotBackUp: it is no record, or damaged.
    """
    try:
        with closing(sqlite3.connect(path)) as connection:
            found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            if found != "ok":
                raise CannotBackUp(f"{path} is damaged: {found}.")
            return Contents(*(connection.execute(query).fetchone()[0] for query in COUNTED))
    except sqlite3.Error as error:
        raise CannotBackUp(f"{path} is no record that can be used: {error}.") from error
