"""Work that takes longer than a page may: done in a thread of its own, looked at while it goes on, kept for a while."""

from __future__ import annotations

import logging
import threading
import traceback
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator

Item = TypeVar("Item")
SECONDS_TO_STOP = 5
logger = logging.getLogger(__name__)


class Stopped(Exception):  # noqa: N818 - it reads as what it says
    """The desk stops, so the work is broken off."""


@dataclass(eq=False)
class Job:
    """One piece of work. `done` of `total` steps are done; the total is 0 while nobody knows it.

    `result` is there once `finished` is set, unless `failed`.
    """

    begun: datetime
    done: int = 0
    total: int = 0
    result: Any = None
    failed: bool = False
    stopping: bool = False
    finished: threading.Event = field(default_factory=threading.Event)

    @property
    def running(self) -> bool:
        """Whether it still goes on."""
        return not self.finished.is_set()

    def watch(self, items: Iterable[Item]) -> Iterator[Item]:
        """The items, counted as they are taken.

        Raises:
            Stopped: the desk stops.
        """
        for item in items:
            if self.stopping:
                raise Stopped
            yield item
            self.done += 1


class Jobs:
    """The work of one kind. One piece is done after the other; the results of the last few are kept.

    Args:
        name: of its threads.
        keep: so many results.
    """

    def __init__(self, name: str, keep: int = 4) -> None:
        self._keep = keep
        self._jobs: OrderedDict[Hashable, Job] = OrderedDict()
        self._lock = threading.Lock()
        self._name = name
        self._turn = threading.Lock()

    def find(self, key: Hashable) -> Job | None:
        """The job under a key, if it was begun, did not fail and is still kept."""
        with self._lock:
            job = self._jobs.get(key)
            if job is not None:
                self._jobs.move_to_end(key)
            return job

    def begin(self, key: Hashable, work: Callable[[Job], Any], *, again: bool = False, total: int = 0) -> Job:
        """The job under a key: the one that is there, or a new one.

        Args:
            key: what tells this work from other work.
            work: does it, in the thread; it gets the job, to say how far it is.
            again: begin anew even if it was finished. What is still going on is not begun twice.
            total: so many steps it has, as far as one knows.
        """
        with self._lock:
            job = self._jobs.get(key)
            if job is not None and (job.running or not (again or job.failed)):
                self._jobs.move_to_end(key)
                return job
            job = self._jobs[key] = Job(datetime.now(UTC), total=total)
            self._jobs.move_to_end(key)
            finished = [other for other, each in self._jobs.items() if not each.running]
            for other in finished[: max(len(self._jobs) - self._keep, 0)]:
                del self._jobs[other]
        # A daemon: whoever stops the desk does not wait for it.
        threading.Thread(target=self._do, args=(job, work), name=self._name, daemon=True).start()
        return job

    def close(self) -> None:
        """Break off what goes on, so that it holds nothing open when the desk stops. Waits a few seconds at most."""
        with self._lock:
            running = [job for job in self._jobs.values() if job.running]
        for job in running:
            job.stopping = True
        for job in running:
            job.finished.wait(SECONDS_TO_STOP)

    def _do(self, job: Job, work: Callable[[Job], Any]) -> None:
        try:
            with self._turn:
                job.result = work(job)
        except Stopped:
            job.failed = True
        except Exception as error:  # noqa: BLE001 - it is told on the page, and it must be told
            # The error's text is not logged: it can hold what somebody wrote.
            place = traceback.extract_tb(error.__traceback__)[-1]
            logger.error("%s in %s, line %s", type(error).__name__, place.filename, place.lineno)  # noqa: TRY400
            job.failed = True
        finally:
            job.finished.set()
