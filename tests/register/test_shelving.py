"""The register is kept in the transaction that changes an incident, and can be made again from the record."""

import pytest
from sqlalchemy import delete, select, text

from amends.incidents import record
from amends.incidents.models import Incident, Involved, TrailPayload
from amends.incidents.visible import Viewer
from amends.register.filters import Filter
from amends.register.rebuilding import catch_up, rebuild
from amends.register.tables import Running, Shelved, ShelvedText, Tag
from tests.register.conftest import GRACE, NOW, actor, decision, hours


def shelved(database):
    """All that the register says, as one value."""
    with database.read() as session:
        tables = (Shelved, ShelvedText, Tag)
        return [
            sorted(tuple(str(value) for value in row) for row in session.execute(select(*table.__table__.columns)))
            for table in tables
        ]


def test_what_changes_is_found_by_what_it_is_now(records):
    reference = records.report("We posted the wrong picture.")
    assert records.found(Filter(states=("confirming",))) == [reference]
    records.change(reference, state="closed", closed_at=NOW, lead_id=GRACE)
    assert records.found(Filter(states=("confirming",))) == []
    assert records.found(Filter(states=("closed",), lead=GRACE)) == [reference]
    records.note(reference, "A zebra was in it.")
    assert records.found(Filter(text="zebra picture")) == [reference]


def test_what_was_not_kept_is_not_found(records):
    reference = records.report("A post")
    with pytest.raises(ZeroDivisionError), records.database.begin() as session:
        incident = record.find(session, reference)
        records._write(session, incident, "note_added", {"text": "a zebra"}, actor(), NOW)
        raise ZeroDivisionError
    assert records.found(Filter(text="zebra")) == []


def test_the_register_can_be_made_again(records):
    first = records.report("We posted the wrong picture.", advice=decision(people=["dpo"], clauses=["DP-1"]))
    records.report("Ünïcode, e-mail a@example.org and https://example.org/a_path", at=NOW + hours(1))
    records.note(first, "What they wrote later")
    before = shelved(records.database)
    with records.database.begin() as session:
        for table in (ShelvedText, Shelved, Tag, Running):
            session.execute(delete(table))
    assert records.found(Filter(text="picture")) == []
    assert catch_up(records.database, NOW) == 2
    assert shelved(records.database) == before
    assert catch_up(records.database, NOW) == 0
    assert rebuild(records.database) == 2
    assert shelved(records.database) == before
    assert records.found(Filter(text="later")) == [first]


def test_words_that_were_erased_are_gone_from_the_register_when_it_is_made_again(records):
    reference = records.report("A zebra")
    with records.database.begin() as session:
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text("ALTER TABLE trail_payload DISABLE TRIGGER trail_payload_no_change"))
        else:
            session.execute(text("DROP TRIGGER trail_payload_no_delete"))
        session.execute(delete(TrailPayload))
    assert records.found(Filter(text="zebra")) == [reference]
    rebuild(records.database)
    assert records.found(Filter(text="zebra")) == []


def test_who_is_named_no_more_finds_it_no_more(records):
    reference = records.report("A post")
    records.note(reference, "I saw it too", who="web:bo", name="Bo")
    assert records.found(viewer=Viewer("web:bo")) == [reference]
    with records.database.begin() as session:
        session.execute(delete(Involved).where(Involved.participant_id == "web:bo"))
    assert records.found(viewer=Viewer("web:bo")) == []
    records.change(reference)
    assert records.found(viewer=Viewer("web:bo")) == []


def test_a_step_keeps_its_time_and_comes_sooner_when_it_becomes_serious(records):
    reference = records.report(advice=decision(level=0))
    with records.database.read() as session:
        first = session.scalars(select(Running)).one()
    records.change(reference, at=NOW + hours(1))
    with records.database.read() as session:
        assert session.scalars(select(Running)).one().due_at == first.due_at == NOW + hours(24)
    records.change(reference, at=NOW + hours(2), level=3)
    with records.database.read() as session:
        assert session.scalars(select(Running)).one().due_at < NOW + hours(3)
        assert session.scalars(select(Shelved)).one().open_level == 3
    records.change(reference, done='{"take_down": {"who": "Ada", "at": "2026-11-25T12:00:00+00:00"}}')
    with records.database.read() as session:
        assert session.scalars(select(Running)).all() == []
        assert session.scalars(select(Incident)).one().state == "advised"
