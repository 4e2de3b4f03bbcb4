"""Which flow a first message is for: learnt from how people begin to tell of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from amends.understanding import texts
from amends.understanding.classify import Example, Features, trained
from amends.understanding.messages import parts_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from amends.flows import Flow
    from amends.understanding.encoder import Encoder
    from amends.understanding.examples import Examples

SURE = 0.6
"""How likely a flow must be to be taken without asking; docs/understanding.md says what that costs."""

OF_EACH = 300.0
"""What is learnt of one flow weighs as much as so many texts, however many there are."""


@dataclass(frozen=True)
class Chosen:
    """The flows that a text may be for, each with how likely it is, the likeliest first; at least one."""

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
        flows: those that can be chosen; the first is taken where nothing else can be said.
        encoder: turns texts into vectors.
        examples: first messages of which it is known which flow they are for. All of them together weigh as much as
            the flow's own phrases, so that what its owners write counts.
        cache: where what was trained is kept.
    """

    def __init__(self, flows: Sequence[Flow], encoder: Encoder, examples: Examples, cache: Path | None = None) -> None:
        self._told = [(flow.id, flow.says) for flow in flows]
        self._features = Features(encoder)
        self._classifier = None
        if len(flows) > 1:
            learnt_from = ["which flow", self._features.version, examples.digest, *map(repr, self._told)]
            self._classifier = trained(learnt_from, lambda: _to_learn(flows, examples), self._features.of_fixed, cache)

    def knows(self, flows: Sequence[Flow]) -> bool:
        """Whether it learnt from just these flows as they are."""
        return self._told == [(flow.id, flow.says) for flow in flows]

    def choose(self, text: str) -> Chosen:
        """The flows that a text may be for."""
        if self._classifier is None:
            return Chosen({self._told[0][0]: 1.0})
        whole = parts_of(texts.clean(text))[-1]
        likely = self._classifier.probabilities(self._features.of([whole]))[0]
        by_flow = dict(zip(self._classifier.classes, map(float, likely), strict=True))
        return Chosen({id_: by_flow[id_] for id_ in sorted(by_flow, key=lambda one: -by_flow[one])})


def _to_learn(flows: Sequence[Flow], examples: Examples) -> list[Example]:
    """Phrases and messages, so weighed that each flow counts the same, and in it both kinds."""
    learn: list[Example] = []
    for flow in flows:
        told = [message.text for message in examples.first if message.flow == flow.id]
        kinds = [kind for kind in (list(flow.says or (flow.title,)), told) if kind]
        for kind in kinds:
            learn += [Example(text, flow.id, OF_EACH / len(kinds) / len(kind)) for text in kind]
    return learn
