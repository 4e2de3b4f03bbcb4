"""Whatever somebody changes in the record who has the database but no key is found and named. On both databases."""

import json

import pytest
from sqlalchemy import inspect, text

from amends.incidents import chain, seals, stored
from amends.incidents.chain import Harm
from amends.incidents.keys import Keys
from amends.incidents.trail import digest_of
from amends.integrity.anchors import AnchorFile
from tests.integrity.conftest import FIRST, NOW, SECOND, THIRD, Intruded

OTHER_KEY = Keys.read("x" * 40)
COPIED = "kind, actor_id, source, said_at, recorded_at, flow_version, clauses, supersedes"


def of(reference):
    return f"(SELECT id FROM incident WHERE reference = '{reference}')"


def at(reference, sequence):
    return f"incident_id = {of(reference)} AND sequence = {sequence}"


def payload(reference, sequence):
    return f"entry_id = (SELECT id FROM trail_entry WHERE {at(reference, sequence)})"


def remove(reference, condition="1 = 1"):
    which = f"incident_id = {of(reference)} AND {condition}"
    return [
        f"DELETE FROM trail_payload WHERE entry_id IN (SELECT id FROM trail_entry WHERE {which})",
        f"DELETE FROM trail_entry WHERE {which}",
    ]


def told(found):
    return [(each.reference, each.sequence, each.kind) for each in found]


def chain_anew(session):
    """Every incident's trail gets new hashes, as if it had always been as it is now."""
    for reference in session.scalars(text("SELECT reference FROM incident")).all():
        previous = chain.FIRST
        for sequence in session.scalars(
            text(f"SELECT sequence FROM trail_entry WHERE incident_id = {of(reference)} ORDER BY 1")
        ).all():
            where = at(reference, sequence)
            session.execute(text(f"UPDATE trail_entry SET previous_hash = '{previous}' WHERE {where}"))
            computed = {each.sequence: each.computed for each in stored.links(session, reference)}
            previous = computed[sequence]
            session.execute(text(f"UPDATE trail_entry SET hash = '{previous}' WHERE {where}"))


def seal_anew(session):
    """All seals are made once more, with a key of the intruder's own."""
    session.execute(text("DELETE FROM seal"))
    seals.seal_all(session.connection(), OTHER_KEY)


def say(reference, sequence, words):
    """Other words are put in, with the digest that belongs to them."""

    def change(session):
        body = json.dumps({"text": words})
        salt = session.scalar(text(f"SELECT salt FROM trail_payload WHERE {payload(reference, sequence)}"))
        new = {"body": body, "digest": digest_of(salt, body)}
        session.execute(text(f"UPDATE trail_payload SET body = :body WHERE {payload(reference, sequence)}"), new)
        session.execute(text(f"UPDATE trail_entry SET payload_digest = :digest WHERE {at(reference, sequence)}"), new)

    return change


def test_an_untouched_record_has_nothing_wrong(intruded):
    assert intruded.found() == []
    assert intruded.found(guarded=True) == []


@pytest.mark.parametrize(
    ("table", "where", "place"),
    [
        ("trail_entry", at(FIRST, 2), FIRST),
        ("trail_payload", payload(FIRST, 2), FIRST),
        ("policy_trail", "sequence = 2", "policy"),
        ("access_audit", "sequence = 2", "audit"),
        ("seal", "number = 5", None),
    ],
)
def test_a_byte_of_any_column_is_found(intruded, table, where, place):
    columns = {each["name"]: each["type"].python_type for each in inspect(intruded.database.engine).get_columns(table)}
    assert len(columns) > 2
    for name, type_ in columns.items():
        changed = f'"{name}" + 900' if type_ is int else f"""'#' || substr("{name}", 2)"""
        if name in {"supersedes", "version", "previous"}:  # there is nothing in it yet
            changed = "1" if type_ is int else "'#'"
        found = intruded.found(f'UPDATE {table} SET "{name}" = {changed} WHERE {where}')
        if (table, name) == ("trail_entry", "id"):
            # Nothing rests on the number itself; its payload hangs on it.
            assert told(found) == [(FIRST, 2, Harm.PAYLOAD_MISSING)], name
        elif place is None:
            assert found, name
        else:
            assert found[0].reference in {place, "incident number 901"}, name
            assert len(found) == 1 or name == "incident_id", name


def test_times_that_were_moved_are_found(intruded):
    earlier = "UPDATE trail_entry SET said_at = '2020-01-01T00:00:00.000000+00:00' WHERE "
    assert told(intruded.found(earlier + at(SECOND, 3))) == [(SECOND, 3, Harm.CHANGED)]
    assert told(intruded.found(earlier + at(SECOND, 3), chain_anew)) == [(SECOND, 3, Harm.REWRITTEN)]


