"""The record is checked each night; leads are told where it ends, and at once when it does not fit or nobody checks."""

import asyncio
import json
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, text

from amends.integrity.nightly import LONGEST, Watchman
from amends.integrity.standing import standing
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
    with office.database.read() as session:
        (row,) = session.scalars(select(RecordCheck)).all()
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
