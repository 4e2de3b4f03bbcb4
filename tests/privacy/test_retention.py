"""What is past its time goes, by kind, once a night; what is not, or is held, stays. On both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from amends.access import audit, links
from amends.access.people import SignedIn
from amends.access.tables import AuditEntry, SessionRow, SignInLink
from amends.incidents import deliveries, record
from amends.incidents.database import RecordUnavailable
from amends.incidents.models import Command, Delivery, TrailEntry, TrailPayload
from amends.incidents.verify import verify
from amends.leads import acts
from amends.outbox.tables import DraftReading, Inbound, Outgoing
from amends.privacy import holds, retention
from amends.privacy.nightly import tonight
from amends.privacy.orders import GONE
from amends.privacy.retention import Sort
from amends.privacy.tables import LegalHold
from amends.settings import Settings
from tests.leads.conftest import ADA, GRACE, NOW
from tests.privacy.conftest import ADMIN, WORDS, spoken, where

KEPT = {f"retain_{sort}_days": 0 for sort in Sort}
ONLY_THEN = NOW + timedelta(days=31)


def settings(**days):
    return Settings(_env_file=None, **{**KEPT, **days})


def counts(database, settings_, at, *, really=False):
    if really:
        found = retention.let_go(database, settings_, at)
    else:
        with database.read() as session:
            found = retention.due(session, settings_, at)
    return {str(each.sort): each.count for each in found if each.count}


def number(database, table):
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(table))


def test_with_no_times_set_nothing_is_due(room):
    assert counts(room.database, settings(), NOW + timedelta(days=10_000)) == {}


def test_words_go_when_their_time_has_passed_and_not_a_day_before(room):
    limit = settings(retain_words_days=30)
    assert counts(room.database, limit, NOW + timedelta(days=30)) == {}
    assert counts(room.database, limit, ONLY_THEN) == {"words": 1}
    assert ("trail_payload", "body") in where(room.database, WORDS)
    assert counts(room.database, limit, ONLY_THEN, really=True) == {"words": 1}
    assert ("trail_payload", "body") not in where(room.database, WORDS)
    assert (room.last.kind, room.last.payload["ground"]) == ("erased", "retention")
    assert counts(room.database, limit, ONLY_THEN) == {}
    with room.database.read() as session:
        assert verify(session).damage == ()


def test_what_is_held_stays_and_the_dry_run_says_why(room):
    limit = settings(retain_words_days=30, retain_audit_days=1)
    with room.database.begin() as session:
        holds.place(session, ADMIN, "Court", NOW, "web", incident=record.find(session, room.reference))
    assert counts(room.database, limit, ONLY_THEN, really=True) == {}
    with room.database.read() as session:
        words, *_, looks = retention.due(session, limit, ONLY_THEN)
    assert (words.kept_back, looks.count) == (1, 0)
    assert "legal hold" in words.why[0]
    assert "legal hold" in looks.why[0]


def test_talk_of_no_incident_goes_and_that_of_an_incident_stays(room):
    key, at = spoken(room.database, "What is the policy?", 600, "web:bo", ("web:bo", "Bo"))
    deliveries.finish(room.database, key, [{"type": "text", "text": "This"}], at)
    spoken(room.database, "Not handled", 601, "web:bo", ("web:bo", "Bo"))
    gone = counts(room.database, settings(retain_talk_days=30), ONLY_THEN + timedelta(days=1), really=True)
    assert gone == {"talk": 2}, "what Bo said, and the draft that Ada keeps"
    assert number(room.database, DraftReading) == 0
    with room.database.read() as session:
        said = session.scalars(select(Delivery.text).order_by(Delivery.id)).all()
    assert said == [f"A {WORDS} got out", GONE, "Not handled"]


def test_of_somebody_who_is_held_only_what_was_on_its_way_and_sign_ins_go(room):
    """What docs/privacy.md says of a legal hold."""
    key, at = spoken(room.database, "What is the policy?", 600, "web:bo", ("web:bo", "Bo"))
    deliveries.finish(room.database, key, [], at)
    ended = {"ends_at": NOW, "begun_at": NOW, "seen_at": NOW, "way": "link"}
    with room.database.begin() as session:
        for person in ("web:bo", ADA):
            session.add(SessionRow(hash=person, participant_id=person, name="Bo", roles="", **ended))
            holds.place(session, ADMIN, "Court", NOW, "web", participant_id=person)
    before = {table: number(room.database, table) for table in (AuditEntry, TrailEntry, TrailPayload)}
    everything = settings(**dict.fromkeys(KEPT, 1))
    gone = counts(room.database, everything, ONLY_THEN + timedelta(days=1), really=True)
    assert set(gone) == {"transport", "sign_ins"}
    assert gone["sign_ins"] == 2
    assert (number(room.database, SessionRow), number(room.database, Inbound)) == (0, 0)
    told = 1  # what retention did
    assert {table: number(room.database, table) for table in before} == {
        **before,
        AuditEntry: before[AuditEntry] + told,
    }
    with room.database.read() as session:
        said = session.scalars(select(Delivery.text).order_by(Delivery.id)).all()
    assert said == [f"A {WORDS} got out", "What is the policy?"]


def test_copies_of_what_slack_sent_and_got_go_and_what_waits_or_stands_stays(room):
    with room.database.begin() as session:
        row = session.scalars(select(Outgoing).where(Outgoing.key == "out")).one()
        row.sent_at = NOW
        lane = {"lane": "x", "received_at": NOW, "not_before": NOW, "attempts": 0}
        session.add(Inbound(key="waits", kind="message", payload="{}", **lane))
        session.add(Command(key="register caught up", result="3", done_at=NOW))
    gone = counts(room.database, settings(retain_transport_days=30), ONLY_THEN, really=True)
    assert gone == {"transport": 3}
    with room.database.read() as session:
        assert session.scalars(select(Inbound.key)).all() == ["waits"]
        assert session.scalars(select(Command.key)).all() == ["register caught up"]
    assert number(room.database, Outgoing) == 0


def test_while_a_hold_stands_what_slack_sent_and_could_not_be_handled_stays(database):
    lane = {"lane": "x", "received_at": NOW, "not_before": NOW, "handled_at": NOW, "attempts": 8}
    with database.begin() as session:
        session.add(Inbound(key="handled", kind="message", payload="{}", **lane))
        session.add(Inbound(key="aside", kind="message", payload="{}", set_aside=True, **lane))
        hold = holds.place(session, ADMIN, "Court", NOW, "web", participant_id="web:somebody")
        session.flush()
        number_of_hold = hold.id
    limit = settings(retain_transport_days=30)
    with database.read() as session:
        (due,) = [each for each in retention.due(session, limit, ONLY_THEN) if each.days]
    assert (due.count, due.kept_back) == (1, 1)
    assert "legal hold" in due.why[0]
    assert counts(database, limit, ONLY_THEN, really=True) == {"transport": 1}
    with database.begin() as session:
        assert session.scalars(select(Inbound.key)).all() == ["aside"]
        holds.lift(session, session.get_one(LegalHold, number_of_hold), ADMIN, NOW, "web")
    assert counts(database, limit, ONLY_THEN, really=True) == {"transport": 1}
    assert number(database, Inbound) == 0


def test_a_hold_that_is_placed_after_it_was_counted_keeps_the_audit(database, monkeypatch):
    with database.begin() as session:
        audit.viewed(session, SignedIn("oidc:ada", "Ada Okafor"), audit.What.SEARCHED, "", NOW)
    before, count = number(database, AuditEntry), retention.due

    def counted(session, *given):
        found = count(session, *given)
        with database.begin() as other:
            holds.place(other, ADMIN, "Court", NOW, "web", participant_id="web:somebody")
        return found

    monkeypatch.setattr(retention, "due", counted)
    gone = retention.let_go(database, settings(retain_audit_days=1), ONLY_THEN)
    assert [each.count for each in gone if each.sort is Sort.AUDIT] == [0]
    assert number(database, AuditEntry) > before


def test_sign_ins_that_ended_go(database):
    ends = {"ends_at": NOW, "name": "Ada", "roles": "lead"}
    with database.begin() as session:
        links.make(session, ["lead"], NOW, name="Ada")
        seen = {"way": "link", "begun_at": NOW, "seen_at": NOW}
        session.add(SessionRow(hash="a", participant_id="web:a", **ends, **seen))
        session.add(SessionRow(hash="b", participant_id="web:a", **{**ends, "ends_at": ONLY_THEN}, **seen))
    assert counts(database, settings(retain_sign_ins_days=30), ONLY_THEN, really=True) == {"sign_ins": 2}
    assert (number(database, SessionRow), number(database, SignInLink)) == (1, 0)


def test_the_beginning_of_the_audit_goes_and_the_rest_verifies(database):
    ada = SignedIn("oidc:ada", "Ada Okafor")
    for day in range(5):
        with database.begin() as session:
            audit.viewed(session, ada, audit.What.SEARCHED, "", NOW + timedelta(days=day))
    at = NOW + timedelta(days=4)
    assert counts(database, settings(retain_audit_days=2), at) == {"audit": 2}
    assert counts(database, settings(retain_audit_days=2), at, really=True) == {"audit": 2}
    with database.read() as session:
        sequences = session.scalars(select(AuditEntry.sequence).order_by(AuditEntry.sequence)).all()
        assert sequences == [3, 4, 5, 6, 7]
        assert not audit.verify(session).damage
        assert verify(session).damage == ()


@pytest.mark.parametrize("which", ["sequence = 3", "sequence = 7", "sequence > 0"])
def test_nothing_else_of_the_audit_can_be_deleted(database, which):
    test_the_beginning_of_the_audit_goes_and_the_rest_verifies(database)
    with pytest.raises((DBAPIError, RecordUnavailable)), database.begin() as session:
        session.execute(text(f"DELETE FROM access_audit WHERE {which}"))
    assert number(database, AuditEntry) == 5


def test_it_is_done_once_a_night_and_not_by_day_before(room):
    limit = settings(retain_words_days=30)
    early = ONLY_THEN.replace(hour=0)
    assert not tonight(room.database, limit, early)
    assert tonight(room.database, limit, ONLY_THEN)
    assert (room.last.kind, room.last.actor_id) == ("erased", "amends")
    assert not tonight(room.database, limit, ONLY_THEN)
    assert tonight(room.database, limit, ONLY_THEN + timedelta(days=1))


def test_an_incident_that_was_opened_again_keeps_its_words(room):
    room.do(acts.reopen, GRACE, "More came up", at=NOW + timedelta(days=20))
    assert counts(room.database, settings(retain_words_days=30), ONLY_THEN, really=True) == {}
