"""How far an incident is: what comes next, what is still open, which clock ends first. Read from its row alone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from amends.conversation import wording
from amends.conversation.wording_after import PROMISE_TITLE, not_finished
from amends.incidents import completion
from amends.incidents.advice import open_steps_of
from amends.incidents.record import State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from amends.flows import Flow
    from amends.incidents.models import Incident


@dataclass(frozen=True)
class Deadline:
    """A clock of an incident that has an end. The title says so where nobody has verified it."""

    due: datetime
    title: str


def decision_of(incident: Incident) -> dict[str, Any]:
    """The flow's decision as the record keeps it; empty before there is one."""
    decision: dict[str, Any] = json.loads(incident.decision) if incident.decision else {}
    return decision


def label(flow: Flow, code: str) -> str:
    """What a response or role is called."""
    known = flow.codes.get(code)
    return known.label if known is not None else code.replace("_", " ")


def to_do(flow: Flow, code: str) -> str:
    """A step as what one does."""
    return f"bring in {wording.low(label(flow, code))}" if code in flow.people else label(flow, code)


def open_steps(flow: Flow, incident: Incident) -> tuple[str, ...]:
    """What is neither done nor optional, as what one does."""
    return tuple(to_do(flow, step["code"]) for step in open_steps_of(incident))


def next_step(flow: Flow, incident: Incident) -> str:
    """What comes next, in a sentence."""
    if incident.state == State.CONFIRMING:
        return "Next: confirm what was understood."
    if incident.state == State.ASKING and incident.asked and incident.asked in flow.questions:
        return f"Next question: {flow.questions[incident.asked].ask}"
    if incident.state == State.ADVISED:
        left = open_steps(flow, incident)
        if left:
            return f"Next: {wording.labelled(left[0])}."
        open_ = completion.of(incident).open
        return f"All steps are done. {not_finished(open_)}" if open_ else "All steps are done."
    return ""


def deadlines(incident: Incident) -> list[Deadline]:
    """The clocks that have an end, and what was promised in public, the earliest first."""
    found = [one for one in decision_of(incident).get("deadlines", ()) if one["due"]]
    named = [Deadline(datetime.fromisoformat(one["due"]), titled(one)) for one in found]
    promised = [Deadline(one.due, PROMISE_TITLE) for one in completion.of(incident).open_promises]
    return sorted([*named, *promised], key=lambda one: one.due)


def titled(deadline: Mapping[str, Any]) -> str:
    """The title of a deadline, as the decision has it; with the mark that it carries wherever it is shown."""
    return f"{deadline['title'].rstrip('. ')}{'' if deadline['verified'] else ' (not verified)'}"


def next_deadline(incident: Incident, now: datetime) -> Deadline | None:
    """The clock that ends next; when all have ended, the one that ended last."""
    there = deadlines(incident)
    ahead = [one for one in there if one.due >= now]
    return ahead[0] if ahead else there[-1] if there else None
