"""Known cases under a text that is to go live: which pass, which fail, and which were otherwise before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from amends.cases import CaseError
from amends.known import hold, known_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from amends.flows import Flow
    from amends.known import Verdict


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
        held = hold(one, flow, settings)
        old = hold(one, before, settings) if before is not None else None
        if not held.fits and old is not None and not old.fits:
            continue  # written for another flow
        yield Scenario(
            id=one.id,
            what_happened=one.what_happened,
            verdict=held.verdict,
            advised=held.advised,
            mistakes=held.mistakes or (),
            before=old.verdict if old else None,
            advised_before=old.advised if old else None,
        )
