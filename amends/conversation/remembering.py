"""An encoder that remembers what it encoded last: one message is read against many questions in one turn."""

from __future__ import annotations

import threading
from collections import OrderedDict
from concurrent.futures import Future
from typing import TYPE_CHECKING

import numpy as np

from amends.understanding.encoder import DIMENSIONS, Encoder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from amends.understanding.encoder import Floats

REMEMBERED = 512
"""Texts; half a dozen for each message, so those of many conversations at once."""


class RememberingEncoder(Encoder):
    """Gives the same vectors as the encoder it is made from, each text encoded once as long as it is fresh."""

    def __init__(self, encoder: Encoder) -> None:
        # Everything is asked of the encoder inside, so nothing of its making is repeated here.
        self._inside = encoder
        self.version = encoder.version
        self.plain = encoder.plain
        self._lock = threading.Lock()
        self._vectors: OrderedDict[str, Future[Floats]] = OrderedDict()

    def encode(self, texts: Sequence[str]) -> Floats:
        """The vectors of texts; see `Encoder.encode`. What another thread is encoding is waited for."""
        if not texts:
            return np.zeros((0, DIMENSIONS), dtype=np.float32)
        with self._lock:
            missing = list(dict.fromkeys(text for text in texts if text not in self._vectors))
            self._vectors |= {text: Future() for text in missing}
            wanted = {text: self._vectors[text] for text in texts}
            for text in wanted:
                self._vectors.move_to_end(text)
            while len(self._vectors) > REMEMBERED:
                self._vectors.popitem(last=False)
        if missing:
            self._encode(missing, wanted)
        return np.stack([wanted[text].result() for text in texts])

    def _encode(self, texts: Sequence[str], promised: Mapping[str, Future[Floats]]) -> None:
        try:
            for text, vector in zip(texts, self._inside.encode(texts), strict=True):
                promised[text].set_result(vector)
        except BaseException as error:
            for text in texts:
                if not promised[text].done():
                    promised[text].set_exception(error)
            with self._lock:
                for text in texts:
                    self._vectors.pop(text, None)
            raise

    def encode_fixed(self, texts: Sequence[str]) -> Floats:
        """See `Encoder.encode_fixed`."""
        return self._inside.encode_fixed(texts)
