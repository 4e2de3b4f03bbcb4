"""The files in data/ go live at the first start, and later only when somebody publishes them."""

import logging
import shutil
import threading

import pytest

from amends.flows import FlowError
from amends.incidents.database import Database
from amends.incidents.visible import Viewer, incidents_of
from amends.workshop import differences, documents, history, live, publish_first, trail
from amends.workshop.files import warn_of_differences
from tests.workshop.conftest import DATA, FLOW, POLICY


@pytest.fixture
def data(tmp_path):
    shutil.copytree(DATA / "flows", tmp_path / "data" / "flows")
    shutil.copytree(DATA / "policies", tmp_path / "data" / "policies")
    return tmp_path / "data"


def edit(path, old, new):
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_the_first_start_publishes_every_file_once(database, data):
    files = len(list(data.rglob("*.yml")))
    assert publish_first(database, data) == files
    assert publish_first(database, data) == 0
    with database.read() as session:
        assert len(documents(session)) == files
        assert differences(session, data) == []
        assert trail.verify(session).damage == ()


def test_several_processes_that_start_at_once_publish_them_once(database, data):
    found = []
    threads = [threading.Thread(target=lambda: found.append(publish_first(database, data))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found)[:3] == [0, 0, 0]
    assert max(found) > 0
    with database.read() as session:
        assert len(history(session, FLOW)) == 1


@pytest.mark.parametrize(("old", "new"), [("questions:\n", "qestions:\n"), ("clauses: [SM-2.3", "clauses: [SM-2.33")])
def test_files_that_cannot_be_used_are_not_published(sqlite_database, data, old, new):
    edit(data / "flows" / "problem_post.yml", old, new)
    with pytest.raises(FlowError):
        publish_first(sqlite_database, data)
    with sqlite_database.read() as session:
        assert trail.count(session) == 0


def test_a_file_that_was_edited_is_not_live_and_the_log_says_what_to_do(sqlite_database, data, caplog):
    publish_first(sqlite_database, data)
    edit(data / "flows" / "problem_post.yml", "Pick all that fit.", "Tick all that fit.")
    (data / "policies" / "social_media.yml").unlink()
    shutil.copy(data / "policies" / "records.yml", data / "policies" / "new_one.yml")
    with caplog.at_level(logging.WARNING):
        found = warn_of_differences(sqlite_database, data)
    assert [each.document.name for each in found] == ["problem_post", "new_one", "social_media"]
    assert "differs from what is live, so the file is not in use. 'amends flow publish problem_post'" in caplog.text
    assert "data/policies/social_media.yml is gone, but its last published version stays in use." in caplog.text
    assert "data/policies/new_one.yml was never published, so it is not in use." in caplog.text
    with sqlite_database.read() as session:
        assert "Tick all" not in live(session, FLOW).text
        assert live(session, POLICY).text


def test_line_ends_of_windows_are_no_difference_by_themselves(sqlite_database, data):
    path = data / "flows" / "problem_post.yml"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    publish_first(sqlite_database, data)
    with sqlite_database.read() as session:
        assert "\r\n" in live(session, FLOW).text
        assert differences(session, data) == []


def test_the_record_of_an_older_program_comes_up_with_everything_in_it(database_at_0001):
    url, read = database_at_0001
    before = read()
    database = Database(url)
    database.migrate()
    assert publish_first(database, DATA) > 0
    assert read() == before
    with database.read() as session:
        assert trail.verify(session).damage == ()
        assert [incident.reference for incident in incidents_of(session, Viewer("web:ada"))] == ["INC-2026-0001"]
    database.migrate()
    database.dispose()
