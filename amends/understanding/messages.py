"""What a whole message states unasked: learnt from messages, over what the questions' classifiers see in its parts."""

from __future__ import annotations

import hashlib
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from amends.understanding import texts
from amends.understanding.classify import SILENT, Classifier, Example, trained

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from amends.flows import Question
    from amends.understanding.classify import Features
    from amends.understanding.encoder import Floats
    from amends.understanding.examples import Examples, FirstMessage

WHOLE = 300
"""Characters of a message that are read as one, beside its clauses."""
MOST_PARTS = 10
"""A message is read in so many parts at most."""
FEWEST = 5
"""With fewer messages that state an option of a question, its parts alone decide."""

_BY_PARTS = 0.9
"""How likely an option must be in a part, where there are no messages to learn from."""
_SURE = {
    "origin": 0.95,
    "issue": 0.95,
    "personal_data": 0.6,
    "tragedy": 0.8,
    "protected": 0.6,
    "legal": 0.6,
    "evidence": 0.6,
    "spread": 0.7,
    "history": 0.6,
}
"""How likely an option must be for a message to state it; from the development texts, see docs/understanding.md."""
_OTHERWISE = 0.93
_JUDGED = frozenset(("harm", "target", "fault"))
"""Questions that are a matter of judgement: what a message seems to say of them is asked, not taken."""
_NEVER = frozenset(("unsure", "unknown", "slip"))
"""Options that nobody states unasked; that something is no more than a slip is a judgement, too."""
_OF_THE_WHOLE, _OF_THE_PARTS = 0.2, 0.5
_LEAST = -6.0


class MessageReader:
    """Reads one question's answer out of messages.

    Args:
        flow: the id of the flow.
        question: whose options are looked for.
        by_part: the question's classifier of single texts.
        examples: what there is to learn from.
        features: what texts are turned into.
        cache: where trained classifiers are kept.
    """

    def __init__(
        self,
        flow: str,
        question: Question,
        by_part: Classifier,
        examples: Examples,
        features: Features,
        cache: Path | None,
    ) -> None:
        self._question = question
        self._by_part = by_part
        self._features = features
        self._codes = [code for code in question.options if code not in _NEVER]
        self._columns = [by_part.classes.index(code) for code in self._codes]
        self._trained: dict[tuple[str, ...], Classifier] = {}
        if question.id in _JUDGED:
            return
        parts_see = hashlib.sha256(by_part.weights.tobytes()).hexdigest()
        for codes in [(code,) for code in self._codes] if question.kind == "many" else [tuple(self._codes)]:
            messages = examples.stating(flow, question.id, codes)
            stated = [message.facts[question.id] for message in messages if question.id in message.facts]
            if len(stated) >= FEWEST and any(code in options for options in stated for code in codes):
                learnt_from = [features.version, examples.digest, parts_see, flow, question.id]
                learnt_from += [repr(self._codes), *codes]
                learn = partial(_learn_all, question.id, codes, messages)
                self._trained[codes] = trained(learnt_from, learn, self.of_fixed, cache)

    def heard(self, parts: Sequence[str], features: Floats) -> dict[str, tuple[float, str]]:
        """How likely a message states each option, and the words it rests on.

        Args:
            parts: the parts of the message, the whole last; at least one.
            features: theirs.
        """
        seen = self._by_part.probabilities(features)[:, self._columns]
        likely = dict(zip(self._codes, map(float, seen.max(0)), strict=True))
        if self._trained:
            row = self._joined(features, seen)[None, :]
            likely = {}
            for codes, classifier in self._trained.items():
                sure = classifier.probabilities(row)[0]
                likely |= {c: float(sure[classifier.classes.index(c)]) for c in codes if c in classifier.classes}
        return {code: (p, parts[int(seen[:, self._codes.index(code)].argmax())]) for code, p in likely.items()}

    @property
    def least(self) -> float:
        """How likely an option must be for a message to state it; above 1 where it is a matter of judgement."""
        if self._question.id in _JUDGED:
            return 2.0
        return _SURE.get(self._question.id, _OTHERWISE) if self._trained else _BY_PARTS

    def of_fixed(self, messages: Sequence[str]) -> Floats:
        """The features of whole messages to learn from; shape (messages, features)."""
        split = [parts_of(message) for message in messages]
        flat = self._features.of_fixed([part for parts in split for part in parts])
        ends = np.cumsum([len(parts) for parts in split])
        return np.stack([self._of(rows) for rows in np.split(flat, ends[:-1])])

    def _of(self, features: Floats) -> Floats:
        return self._joined(features, self._by_part.probabilities(features)[:, self._columns])

    @staticmethod
    def _joined(features: Floats, seen: Floats) -> Floats:
        """The message as a whole, and how likely each option is in its likeliest part and in the whole."""
        odds = np.maximum(np.log(seen + 1e-4) - np.log(1 - seen + 1e-4), _LEAST)
        return np.concatenate([_OF_THE_WHOLE * features[-1], _OF_THE_PARTS * odds.max(0), _OF_THE_PARTS * odds[-1]])


def parts_of(text: str) -> list[str]:
    """The clauses of a message, and at the end its beginning as a whole: what is read of it; at least one part."""
    own = texts.without_quotations(text)
    whole = own[:WHOLE].strip() or text[:WHOLE].strip()
    parts = [part for part in texts.clauses(own)[:MOST_PARTS] if part != whole]
    return [*dict.fromkeys(parts), whole]


def _learn_all(question: str, codes: Sequence[str], messages: Sequence[FirstMessage]) -> list[Example]:
    return [example for message in messages for example in _learn(question, codes, message)]


def _learn(question: str, codes: Sequence[str], message: FirstMessage) -> list[Example]:
    """What a message teaches of some options of a question; nothing where a fair reader may go either way."""
    stated = [code for code in message.facts.get(question, ()) if code in codes]
    if not stated and (question not in message.facts or len(codes) == 1):
        maybe: Mapping[str, tuple[str, ...]] = message.allowed
        if any(code in codes for code in maybe.get(question, ())):
            return []
    return [Example(message.text, stated[0] if stated else SILENT)]
