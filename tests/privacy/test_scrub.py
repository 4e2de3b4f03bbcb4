"""What was erased is not in the files of SQLite any more either, nor in the index of words."""

from pathlib import Path

from sqlalchemy import text

from amends.leads import acts
from amends.privacy.scrub import scrub
from tests.leads.conftest import GRACE
from tests.privacy.conftest import everything
from tests.privacy.test_words import erase

ODD = "quokkazoid"
"""A word that stands in this incident alone, in nothing that is kept."""


def in_files(database):
    files = [Path(f"{database.engine.url.database}{end}") for end in ("", "-wal")]
    return [each.name for each in files if ODD.encode() in each.read_bytes()]


def test_no_byte_of_it_is_left(sqlite_database):
    room = everything(sqlite_database)
    for number in range(30):
        room.do(acts.add_note, GRACE, f"{ODD} {number}")
    assert in_files(sqlite_database)
    erase(room)
    scrub(sqlite_database)
    assert in_files(sqlite_database) == []


def test_on_postgresql_the_room_is_freed(room):
    erase(room)
    scrub(room.database)
    with room.database.read() as session:
        assert session.execute(text("SELECT count(*) FROM trail_payload")).scalar_one() > 0
