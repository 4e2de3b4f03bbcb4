"""Which flow a first message is for: learnt from how people begin to tell of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from amends.understanding import texts
from amends.understanding.classify import SILENT, Example, Features, trained
from amends.understanding.examples import VAGUE
from amends.understanding.messages import parts_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from amends.flows import Flow
    from amends.understanding.encoder import Encoder, Floats
    from amends.understanding.examples import Examples

SURE = 0.8
"""How likely a flow must be to be taken without asking; docs/understanding.md says what that costs."""
OF_EACH = 100.0
"""What a flow's own phrases weigh together, and as much again the short messages that are known to be for it."""
OF_TOLD = 0.2
"""What each message weighs whose answers are known, too: of those there are many for the usual flow."""
OF_VAGUE = 150.0
"""What texts weigh together that say nothing of it."""


@dataclass(frozen=True)
class Chosen:
    """The flows that a text may be for, each with how likely it is, the likeliest first; at least one.

    They add up to less than 1: the rest is how likely it is that the text says nothing of it.
    """

    likely: Mapping[str, float]

    @property
    def flow(self) -> str:
        """The likeliest."""
        return next(iter(self.likely))

    @property
    def sure(self) -> bool:
        """Whether nobody need be asked."""
        return self.likely[self.flow] >= SURE


class FlowChooser:
    """Chooses among flows that say how people begin to tell of what they are for.

    Args:
        flows: those that can be chosen; the first is taken where there is no other.
        encoder: turns texts into vectors.
        examples: first messages of which it is known which flow they are for.
        cache: where what was trained is kept.
    """

    def __init__(self, flows: Sequence[Flow], encoder: Encoder, examples: Examples, cache: Path | None = None) -> None:
        self._told = [(flow.id, flow.says) for flow in flows]
        self._features = Features(encoder)
        self._classifier = None
        if len(flows) > 1:
            learnt_from = [
                "which flow",
                str((OF_EACH, OF_TOLD, OF_VAGUE)),
                self._features.version,
                examples.digest,
                repr(examples.flows),
            ]
            learnt_from += map(repr, self._told)
            self._classifier = trained(learnt_from, lambda: _to_learn(flows, examples), self._of_fixed, cache)

    def knows(self, flows: Sequence[Flow]) -> bool:
        """Whether it learnt from just these flows as they are."""
        return self._told == [(flow.id, flow.says) for flow in flows]

    def choose(self, text: str) -> Chosen:
        """The flows that a text may be for."""
        if self._classifier is None:
            return Chosen({self._told[0][0]: 1.0})
        row = _joined(self._features.of(parts_of(texts.clean(text))))
        likely = self._classifier.probabilities(row[None, :])[0]
        by_flow = dict(zip(self._classifier.classes, map(float, likely), strict=True))
        by_flow.pop(SILENT, None)
        return Chosen({id_: by_flow[id_] for id_ in sorted(by_flow, key=lambda one: -by_flow[one])})

    def _of_fixed(self, messages: Sequence[str]) -> Floats:
        """The features of whole messages to learn from; shape (messages, features)."""
        split = [parts_of(texts.clean(message)) for message in messages]
        flat = self._features.of_fixed([part for parts in split for part in parts])
        ends = np.cumsum([len(parts) for parts in split])
        return np.stack([_joined(rows) for rows in np.split(flat, ends[:-1])])


def _joined(features: Floats) -> Floats:
    """The whole message, which comes last, and the middle of all its parts."""
    return np.concatenate([features[-1], features.mean(0)])


def _to_learn(flows: Sequence[Flow], examples: Examples) -> list[Example]:
    """Phrases and messages, so weighed that the flows count much the same."""
    vague = examples.flows.get(VAGUE, ())
    learn = [Example(text, SILENT, OF_VAGUE / len(vague)) for text in vague]
    for flow in flows:
        for kind in (flow.says or (flow.title,), examples.flows.get(flow.id, ())):
            learn += [Example(text, flow.id, OF_EACH / len(kind)) for text in kind]
        learn += [Example(message.text, flow.id, OF_TOLD) for message in examples.first if message.flow == flow.id]
    return learn
