"""Versions are kept for ever; a draft is shared, and nobody's words are overwritten. On both databases."""

import pytest

from amends.workshop import (
    Conflict,
    Document,
    UnknownVersion,
    WorkshopError,
    discard_draft,
    documents,
    hash_of,
    history,
    live,
    live_hash,
    open_drafts,
    trail,
    version,
)
from tests.workshop.conftest import DATA, FLOW, IVAN, OLGA, POLICY


def test_the_files_are_the_first_versions(workshop):
    found = workshop.do(documents)
    assert FLOW in found
    assert len(found) == sum(len(list((DATA / kind).glob("*.yml"))) for kind in ("flows", "policies"))
    assert workshop.text() == (DATA / "flows" / "problem_post.yml").read_text("utf-8")
    (first,) = workshop.do(history, FLOW)
    assert (first.previous, first.approver, first.owner.name) == (None, None, "the files in data/")


def test_a_published_version_is_found_by_the_beginning_of_its_hash(workshop):
    old = workshop.do(live, FLOW)
    workshop.save(workshop.edited())
    done = workshop.publish()
    assert workshop.do(live_hash, FLOW) == done.version != old.hash
    assert workshop.do(version, FLOW, old.hash[:6]).text == old.text
    assert workshop.do(version, FLOW, done.version[:12].upper()).hash == done.version
    newest, first = workshop.do(history, FLOW)
    assert (newest.version, newest.previous, newest.note) == (done.version, old.hash, "Plainer words.")
    assert first.version == old.hash


@pytest.mark.parametrize("prefix", ["abc", "", "zzzzzzzz", "%_____"])
def test_a_version_that_is_not_there_is_said_in_a_sentence(workshop, prefix):
    with pytest.raises(UnknownVersion, match=r"\.$"):
        workshop.do(version, FLOW, prefix)


def test_a_document_that_is_not_there_is_said_in_a_sentence(workshop):
    with pytest.raises(UnknownVersion, match="no flow called other"):
        workshop.do(live, Document("flow", "other"))


def test_a_draft_is_kept_apart_from_what_is_live(workshop):
    assert workshop.draft() is None
    saved = workshop.save("flow: [broken")
    assert (saved.revision, saved.base) == (1, workshop.do(live_hash, FLOW))
    assert workshop.draft() == saved
    assert workshop.do(open_drafts) == [saved]
    assert "[broken" not in workshop.text()
    assert workshop.draft(POLICY) is None


def test_the_second_of_two_owners_is_shown_the_change_of_the_first(workshop):
    workshop.save("one", owner=OLGA, seen=0)
    with pytest.raises(Conflict, match="Olga changed it after you opened it") as error:
        workshop.save("two", owner=IVAN, seen=0)
    assert error.value.draft.text == "one"
    assert workshop.draft().text == "one"
    assert workshop.save("two", owner=IVAN, seen=1).revision == 2


def test_a_draft_that_was_thrown_away_and_begun_anew_is_not_taken_for_the_old_one(workshop):
    workshop.save("one", seen=0)
    workshop.do(discard_draft, FLOW, owner=OLGA, seen=1, now=workshop.now())
    assert workshop.draft() is None
    with pytest.raises(Conflict, match="published or thrown away"):
        workshop.save("late", seen=1)
    anew = workshop.save("two", owner=IVAN, seen=0)
    assert anew.revision == 3
    with pytest.raises(Conflict):
        workshop.do(discard_draft, FLOW, owner=OLGA, seen=1, now=workshop.now())
    assert workshop.draft().text == "two"


def test_saving_the_same_text_again_is_no_step(workshop):
    workshop.save("one")
    before = workshop.do(trail.count)
    assert workshop.save("one").revision == 1
    assert workshop.do(trail.count) == before


def test_a_draft_of_six_megabytes_is_refused(workshop):
    with pytest.raises(WorkshopError, match="larger than"):
        workshop.save("x" * 6_000_000)
    assert workshop.draft() is None


def test_every_step_of_a_draft_stands_in_the_trail(workshop):
    workshop.save("one")
    workshop.save("two", owner=IVAN)
    workshop.do(discard_draft, FLOW, owner=OLGA, seen=2, now=workshop.now())
    steps = [(entry.kind, entry.actor.name, entry.version) for entry in workshop.do(trail.entries, limit=3)]
    assert steps == [
        ("draft_discarded", "Olga", hash_of("two")),
        ("draft_saved", "Ivan", hash_of("two")),
        ("draft_saved", "Olga", hash_of("one")),
    ]
