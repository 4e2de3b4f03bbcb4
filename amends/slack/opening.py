"""Windows (modals) that are opened by a press. Slack gives three seconds for that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slack_sdk.errors import SlackApiError

from amends.slack.clients import slack_error
from amends.slack.parts import map_of, text_of
from amends.slack.registry import Refused

if TYPE_CHECKING:
    from amends.slack.blocks import View
    from amends.slack.desk import Desk
    from amends.slack.registry import Call

TOO_LATE = "The window could not be opened in time. Press it once more."
USED = frozenset({"exchanged_trigger_id"})
"""The trigger was used before: the window was opened, and this is the same press a second time."""
EXPIRED = frozenset({"expired_trigger_id", "invalid_trigger_id", "trigger_expired", "trigger_exchanged"})


async def show(desk: Desk, call: Call, view: View) -> None:
    """Open a window for whoever pressed; on top of the window in which they pressed, if they did.

    Raises:
        Refused: it was too late for that.
    """
    trigger = text_of(call.payload, "trigger_id")
    if not trigger:
        raise Refused(TOO_LATE)
    container, view_below = map_of(call.payload, "container"), map_of(call.payload, "view")
    inside = container.get("type") == "view" and view_below.get("type") == "modal"
    opener = desk.client.views_push if inside else desk.client.views_open
    try:
        await opener(trigger_id=trigger, view=view)
    except SlackApiError as error:
        reason = slack_error(error)
        if reason in USED:
            return
        if reason in EXPIRED:
            raise Refused(TOO_LATE) from error
        raise
