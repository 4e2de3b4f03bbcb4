"""One action for each thing that people want. What it does is in `amends.conversation`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from rasa_sdk import Action

from actions.service import speak

if TYPE_CHECKING:
    from rasa_sdk import Tracker
    from rasa_sdk.executor import CollectingDispatcher


class Command(Action):  # type: ignore[misc]  # rasa-sdk carries no types
    """Does one command of the assistant for the latest message."""

    command: ClassVar[str] = ""

    def name(self) -> str:
        """Its name in the domain."""
        return f"action_{self.command}"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[dict[str, Any]]:
        """Do it, and say what comes of it."""
        del domain
        await speak(dispatcher, tracker, lambda assistant, turn: assistant.do(self.command, turn))
        return []


class Report(Command):
    """Somebody tells us what happened."""

    command = "report"


class Answer(Command):
    """A press or an answer that comes outside the loop."""

    command = "answer"


class Correct(Command):
    """An earlier answer is changed."""

    command = "correct"


class GoBack(Command):
    """Back to the question before."""

    command = "go_back"


class StartOver(Command):
    """The questions from the first."""

    command = "start_over"


class Stop(Command):
    """Stop and close."""

    command = "stop"


class Why(Command):
    """Why a question is asked, or why this advice."""

    command = "why"


class Alternative(Command):
    """Why not something else."""

    command = "alternative"


class Policy(Command):
    """What does the policy say."""

    command = "policy"


class Note(Command):
    """A note for the record."""

    command = "note"


class Handover(Command):
    """A human, now."""

    command = "handover"


class Status(Command):
    """How my incidents stand."""

    command = "status"


class StepDone(Command):
    """A step of the advice was done."""

    command = "step_done"


class CheckDraft(Command):
    """Help with the words."""

    command = "check_draft"


class Greet(Command):
    """Hello."""

    command = "greet"


class Goodbye(Command):
    """Goodbye."""

    command = "goodbye"


class Thanks(Command):
    """Thanks."""

    command = "thanks"


class Help(Command):
    """What can you do."""

    command = "help"


class Practise(Command):
    """I want to practise."""

    command = "practise"


class OutOfScope(Command):
    """Something that this is not for."""

    command = "out_of_scope"


class Fallback(Command):
    """Nothing in the rules fits; the record decides what the message is."""

    command = "out_of_scope"

    def name(self) -> str:
        """Its name in the domain: Rasa's own, replaced."""
        return "action_default_fallback"
