"""What befalls a place while people talk: one misfortune after the other, by seed, each ended after a while."""

import random
import time
from collections import Counter

PAUSES = (0.5, 7.0)
"""Seconds that a misfortune lasts: shorter and longer than anybody waits for an answer."""
BETWEEN = (0.5, 4.0)
"""Seconds from one misfortune to the next."""
STANDS = {"desk": 3.0, "actions": 8.0, "bot": 60.0}
"""Seconds from one killing to the next, at least: the bot takes half a minute to come back."""


class Trouble:
    """Goes on until it is over; `log` says what was done, `done` counts it."""

    def __init__(self, place, seed, over, between=BETWEEN):
        self.place = place
        self.seed = seed
        self.chance = random.Random(f"{seed} trouble")
        self.over = over
        self.between = between
        self.log = []
        self.done = Counter()
        self._killed = {}
        self._began = time.monotonic()

    def begins(self):
        """Slack's deliveries are doubled, late, out of order and not acknowledged; its answers fail."""
        faults = self.place.slack.faults
        faults.seed(self.seed)
        faults.duplicate(0.2, ["events_api", "interactive"])
        faults.delay(0.3)
        faults.reorder()
        faults.drop_ack(0.1)
        for method in ("chat.postMessage", "chat.update"):
            faults.fail_often(method, 0.04, status=429, retry_after=1)
            faults.fail_often(method, 0.04, status=500)
            faults.swallow_response(method, times=10**9, probability=0.04)
        faults.fail_often("users.info", 0.1, status=500)
        faults.fail_often("apps.connections.open", 0.2, status=500)
        self.place.slack.retry_waits = [0.05, 1, 1, 2, 2, 4, 4, 8, 8, 16, 16, 32, 32]

    def rages(self):
        """Each misfortune once, in an order by chance after a killing, and then any.

        One that cannot be done now, because what it is done to has to stand first, is tried again.
        """
        self.begins()
        first = [Trouble.kill, *self.chance.sample(MISFORTUNES, len(MISFORTUNES))]
        while not self.over.wait(self.chance.uniform(*self.between)):
            what = first.pop(0) if first else self.chance.choice(MISFORTUNES)
            whom = what(self)
            if whom:
                self.done[what.__name__] += 1
                self.log.append(f"{what.__name__} {whom}")
            elif first:
                first.insert(1, what)

    # -- each returns whom it befell, or nothing, if it could not be done now

    def kill(self):
        name = self.chance.choice(("desk", "desk", "actions", "actions", "bot"))
        if not self._may_kill(name):
            return ""
        self.place.kills(name)
        return name

    def pause(self):
        name = self.chance.choice(("desk", "bot", "actions"))
        self.place.pauses(name)
        self._lasts()
        self.place.goes_on(name)
        return name

    def cut(self):
        return self._line(lambda line: line.cut())

    def hang(self):
        return self._line(lambda line: line.hang())

    def slow(self):
        return self._line(lambda line: line.slow(self.chance.uniform(0.05, 0.8)))

    def fill(self):
        if self.place.disk is None:
            return ""
        self.place.fills()
        self._lasts()
        self.place.empties()
        return "the disk"

    def clock(self):
        """Starts a process anew with a clock that is wrong; it stays so until it is moved again, or all is calm."""
        name = self.chance.choice(("desk", "actions"))
        seconds = self.chance.choice((-1, 1)) * self.chance.choice((30, 3700))
        if not self._may_kill(name):
            return ""
        self.place.moves_clock(name, seconds)
        return f"of {name} {seconds:+} s"

    def strike_record(self):
        """Kills or pauses the server that keeps the record."""
        record = self.place.record
        if record is None:
            return ""
        if self.chance.random() < 0.5:
            record.kills()
            return "by killing it"
        record.pauses()
        self._lasts()
        record.goes_on()
        return "by pausing it"

    def socket(self):
        reason = self.chance.choice(("", "refresh_requested", "warning"))
        self.place.slack.faults.disconnect(reason)
        return f"({reason or 'cut'})"

    def _may_kill(self, name):
        """Whether it came back since it was killed last, and stood a while; else it would never do anything."""
        now = time.monotonic()
        if now - self._killed.get(name, self._began) < STANDS[name] or not self.place.servers.is_ready(name):
            return False
        self._killed[name] = now
        return True

    def _line(self, worsens):
        name, line = self.chance.choice(sorted(self.place.lines.items()))
        worsens(line)
        self._lasts()
        line.mend()
        return name

    def _lasts(self):
        self.over.wait(self.chance.uniform(*PAUSES))


MISFORTUNES = (
    Trouble.kill,
    Trouble.kill,
    Trouble.pause,
    Trouble.cut,
    Trouble.hang,
    Trouble.slow,
    Trouble.socket,
    Trouble.clock,
    Trouble.fill,
    Trouble.strike_record,
)
