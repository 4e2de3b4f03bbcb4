"""What `amends run` does with the files in data/: publish them once, and afterwards say which are not in use."""

import shutil

import pytest

from amends.incidents.database import Database
from amends.ops import CannotRun
from amends.ops.run import migrate, publish_first_time
from amends.settings import ROOT, Settings
from amends.workshop import Document, live
from amends.workshop.documents import in_folder


@pytest.fixture
def root(tmp_path):
    for folder in ("flows", "policies"):
        shutil.copytree(ROOT / "data" / folder, tmp_path / "data" / folder)
    return tmp_path


@pytest.fixture
def settings(tmp_path):
    settings = Settings(_env_file=None, database_url=f"sqlite:///{tmp_path / 'record.db'}")
    migrate(settings)
    return settings


def said(root, settings):
    lines = []
    publish_first_time(root, settings, lines.append)
    return lines


def test_the_first_start_publishes_and_the_next_says_nothing(root, settings):
    (line,) = said(root, settings)
    assert line == f"Published the {len(in_folder(root / 'data'))} files in data/ as the first versions."
    assert said(root, settings) == []


def test_a_broken_file_keeps_only_the_first_start_from_going_on(root, settings):
    flow = root / "data" / "flows" / "problem_post.yml"
    whole = flow.read_text("utf-8")
    flow.write_text(whole.replace("questions:\n", "qestions:\n"), "utf-8")
    with pytest.raises(CannotRun, match=r"problem_post\.yml:\d+:\d+: .*questions"):
        said(root, settings)
    flow.write_text(whole, "utf-8")
    said(root, settings)
    flow.write_text("flow: [broken", "utf-8")
    (note,) = said(root, settings)
    assert "Note: data/flows/problem_post.yml differs from what is live, so the file is not in use." in note
    database = Database(settings.database_url)
    with database.read() as session:
        assert live(session, Document("flow", "problem_post")).text == whole
    database.dispose()
