"""A person talking to the real actions, without Rasa: tracker JSON in, replies out.

`Person.says` and `Person.presses` do what the rules of `data/rules.yml` do: in the loop the form is asked
first, elsewhere the action of the intent; then the loop, which asks or shows the advice.
"""

import asyncio
import json
from pathlib import Path

import yaml
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import commands, form
from amends.conversation.replies import read_reply

ROOT = Path(__file__).resolve().parents[2]
DOMAIN = yaml.safe_load((ROOT / "domain.yml").read_text())
RULES = yaml.safe_load((ROOT / "data" / "rules.yml").read_text())["rules"]
IGNORED = set(DOMAIN["forms"]["triage_form"]["ignored_intents"])


def all_actions():
    found = [cls() for cls in vars(commands).values() if isinstance(cls, type) and issubclass(cls, commands.Command)]
    found.append(form.ValidateTriageForm())
    return {action.name(): action for action in found if action.name() != "action_"}


def action_of(intent):
    for rule in RULES:
        steps = rule["steps"]
        if steps[0].get("intent") == intent:
            return steps[1]["action"]
    return "action_default_fallback"


class Person:
    def __init__(self, name="Ada", conversation="web:ada", clock=None, actor=None):
        self.name = name
        self.conversation = conversation
        self.actor = actor or conversation
        self.clock = clock
        self.count = 0
        self.in_loop = False
        self.last = []
        self.actions = all_actions()

    def says(self, text, intent="out_of_scope", key=None, rival=""):
        return self._send(text, intent, {}, key, rival)

    def presses(self, label, key=None):
        """Press the button or option with this label among the last replies."""
        return self.sends(self.button(label), key)

    def sends(self, payload, key=None):
        intent, _, carried = payload[1:].partition("{")
        entities = json.loads("{" + carried) if carried else {}
        return self._send(payload, intent, entities, key)

    def button(self, label):
        from amends.conversation.replies import press_answer

        for reply in reversed(self.last):
            for button in reply.buttons:
                if button.label == label:
                    return button.send
            for option in getattr(reply, "options", ()):
                if label in (option.label, option.code):
                    return press_answer(reply.question, option.code, reply.state)
        there = [b.label for r in self.last for b in r.buttons]
        raise AssertionError(f"There is no button {label!r} among {there} and the options.")

    def _send(self, text, intent, entities, key, rival=""):
        self.count += 1
        self._message = {
            "text": text,
            "intent": {"name": intent, "confidence": 0.4 if rival else 0.9},
            "intent_ranking": [
                {"name": intent, "confidence": 0.4 if rival else 0.9},
                {"name": rival or "thanks", "confidence": 0.35 if rival else 0.05},
            ],
            "entities": [{"entity": k, "value": v} for k, v in entities.items()],
            "message_id": f"m{self.count}",
            "metadata": {
                "key": key or f"{self.actor}-{self.count}",
                "actor_id": self.actor,
                "actor_name": self.name,
                "source": "web",
                **({"said_at": self.clock().isoformat()} if self.clock else {}),
            },
        }
        self._events = [{"event": "user", "text": text}]
        replies = []
        if self.in_loop and intent not in IGNORED:
            replies += self._form(answer=text)
        else:
            replies += self._run(action_of(intent))
            replies += self._form()
        self.last = replies
        return replies

    def _form(self, answer=None):
        slots = {"answer": answer, "requested_slot": "answer" if self.in_loop else None}
        replies = self._run("validate_triage_form", slots)
        requested = next(e["value"] for e in reversed(self._returned) if e["name"] == "requested_slot")
        self.in_loop = requested == "answer"
        return replies

    def _run(self, name, slots=None):
        slots = slots or {"answer": None, "requested_slot": None}
        events = list(self._events)
        if slots["answer"] is not None:
            events += [
                {"event": "action", "name": "triage_form"},
                {"event": "slot", "name": "answer", "value": slots["answer"]},
            ]
        tracker = Tracker.from_dict(
            {
                "sender_id": self.conversation,
                "slots": slots,
                "latest_message": self._message,
                "events": events,
                "paused": False,
                "followup_action": None,
                "active_loop": {"name": "triage_form"} if self.in_loop else {},
                "latest_action_name": "action_listen",
            }
        )
        dispatcher = CollectingDispatcher()
        self._returned = asyncio.run(self.actions[name].run(dispatcher, tracker, {}))
        self._events.append({"event": "action", "name": name})
        for message in dispatcher.messages:
            self._events.append({"event": "bot", "text": message["text"], "data": message})
        return [read_reply(message) for message in dispatcher.messages]


class Colleague(Person):
    """Somebody else in the same conversation; for Rasa the two are one sender, with one loop."""

    def __init__(self, first, name, actor):
        self.first = first
        super().__init__(name, first.conversation, first.clock, actor)

    @property
    def in_loop(self):
        return self.first.in_loop

    @in_loop.setter
    def in_loop(self, value):
        self.first.in_loop = value or (self.first.in_loop and not hasattr(self, "actions"))


def texts(replies):
    return "\n".join(reply.text for reply in replies)
