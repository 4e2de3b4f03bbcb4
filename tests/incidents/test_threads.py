"""Few threads at a time work with the record, in each event loop."""

import asyncio
import threading
import time

import pytest

from amends.incidents.threads import FEW, in_thread


class Work:
    def __init__(self):
        self.guard = threading.Lock()
        self.now = self.most = 0

    def __call__(self, result):
        with self.guard:
            self.now += 1
            self.most = max(self.most, self.now)
        time.sleep(0.02)
        with self.guard:
            self.now -= 1
        return result


def test_few_are_at_work_at_a_time_and_each_gets_its_result():
    work = Work()

    async def many():
        return await asyncio.gather(*(in_thread(work, n) for n in range(20)))

    for _ in range(2):  # each in a loop of its own
        assert asyncio.run(many()) == list(range(20))
    assert work.most == FEW


def test_what_fails_or_is_cancelled_gives_its_place_back():
    def fails():
        raise ValueError("no")

    async def work():
        for _ in range(FEW + 1):
            with pytest.raises(ValueError, match="no"):
                await in_thread(fails)
        for _ in range(FEW + 1):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.01):
                    await in_thread(time.sleep, 0.05)
        return await in_thread(lambda: "there")

    assert asyncio.run(work()) == "there"
