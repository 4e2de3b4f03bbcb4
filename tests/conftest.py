"""Databases for the tests: a SQLite file each, and a real PostgreSQL with a fresh database each."""

import logging
import os
import shutil
import uuid
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from amends.incidents.database import Database
from amends.settings import ROOT
from amends.workshop.files import publish_first
from tests.postgres import started_in

os.environ.setdefault("TRAIL_KEYS", "a-key-that-only-the-tests-have-0123456789")
"""The record is sealed; the databases of the tests, and the processes that the tests start, with this."""

MEMORY = Path("/dev/shm")
ROOM = 4 * 2**30
HURRIED = ("fsync", "full_page_writes", "synchronous_commit")
"""What makes PostgreSQL wait for a disk."""

SHARED = ("tests/conversations/", "tests/slack/whole/")
"""Folders whose tests share processes that take long to start: one worker runs them all."""
LONGEST = ("tests/torture/", "tests/slack/whole/")
"""What begins first: the other workers would wait for it at the end."""


def _there_is_room_in_memory():
    if not MEMORY.is_dir():
        return False
    found = os.statvfs(MEMORY)
    room = min(found.f_bavail * found.f_frsize, psutil.virtual_memory().available)
    return room > ROOM and not found.f_flag & (os.ST_NOEXEC | os.ST_RDONLY)


if _there_is_room_in_memory():
    # Nothing that the tests write outlives them, so that they need not wait until a disk has it.
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


def pytest_collection_modifyitems(items):
    """Say what belongs to one worker when the tests run in several: a file, or one of `SHARED`; the longest first."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))
    for item in items:
        file = item.nodeid.partition("::")[0]
        group = next((folder for folder in SHARED if file.startswith(folder)), file)
        item.add_marker(pytest.mark.xdist_group(group))


@contextmanager
def own_logging():
    """What sets up the logging of a whole process does so for this block only: the next test has other streams."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory):
    server = started_in(tmp_path_factory.mktemp("postgres"), runtime=tmp_path_factory.mktemp("runtime"))
    url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    # Those servers of which a test asks what a crash leaves behind are others.
    _ask(url, *(f"ALTER SYSTEM SET {each} = off" for each in HURRIED), "SELECT pg_reload_conf()")
    yield url
    server.cleanup()


@pytest.fixture(scope="session")
def migrated_postgres(postgres_url):
    """A database with all tables, which the others are copied from."""
    url = postgres_url.set(database=_new_database(postgres_url))
    _migrate(url.render_as_string(hide_password=False))
    return url


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory):
    """A file with all tables, which the others are copied from."""
    path = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def published_sqlite(migrated_sqlite, tmp_path_factory):
    """A file with the first versions of the flows and the policies in it, which the others are copied from."""
    path = tmp_path_factory.mktemp("published") / "published.db"
    shutil.copy(migrated_sqlite, path)
    database = Database(f"sqlite:///{path}")
    publish_first(database, ROOT / "data")
    database.dispose()
    return path


def _migrate(url: str) -> None:
    database = Database(url)
    database.migrate()
    database.dispose()


def _ask(url, *statements) -> None:
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        for each in statements:
            connection.execute(text(each))
    admin.dispose()


def _new_database(url, template="template1") -> str:
    name = f"t{uuid.uuid4().hex}"
    _ask(url, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    return name


def fresh_postgres(url) -> str:
    """The address of a new, empty database."""
    return url.set(database=_new_database(url)).render_as_string(hide_password=False)


@contextmanager
def copied_sqlite(migrated, folder):
    """A file of its own."""
    shutil.copy(migrated, folder / "record.db")
    database = Database(f"sqlite:///{folder / 'record.db'}")
    yield database
    database.dispose()


@contextmanager
def copied_postgres(migrated):
    """A database that is gone at the end: each takes eight megabytes."""
    admin = migrated.set(database="postgres")
    name = _new_database(admin, migrated.database)
    database = Database(migrated.set(database=name).render_as_string(hide_password=False))
    yield database
    database.dispose()
    _ask(admin, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path):
    if request.param == "sqlite":
        copied = copied_sqlite(request.getfixturevalue("migrated_sqlite"), tmp_path)
    else:
        copied = copied_postgres(request.getfixturevalue("migrated_postgres"))
    with copied as database:
        yield database


@pytest.fixture
def sqlite_database(migrated_sqlite, tmp_path):
    with copied_sqlite(migrated_sqlite, tmp_path) as database:
        yield database
