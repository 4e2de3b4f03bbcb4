"""What to do in the first minute, before any question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amends.flows.answers import mask_of

if TYPE_CHECKING:
    from amends.flows.answers import Answers
    from amends.flows.model import Flow


def safe_steps(flow: Flow, answers: Answers) -> tuple[str, ...]:
    """The safe steps, adapted to what the first message already says; nothing is assumed beyond it."""
    known = [mask_of(q, answers[name]) if name in answers else 0 for name, q in flow.questions.items()]
    return tuple(step.says for step in flow.safe_steps if step.guard.test([*known, 0, 0, 0, 0]))
