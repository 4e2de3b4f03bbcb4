"""What the desk says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx

from amends.ops.checks.finding import fault, off, ok, warning
from amends.ops.services import desk_url

if TYPE_CHECKING:
    from amends.ops.checks.finding import Finding
    from amends.settings import Settings


def readiness(settings: Settings) -> dict[str, Any] | None:
    """The answer of /readyz; None when there is none."""
    try:
        answer = httpx.get(f"{desk_url(settings)}/readyz", timeout=5, trust_env=False).json()
    except (httpx.HTTPError, ValueError):
        return None
    return answer if isinstance(answer, dict) else None


def ready(settings: Settings, said: dict[str, Any] | None) -> Finding:
    """Whether the desk answers, and reaches the bot and the database."""
    if said is None:
        mend = "Start Amends with 'make run'; if it is running, read var/log/desk.log."
        return fault("desk", f"It does not answer on port {settings.desk_port}.", mend)
    missing = [what for what in ("bot", "database") if said.get(what) is False]
    if missing:
        return fault("desk", f"It does not reach the {' and the '.join(missing)}.", "Mend that first.")
    return ok("desk", f"It answers on port {settings.desk_port}.")


def connection(settings: Settings, said: dict[str, Any] | None) -> Finding:
    """Whether the desk is connected with Slack, and by as many connections as are expected."""
    if said is None:
        return off("connection", "Whether the desk is connected with Slack is not known.", "Start the desk first.")
    state, trouble = said.get("slack"), str(said.get("slack_says") or "")
    if state not in {"connected", "on"}:
        again = "Start Amends again: settings are read at the start."
        return fault("connection", "The desk was started without Slack.", again)
    if state == "on":
        mend = "Mend what else is wrong here; if nothing is, read var/log/desk.log."
        return fault("connection", f"The desk is not connected with Slack. {trouble}".strip(), mend)
    if trouble:
        return warning("connection", trouble, "Presses that go to a connection that nobody reads are lost.")
    if settings.slack_mode == "http":
        return ok("connection", "The desk takes what Slack sends by HTTP; whether it arrives shows below.")
    return ok(
        "connection", f"The desk is connected with Slack; connections of the app: {said.get('slack_connections', 1)}."
    )
