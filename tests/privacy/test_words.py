"""An incident's words are erased everywhere, and the record still verifies; on SQLite and on PostgreSQL."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from amends.access import audit
from amends.access.people import SignedIn
from amends.incidents import deliveries, record, trail
from amends.incidents.database import RecordUnavailable
from amends.incidents.models import Conversation
from amends.incidents.verify import verify
from amends.leads import acts
from amends.outbox import outgoing
from amends.outbox.tables import Outgoing
from amends.privacy import holds
from amends.privacy.orders import GONE, CannotErase, order_of
from amends.privacy.places import PLACES, STAYS
from amends.privacy.tables import LegalHold
from amends.privacy.words import erase_words
from amends.review import reviewing
from amends.settings import Settings
from tests.leads.conftest import ADA, GRACE, NOW, Room
from tests.privacy.conftest import ADMIN, LATER, LEAD, NAME, ORDER, WORDS, spoken, where

OTHERS = {
    *(("saved_view", column) for column in ("name", "query")),
    *(("publish_request", column) for column in ("note", "reason")),
    *(("draft_reading", column) for column in ("text", "account", "note")),
}
"""Words that somebody wrote elsewhere: they belong to the person, not to the incident."""
INDEX = "register_index"
"""FTS5's own tables, which hold no text; `register_text` is looked at itself."""


def words_of(database):
    return {place for place in where(database, WORDS) if not place[0].startswith(INDEX)}


def erase(room, by=LEAD):
    with room.database.begin() as session:
        incident = record.find(session, room.reference)
        return erase_words(session, room.settings, incident, by, ORDER, LATER, "web")


def verdict(room):
    with room.database.read() as session:
        return verify(session)


def test_no_table_holds_a_word_of_it_any_more(room):
    every = {(table, column) for table, kept in PLACES.items() for column in kept.words} - STAYS
    if room.database.engine.dialect.name == "sqlite":
        every -= {("register_text", "terms")}
    assert words_of(room.database) == every, "The incident of this test has to have words in every column of words."
    erased = erase(room)
    assert (erased.entries, erased.files) == (14, 1)
    assert words_of(room.database) == OTHERS


def test_the_chain_still_verifies_and_an_entry_says_who_erased_what_on_which_ground(room):
    erase(room)
    assert verdict(room).damage == ()
    last = room.last
    assert (last.kind, last.actor_id) == ("erased", LEAD.id)
    assert last.payload["ground"] == "objected"
    assert last.payload["request"] == "DSR-2026-014"
    gone = [each.sequence for each in room.trail if each.payload is None]
    assert gone == last.payload["entries"]
    assert room.incident.title == GONE
    with room.database.read() as session:
        (entry,) = [each for each in audit.entries(session, reference=room.reference) if each.what == "erased"]
    assert (entry.participant_id, entry.name) == (LEAD.id, LEAD.name)


def test_a_payload_that_no_entry_calls_erased_is_refused_and_one_that_was_is_not(room):
    erase(room)
    kept = "SELECT entry_id FROM trail_payload ORDER BY entry_id LIMIT 1"
    for which in (kept, kept.replace(" LIMIT", " DESC LIMIT")):
        with pytest.raises((DBAPIError, RecordUnavailable)), room.database.begin() as session:
            session.execute(text(f"DELETE FROM trail_payload WHERE entry_id = ({which})"))
    assert verdict(room).damage == ()


