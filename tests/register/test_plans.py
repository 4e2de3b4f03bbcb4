"""How the databases go about the lists: through their indexes, in order, and never through all incidents."""

from datetime import date

import pytest
from sqlalchemy import text

from amends.incidents.database import Database
from amends.register import inverted
from amends.register.filters import Drill, Filter
from amends.register.tables import Shelved
from amends.register.wanted import wanted
from tests.register.conftest import LEAD, NOW, ZONE

FILTERS = [
    Filter(text="post"),
    Filter(text='post -nothing "the wrong picture"'),
    Filter(levels=(2, 3), rows=("R1",), states=("closed",)),
    Filter(since=date(2026, 1, 1), until=date(2026, 2, 1), clauses=("SM-1",)),
    Filter(flows=("breach", "third_party"), states=("closed",)),
    Filter(late=True),
    Filter(restricted=True),
    Filter(drill=Drill.ONLY, text="post"),
]


def plan(session, query):
    statement = query.compile(session.connection(), compile_kwargs={"render_postcompile": True})
    values = statement.construct_params()
    values = {name: value if isinstance(value, int | str | list) else str(value) for name, value in values.items()}
    on_postgresql = session.get_bind().dialect.name == "postgresql"
    given = values if on_postgresql else tuple(values[name] for name in statement.positiontup)
    explain = "EXPLAIN" if on_postgresql else "EXPLAIN QUERY PLAN"
    rows = session.connection().exec_driver_sql(f"{explain} {statement}", given)
    return "\n".join(str(row[-1]) for row in rows)


@pytest.mark.parametrize("filter_", FILTERS)
@pytest.mark.parametrize("newest_first", [True, False])
def test_sqlite_reads_the_full_text_index_in_order_and_stops(sqlite_database, filter_, newest_first):
    asked = wanted(filter_, LEAD, NOW, ZONE)
    query = inverted.on_sqlite(asked)
    query = inverted._ordered(query, inverted._index.c.rowid, newest_first=newest_first).limit(26)
    with sqlite_database.read() as session:
        said = plan(session, query)
    assert said.startswith("SCAN register_index VIRTUAL TABLE"), said
    assert "TEMP B-TREE" not in said, said
    assert said.count("SCAN") == 1, said


def test_sqlite_turns_the_pages_of_all_incidents_by_key(sqlite_database):
    query = inverted.on_sqlite(wanted(Filter(), LEAD, NOW, ZONE).between(0, 10**15))
    with sqlite_database.read() as session:
        said = plan(session, inverted._ordered(query, Shelved.place, newest_first=True).limit(26))
    assert "SEARCH register_place USING INTEGER PRIMARY KEY (rowid<?)" in said
    assert "TEMP B-TREE" not in said


@pytest.fixture
def postgres(migrated_postgres):
    database = Database(migrated_postgres.render_as_string(hide_password=False))
    yield database
    database.dispose()


@pytest.mark.parametrize("filter_", [each for each in FILTERS if each.since is None])
def test_postgresql_finds_what_is_rare_through_its_inverted_index(postgres, filter_):
    asked = wanted(filter_, LEAD, NOW, ZONE)
    index = "register_text_terms" if filter_.text else "register_place_marks"
    with postgres.read() as session:
        session.execute(text("SET LOCAL enable_seqscan = off"))
        session.execute(text("SET LOCAL enable_indexscan = off"))
        said = plan(session, inverted._hits(asked))
    assert f"Bitmap Index Scan on {index}" in said, said


def test_postgresql_turns_the_pages_of_all_incidents_by_key(postgres):
    query = inverted._all_of(wanted(Filter(), LEAD, NOW, ZONE).between(0, 10**15))
    with postgres.read() as session:
        session.execute(text("SET LOCAL enable_seqscan = off"))
        session.execute(text("SET LOCAL enable_bitmapscan = off"))
        said = plan(session, inverted._ordered(query, Shelved.place, newest_first=True).limit(26))
    assert "Index Scan Backward using register_place_pkey" in said, said
    assert "Sort" not in said, said
