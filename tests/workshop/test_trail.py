"""The owners' trail cannot be changed, and where somebody did it all the same, it is noticed. On both databases."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError
from typer.testing import CliRunner

from amends.integrity.cli import trail_app
from amends.workshop import trail
from amends.workshop.documents import in_folder
from tests.workshop.conftest import DATA, IVAN

FILES = len(in_folder(DATA))
"""So many first versions there are, each with its entry."""
LAST = FILES + 3
"""The last entry of the trail that the intruder finds: two drafts and what was published follow the files."""

TABLES = ("policy_trail", "document_version")
REFUSED = [
    "UPDATE policy_trail SET actor_name = 'Eve' WHERE sequence = 1",
    "DELETE FROM policy_trail",
    "UPDATE document_version SET text = 'x'",
    "DELETE FROM document_version WHERE kind = 'flow'",
]
ON_SQLITE = [
    "INSERT OR REPLACE INTO policy_trail SELECT * FROM policy_trail WHERE sequence = 1",
    "INSERT OR REPLACE INTO document_version SELECT kind, name, hash, 'x', first_published_at FROM document_version",
]
ON_POSTGRESQL = ["TRUNCATE policy_trail", "TRUNCATE document_version"]


def dialect(workshop):
    return workshop.database.engine.dialect.name


@pytest.mark.parametrize("statement", [*REFUSED, *ON_SQLITE, *ON_POSTGRESQL])
def test_the_database_refuses_to_change_it(workshop, statement):
    if statement in (ON_POSTGRESQL if dialect(workshop) == "sqlite" else ON_SQLITE):
        return  # the other database's way of saying it
    before = workshop.do(trail.entries)
    with pytest.raises(DatabaseError, match="append-only"), workshop.database.begin() as session:
        session.execute(text(statement))
    assert workshop.do(trail.entries) == before


def test_replicas_and_restores_do_not_switch_the_refusal_off(workshop):
    if dialect(workshop) == "sqlite":
        return  # SQLite has no such switch
    with pytest.raises(DatabaseError, match="append-only"), workshop.database.begin() as session:
        session.execute(text("SET session_replication_role = replica"))
        session.execute(text("DELETE FROM policy_trail"))


@pytest.fixture
def filled(workshop):
    """A trail with steps of all kinds."""
    workshop.save(workshop.edited())
    workshop.save(workshop.edited(new="Amiss?"), owner=IVAN)
    workshop.publish()
    return workshop


@pytest.fixture
def intruded(filled):
    """The same, with an intruder who took the triggers away."""
    take_triggers_away(filled)
    return filled


def take_triggers_away(workshop):
    with workshop.database.begin() as session:
        for table in TABLES:
            if dialect(workshop) == "sqlite":
                for what in ("no_update", "no_delete", "no_replace"):
                    session.execute(text(f"DROP TRIGGER {table}_{what}"))
            else:
                session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))


def damage(workshop, statement):
    with workshop.database.begin() as session:
        assert session.execute(text(statement)).rowcount > 0
    return workshop.do(trail.verify).damage


def test_an_untouched_trail_verifies(intruded):
    verdict = intruded.do(trail.verify)
    assert (verdict.damage, verdict.entries, verdict.versions) == ((), LAST, FILES + 1)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("kind", "'declined'"),
        ("document_kind", "'policy'"),
        ("document_name", "'other'"),
        ("version", "NULL"),
        ("previous", "NULL"),
        ("actor_id", "'web:eve'"),
        ("actor_name", "'Eve'"),
        ("note", "'Nothing of note.'"),
        ("details", "'{}'"),
        ("at", "'2020-01-01T00:00:00.000000+00:00'"),
        ("hash", "'abc'"),
    ],
)
def test_a_changed_column_is_found(intruded, column, value):
    first = damage(intruded, f"UPDATE policy_trail SET {column} = {value} WHERE sequence = {LAST - 1}")[0]
    assert (first.sequence, first.sentence) == (LAST - 1, "It was changed after it was written.")


def test_a_step_that_was_taken_out_is_found(intruded):
    first = damage(intruded, f"DELETE FROM policy_trail WHERE sequence = {LAST - 2}")[0]
    assert (first.sequence, first.sentence) == (
        LAST - 1,
        f"Entry {LAST - 2} is missing: the next one there is entry {LAST - 1}.",
    )


def test_a_step_that_was_taken_out_and_covered_up_is_found(intruded):
    with intruded.database.begin() as session:
        session.execute(text(f"DELETE FROM policy_trail WHERE sequence = {LAST - 2}"))
    first = damage(intruded, f"UPDATE policy_trail SET sequence = sequence - 1 WHERE sequence > {LAST - 2}")[0]
    assert (first.sequence, "does not follow" in first.sentence) == (LAST - 2, True)


def test_a_changed_text_is_found_and_not_used(intruded):
    damage(intruded, "UPDATE document_version SET text = text || '#' WHERE name = 'problem_post'")
    with pytest.raises(Exception, match="was changed in the record"):
        intruded.text()
    found = intruded.do(trail.verify).damage
    assert len(found) == 2
    assert all("was changed after it was published" in each.sentence for each in found)


def test_a_missing_text_and_one_that_was_never_published_are_found(intruded):
    found = damage(intruded, "UPDATE document_version SET name = 'other' WHERE kind = 'flow' AND text LIKE '%Amiss?%'")
    sentences = " ".join(each.sentence for each in found)
    assert "is missing" in sentences
    assert "never published" in sentences


def test_the_command_that_checks_the_record_says_it_too(filled, monkeypatch):
    url = filled.database.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("DATABASE_URL", url)
    good = CliRunner().invoke(trail_app, ["verify"])
    assert good.exit_code == 0, good.output
    assert f"{LAST} entries of the policy trail" in " ".join(good.output.split())
    take_triggers_away(filled)
    damage(filled, f"UPDATE policy_trail SET actor_name = 'Eve' WHERE sequence = {LAST - 1}")
    bad = CliRunner().invoke(trail_app, ["verify"])
    assert bad.exit_code == 1
    assert f"Policy trail, entry {LAST - 1}: It was changed" in " ".join(bad.output.split())


def test_it_is_read_a_page_at_a_time(workshop):
    workshop.save(workshop.edited())
    workshop.publish()
    newest = workshop.do(trail.entries, limit=2)
    assert [each.sequence for each in newest] == [FILES + 2, FILES + 1]
    assert workshop.do(trail.entries, before=FILES + 1, limit=1)[0].sequence == FILES
    published = workshop.do(trail.entries, kinds=("published",), limit=2)
    assert [each.sequence for each in published] == [FILES + 2, FILES]
