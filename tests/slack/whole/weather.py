"""A storm: people who go on whatever happens, and everything that can go wrong going wrong meanwhile."""

import contextlib
import random
import time
from collections import Counter

from tests.slack.fake import File, NotPossible

REPORTS = (
    "I've just posted my night out photos on the uni account",
    "oops, I tweeted a typo from the official account",
    "we tweeted the wrong exam date",
)
SETTLED = ("No, all are answered", "Yes, it is quiet", "No, there is none to pin", "None was promised")
PICTURE = b"\x89PNG\r\n\x1a\n" + b"storm" * 50
PATIENCE = {"desk": (1, 9), "bot": (8, 20), "actions": (2, 12)}
"""Seconds that each is left standing, at least and at most; the bot needs longest to come back."""
PROCESSES = tuple(PATIENCE)
LONGEST_CALM = 60
"""Seconds after which something is killed although no question was answered; a slow bot needs 40 to come back."""


class Walker:
    """Somebody who triages one incident after the other, by whatever buttons there are."""

    def __init__(self, person, seed, over, reporting=True):
        self.person = person
        self.chance = random.Random(f"{seed} {person.name}")
        self.over = over
        self.reporting = reporting
        self.said = []  # (channel, ts) of what was written
        self.pressed = []  # triggers of presses that were acknowledged
        self.dropped = []  # names of files
        self._tried = {}  # card and state -> when it was pressed

    def walks(self):
        while not self.over.wait(self.chance.uniform(0.05, 0.4)):
            with contextlib.suppress(NotPossible):  # a button was taken away in this moment
                self.goes_on()

    def goes_on(self):
        person = self.person
        if self.chance.random() < 0.04:
            self.writes(self.chance.choice(("hello", "status", "why?")))
        asked, advice = person.asked(), person.advice()
        closing = person.can_press("Close it")
        after = [(label, card) for label in SETTLED if (card := person.can_press(label)) is not None]
        if closing is not None and self.new("close", 5):
            self.presses(closing, "Close it")
        elif after:
            label, card = after[0]
            if self.new(label, 5):
                self.presses(card, label)
        elif asked is not None:
            if self.new(asked.state, 5):
                self.notes(person.answers(asked, self.chance.choice(asked.codes)))
        elif (understood := person.can_press("All right")) is not None:
            if self.new(understood.ts, 5):
                self.presses(understood, "All right")
        elif advice is not None:
            self.acts(advice)
        elif self.reporting and self.new("report", 8):
            self.writes(self.chance.choice(REPORTS))

    def acts(self, advice):
        """Does a step, drops a file, or finishes."""
        done = [label for label in advice.labels if label == "Done"]
        what = self.chance.random()
        if done and what < 0.6:
            if self.new((advice.ts, len(done)), 3):
                self.presses(advice, "Done", nth=self.chance.randrange(len(done)))
        elif what < 0.7 and len(self.dropped) < 5:
            name = f"{self.person.id}-{len(self.dropped)}.png"
            self.dropped.append(name)
            self.person.says("", files=[File(name, PICTURE + name.encode())])
        elif self.new("finish", 4):
            self.presses(advice, "That's everything")

    def new(self, what, seconds):
        """Whether this was not tried in the last seconds; people press again what seems to do nothing."""
        now = time.monotonic()
        if now - self._tried.get(what, 0) < seconds * self.chance.uniform(0.3, 2):
            return False
        self._tried[what] = now
        return True

    def writes(self, text):
        self.said.append((self.person.where, self.person.says(text)))

    def presses(self, card, label, nth=None):
        self.notes(self.person.slack.presses(self.person.id, card, label, nth=nth))

    def notes(self, ack):
        if ack.ok:
            self.pressed.append(ack.id)


class Storm:
    """Kills processes at random moments and starts them again, and cuts the line to Slack."""

    def __init__(self, servers, slack, seed, over, answered):
        self.servers = servers
        self.answered = answered  # how many questions were answered
        self.slack = slack
        self.seed = seed
        self.chance = random.Random(f"{seed} storm")
        self.over = over
        self.log = []
        self.fell = Counter()
        self.since = {}

    def begins(self):
        """Deliveries and calls go wrong from now on, by the seed."""
        faults = self.slack.faults
        faults.seed(self.seed)
        faults.duplicate(0.2, ["events_api", "interactive"])
        faults.delay(0.3)
        faults.reorder()
        faults.drop_ack(0.1)
        for method in ("chat.postMessage", "chat.update"):
            faults.fail_often(method, 0.04, status=429, retry_after=1)
            faults.fail_often(method, 0.04, status=500)
            faults.swallow_response(method, times=10**9, probability=0.04)
        faults.swallow_response("chat.delete", times=10**9, probability=0.04)
        faults.fail_often("users.info", 0.1, status=500)
        faults.fail_often("apps.connections.open", 0.2, status=500)
        self.slack.retry_waits = [0.05, 1, 1, 2, 2, 4, 4, 8, 8, 16, 16, 32, 32]

    def rages(self):
        """Kills what stands, when a question was answered since the last time; else nobody would ever get on."""
        patience, before, last = self.patience(), self.answered(), time.monotonic()
        while not self.over.wait(self.chance.uniform(0.3, 1.2)):
            if self.chance.random() < 0.15:
                self.cuts()
            ripe = [name for name in PROCESSES if self.stood(name) > patience[name]]
            stuck = time.monotonic() - last > LONGEST_CALM
            if ripe and (self.answered() > before or stuck):
                self.kills(self.chance.sample(ripe, self.chance.randint(1, len(ripe))))
                patience, before, last = self.patience(), self.answered(), time.monotonic()
        self.kills([name for name in PROCESSES if not self.fell[name]])

    def patience(self):
        return {name: self.chance.uniform(*PATIENCE[name]) for name in PROCESSES}

    def stood(self, name):
        """Seconds since it was ready first."""
        if name not in self.since and self.servers.is_ready(name):
            self.since[name] = time.monotonic()
        return time.monotonic() - self.since.get(name, time.monotonic())

    def cuts(self):
        reason = self.chance.choice(("", "refresh_requested", "warning"))
        self.log.append(f"the socket: {reason or 'cut'}")
        self.slack.faults.disconnect(reason)

    def kills(self, names):
        if not names:
            return
        for name in names:
            self.since.pop(name, None)
        self.log.append(f"kill {' and '.join(names)}")
        self.fell.update(names)
        self.servers.kill(*names)
        self.over.wait(self.chance.choice((0, 0, 0.5, 2)))
        for name in names:
            self.servers.spawn(name)

    def ends(self):
        """Everything runs again, and nothing goes wrong any more."""
        self.slack.faults.clear()
        for name in PROCESSES:
            self.servers.wait(name, 180)
