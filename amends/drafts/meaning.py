"""What sentences mean, where no rule foresees the words; learnt from `data/drafts/examples.yml`. It keeps a cache.

Rules know forms and fixed phrases; in texts they were not written with they found a third of what is wrong
(docs/drafts.md). So each sentence is also held against examples, by the vector of the sentence encoder.
"""

from __future__ import annotations

import hashlib
from itertools import pairwise
from typing import TYPE_CHECKING

from amends.drafts.finding import Mark
from amends.drafts.kinds import ABOUT_SOMEBODY, FINE
from amends.drafts.persons import named
from amends.drafts.sentences import spans
from amends.understanding.classify import Example, trained

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from amends.understanding.encoder import Encoder, Floats

LIKELY = 0.5
"""From here a sentence is shown. At half it is likelier than all the rest together; it was not tuned to texts."""
TOGETHER = frozenset({"tragedy"})
"""Kinds that come of two sentences side by side, each of which may be harmless: a death, and then an offer."""
PERHAPS = "perhaps, by what it means"
"""What is said about these findings."""
_SCALE = 6.0
"""As in understanding/classify.py: the longer the features, the less the penalty holds back."""


class Meaning:
    """A classifier of sentences, trained once and kept in the cache.

    Args:
        encoder: turns sentences into vectors; the published one is used, not that adapted to reports.
        examples: sentences by kind, and those that are `fine`.
        cache: where the trained classifier is kept; None keeps none.
    """

    def __init__(self, encoder: Encoder, examples: Mapping[str, Sequence[str]], cache: Path | None) -> None:
        self._encoder = encoder.plain
        learnt = [Example(text, kind) for kind, texts in examples.items() for text in texts]
        digest = hashlib.sha256("\0".join(f"{each.label}\1{each.text}" for each in learnt).encode()).hexdigest()
        self._classifier = trained(["drafts", encoder.plain.version, digest], lambda: learnt, self._features, cache)

    def marks(self, text: str) -> Iterator[Mark]:
        """Sentences, and pairs of neighbours, that mean something that is in the examples, with their place."""
        alone = spans(text)
        if not alone:
            return
        places = [*alone, *((first[0], second[1]) for first, second in pairwise(alone))]
        likely = self._classifier.probabilities(self._features([text[start:end] for start, end in places]))
        for n, ((start, end), row) in enumerate(zip(places, likely, strict=True)):
            best = int(row.argmax())
            kind = self._classifier.classes[best]
            if kind == FINE or row[best] < LIKELY or (n >= len(alone) and kind not in TOGETHER):
                continue
            if kind not in ABOUT_SOMEBODY or named(text[start:end]):
                yield Mark(kind, start, end, PERHAPS)

    def _features(self, texts: Sequence[str]) -> Floats:
        whole = [text.encode(errors="replace").decode() for text in texts]  # half a pair of surrogates is no text
        scaled: Floats = _SCALE * self._encoder.encode(whole)
        return scaled
