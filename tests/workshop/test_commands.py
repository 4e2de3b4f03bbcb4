"""`amends flow history|publish|show` and the same for policies, as they are typed."""

import json
import shutil

import pytest
from typer.testing import CliRunner

from amends.cli import app
from amends.incidents.database import Database
from amends.workshop import Document, Owner, commands, history, live, requests, save_draft
from tests.workshop.conftest import DATA, FLOW, POLICY, QUESTION


@pytest.fixture
def url(tmp_path, monkeypatch):
    url = f"sqlite:///{tmp_path / 'record.db'}"
    monkeypatch.setenv("DATABASE_URL", url)
    for name in ("POLICY_OWNERS", "SECOND_OWNER_APPROVES"):
        monkeypatch.delenv(name, raising=False)
    return url


@pytest.fixture
def data(tmp_path, monkeypatch):
    """Files to edit, in the place of those that ship."""
    for folder in ("flows", "policies"):
        shutil.copytree(DATA / folder, tmp_path / "data" / folder)
    monkeypatch.setattr(commands, "DATA", tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def amends(url, data):
    assert url
    assert data

    def run(*words):
        return CliRunner().invoke(app, words)

    assert run("flow", "history").exit_code == 0  # the first start
    return run


def edit(path, old, new):
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def reading(url, work, *arguments):
    database = Database(url)
    with database.read() as session:
        found = work(session, *arguments)
    database.dispose()
    return found


def test_the_history_of_the_first_start(amends):
    said = amends("flow", "history")
    assert said.exit_code == 0
    assert "the files in data/  (live)" in said.output
    rows = json.loads(amends("policy", "history", "social_media", "--json").output)
    assert [row["previous"] for row in rows] == [None]


def test_an_edited_flow_is_published_and_what_changes_is_said(amends, data, url):
    edit(data / "flows" / "problem_post.yml", "gate: [B2, B4]", "gate: [B2]")
    assert "differs from what is live" in amends("flow", "history").output
    tried = amends("flow", "publish", "--dry-run")
    assert "would be published. Nothing was done." in tried.output
    assert len(reading(url, history, FLOW)) == 1
    said = amends("flow", "publish", "--note", "B4 is no reason.", "--author", "Olga Orr")
    assert said.exit_code == 0, said.output
    assert "move from level 3 to level 2" in said.output
    assert "problem_post is live for new conversations: version" in said.output
    newest = reading(url, history, FLOW)[0]
    assert (newest.owner.name, newest.note) == ("Olga Orr", "B4 is no reason.")
    assert "There is nothing to publish." in amends("flow", "publish").output


def test_a_note_is_needed(amends, data, url):
    edit(data / "flows" / "problem_post.yml", QUESTION, "What is amiss?")
    said = amends("flow", "publish")
    assert said.exit_code == 1
    assert "--note" in said.output
    assert len(reading(url, history, FLOW)) == 1


def test_what_the_checks_refuse_is_said_with_its_lines_and_not_published(amends, data, url):
    laugh = "do: [take_down, apologise, respond, make_light]\n"
    edit(data / "flows" / "problem_post.yml", "do: [take_down, apologise, respond]\n", laugh)
    said = amends("flow", "publish", "--note", "Laugh more.")
    assert said.exit_code == 1
    assert "problem_post was not published" in said.output
    assert "Never-rule N1" in said.output
    assert len(reading(url, history, FLOW)) == 1


def test_a_file_from_anywhere_can_be_published(amends, tmp_path, url):
    path = tmp_path / "problem_post.yml"
    path.write_text(reading(url, live, FLOW).text.replace(QUESTION, "What is amiss?"), "utf-8")
    assert amends("flow", "publish", str(path), "--note", "Shorter.").exit_code == 0
    assert "What is amiss?" in reading(url, live, FLOW).text
    assert amends("flow", "publish", str(path), "--note", "Again.").output.strip().endswith("what is live already.")
    missing = amends("flow", "publish", str(tmp_path / "none.yml"), "--note", "x")
    assert (missing.exit_code, "cannot be read" in missing.output) == (1, True)


def test_policies_that_need_each_other_are_published_in_the_order_that_works(amends, data, url):
    """The second names a clause that only the first brings; by name the second comes first."""
    clause = (data / "policies" / "social_media.yml").read_text("utf-8").split("  SM-2.2:\n")[1].split("  SM-2.3:")[0]
    with (data / "policies" / "social_media.yml").open("a", encoding="utf-8") as stream:
        stream.write(f"\n  SM-2.9:\n{clause}")
    with (data / "policies" / "accessibility.yml").open("a", encoding="utf-8") as stream:
        stream.write('    beats:\n      SM-2.9: "a test"\n')
    said = amends("policy", "publish", "--note", "Both.")
    assert said.exit_code == 0, said.output
    assert "New clause SM-2.9: Keep personal and official apart." in said.output
    assert "SM-2.9" in reading(url, live, Document("policy", "accessibility")).text


def test_one_version_with_its_lines(amends, data, url):
    edit(data / "policies" / "social_media.yml", "Correct in the open", "Correct it openly")
    amends("policy", "publish", "social_media", "--note", "Plainer.", "--author", "Olga")
    new = reading(url, live, POLICY)
    said = amends("policy", "show-version", new.hash[:8]).output
    assert f"social_media, version {new.hash} (live)" in said
    assert "by Olga: Plainer." in said
    assert '+    title: "Correct it openly"' in said
    assert amends("policy", "show-version", new.hash[:8], "--text").output == new.text
    assert json.loads(amends("policy", "show-version", new.hash[:8], "--json").output)["live"] is True
    unknown = amends("flow", "show", "abcdef12")
    assert (unknown.exit_code, "has no version abcdef12" in unknown.output) == (1, True)
    assert amends("flow", "history", "other").exit_code == 1


def test_only_owners_publish(amends, data, monkeypatch):
    edit(data / "flows" / "problem_post.yml", QUESTION, "What is amiss?")
    monkeypatch.setenv("POLICY_OWNERS", "Olga Orr, Ivan")
    refused = amends("flow", "publish", "--note", "x", "--author", "Eve")
    assert (refused.exit_code, "Eve is no policy owner" in refused.output) == (1, True)
    assert amends("flow", "publish", "--note", "x", "--author", "olga  orr").exit_code == 0


def test_where_a_second_owner_is_needed_it_waits(amends, data, monkeypatch, url):
    edit(data / "flows" / "problem_post.yml", QUESTION, "What is amiss?")
    monkeypatch.setenv("SECOND_OWNER_APPROVES", "true")
    said = amends("flow", "publish", "--note", "Shorter.", "--author", "Olga")
    assert said.exit_code == 0
    assert "waits for a second owner: request 1" in said.output
    assert len(reading(url, requests)) == 1
    assert "Request 1 of Olga waits" in amends("flow", "history").output


def test_an_open_draft_is_told_that_it_was_overtaken(amends, data, url):
    database = Database(url)
    with database.begin() as session:
        from datetime import UTC, datetime

        olga = Owner("web:olga", "Olga")
        save_draft(session, FLOW, "draft", owner=olga, seen=0, now=datetime.now(UTC))
    database.dispose()
    edit(data / "flows" / "problem_post.yml", QUESTION, "What is amiss?")
    said = amends("flow", "publish", "--note", "Shorter.")
    assert "the draft on the pages, last saved by Olga, was begun from the version before" in " ".join(
        said.output.split()
    )
