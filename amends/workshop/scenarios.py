"""Known cases under a text that is to go live: which pass, which fail, and which were otherwise before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from amends.cases import CaseError
from amends.flows import AnswerError
from amends.known import hold, known_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from amends.flows import Flow
    from amends.known import Known

Verdict = Literal["pass", "fail", "disputed", "does not fit"]
"""`disputed`: opinion is split on what was right. `does not fit`: its answers are not the flow's."""


@dataclass(frozen=True)
class Scenario:
    """One known case: what is advised now and what is wrong with it; before, the same of what is live."""

    id: str
    what_happened: str
    verdict: Verdict
    advised: tuple[str, ...]
    mistakes: tuple[str, ...]
    before: Verdict | None
    advised_before: tuple[str, ...] | None

    @property
    def fails(self) -> bool:
        """Whether the advice is not what was judged right."""
        return self.verdict in ("fail", "does not fit")

    @property
    def differs(self) -> bool:
        """Whether something else is advised than before; never, where there was nothing before."""
        return self.before is not None and (self.advised, self.verdict) != (self.advised_before, self.before)


def scenarios(flow: Flow, before: Flow | None, settings: frozenset[str], data: Path) -> Iterator[Scenario]:
    """Every known case of a flow, beside the same under the flow before it; none when they cannot be read.

    Args:
        data: the folder with `cases/` and `expected/`.
    """
    try:
        known = known_of(flow.id, data)
    except CaseError:
        return
    for one in known.values():
        verdict, advised, mistakes = _look(one, flow, settings)
        old = _look(one, before, settings) if before is not None else None
        if verdict == "does not fit" and old is not None and old[0] == verdict:
            continue  # written for another flow
        yield Scenario(
            id=one.id,
            what_happened=one.what_happened,
            verdict=verdict,
            advised=advised,
            mistakes=mistakes,
            before=old[0] if old else None,
            advised_before=old[1] if old else None,
        )


def _look(known: Known, flow: Flow, settings: frozenset[str]) -> tuple[Verdict, tuple[str, ...], tuple[str, ...]]:
    try:
        held = hold(known, flow, settings)
    except AnswerError as error:
        return "does not fit", (), (str(error),)
    return held.verdict, held.advised, held.mistakes or ()
