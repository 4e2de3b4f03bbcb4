"""A model is made when its files changed, and only then. (The conversations train a real one.)"""

import shutil
import stat
from pathlib import Path

import pytest

from amends.ops import CannotRun
from amends.ops.train import KEPT, MADE_FROM, ensure_model, last_lines, model_id

ROOT = Path(__file__).resolve().parents[2]

RASA = """#!/bin/sh
[ "$RASA_TELEMETRY_ENABLED" = false ] || exit 3
echo "$@" >> "$PWD/calls"
while [ "$1" != --out ]; do shift; done
echo model > "$2/model.tar.gz"
"""
BROKEN = "#!/bin/sh\necho first\necho 'YamlSyntaxException: this is what is wrong' >&2\nexit 1\n"


@pytest.fixture
def root(tmp_path):
    for pattern in MADE_FROM:
        for file in ROOT.glob(pattern):
            target = tmp_path / file.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, target)
    put_rasa(tmp_path, RASA)
    return tmp_path


def put_rasa(root, text):
    rasa = root / ".venv-bot" / "bin" / "rasa"
    rasa.parent.mkdir(parents=True, exist_ok=True)
    rasa.write_text(text)
    rasa.chmod(rasa.stat().st_mode | stat.S_IXUSR)


def calls(root):
    file = root / "calls"
    return len(file.read_text().splitlines()) if file.exists() else 0


def test_it_is_trained_once_and_then_found(root):
    said = []
    first = ensure_model(root, said.append)
    assert first.read_text() == "model\n"
    assert said[0].startswith("Training the assistant")
    said.clear()
    assert ensure_model(root, said.append) == first
    assert said == []
    assert calls(root) == 1


@pytest.mark.parametrize(
    "file", ["config.yml", "domain.yml", "data/rules.yml", "data/nlu/report.yml", "amends/rasa/featurizer.py"]
)
def test_a_change_in_what_it_is_made_from_trains_it_anew(root, file):
    before = ensure_model(root, [].append)
    with (root / file).open("a") as stream:
        stream.write("\n# changed\n")
    assert ensure_model(root, [].append) != before
    assert calls(root) == 2


def test_a_renamed_or_new_file_of_phrases_counts_as_a_change(root):
    before = model_id(root)
    (root / "data" / "nlu" / "report.yml").rename(root / "data" / "nlu" / "reports.yml")
    renamed = model_id(root)
    (root / "data" / "nlu" / "more.yml").write_text("version: '3.1'\n")
    assert len({before, renamed, model_id(root)}) == 3


def test_a_change_in_a_flow_or_a_touched_file_needs_no_training(root):
    before = model_id(root)
    (root / "data" / "flows").mkdir()
    (root / "data" / "flows" / "problem_post.yml").write_text("id: other\n")
    (root / "config.yml").touch()
    assert model_id(root) == before


def test_a_missing_file_is_named(root):
    (root / "domain.yml").unlink()
    with pytest.raises(CannotRun, match=r"domain\.yml is missing"):
        model_id(root)


def test_a_training_that_fails_shows_what_rasa_said_and_leaves_no_model(root):
    put_rasa(root, BROKEN)
    with pytest.raises(CannotRun, match="YamlSyntaxException: this is what is wrong"):
        ensure_model(root, [].append)
    assert [file.name for file in (root / "var" / "models").iterdir()] == [".lock"]


def test_no_rasa_is_one_sentence(root):
    shutil.rmtree(root / ".venv-bot")
    with pytest.raises(CannotRun, match="Run 'make setup' first"):
        ensure_model(root, [].append)


def test_old_models_are_removed_and_the_newest_stay(root):
    made = []
    for number in range(KEPT + 2):
        (root / "config.yml").write_text(f"# {number}\n")
        made.append(ensure_model(root, [].append))
    assert made[-1].exists()
    assert not made[0].exists()
    assert len(list((root / "var" / "models").glob("*.tar.gz"))) == KEPT


def test_last_lines_are_those_of_this_start(tmp_path):
    log = tmp_path / "log"
    log.write_text("old\n")
    start = log.stat().st_size
    with log.open("a") as stream:
        stream.write("".join(f"line {number}\n" for number in range(100)))
    lines = last_lines(log, start).splitlines()
    assert lines[-1] == "  line 99"
    assert "old" not in last_lines(log, start)
    assert last_lines(tmp_path / "none") == ""
