"""People who triage one incident after the other, by whatever can be pressed, in the web chat and in Slack.

What they type carries a mark, so that it can be looked for in the trail afterwards.
"""

import contextlib
import random
import time

from tests.slack.fake import NotPossible
from tests.slack.whole import weather
from tests.slack.whole.person import Person

from .web_person import WebPerson

REPORTS = (
    "We tweeted the wrong exam date from the official account",
    "I've just posted my night out photos on the uni account",
    "Oops, I posted a typo on our page and people are laughing about it",
    "We put a student's home address in a public post by mistake",
    "Someone has got into our Twitter account and is posting swear words",
)
NOTE = "note: the press office was rung, {}"
MOST_TURNS = 14
"""Messages of one conversation; many end sooner, because people leave."""
PATIENCE = (0.3, 1.5)
"""Seconds between the first two looks at a page that waits; it doubles from look to look, up to `LONGEST`."""
LONGEST = 10.0
IN_SLACK = 0.25
"""How many of the conversations are held in Slack."""


class Marks:
    """What was typed: each text with its mark, and whether it must be a report or a note."""

    def __init__(self):
        self.reports = {}
        self.notes = {}


def goes_through(number, place, over):
    """One conversation from the first word to its end, or until it is over. Returns who held it."""
    chance = random.Random(f"{place.seed} {number}")
    if chance.random() < IN_SLACK:
        return InSlack(number, place, chance).walks(over)
    return OnTheWeb(number, place, chance).walks(over)


class OnTheWeb:
    """Somebody at the web chat."""

    def __init__(self, number, place, chance):
        self.mark = f"mark{place.seed}x{number}"
        self.chance = chance
        self.person = WebPerson(place.web_port, f"Visitor {number}", chance)
        self.marks = Marks()
        self.turns = chance.randint(1, MOST_TURNS)

    @property
    def sent(self):
        return set(self.person.sent)

    def walks(self, over):
        """Reports, then presses what there is; whoever gets no answer looks again and goes on."""
        person = self.person
        while not person.looks():
            if over.wait(0.5):
                return self
        report = f"{self.chance.choice(REPORTS)}. It is {self.mark}"
        while person.says(report, self._doubled()) is None:
            if over.wait(self.chance.uniform(*PATIENCE)) or not self._sees(over):
                return self
        self.marks.reports[self.mark] = report
        for turn in range(self.turns):
            if not self._sees(over):
                break
            if self.chance.random() < 0.08:
                self._notes(turn)
            elif not self._presses():
                break
        return self

    def _doubled(self):
        return self.chance.random() < 0.2

    def _sees(self, over):
        """Looks until nothing waits; whether there is something to go on with."""
        apart = self.chance.uniform(*PATIENCE)
        while not self.person.looks() or self.person.waits():
            if over.wait(apart):
                return False
            apart = min(2 * apart, LONGEST)
        return True

    def _notes(self, turn):
        text = NOTE.format(f"{self.mark}n{turn}")
        if self.person.says(text, self._doubled()) is not None:
            self.marks.notes[f"{self.mark}n{turn}"] = text

    def _presses(self):
        """Presses one of the things that can be pressed; whether there was one."""
        cards = self.person.cards()
        if not cards:
            return False
        card = self.chance.choice(cards)
        if card.boxes:
            codes = self.chance.sample(card.boxes, 1)
            self.person.ticks(card, codes, self._doubled())
        else:
            self.person.presses(card, self.chance.choice(list(card.buttons)), self._doubled())
        return True


class InSlack:
    """Somebody in a direct message with the app: a `weather.Walker` who reports once, and leaves after a while."""

    def __init__(self, number, place, chance):
        self.mark = f"mark{place.seed}x{number}"
        self.chance = chance
        self.marks = Marks()
        self.turns = chance.randint(1, MOST_TURNS)
        slack = place.whole.slack
        name = f"Slacker {number}"
        self.person = Person(slack, slack.add_user(name), name)
        self.walker = None

    @property
    def sent(self):
        return set() if self.walker is None else self.walker.acknowledged

    def stands(self):
        """What the app's messages here carry, each the key of a row of the outbox."""
        return [each.metadata["event_payload"]["key"] for each in self.person.cards()]

    def walks(self, over):
        self.walker = walker = _Walker(self, over)
        report = f"{self.chance.choice(REPORTS)}. It is {self.mark}"
        walker.writes(report)
        self.marks.reports[self.mark] = report
        end = time.monotonic() + 6 * self.turns
        while (
            len(walker.pressed) < self.turns and time.monotonic() < end and not over.wait(self.chance.uniform(0.5, 1.5))
        ):
            with contextlib.suppress(NotPossible):  # a button was taken away in this moment
                walker.goes_on()
        return self


class _Walker(weather.Walker):
    def __init__(self, of, over):
        super().__init__(of.person, of.mark, over, reporting=False)

    @property
    def acknowledged(self):
        return {f"message:{channel}:{ts}" for channel, ts in self.said} | {f"press:{each}" for each in self.pressed}