def test_entries_that_changed_places_are_found(intruded):
    moves = [(2, 99), (3, 2), (99, 3)]
    swap = [f"UPDATE trail_entry SET sequence = {to} WHERE {at(FIRST, one)}" for one, to in moves]
    assert told(intruded.found(*swap)) == [(FIRST, 2, Harm.BROKEN)]
    assert told(intruded.found(*swap, chain_anew)) == [(FIRST, 2, Harm.REWRITTEN)]


def test_an_entry_that_was_removed_is_found(intruded):
    middle = remove(FIRST, "sequence = 2")
    assert told(intruded.found(*middle)) == [(FIRST, 3, Harm.MISSING)]
    closed = [f"UPDATE trail_entry SET sequence = {n} WHERE {at(FIRST, n + 1)}" for n in (2, 3)]
    assert told(intruded.found(*middle, *closed, chain_anew)) == [(FIRST, 2, Harm.REWRITTEN)]


def test_an_end_that_was_cut_off_is_found(intruded):
    (found,) = intruded.found(*remove(FIRST, "sequence > 2"))
    assert (found.reference, found.sequence, found.kind) == (FIRST, 3, Harm.CUT_OFF)
    assert found.sentence == "It was removed: the trail ends with entry 2, and the seal of entry 3 is there."
    for trail, table in (("policy", "policy_trail"), ("audit", "access_audit")):
        first = intruded.found(f"DELETE FROM {table} WHERE sequence = 3")[0]
        assert (first.reference, first.sequence, first.kind) == (trail, 3, Harm.CUT_OFF)


def test_an_end_that_was_cut_off_with_its_seals_is_found(intruded):
    """The seals of other entries came after those that are missing now."""
    cut = [*remove(FIRST, "sequence > 2"), f"DELETE FROM seal WHERE \"of\" = '{FIRST}' AND entry > 2"]
    assert Harm.SEAL_MISSING in {each.kind for each in intruded.found(*cut)}


@pytest.mark.parametrize("anew", [False, True])
def test_an_entry_that_was_put_in_is_found(intruded, anew):
    columns = f"{COPIED}, payload_digest, previous_hash, hash"
    end = (
        f"INSERT INTO trail_entry (id, incident_id, sequence, {columns}) "
        f"SELECT 900, incident_id, 5, {COPIED}, payload_digest, hash, hash FROM trail_entry WHERE {at(FIRST, 4)}"
    )
    words = "INSERT INTO trail_payload SELECT 900, salt, body FROM trail_payload WHERE " + payload(FIRST, 4)
    found = intruded.found(end, words, *([chain_anew] if anew else []))
    assert told(found) == [(FIRST, 5, Harm.UNSEALED if anew else Harm.CHANGED)]


def test_an_entry_that_is_there_twice_is_found(intruded):
    """The same entry once more, behind the last."""
    columns = f"{COPIED}, payload_digest, previous_hash, hash"
    twice = (
        f"INSERT INTO trail_entry (id, incident_id, sequence, {columns}) "
        f"SELECT 900, incident_id, 5, {columns} FROM trail_entry WHERE {at(FIRST, 2)}"
    )
    words = "INSERT INTO trail_payload SELECT 900, salt, body FROM trail_payload WHERE " + payload(FIRST, 2)
    assert told(intruded.found(twice, words)) == [(FIRST, 5, Harm.BROKEN)]


def test_a_whole_incident_that_was_removed_is_found(intruded):
    gone = [
        *remove(THIRD),
        f"DELETE FROM involved WHERE incident_id = {of(THIRD)}",
        f"UPDATE conversation SET incident_id = NULL WHERE incident_id = {of(THIRD)}",
        f"DELETE FROM incident WHERE reference = '{THIRD}'",
    ]
    (found,) = intruded.found(*gone)
    assert (found.reference, found.sentence) == (THIRD, "The whole incident is missing.")
    counted = "UPDATE reference_counter SET last = last - 1"
    assert told(intruded.found(*gone, counted)) == [(THIRD, None, Harm.INCIDENT_MISSING)]
    unsealed = f"DELETE FROM seal WHERE \"of\" = '{THIRD}'"
    assert Harm.SEAL_MISSING in {each.kind for each in intruded.found(*gone, counted, unsealed)}


def test_a_trail_that_was_removed_is_found(intruded):
    (found,) = intruded.found(*remove(THIRD))
    assert (found.reference, found.sentence) == (THIRD, "The incident has no trail at all.")


def test_other_words_are_found(intruded):
    change = f'UPDATE trail_payload SET body = \'{{"text": "It was Bo."}}\' WHERE {payload(SECOND, 2)}'
    assert told(intruded.found(change)) == [(SECOND, 2, Harm.PAYLOAD_CHANGED)]
    assert told(intruded.found(say(SECOND, 2, "It was Bo."))) == [(SECOND, 2, Harm.CHANGED)]
    assert told(intruded.found(say(SECOND, 2, "It was Bo."), chain_anew)) == [(SECOND, 2, Harm.REWRITTEN)]


