"""Not too often: how many times something may be tried in a minute, by one address or one person."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_KEYS = 10_000
"""Of so many a limit keeps count; beyond, those that are full again are forgotten."""


class TooOften(Exception):  # noqa: N818 - it reads as what it says
    """It was tried too often. The message is a sentence; `seconds` says when to try again."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"That was too often in a short time. Wait {seconds} seconds, then try again.")
        self.seconds = seconds


class Limit:
    """A bucket for each key, which fills evenly. Each process counts for itself.

    Args:
        a_minute: so often, all at once or spread.
        now: seconds that only go forward.
    """

    def __init__(self, a_minute: int, now: Callable[[], float] = time.monotonic) -> None:
        self._most = float(a_minute)
        self._rate = a_minute / 60
        self._now = now
        self._left: dict[str, tuple[float, float]] = {}
        self._guard = threading.Lock()

    def take(self, key: str) -> None:
        """Count one time.

        Raises:
            TooOften: there were too many.
        """
        now = self._now()
        with self._guard:
            left, since = self._left.get(key, (self._most, now))
            left = min(self._most, left + (now - since) * self._rate)
            if left < 1:
                self._left[key] = (left, now)
                raise TooOften(max(1, round((1 - left) / self._rate)))
            self._left[key] = (left - 1, now)
            if len(self._left) > MOST_KEYS:
                self._forget(now)

    def _forget(self, now: float) -> None:
        full = [key for key, (left, since) in self._left.items() if left + (now - since) * self._rate >= self._most]
        for key in full or list(self._left)[: MOST_KEYS // 2]:
            del self._left[key]
