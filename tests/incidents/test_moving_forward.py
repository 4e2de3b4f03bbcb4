"""A record that was filled under an earlier version is brought to the newest one: nothing is lost, and it goes on."""

from datetime import UTC, datetime

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, create_engine, inspect, select, text

from amends.access import audit
from amends.incidents import database as databases
from amends.incidents import record, trail
from amends.incidents.database import Database
from amends.incidents.verify import verify
from amends.register import rebuilding
from amends.settings import ROOT
from amends.workshop import trail as policy_trail
from amends.workshop.files import publish_first
from tests.conftest import fresh_postgres
from tests.console.whole import whole_incident

SCRIPTS = ScriptDirectory(str(databases.MIGRATIONS))
EARLIER = sorted(each.revision for each in SCRIPTS.walk_revisions() if each.revision != SCRIPTS.get_current_head())
MADE_AGAIN = ("register_index", "alembic_version")
"""Tables that are not copied: what SQLite keeps of the index, and the version itself."""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def new_url(kind, request, tmp_path_factory):
    """Makes addresses of new, empty databases."""
    if kind == "sqlite":
        return lambda: f"sqlite:///{tmp_path_factory.mktemp('forward') / 'record.db'}"
    postgres = request.getfixturevalue("postgres_url")
    return lambda: fresh_postgres(postgres)


@pytest.fixture(scope="module")
def filled(new_url):
    """The rows of a record with three incidents: table -> rows."""
    database = Database(new_url())
    database.migrate()
    publish_first(database, ROOT / "data")
    for _ in range(3):
        whole_incident(database)
    tables = MetaData()
    tables.reflect(database.engine)
    with database.engine.connect() as connection:
        rows = {
            table.name: [dict(row) for row in connection.execute(select(table)).mappings()]
            for table in tables.sorted_tables
            if not table.name.startswith(MADE_AGAIN)
        }
    database.dispose()
    return rows


def at_version(url, version):
    """An engine for a new database as an earlier version made it."""
    config = Config()
    config.set_main_option("script_location", str(databases.MIGRATIONS))
    database = Database(url)
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        config.attributes["keys"] = database.keys
        command.upgrade(config, version)
    database.dispose()
    return create_engine(url)


def fill(engine, rows):
    """Puts the rows into those tables and columns that are there; how many, by table."""
    tables = MetaData()
    tables.reflect(engine)
    put = {}
    with engine.begin() as connection:
        for table in tables.sorted_tables:
            found = rows.get(table.name, ())
            kept = [{name: row[name] for name in table.columns.keys() & row.keys()} for row in found]
            if kept:
                connection.execute(table.insert(), kept)
                put[table.name] = len(kept)
        if engine.dialect.name == "postgresql":
            _counts_go_on(connection, put)
    return put


def _counts_go_on(connection, put):
    for name in put:
        for column in inspect(connection).get_columns(name):
            if "nextval" in str(column["default"]):
                last = f"(SELECT max({column['name']}) FROM {name})"
                connection.execute(text(f"SELECT setval(pg_get_serial_sequence('{name}', '{column['name']}'), {last})"))


@pytest.mark.parametrize("version", EARLIER)
def test_a_filled_record_of_an_earlier_version_is_brought_forward(new_url, version, filled):
    url = new_url()
    engine = at_version(url, version)
    put = fill(engine, filled)
    assert put["trail_entry"] > 20
    database = Database(url)
    database.migrate()
    publish_first(database, ROOT / "data")  # as the desk does when it starts
    rebuilding.catch_up(database, datetime.now(UTC))
    with engine.connect() as connection:
        there = {name: connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() for name in put}
    assert {name: count for name, count in put.items() if there[name] < count} == {}
    new = whole_incident(database)
    with database.read() as session:
        assert verify(session).damage == ()
        assert verify(session).incidents == 4
        assert policy_trail.verify(session).damage == ()
        assert not audit.verify(session).damage
        assert len(trail.entries(session, record.find(session, new))) > 5
    database.dispose()
    engine.dispose()
