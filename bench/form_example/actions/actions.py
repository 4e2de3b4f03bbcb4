"""The action server of the form example. It runs on Rasa's own SDK of that time, under Python 3.10."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action
from rasa_sdk.events import AllSlotsReset
from rasa_sdk.forms import FormValidationAction

CUISINES = ("caribbean", "chinese", "french", "greek", "indian", "italian", "mexican")


class ValidateRestaurantForm(FormValidationAction):
    """Checks each value that the form was given."""

    def name(self) -> str:
        """Its name in the domain."""
        return "validate_restaurant_form"

    def validate_cuisine(self, value: Any, dispatcher: Any, tracker: Any, domain: Any) -> dict[str, Any]:
        """Only what is cooked here."""
        del tracker, domain
        if str(value).lower() in CUISINES:
            return {"cuisine": value}
        dispatcher.utter_message(response="utter_wrong_cuisine")
        return {"cuisine": None}

    def validate_num_people(self, value: Any, dispatcher: Any, tracker: Any, domain: Any) -> dict[str, Any]:
        """A number above zero."""
        del tracker, domain
        if str(value).isdecimal() and int(value) > 0:
            return {"num_people": int(value)}
        dispatcher.utter_message(response="utter_wrong_num_people")
        return {"num_people": None}

    def validate_outdoor_seating(self, value: Any, dispatcher: Any, tracker: Any, domain: Any) -> dict[str, Any]:
        """Outside or not."""
        del dispatcher, tracker, domain
        return {"outdoor_seating": "out" in value if isinstance(value, str) else value}


class Forget(Action):
    """Empties the form, so that it can be filled again."""

    def name(self) -> str:
        """Its name in the domain."""
        return "action_forget"

    def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:
        """All slots are empty afterwards."""
        del dispatcher, tracker, domain
        return [AllSlotsReset()]
