"""What becomes of the message to whoever is to read a draft first, when the draft is gone."""

from datetime import UTC, datetime

from amends.outbox import outgoing, readings
from amends.settings import Settings
from amends.slack import draft_drawings, draft_views

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


def drawn(database, reading):
    drawing = draft_drawings.make(Settings(_env_file=None), None)[readings.ASKED]
    with database.read() as session:
        return drawing(session, {"reading": reading}, NOW)


def test_a_draft_that_was_taken_back_before_it_was_sent_is_not_spoken_of(sqlite_database):
    assert drawn(sqlite_database, 7) is None


def test_where_a_draft_stands_it_is_said_that_it_was_taken_back(sqlite_database):
    with sqlite_database.begin() as session:
        slot = f"{readings.ASKED}:7:ULEE"
        outgoing.stand(session, slot, channel="D1", ts="1.2", thread=None, body="{}", at=NOW)
    assert drawn(sqlite_database, 7) == draft_views.taken_back()
    assert drawn(sqlite_database, 77) is None