def test_words_of_another_incident_are_found(intruded):
    other = f"(SELECT {{}} FROM trail_payload WHERE {payload(FIRST, 2)})"
    exchange = f"UPDATE trail_payload SET salt = {other.format('salt')}, body = {other.format('body')} WHERE "
    assert told(intruded.found(exchange + payload(SECOND, 2))) == [(SECOND, 2, Harm.PAYLOAD_CHANGED)]


def test_words_that_are_missing_are_found(intruded):
    gone = f"DELETE FROM trail_payload WHERE {payload(SECOND, 2)}"
    assert told(intruded.found(gone)) == [(SECOND, 2, Harm.PAYLOAD_MISSING)]


def test_a_record_that_was_wholly_made_anew_without_the_key_is_found(intruded):
    found = intruded.found(say(FIRST, 2, "Nothing happened."), chain_anew, seal_anew)
    assert {each.kind for each in found} == {Harm.KEY_MISSING}
    assert OTHER_KEY.newest in found[0].sentence

    def claim(session):
        session.execute(text("UPDATE seal SET key = :key"), {"key": intruded.database.keys().newest})

    found = intruded.found(say(FIRST, 2, "Nothing happened."), chain_anew, seal_anew, claim)
    assert {each.kind for each in found} == {Harm.REWRITTEN}
    assert {each.reference for each in found} == {FIRST, SECOND, THIRD, "policy", "audit"}


def test_a_table_that_was_emptied_is_found(intruded):
    assert {each.kind for each in intruded.found("DELETE FROM trail_payload")} == {Harm.PAYLOAD_MISSING}
    trails = intruded.found("DELETE FROM trail_payload", "DELETE FROM trail_entry")
    assert {each.kind for each in trails} == {Harm.TRAIL_MISSING}
    assert {each.kind for each in intruded.found("DELETE FROM seal")} == {Harm.UNSEALED}
    assert told(intruded.found("DELETE FROM access_audit"))[0][0] == "audit"


def test_a_file_that_was_changed_or_removed_is_found(intruded):
    other = "CAST('x' AS BLOB)" if intruded.on_sqlite else "convert_to('x', 'UTF8')"
    changes = (f"UPDATE evidence SET content = {other}", "DELETE FROM evidence", "UPDATE evidence SET sha256 = 'x'")
    for change in changes:
        found = intruded.found(change)
        assert {(each.reference, each.kind) for each in found} == {(SECOND, Harm.FILE_CHANGED)}


@pytest.mark.parametrize(
    "change", ["flow_version SET source = source || '#'", "document_version SET text = text || '#'"]
)
def test_rules_that_were_changed_are_found(intruded, change):
    (found,) = intruded.found(f"UPDATE {change}")
    assert found.kind is Harm.TEXT_CHANGED


def test_older_copies_and_cut_ends_are_found_by_what_was_noted_outside(intruded, tmp_path):
    noting = Intruded(intruded.database, AnchorFile(tmp_path / "anchors.jsonl"))
    with intruded.database.read() as session:
        end = seals.head(session)
    assert noting.file.note(end, NOW)
    assert noting.found() == []
    cut = [
        f"DELETE FROM seal WHERE number > {end.number - 1}",
        "DELETE FROM evidence",
        *remove(SECOND, "sequence = 5"),
    ]
    assert intruded.found(*cut) == []
    (found,) = noting.found(*cut)
    assert (found.reference, found.sequence, found.kind) == ("anchors", end.number, Harm.OLDER)
    assert "it had 16 entries then. Its end was cut off, or an older copy was put in its place." in found.sentence


def test_guards_that_are_gone_are_named(intruded):
    on = "" if intruded.on_sqlite else " ON trail_entry"
    name = "trail_entry_no_update" if intruded.on_sqlite else "trail_entry_no_change"

    def drop(session):
        session.execute(text(f"DROP TRIGGER {name}{on}"))

    (found,) = intruded.found(drop, guarded=True)
    assert (found.reference, found.kind) == ("trail_entry", Harm.GUARD_MISSING)
    if intruded.on_sqlite:
        return

    def weaken(session):
        session.execute(text("ALTER TABLE seal ENABLE TRIGGER seal_no_change"))

    (found,) = intruded.found(weaken, guarded=True)
    assert found.reference == "seal"

    def hollow(session):
        body = "BEGIN RETURN NEW; END"
        session.execute(text(f"CREATE OR REPLACE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS '{body}'"))

    assert {each.kind for each in intruded.found(hollow, guarded=True)} == {Harm.GUARD_MISSING}
