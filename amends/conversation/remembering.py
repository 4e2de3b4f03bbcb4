"""An encoder that remembers what it encoded last: one message is read against many questions in one turn."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

import numpy as np

from amends.understanding.encoder import DIMENSIONS, Encoder

if TYPE_CHECKING:
    from collections.abc import Sequence

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
        self._vectors: OrderedDict[str, Floats] = OrderedDict()

    def encode(self, texts: Sequence[str]) -> Floats:
        """The vectors of texts; see `Encoder.encode`."""
        with self._lock:
            known = {text: self._vectors[text] for text in texts if text in self._vectors}
        missing = list(dict.fromkeys(text for text in texts if text not in known))
        if missing:
            known |= dict(zip(missing, self._inside.encode(missing), strict=True))
        with self._lock:
            for text, vector in known.items():
                self._vectors[text] = vector
                self._vectors.move_to_end(text)
            while len(self._vectors) > REMEMBERED:
                self._vectors.popitem(last=False)
        if not texts:
            return np.zeros((0, DIMENSIONS), dtype=np.float32)
        return np.stack([known[text] for text in texts])

    def encode_fixed(self, texts: Sequence[str]) -> Floats:
        """See `Encoder.encode_fixed`."""
        return self._inside.encode_fixed(texts)
