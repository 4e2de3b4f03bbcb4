"""Classifiers are kept by what they were made from, and a damaged one is made again."""

import numpy as np
import pytest

from amends.ops import CannotRun
from amends.ops.train import ensure_understanding
from amends.settings import CACHE
from amends.understanding.classify import Example, Features, trained
from amends.understanding.encoder import load_encoder

EXAMPLES = [
    Example(text, label)
    for label, texts in {
        "rain": ("it rains", "what a wet day", "bring an umbrella", "the drizzle goes on"),
        "sun": ("it is sunny", "what a hot day", "bring your sunglasses", "the heat goes on"),
    }.items()
    for text in texts
]


@pytest.fixture(scope="module")
def features():
    return Features(load_encoder(CACHE))


def never():
    raise AssertionError("It was trained again.")


def test_it_tells_what_it_learnt_through_typos_and_its_probabilities_add_up(features):
    classifier = trained(["weather"], lambda: EXAMPLES, features.of_fixed, None)
    likely = classifier.probabilities(features.of(["raining cats and dogs", "bring your sunglases", "so hot"]))
    assert [classifier.classes[n] for n in likely.argmax(1)] == ["rain", "sun", "sun"]
    assert np.allclose(likely.sum(1), 1, atol=1e-5)


def test_the_same_is_not_trained_twice_and_another_is(features, tmp_path):
    first = trained(["a"], lambda: EXAMPLES, features.of_fixed, tmp_path)
    again = trained(["a"], never, features.of_fixed, tmp_path)
    assert np.array_equal(first.weights, again.weights)
    with pytest.raises(AssertionError, match="trained again"):
        trained(["b"], never, features.of_fixed, tmp_path)


def test_a_damaged_one_is_made_again(features, tmp_path):
    first = trained(["a"], lambda: EXAMPLES, features.of_fixed, tmp_path)
    (kept,) = tmp_path.glob("*.npz")
    kept.write_bytes(b"broken")
    assert np.array_equal(trained(["a"], lambda: EXAMPLES, features.of_fixed, tmp_path).weights, first.weights)


def test_examples_that_are_missing_are_told_in_a_sentence(tmp_path):
    (tmp_path / "data" / "flows").mkdir(parents=True)
    (tmp_path / "data" / "flows" / "problem_post.yml").write_bytes(b"")
    with pytest.raises(CannotRun):
        ensure_understanding(tmp_path, lambda _line: None)
