"""The data map names every column that there is, and the documentation shows the map."""

from pathlib import Path

from sqlalchemy import inspect

from amends.privacy.places import PLACES, STAYS, as_markdown

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "privacy.md"
INDEX = "register_index"
"""FTS5's own tables: an index of what `register_text` holds."""


def test_every_column_of_the_record_is_declared_with_what_it_holds_of_people(database):
    inspector = inspect(database.engine)
    tables = {name for name in inspector.get_table_names() if not name.startswith(INDEX)} - {"alembic_version"}
    there = {name: {column["name"] for column in inspector.get_columns(name)} for name in tables}
    declared = {name: set(kept.columns) for name, kept in PLACES.items()}
    assert there == declared


def test_a_column_is_declared_once():
    for kept in PLACES.values():
        assert len(kept.columns) == len((*kept.words, *kept.names, *kept.ids, *kept.plain))


def test_what_stays_is_a_declared_column():
    assert all(column in {*PLACES[table].words, *PLACES[table].names} for table, column in STAYS)


def test_the_documentation_shows_the_map_as_it_is():
    shown = DOCUMENT.read_text("utf-8").split("<!-- map -->")[1].strip().splitlines()
    assert shown == list(as_markdown())
