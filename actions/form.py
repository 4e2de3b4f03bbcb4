"""The generic question loop: takes an answer, asks what comes next, shows the advice when it is due."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rasa_sdk import Action
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
    """Takes what was said in the loop, and says whether the loop goes on. The slot is always emptied again."""

    def name(self) -> str:
        """Its name in the domain."""
        return "validate_triage_form"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[dict[str, Any]]:
        """Take the answer, if there is one that no other action had, and settle what is asked for next."""
        del domain
        said = tracker.slots_to_validate().get("answer") is not None
        went_well = True
        if said and not was_handled(tracker):
            went_well = await speak(dispatcher, tracker, lambda assistant, turn: assistant.do("answer", turn))
        events = [SlotSet("answer", None)] if said else []
        requested = await self._requested(dispatcher, tracker) if went_well else tracker.get_slot("requested_slot")
        return [*events, SlotSet("requested_slot", requested)]

    async def _requested(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> str | None:
        waits: list[bool] = []

        def look(assistant: Assistant, turn: Turn) -> list[Reply]:
            waits.append(assistant.in_loop(turn))
            return []

        await speak(dispatcher, tracker, look)
        return "answer" if waits == [True] else None


class AskAnswer(Action):  # type: ignore[misc]  # rasa-sdk carries no types
    """Draws what is asked now: the confirmation card, the question, or a yes-or-no beside it."""

    def name(self) -> str:
        """Its name in the domain."""
        return "action_ask_answer"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[dict[str, Any]]:
        """Say it."""
        del domain
        if not has_failed(tracker):
            await speak(dispatcher, tracker, lambda assistant, turn: assistant.ask(turn))
        return []


class Recommend(Action):  # type: ignore[misc]  # rasa-sdk carries no types
    """Shows the advice if it is due; a message that nothing else answered gets a word here."""

    def name(self) -> str:
        """Its name in the domain."""
        return "action_recommend"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[dict[str, Any]]:
        """Say it."""
        del domain
        if not has_failed(tracker):
            spoken = has_spoken(tracker)
            await speak(dispatcher, tracker, lambda assistant, turn: assistant.recommend(turn, spoken=spoken))
        return []
