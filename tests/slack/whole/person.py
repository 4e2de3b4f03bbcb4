"""Somebody in Slack, who sees what stands there and presses it."""

import json
from dataclasses import dataclass

from tests.slack.fake import NotPossible
from tests.slack.fake.seen import elements_of, options_of
from tests.waiting import LONGEST


@dataclass(frozen=True)
class Asked:
    """A question that stands open: where, and what can be answered (code -> how it is pressed)."""

    message: object
    question: str
    state: str
    kind: str  # one, pick, many, times
    codes: tuple[str, ...]


class Person:
    """`where` is a channel and `thread` a thread of it; to begin with the direct message with the app."""

    def __init__(self, slack, user, name, where=None, thread=None):
        self.slack = slack
        self.id = user
        self.name = name
        self.where = where or slack.dm(user)
        self.thread = thread

    def at(self, where, thread):
        return Person(self.slack, self.id, self.name, where, thread)

    def says(self, text, files=()):
        return self.slack.says(self.id, self.where, text, thread=self.thread, files=files)

    def cards(self):
        """The app's messages here as they stand, the newest first."""
        return [each for each in reversed(self.slack.messages(self.where, self.thread)) if each.by_app]

    def sees(self, *words, seconds=LONGEST):
        """Waits until one message here says all these words, and returns it."""
        return self.waits(lambda: self.finds(*words), f"Nothing says {words}", seconds)

    def waits(self, look, otherwise, seconds=LONGEST):
        """Waits until there is something; if there is not, what stands here is told."""
        try:
            return self.slack.until(look, seconds)
        except AssertionError as nothing:
            there = "\n---\n".join(f"{card.shown}\n{card.labels}" for card in self.cards())
            raise AssertionError(f"{otherwise}; {nothing}:\n{there}") from None

    def finds(self, *words):
        said = [each for each in self.cards() if all(word in f"{each.shown}\n{each.text}" for word in words)]
        return said[0] if said else None

    def can_press(self, label):
        """The newest message here that has this button, if there is one."""
        for card in self.cards():
            for block in card.blocks:
                for element in elements_of(block):
                    names = {element.get("action_id"), element.get("accessibility_label")}
                    if label in names | {(element.get("text") or {}).get("text")}:
                        return card
        return None

    def presses(self, label, values=None, nth=None):
        """Presses it on the newest message that has it, as soon as there is one."""
        card = self.waits(lambda: self.can_press(label), f"There is no {label}")
        ack = self.slack.presses(self.id, card, label, values, nth=nth)
        assert ack.ok, ack
        return ack

    def asked(self):
        """The question that stands open, if there is one."""
        for card in self.cards():
            found = asked_in(card)
            if found is not None:
                return found
        return None

    def answers(self, asked, code):
        """Presses an answer; returns what became of the delivery."""
        if asked.kind == "pick":
            return self.slack.presses(self.id, asked.message, "pick", choose=code)
        if asked.kind == "many":
            return self.slack.presses(self.id, asked.message, "submit_many", {_box_of(asked.message, code): [code]})
        if asked.kind == "times":
            return self.slack.presses(self.id, asked.message, "Just now")
        return self.slack.presses(self.id, asked.message, press_of(asked.message, asked.question, code))

    def goes_through(self, **answers):
        """Presses answers until the advice comes; what is not named gets the first answer. Returns the advice."""
        pressed = None
        for _ in range(30):
            there = self.waits(lambda last=pressed: self.advice() or self.next_question(last), "No question")
            if not isinstance(there, Asked):
                return there
            ack = self.answers(there, answers.get(there.question, there.codes[0]))
            assert ack.ok, ack
            pressed = there
        raise AssertionError(f"No advice after 30 answers: {self.cards()[0].shown}")

    def next_question(self, before):
        there = self.asked()
        same = before is not None and there is not None and there.state == before.state
        return None if same else there

    def advice(self):
        """The card of the advice that can be pressed, if there is one."""
        return self.can_press("open_draft")


def asked_in(card):
    """The question that a message asks, if it stands open."""
    for block in card.blocks:
        kind, _, rest = str(block.get("block_id", "")).partition("|")
        question, _, state = rest.partition("|")
        for element in elements_of(block):
            if kind == "pick":
                return Asked(card, question, state, "pick", tuple(o["value"] for o in element["options"]))
            if kind == "many":
                return Asked(card, question, state, "many", tuple(o["value"] for o in element["options"]))
            if kind in {"posted", "noticed"}:
                return Asked(card, question, state, "times", ("now",))
    pressed = [each for each in map(_carried, _sends(card)) if each and not each["question"].startswith("_")]
    if not pressed:
        return None
    first = pressed[0]
    of_it = [each["value"] for each in pressed if each["question"] == first["question"]]
    codes = tuple(value for value in of_it if value != "?")  # that is "Not sure"
    return Asked(card, first["question"], first["state"], "one", codes)


def press_of(card, question, code):
    """The action id of the button that gives this answer."""
    for action, send in _buttons(card):
        carried = _carried(send)
        if carried and (carried["question"], carried["value"]) == (question, code):
            return action
    raise NotPossible(f"There is no answer {code} to {question} in {card.labels}.")


def _box_of(card, code):
    """The id of the block whose boxes hold this answer."""
    for block in card.blocks:
        if any(option["value"] == code for element in elements_of(block) for option in options_of(element)):
            return block["block_id"]
    raise NotPossible(f"There is no box {code}.")


def _sends(card):
    return [send for _, send in _buttons(card)]


def _buttons(card):
    for block in card.blocks:
        for element in elements_of(block):
            if element["type"] == "button":
                yield element["action_id"], element.get("value", "")


def _carried(send):
    return json.loads(send.removeprefix("/press")) if send.startswith("/press{") else None