def test_cards_with_the_words_leave_slack_and_the_leads_card_is_drawn_again(room):
    slack = {"slack_bot_token": "xoxb-1", "slack_app_token": "xapp-1", "slack_leads_channel": "C9"}
    with room.database.begin() as session:
        incident = record.find(session, room.reference)
        card = {"channel": "C9", "ts": "9.9", "thread": None, "body": '{"incident": 1, "here": true}'}
        outgoing.stand(session, f"lead:{incident.id}", **card, at=NOW)
        erase_words(session, Settings(_env_file=None, **slack), incident, LEAD, ORDER, LATER, "web")
    with room.database.read() as session:
        waiting = session.scalars(select(Outgoing).where(Outgoing.dead_at.is_(None)).order_by(Outgoing.id)).all()
    assert [(each.action, each.to, each.slot) for each in waiting] == [
        ("delete", "C1", "advice:1:slack:T1:C1:1.2"),
        ("update", "C9", "lead:1"),
    ]
    assert waiting[1].body == '{"incident": 1, "here": true}'
    assert words_of(room.database) == OTHERS


def test_a_second_time_erases_what_was_written_since(room):
    erase(room)
    room.do(acts.add_note, GRACE, f"Again a {WORDS}")
    assert erase(room).entries == 1
    assert words_of(room.database) == OTHERS
    assert verdict(room).damage == ()


def test_another_incident_of_the_same_conversation_keeps_its_words(room):
    with room.database.begin() as session:
        talk = session.get_one(Conversation, "slack:T1:C1:1.2")
        record.open_incident(session, talk, room.flow, "Another", "slack", LATER, 2026)
    key, at = spoken(room.database, "A second post", 60 * 24)
    with room.database.begin() as session:
        incident = record.lock(session, record.find(session, "INC-2026-0002").id)
        said = {"actor_id": ADA, "source": "slack", "said_at": at, "recorded_at": at}
        trail.append(session, incident, trail.Kind.REPORTED, {"text": "A second post"}, **said)
    deliveries.finish(room.database, key, [{"type": "text", "text": "Thank you"}], at)
    erase(room)
    told = deliveries.transcript(room.database, "slack:T1:C1:1.2")
    assert [each.text for each in told] == [GONE, "A second post"]
    with room.database.read() as session:
        other = record.find(session, "INC-2026-0002")
        assert other.title == "Another"
        assert all(each.payload for each in trail.entries(session, other))


def test_a_message_that_is_not_handled_yet_keeps_its_words(room):
    spoken(room.database, "Still waiting", -5)
    erase(room)
    assert [each.text for each in deliveries.waiting(room.database)] == ["Still waiting"]


@pytest.mark.parametrize("whom", ["incident", "somebody who wrote in it"])
def test_a_legal_hold_prevents_it_and_says_so(room, whom):
    with room.database.begin() as session:
        on = {"incident": record.find(session, room.reference)} if whom == "incident" else {"participant_id": GRACE.id}
        hold = holds.place(session, ADMIN, "The union may sue.", LATER, "web", **on)
    before = words_of(room.database)
    with pytest.raises(CannotErase, match=r"A legal hold of 01 April 2026 keeps everything in INC-2026-0001"):
        erase(room)
    assert words_of(room.database) == before
    with room.database.begin() as session:
        holds.lift(session, session.get_one(LegalHold, hold.id), ADMIN, LATER, "web")
    assert erase(room).entries


def test_an_open_incident_keeps_its_words(database):
    with pytest.raises(CannotErase, match="still open"):
        erase(Room(database))


def test_what_is_still_to_be_done_keeps_its_words(room):
    with room.database.begin() as session:
        incident = record.find(session, room.reference)
        reviewing.agree(session, room.settings, incident, GRACE, "Tell them", "Bo", NOW.date(), LATER)
    with pytest.raises(CannotErase, match="still to be done"):
        erase(room)


def test_who_reported_does_not_erase(room):
    with pytest.raises(CannotErase, match="You reported"):
        erase(room, SignedIn(ADA, NAME))


@pytest.mark.parametrize(
    ("ground", "request_number", "said"),
    [
        ("because", "", "Choose a ground"),
        ("objected", "Ada Okafor asked", "no name"),
        ("objected", "x" * 41, "at most 40"),
    ],
)
def test_an_order_holds_no_words(ground, request_number, said):
    with pytest.raises(CannotErase, match=said):
        order_of(ground, request_number)
