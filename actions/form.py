"""The generic question loop: takes an answer, asks what comes next, shows the advice when it is due.

All of it is done in the one call that Rasa makes to check what was said in a form. An action that asks and one that
shows the advice would each be a further call, with the whole conversation handed over, and a further transaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rasa_sdk.events import SlotSet
from rasa_sdk.forms import FormValidationAction

from actions.service import speak
from actions.turn import has_failed, has_spoken, was_handled

if TYPE_CHECKING:
    from rasa_sdk import Tracker
    from rasa_sdk.executor import CollectingDispatcher

    from amends.conversation.assistant import Assistant
    from amends.conversation.replies import Reply
    from amends.conversation.turn import Turn


class ValidateTriageForm(FormValidationAction):  # type: ignore[misc]  # rasa-sdk carries no types
    """Takes what was said in the loop, says what comes next, and whether the loop goes on.

    The slot is always emptied again.
    """

    def name(self) -> str:
        """Its name in the domain."""
        return "validate_triage_form"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[dict[str, Any]]:
        """Take the answer, if there is one that no other action had, and settle what is asked for next."""
        del domain
        said, handled = tracker.slots_to_validate().get("answer") is not None, was_handled(tracker)
        if not said and not handled:
            return []  # a digression: with nothing to check Rasa leaves the form, calls its action, and comes back
        failed, spoken = has_failed(tracker), has_spoken(tracker)
        waits: list[bool] = []

        def work(assistant: Assistant, turn: Turn) -> list[Reply]:
            if failed:  # the person was told already; what they were asked before still stands
                waits.append(assistant.in_loop(turn))
                return []
            replies, asks = assistant.go_on(turn, answers=said and not handled, spoken=spoken)
            waits.append(asks)
            return replies

        went_well = await speak(dispatcher, tracker, work)
        requested = ("answer" if waits[-1] else None) if went_well else tracker.get_slot("requested_slot")
        return [*([SlotSet("answer", None)] if said else []), SlotSet("requested_slot", requested)]
