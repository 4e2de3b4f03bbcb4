"""A person is erased: their words, their files, their name; others' words stay. On SQLite and on PostgreSQL."""

import pytest
from sqlalchemy import text

from amends.access import audit
from amends.access.people import SignedIn
from amends.incidents import record, trail
from amends.incidents.models import Participant
from amends.incidents.verify import verify
from amends.privacy import holds, people
from amends.privacy.orders import GONE, CannotErase
from amends.privacy.places import PLACES, STAYS
from tests.leads.conftest import ADA, GRACE, Room
from tests.privacy.conftest import ADMIN, LATER, NAME, ORDER, WORDS, spoken, where

INDEX = "register_index"
BY_OTHERS = {
    *(("trail_payload", "body"), ("register_text", "words"), ("register_text", "terms")),
    *(("register_text", "about"), ("incident", "override"), ("legal_hold", "reason"), ("follow_up", "what")),
    ("incident", "completion"),
    *(("story", "introduction"), ("story", "items"), ("review", "went_well"), ("review", "to_change")),
}
"""Where Grace and an administrator wrote something in this incident."""


def erase(room, who=ADA, by=ADMIN):
    return people.erase_person(room.database, who, by, ORDER, LATER, "web")


def left(room, words):
    return {place for place in where(room.database, words) if not place[0].startswith(INDEX)}


def test_their_words_and_files_go_and_those_of_others_stay(room):
    assert erase(room) == (room.reference,)
    assert left(room, WORDS) <= BY_OTHERS
    said = {each.actor_id: each.payload for each in room.trail if each.kind == "note_added"}
    assert said[ADA] is None
    assert said[GRACE.id] == {"text": f"Ask {NAME} about the {WORDS}."}
    assert room.incident.title == GONE


def test_no_table_holds_their_name_but_where_others_wrote_it(room):
    named = {(table, column) for table, kept in PLACES.items() for column in kept.names}
    assert left(room, NAME) >= {("participant", "name"), ("follow_up", "owner_name"), ("slack_user", "name")}
    assert left(room, NAME) & named - STAYS
    erase(room)
    assert left(room, NAME) <= {("trail_payload", "body"), ("register_text", "words"), ("register_text", "terms")}
    with room.database.read() as session:
        assert session.get_one(Participant, ADA).name == ""


def test_the_chain_still_verifies_and_the_entries_name_the_ground_and_no_name(room):
    erase(room)
    with room.database.read() as session:
        assert verify(session).damage == ()
        (entry,) = [each for each in audit.entries(session) if each.what == "erased_person"]
    assert (room.last.kind, room.last.payload["what"]) == ("erased", "person")
    assert ADA in entry.details
    assert NAME not in entry.details


def test_an_incident_that_only_names_them_as_a_value_loses_that_entry(room):
    with room.database.begin() as session:
        talk = record.ensure_conversation(session, "web:bo", "slack:T1:U2", LATER)
        other = record.open_incident(session, talk, room.flow, "Another", "web", LATER, 2026)
        for said in ({"told": NAME}, {"text": f"{NAME} was nice"}):
            by = {"actor_id": GRACE.id, "source": "web", "said_at": LATER, "recorded_at": LATER}
            trail.append(session, other, trail.Kind.NOTE_ADDED, said, **by)
    assert erase(room) == (room.reference, "INC-2026-0002")
    with room.database.read() as session:
        entries = trail.entries(session, record.find(session, "INC-2026-0002"))
    assert [each.payload for each in entries[:2]] == [None, {"text": f"{NAME} was nice"}]


def test_a_legal_hold_on_an_incident_of_theirs_prevents_it(lite_room):
    with lite_room.database.begin() as session:
        holds.place(session, ADMIN, "Court", LATER, "web", incident=record.find(session, lite_room.reference))
    with pytest.raises(CannotErase, match="A legal hold of 01 April 2026"):
        erase(lite_room)
    assert WORDS in str(lite_room.trail)


def test_a_legal_hold_on_the_person_prevents_it(lite_room):
    with lite_room.database.begin() as session:
        holds.place(session, ADMIN, "Court", LATER, "web", participant_id=ADA)
    with pytest.raises(CannotErase, match="A legal hold"):
        erase(lite_room)


def test_who_takes_part_in_an_open_incident_is_not_erased(sqlite_database):
    with pytest.raises(CannotErase, match="one incident that is still open"):
        erase(Room(sqlite_database))


def test_nobody_erases_themselves(lite_room):
    with pytest.raises(CannotErase, match="Nobody erases themselves"):
        erase(lite_room, by=SignedIn(ADA, NAME))


def test_a_message_of_theirs_that_waits_is_still_handled(lite_room):
    spoken(lite_room.database, "Still waiting", 60 * 24 * 20)
    erase(lite_room)
    with lite_room.database.read() as session:
        waiting = session.scalars(text("SELECT text FROM delivery WHERE handled_at IS NULL")).all()
    assert waiting == ["Still waiting"]


def test_people_are_found_by_a_name_with_letters_beyond_english(room):
    with room.database.begin() as session:
        record.ensure_participant(session, "slack:T1:U77", "Zoë Šimić", LATER)
        assert [each.id for each in people.find(session, "Zoë Šimić")] == ["slack:T1:U77"]


def test_people_are_found_by_account_or_name_in_any_letters(room):
    with room.database.read() as session:
        for who in (ADA, NAME.upper(), f"  {NAME} "):
            assert [each.id for each in people.find(session, who)] == [ADA]
        assert people.find(session, "") == people.find(session, "Nobody") == []
        somebody = people.known(session, session.get_one(Participant, ADA))
    assert (somebody.own, somebody.named) == ((1,), ())
