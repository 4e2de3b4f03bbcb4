"""The record is checked each night; leads are told where it ends, and at once when it does not fit or nobody checks."""

import asyncio
import json
import os
import signal
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, text
from typer.testing import CliRunner

from amends.cli import app
from amends.incidents.database import RecordUnavailable
from amends.integrity import beside
from amends.integrity.beside import LONGEST
from amends.integrity.nightly import Watchman
from amends.integrity.standing import AGAIN, standing
from amends.integrity.tables import RecordCheck
from amends.ops.checks.trail import trail
from amends.outbox.tables import Outgoing
from tests.incidents.test_record import report
from tests.integrity.conftest import FIRST, fill
from tests.outbox.incident import settings

DAY = date(2026, 11, 29)
NIGHT = datetime(2026, 11, 29, 3, 0, tzinfo=UTC)
ENTRIES = 16


class Office:
    """A desk's watchman, with a clock that the test sets."""

    def __init__(self, database):
        self.database = database
        self.now = NIGHT
        url = database.engine.url.render_as_string(hide_password=False)
        self.settings = settings(database_url=url, slack_leads_channel="C9", digest_at="09:00")
        self.watchman = self.another()

    def another(self):
        return Watchman(self.database, self.settings, now=lambda: self.now)

    def night(self):
        """What the desk does each minute."""
        asyncio.run(self.watchman._check_when_due())
        self.watchman.look()

    @property
    def messages(self):
        with self.database.read() as session:
            rows = session.scalars(select(Outgoing).order_by(Outgoing.id)).all()
            return [(row.to, json.loads(row.body)["text"], row.not_before) for row in rows]

    @property
    def stands(self):
        with self.database.read() as session:
            return standing(session, self.now)

    @property
    def row(self):
        with self.database.read() as session:
            return session.scalars(select(RecordCheck)).one()

    @property
    def anchors(self):
        return [json.loads(line)["number"] for line in self.watchman._file.path.read_text().splitlines()]


@pytest.fixture
def office(database, tmp_path, monkeypatch):
    monkeypatch.setattr("amends.integrity.anchors.ROOT", tmp_path)
    fill(database)
    return Office(database)


def change(office):
    with office.database.begin() as session:
        on = "" if session.get_bind().dialect.name == "sqlite" else " ON trail_entry"
        session.execute(text(f"DROP TRIGGER trail_entry_no_{'change' if on else 'update'}{on}"))
        session.execute(text("UPDATE trail_entry SET actor_id = 'web:eve' WHERE sequence = 2"))


def test_a_night_that_finds_nothing_is_told_in_the_morning_with_the_end_of_the_record(office):
    office.night()
    row = office.row
    assert (row.day, row.entries, row.number, row.damage) == ("2026-11-29", ENTRIES, ENTRIES, "[]")
    (to, said, not_before) = office.messages[0]
    assert len(office.messages) == 1
    assert (to, not_before) == ("C9", NIGHT.replace(hour=9))
    assert said == f"The record was checked: 16 entries, nothing wrong. Keep this, its end: `16:{row.seal}`"
    assert office.anchors == [ENTRIES]
    assert office.stands.well
    assert office.stands.sentence == "The record was checked at 2026-11-29 03:00 UTC: 16 entries, nothing wrong."


def test_it_is_made_once_by_whichever_desk_comes_first_and_not_before_its_time(office):
    other = office.another()
    early = NIGHT - timedelta(minutes=1)
    assert not office.watchman.claim(DAY, early)
    assert office.watchman.claim(DAY, NIGHT)
    assert not other.claim(DAY, NIGHT)
    assert other.claim(DAY + timedelta(days=1), NIGHT + timedelta(days=1))


def test_one_whose_desk_died_is_made_again_by_another(office):
    assert office.watchman.claim(DAY, NIGHT)
    later = NIGHT + LONGEST + timedelta(minutes=1)
    assert not office.another().claim(DAY, NIGHT + LONGEST)
    assert office.another().claim(DAY, later)
    assert not office.watchman.claim(DAY, later)


@contextmanager
def another_type(office):
    """The texts of flows are bytes meanwhile."""
    with office.database.begin() as session:
        if session.get_bind().dialect.name == "sqlite":
            guards = session.execute(
                text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'flow_version'")
            ).all()
            there = [f"DROP TRIGGER {name}" for name, _ in guards]
            there.append("UPDATE flow_version SET source = CAST(source AS BLOB)")
            back = ["UPDATE flow_version SET source = CAST(source AS TEXT)", *(sql for _, sql in guards)]
        else:
            change = "ALTER TABLE flow_version ALTER COLUMN source TYPE {} USING convert_{}(source, 'UTF8')"
            there, back = [change.format("bytea", "to")], [change.format("text", "from")]
        for statement in there:
            session.execute(text(statement))
    yield
    with office.database.begin() as session:
        for statement in back:
            session.execute(text(statement))


