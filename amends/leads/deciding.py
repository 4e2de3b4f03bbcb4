"""A lead decides on other responses than the flow's. What that goes against is recorded and shown, never hidden."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from amends.conversation import recording
from amends.flows import otherwise, parse_answers, recommend
from amends.incidents.advice import steps_of
from amends.incidents.record import State
from amends.incidents.trail import Kind
from amends.leads.opening import CannotAct, opened, still_open, words_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from amends.flows import Flow
    from amends.incidents.actor import Actor
    from amends.incidents.models import Incident
    from amends.settings import Settings


def decide_otherwise(
    session: Session,
    settings: Settings,
    flow: Flow,
    incident: Incident,
    actor: Actor,
    responses: Sequence[str],
    reason: str,
    at: datetime,
) -> tuple[str, ...]:
    """Decide on these responses instead of those that stand; buttons that were drawn before are stale now.

    Args:
        flow: the version that the incident began with.
        responses: codes of the flow's responses, in the order to do them.
        reason: why, in the lead's words.

    Returns:
        A sentence for each rule of the flow that this goes against.

    Raises:
        CannotAct: there is no advice yet, the incident is closed or not for this lead to see, nothing was chosen,
            something was chosen that is no response, or no reason is given.
    """
    incident = opened(session, incident, actor, at)
    still_open(incident)
    if incident.state != State.ADVISED:
        raise CannotAct(f"{incident.reference} has no advice yet, so there is nothing to decide against.")
    if not responses:
        raise CannotAct("Nothing was chosen. Choose what is to be done.")
    strange = [code for code in responses if code not in flow.responses]
    if strange:
        raise CannotAct(f"The rules of {incident.reference} know no response called {strange[0][:40]}.")
    because = words_of(reason, "The reason")
    answers = parse_answers(flow, json.loads(incident.answers))
    by_flow = recommend(flow, answers, settings.flow_settings)
    decided = otherwise(flow, answers, settings.flow_settings, by_flow, responses)
    chosen = list(dict.fromkeys(responses))
    before = [step["code"] for step in steps_of(incident) if step["kind"] == "response"]
    payload = {"responses": chosen, "instead_of": before, "reason": because, "against": list(decided.against)}
    incident.override = json.dumps(
        {
            "by": actor.name or actor.id,
            "by_id": actor.id,
            "at": at.isoformat(),
            "responses": chosen,
            "reason": because,
            "against": list(decided.against),
            "steps": decided.decision.as_json()["steps"],
        },
        ensure_ascii=False,
    )
    incident.state_number += 1
    recording.write(session, settings, incident, Kind.LEAD_DECIDED, payload, actor=actor, at=at)
    return decided.against
