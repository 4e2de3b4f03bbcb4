"""Phrases of two options that cannot be told apart: what is typed like one could be meant as the other."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from amends.flows import Flow
    from amends.understanding.encoder import Encoder

ALIKE = 0.93
"""From here two phrases mean the same to the encoder (cosine)."""

_NEGATED = re.compile(r"\b(?:not|no|nobody|none|never|nothing|without|\w+n't|cannot)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Twins:
    """Two phrases of different options of one question."""

    question: str
    one: tuple[str, str]
    """An option, and its phrase."""
    other: tuple[str, str]

    def __str__(self) -> str:
        (code, phrase), (other, same) = self.one, self.other
        return f'{self.question}: "{phrase}" ({code}) and "{same}" ({other}) cannot be told apart. Change one of them.'


def find_twins(flow: Flow, encoder: Encoder) -> list[Twins]:
    """The pairs of phrases, in the flow's order; a "not" in one of them alone tells them apart."""
    found = []
    for question in flow.questions.values():
        owners = [(option.code, phrase) for option in question.options.values() for phrase in option.says]
        if not owners:
            continue
        vectors = encoder.encode_fixed([phrase for _, phrase in owners])
        near = np.argwhere(np.triu(vectors @ vectors.T, 1) >= ALIKE)
        for a, b in near.tolist():
            (code, phrase), (other, same) = owners[a], owners[b]
            if code != other and bool(_NEGATED.search(phrase)) == bool(_NEGATED.search(same)):
                found.append(Twins(question.id, owners[a], owners[b]))
    return found