def test_a_check_that_breaks_off_is_an_alarm_at_once_and_is_made_again_until_it_ends(office, monkeypatch, caplog):
    with another_type(office):
        office.night()
        assert not office.stands.well
        ((to, said, not_before),) = office.messages
        assert (to, not_before) == ("C9", NIGHT)
        assert said == f"<!here> {office.stands.sentence}"
        assert "broke off at 2026-11-29 03:00 UTC (AttributeError), so nobody knows whether it fits" in said
        assert "The check of the record broke off: AttributeError" in caplog.text
        assert trail(office.settings, office.now).status == "fault"
        monkeypatch.setenv("DATABASE_URL", office.settings.database_url)
        verified = CliRunner().invoke(app, ["trail", "verify"])
        assert verified.exit_code == 1
        assert "The check broke off (AttributeError): something in the record cannot be read" in verified.output

    office.now = NIGHT + AGAIN - timedelta(minutes=1)
    office.night()
    assert not office.stands.well
    office.now = NIGHT + AGAIN
    office.night()
    assert office.stands.well
    assert [text for _, text, _ in office.messages][1:] == [
        f"The record was checked: 16 entries, nothing wrong. Keep this, its end: `16:{office.row.seal}`"
    ]


def test_while_it_is_made_again_the_alarm_stays_and_no_other_desk_begins(office):
    with another_type(office):
        office.night()
    office.now = NIGHT + AGAIN
    assert office.watchman.claim(DAY, office.now)
    assert not office.stands.well
    assert not office.another().claim(DAY, office.now + AGAIN)
    assert office.another().claim(DAY, office.now + LONGEST + timedelta(minutes=1))


def test_what_a_check_finds_that_was_made_again_is_told_as_well(office):
    with another_type(office):
        office.night()
    change(office)
    office.now = NIGHT + AGAIN
    office.night()
    assert ["broke off" in text for _, text, _ in office.messages] == [True, False]
    assert "The record does not fit any more" in office.messages[1][1]


def killed(*_):
    """What a machine without memory left does."""
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_check_that_is_killed_has_broken_off(office, monkeypatch):
    monkeypatch.setattr(beside, "work", killed)
    office.night()
    assert "(its process was ended from outside)" in office.stands.sentence
    assert len(office.messages) == 1


def test_the_alarm_comes_with_the_next_look_when_the_record_was_away_just_then(office, monkeypatch):
    monkeypatch.setattr(beside, "work", killed)
    begin, times = office.database.begin, iter([False, True])

    def away_the_second_time(**how):
        if next(times, False):
            raise RecordUnavailable("The record is away.")
        return begin(**how)

    monkeypatch.setattr(office.database, "begin", away_the_second_time)
    with pytest.raises(RecordUnavailable):
        office.night()
    assert office.messages == []
    office.night()
    assert "broke off" in office.stands.sentence
    assert len(office.messages) == 1


def test_damage_is_told_at_once_and_names_no_incident_where_all_leads_read(office):
    change(office)
    office.night()
    office.night()
    ((to, said, not_before),) = office.messages
    assert (to, not_before) == ("C9", NIGHT)
    assert said.startswith("<!here> The record does not fit any more")
    assert "It was changed after it was written. And 2 more. 'amends trail verify' names the places." in said
    assert FIRST not in said
    assert not office.stands.well
    found = trail(office.settings, office.now)
    assert (found.status, found.said) == ("fault", office.stands.sentence)
    office.now += timedelta(days=1)
    office.watchman.look()
    assert len(office.messages) == 2


def test_a_check_that_stays_away_raises_the_alarm(office):
    office.night()
    office.now = NIGHT + timedelta(hours=36)
    office.watchman.look()
    assert office.stands.well
    office.now += timedelta(minutes=1)
    office.watchman.look()
    assert office.messages[-1][1] == f"<!here> {office.stands.sentence}"
    assert "was not checked since 2026-11-29 03:00 UTC" in office.stands.sentence
    assert trail(office.settings, office.now).status == "fault"


def test_a_record_that_is_young_needs_no_check_yet_and_an_old_one_does(office):
    office.now = datetime(2026, 3, 3, tzinfo=UTC)
    assert office.stands.well
    office.now += timedelta(days=2)
    assert office.stands.sentence.startswith("The record was never checked.")


def test_the_end_is_noted_between_the_nights_when_something_came(office):
    office.watchman.look()
    report(office.database, "c9", "web:zoe")
    office.watchman.look()
    assert office.anchors == [ENTRIES]
    office.now += timedelta(minutes=10)
    office.watchman.look()
    office.now += timedelta(minutes=10)
    office.watchman.look()
    assert office.anchors == [ENTRIES, ENTRIES + 1]


def test_the_doctor_misses_a_key_that_sealed(office, monkeypatch):
    assert trail(office.settings, office.now).status == "fault"  # never checked
    office.night()
    assert trail(office.settings, office.now).status == "ok"
    monkeypatch.setenv("TRAIL_KEYS", "")
    assert "There is no key" in trail(settings(database_url=office.settings.database_url), office.now).said
    monkeypatch.setenv("TRAIL_KEYS", "y" * 40)
    assert "which is not here" in trail(settings(database_url=office.settings.database_url), office.now).said
