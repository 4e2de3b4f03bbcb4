"""Free search in the clauses: what it means by the sentence encoder, what it names by its words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from amends.policies.library import Clause, Library
    from amends.understanding.encoder import Encoder

NOTHING_BELOW = 0.345
"""A best score below this is no answer. Chosen on tests/policies/questions.yml; see docs/policies.md."""

_WORD_WEIGHT = 0.12
_ASK = "Head of communications"
_COMMON = frozenset(
    (
        *("a", "about", "after", "all", "an", "and", "any", "are", "at", "be", "by", "can", "do", "does"),
        *("for", "from", "get", "had", "has", "have", "how", "i", "if", "in", "is", "it", "me", "my"),
        *(
            "of",
            "on",
            "or",
            "our",
            "out",
            "policy",
            "rule",
            "rules",
            "say",
            "says",
            "should",
            "so",
            "someone",
            "that",
        ),
        *(
            "the",
            "their",
            "them",
            "there",
            "they",
            "this",
            "to",
            "us",
            "we",
            "what",
            "when",
            "where",
            "which",
            "who",
        ),
        *("with", "you", "your"),
    )
)


@dataclass(frozen=True)
class Hit:
    """A clause and how well it fits, from 0 to about 1.5."""

    clause: Clause
    score: float


@dataclass(frozen=True)
class Found:
    """What a search found, best first; with nothing found, `ask_owner` is the role to ask."""

    hits: tuple[Hit, ...]
    ask_owner: str


class PolicySearch:
    """Searches one library. Encodes its clauses once, through the encoder's cache."""

    def __init__(self, library: Library, encoder: Encoder) -> None:
        self._clauses = list(library.clauses.values())
        self._encoder = encoder.plain
        heads = [f"{c.title}: {', '.join(c.keywords)}" for c in self._clauses]
        self._heads = self._encoder.encode_fixed(heads)
        self._texts = self._encoder.encode_fixed([f"{c.title}. {c.text}" for c in self._clauses])
        self._words = [_stems(f"{c.title} {' '.join(c.keywords)} {c.text}") for c in self._clauses]
        self._rarity: dict[str, float] = {}
        for words in self._words:
            for word in words:
                self._rarity[word] = self._rarity.get(word, 0) + 1
        for word, count in self._rarity.items():
            self._rarity[word] = 1 / count**0.5

    def search(self, text: str, limit: int = 3) -> Found:
        """The clauses that answer a question about policy, best first.

        Args:
            text: the question, in anybody's words.
            limit: how many at the most.
        """
        text = text.encode("utf-8", "replace").decode()  # a terminal can send what is no text
        if not text.strip():
            return Found((), _ASK)
        query = self._encoder.encode([text[:1000]])[0]
        heads, texts = self._heads @ query, self._texts @ query
        import numpy as np  # noqa: PLC0415 - a tenth of a second that only a search needs

        meaning = np.maximum(heads, texts) * 0.6 + (heads + texts) * 0.2
        words = _stems(text)
        scored = []
        for clause, similarity, own in zip(self._clauses, meaning, self._words, strict=True):
            named = sum(self._rarity[word] for word in words & own)
            exact = 1.0 if clause.id.lower() in text.lower() else 0.0
            scored.append(Hit(clause, float(similarity) + _WORD_WEIGHT * min(named, 2.0) + exact))
        scored.sort(key=lambda hit: -hit.score)
        if scored[0].score < NOTHING_BELOW:
            return Found((), _ASK)
        kept = [hit for hit in scored[:limit] if hit.score >= max(NOTHING_BELOW, scored[0].score * 0.6)]
        return Found(tuple(kept), scored[0].clause.owner)


def _stems(text: str) -> frozenset[str]:
    """The words that mean something, without their endings."""
    words = re.findall(r"[a-z]{3,}", text.lower())
    return frozenset(re.sub(r"(ing|ed|es|s)$", "", word) for word in words if word not in _COMMON)
