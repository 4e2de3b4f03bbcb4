"""The encoder's adapter: what it learns from, what it must be, and that it can be learnt anew."""

import json
import subprocess

import numpy as np
import pytest

from amends.flows import load_flow
from amends.settings import ROOT
from amends.understanding import load_examples
from amends.understanding.encoder import ADAPTER, EncoderError, load_encoder, read_arrays
from amends.understanding.lessons import SILENT, lessons


def test_every_lesson_belongs_to_tasks_that_there_are():
    flow = load_flow(ROOT / "data" / "flows" / "problem_post.yml")
    given = lessons(flow, load_examples(ROOT / "data"), ROOT / "data")
    tasks = given["tasks"]
    assert tasks["answer:harm"] == [*flow.questions["harm"].options, SILENT]
    assert "noticed_at" not in {task.partition(":")[2] for task in tasks}
    for text, learn in given["lessons"]:
        assert text
        for task, right, weight in learn:
            assert right
            assert set(right) <= set(tasks[task])
            assert 0 < weight <= 1
    taught = {task for _, learn in given["lessons"] for task, _, _ in learn}
    assert taught == set(tasks)


def test_the_adapter_changes_every_matrix_and_makes_other_vectors():
    arrays = read_arrays(ADAPTER)
    matrices = {name.rpartition(".")[0] for name in arrays}
    assert len(matrices) == 36
    assert all(np.abs(arrays[f"{name}.right"]).max() > 0 for name in matrices)
    adapted, published = load_encoder(), load_encoder(adapter=None)
    assert adapted.version != published.version
    text = ["somebody shared a screenshot of it"]
    assert not np.allclose(adapted.encode(text), published.encode(text), atol=0.01)
    assert np.allclose(np.linalg.norm(adapted.encode(text), axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("content", [b"", b"nonsense"])
def test_a_damaged_adapter_is_told(tmp_path, content):
    (tmp_path / "adapter.npz").write_bytes(content)
    with pytest.raises(EncoderError, match=r"Restore .*adapter\.npz from the repository"):
        load_encoder(adapter=tmp_path / "adapter.npz")


def test_learning_moves_texts_of_one_kind_together(tmp_path):
    dogs = [f"{name} took the dog to {place}" for name in ("Ann", "Bo", "Cy", "Di") for place in ("town", "the sea")]
    cats = [f"{name} took the cat to {place}" for name in ("Ann", "Bo", "Cy", "Di") for place in ("town", "the sea")]
    told = [(text, [["intent", [kind], 1.0]]) for kind, texts in (("dog", dogs), ("cat", cats)) for text in texts]
    given = {"tasks": {"intent": ["cat", "dog"]}, "lessons": told * 40}
    python, made = ROOT / ".venv-bot" / "bin" / "python", tmp_path / "adapter.npz"
    subprocess.run(
        [python, "-m", "amends.rasa.adapting", made], cwd=ROOT, input=json.dumps(given), text=True, check=True
    )
    before, after = load_encoder(adapter=None), load_encoder(adapter=made)
    assert _apart(after, dogs, cats) > _apart(before, dogs, cats) + 0.1


def _apart(encoder, one, other):
    one, other = encoder.encode(one), encoder.encode(other)
    return float((one @ one.T).mean() + (other @ other.T).mean()) / 2 - float((one @ other.T).mean())
