"""Known cases under a text that is to go live: which pass, which fail, and which were otherwise before."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from amends.cases import CaseError, load_cases
from amends.cases_report import compare
from amends.flows import AnswerError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from amends.cases import Case
    from amends.flows import Flow

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


@lru_cache(maxsize=4)
def known_cases(folder: Path) -> tuple[Case, ...]:
    """The cases of a folder, whatever flow they were written for; none when they cannot be read."""
    try:
        return tuple(load_cases(folder, None).values())
    except CaseError:
        return ()


def scenarios(flow: Flow, before: Flow | None, settings: frozenset[str], cases: tuple[Case, ...]) -> Iterator[Scenario]:
    """Every known case under a flow, beside the same under the flow before it."""
    for case in cases:
        verdict, advised, mistakes = _look(case, flow, settings)
        old = _look(case, before, settings) if before is not None else None
        if verdict == "does not fit" and old is not None and old[0] == verdict:
            continue  # written for another flow
        yield Scenario(
            id=case.id,
            what_happened=case.what_happened,
            verdict=verdict,
            advised=advised,
            mistakes=mistakes,
            before=old[0] if old else None,
            advised_before=old[1] if old else None,
        )


def _look(case: Case, flow: Flow, settings: frozenset[str]) -> tuple[Verdict, tuple[str, ...], tuple[str, ...]]:
    try:
        compared = compare(case, flow, settings)
    except AnswerError as error:
        return "does not fit", (), (str(error),)
    if compared.flow_mistakes is None:
        return "disputed", compared.advised, ()
    return ("fail" if compared.flow_mistakes else "pass"), compared.advised, compared.flow_mistakes
