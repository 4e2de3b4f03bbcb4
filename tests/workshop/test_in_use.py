"""What a running process uses: what was published last, and never what cannot be used."""

import pytest
from sqlalchemy import text

from amends.workshop import Document, UnknownVersion, publish_first, publish_text
from amends.workshop.documents import in_folder
from amends.workshop.in_use import Published, live_flows
from amends.workshop.safe import SafeSteps
from tests.workshop.conftest import DATA, FLOW, OLGA, POLICY


def put(workshop, document, new):
    how = {"owner": OLGA, "note": "Test.", "now": workshop.now(), "settings": workshop.settings, "source": "test"}
    return workshop.do(publish_text, document, new, **how)


def spoil(workshop, part):
    with workshop.database.begin() as session:
        session.execute(text("DROP TRIGGER IF EXISTS document_version_no_update"))
        session.execute(text(f"UPDATE document_version SET text = 'spoilt' WHERE text LIKE '%{part}%'"))


def test_what_is_published_is_used_from_the_next_look_on(workshop):
    used = Published(workshop.database, FLOW)
    flow, library = used.flow, used.library
    used.refresh()
    assert (used.flow, used.library) == (flow, library)
    done = put(workshop, FLOW, workshop.edited())
    put(workshop, POLICY, workshop.edited("Correct in the open", "Correct it openly", POLICY))
    used.refresh()
    assert used.flow.version == done.version
    assert used.library.clauses["SM-2.3"].title == "Correct it openly"


def test_a_policy_alone_leaves_the_flow_as_the_same_object(quick):
    used = Published(quick.database, FLOW)
    flow = used.flow
    put(quick, POLICY, quick.edited("Correct in the open", "Correct it openly", POLICY))
    used.refresh()
    assert used.flow is flow


def test_a_version_that_cannot_be_used_is_not_used_by_a_running_process(quick, caplog):
    used = Published(quick.database, FLOW)
    before = used.flow
    put(quick, FLOW, quick.edited())
    spoil(quick, "What is amiss?")
    used.refresh()
    assert used.flow is before
    assert "cannot be used, what was used before stays in use" in caplog.text


def test_nor_by_one_that_starts_which_takes_the_one_before(quick, caplog):
    first = Published(quick.database, FLOW).flow
    put(quick, FLOW, quick.edited())
    put(quick, POLICY, quick.edited("Correct in the open", "Correct it openly", POLICY))
    spoil(quick, "What is amiss?")
    spoil(quick, "Correct it openly")
    used = Published(quick.database, FLOW)
    assert used.flow.version == first.version
    assert used.library.clauses["SM-2.3"].title == "Correct in the open"
    assert "was changed in the record" in caplog.text


def test_without_any_that_can_be_used_the_first_reason_is_said(quick):
    spoil(quick, "flow: problem_post")
    with pytest.raises(UnknownVersion, match="changed in the record"):
        Published(quick.database, FLOW)


def test_before_anything_was_published_it_is_said(sqlite_database):
    with pytest.raises(UnknownVersion, match="Nothing was published yet"):
        Published(sqlite_database, FLOW)
    publish_first(sqlite_database, DATA)
    with pytest.raises(UnknownVersion, match="no flow called other"):
        Published(sqlite_database, Document("flow", "other"))


def test_all_live_flows(quick):
    put(quick, Document("flow", "other_post"), quick.text().replace("flow: problem_post", "flow: other_post", 1))
    url = quick.database.engine.url.render_as_string()
    shipped = [document.name for document in in_folder(DATA) if document.kind == "flow"]
    assert [flow.id for flow in live_flows(url)] == sorted([*shipped, "other_post"])


def test_the_safe_steps_follow_what_is_live_and_stay_when_it_cannot_be_read(quick, tmp_path):
    steps = SafeSteps(quick.database, FLOW, tmp_path / "none.yml")
    assert steps.steps == ()
    steps.refresh()
    first = steps.steps
    assert first
    put(quick, FLOW, quick.edited("Do not reply and do not delete yet.", "Do not reply, and do not delete it yet."))
    steps.refresh()
    assert "Do not reply, and do not delete it yet." in steps.steps
    put(quick, FLOW, quick.edited("Do not reply, and do not delete it yet.", "Wait."))
    spoil(quick, '"Wait."')
    steps.refresh()
    assert "Do not reply, and do not delete it yet." in steps.steps


def test_clauses_that_do_not_fit_together_are_not_used(quick):
    used = Published(quick.database, FLOW)
    before = used.library
    from amends.workshop import trail
    from amends.workshop.versions import keep

    with quick.database.begin() as session:  # as a program with other checks could have done it
        body = "policy: X\ntitle: X\nclauses: {}\n"
        trail.append(
            session,
            trail.Kind.PUBLISHED,
            POLICY,
            OLGA,
            at=quick.now(),
            version=keep(session, POLICY, body, quick.now()),
        )
    used.refresh()
    assert used.library is before
    assert Published(quick.database, FLOW).library is before
