"""Classifiers for texts: logistic regression over the encoder's vector and pieces of words.

The vector knows what words mean, the pieces see through typos; docs/understanding.md compares them. A trained
classifier is two small arrays, kept in the cache under a hash of what it was trained with.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from amends.understanding.encoder import read_arrays, write_arrays

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from amends.understanding.encoder import Encoder, Floats

SILENT = ""
"""The class of texts that say nothing about the question."""

_SCALE = 6.0
"""How long the features are: the longer, the less the penalty on large weights holds back."""
_PIECES = 0.5
"""How much the pieces of words weigh beside the encoder's vector."""
_WIDTH = 2048
_FRESH = 128
"""Texts whose features are kept: one message is read against many questions in one turn."""
_SETTINGS = f"{_SCALE} {_PIECES} {_WIDTH} 2"


@dataclass(frozen=True)
class Example:
    """A text to learn from, its class, and how much it counts."""

    text: str
    label: str
    weight: float = 1.0


_NEVER_LEARNT = -30.0


@dataclass(frozen=True)
class Classifier:
    """A trained classifier.

    Attributes:
        classes: the classes, sorted.
        weights: shape (features, classes).
        bias: shape (classes,).
    """

    classes: tuple[str, ...]
    weights: Floats
    bias: Floats

    def probabilities(self, features: Floats) -> Floats:
        """How likely each class is.

        Args:
            features: shape (texts, features), from `Features`.

        Returns:
            Shape (texts, classes); each row adds up to 1.
        """
        scores = features @ self.weights + self.bias
        scores = np.exp(scores - scores.max(1, keepdims=True))
        result: Floats = scores / scores.sum(1, keepdims=True)
        return result

    def speaking_of(self, classes: Sequence[str]) -> Classifier:
        """The same for these classes: one that it never learnt is never likely."""
        columns = [self.classes.index(name) if name in self.classes else -1 for name in classes]
        known = np.array(columns) >= 0
        weights = np.where(known, self.weights[:, columns], 0).astype(np.float32)
        bias = np.where(known, self.bias[columns], _NEVER_LEARNT).astype(np.float32)
        return Classifier(tuple(classes), weights, bias)


class Features:
    """Texts as numbers: the encoder's vector, and counts of their pieces of two to four letters."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._lock = threading.Lock()
        self._rows: OrderedDict[str, Floats] = OrderedDict()
        self.version = encoder.version

    def of(self, texts: Sequence[str]) -> Floats:
        """The features of texts; shape (texts, features)."""
        there = {text: row for text in texts if (row := self._rows.get(text)) is not None}
        missing = list(dict.fromkeys(text for text in texts if text not in there))
        if missing or not texts:
            rows = self._join(missing, self._encoder.encode(missing))
            made = dict(zip(missing, rows, strict=True))
            self._keep(made)
            there |= made
        return np.stack([there[text] for text in texts]) if texts else rows

    def _keep(self, made: Mapping[str, Floats]) -> None:
        with self._lock:
            self._rows |= made
            while len(self._rows) > _FRESH:
                self._rows.popitem(last=False)

    def of_fixed(self, texts: Sequence[str]) -> Floats:
        """As `of`, for texts that come again at every start."""
        return self._join(texts, self._encoder.encode_fixed(texts))

    @cached_property
    def _pieces(self) -> Any:
        from sklearn.feature_extraction.text import HashingVectorizer  # noqa: PLC0415 - takes a second to load

        return HashingVectorizer(analyzer="char_wb", ngram_range=(2, 4), n_features=_WIDTH, dtype=np.float32)

    def _join(self, texts: Sequence[str], vectors: Floats) -> Floats:
        if not texts:
            return np.zeros((0, vectors.shape[1] + _WIDTH), dtype=np.float32)
        pieces = self._pieces.transform([text.lower() for text in texts]).toarray()
        return np.hstack([_SCALE * vectors, _SCALE * _PIECES * pieces])


def trained(
    learnt_from: Sequence[str],
    examples: Callable[[], Sequence[Example]],
    features: Callable[[Sequence[str]], Floats],
    cache: Path | None,
) -> Classifier:
    """The classifier that examples give: from the cache, or trained now.

    Args:
        learnt_from: words that change whenever the examples or the features do.
        examples: gives them, at least two classes; only called when there is something to train.
        features: what turns texts into numbers, shape (texts, features).
        cache: a folder for trained classifiers; None keeps none.
    """
    there = kept(learnt_from, cache)
    if there is not None:
        return there
    made = _train(examples(), features)
    if cache is not None:
        write_arrays(_place(learnt_from, cache), classes=np.array(made.classes), weights=made.weights, bias=made.bias)
    return made


def kept(learnt_from: Sequence[str], cache: Path | None) -> Classifier | None:
    """The classifier that was trained from these words and is in the cache; None when it is still to be trained."""
    arrays = read_arrays(_place(learnt_from, cache)) if cache else {}
    if set(arrays) != {"classes", "weights", "bias"}:
        return None
    return Classifier(tuple(arrays["classes"].tolist()), arrays["weights"], arrays["bias"])


def _place(learnt_from: Sequence[str], cache: Path) -> Path:
    name = hashlib.sha256("\0".join([_SETTINGS, *learnt_from]).encode()).hexdigest()
    return cache / f"{name}.npz"


def _train(examples: Sequence[Example], features: Callable[[Sequence[str]], Floats]) -> Classifier:
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - takes seconds, and is seldom needed

    model = LogisticRegression(max_iter=3000)
    labels = [example.label for example in examples]
    model.fit(features([e.text for e in examples]), labels, sample_weight=[e.weight for e in examples])
    weights, bias = model.coef_.T, model.intercept_
    if len(model.classes_) == 2:  # it keeps one column for two classes
        weights, bias = np.hstack([-weights / 2, weights / 2]), np.concatenate([-bias / 2, bias / 2])
    return Classifier(tuple(map(str, model.classes_)), weights.astype(np.float32), bias.astype(np.float32))
