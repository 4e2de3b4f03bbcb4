"""The assistant that all actions share: made once in a process, when it is first needed."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from typing import TYPE_CHECKING

from actions.turn import has_failed, read_turn, say
from amends import measures
from amends.conversation.assistant import Assistant, failed
from amends.conversation.shelf import Shelf
from amends.incidents.database import Database, RecordUnavailable
from amends.settings import CACHE, ROOT, Settings
from amends.understanding.encoder import load_encoder

if TYPE_CHECKING:
    from collections.abc import Callable

    from rasa_sdk import Tracker
    from rasa_sdk.executor import CollectingDispatcher

    from amends.conversation.replies import Reply
    from amends.conversation.turn import Turn

logger = logging.getLogger(__name__)

_lock = threading.Lock()
_made: list[Assistant] = []


def assistant() -> Assistant:
    """The one assistant of this process, with the record brought to its newest version."""
    with _lock:
        if not _made:
            settings = Settings()
            database = Database(settings.database_url)
            database.migrate()
            _made.append(Assistant(settings, database, Shelf(database, ROOT / "data", load_encoder(CACHE), CACHE)))
        return _made[0]


def use(other: Assistant | None) -> None:
    """Use this assistant from now on; None: make one when it is needed."""
    with _lock:
        _made[:] = [other] if other else []


async def speak(
    dispatcher: CollectingDispatcher, tracker: Tracker, work: Callable[[Assistant, Turn], list[Reply]]
) -> bool:
    """Do the work for the latest message and say what comes of it; whether it went well.

    The work waits for the database, so it runs beside the event loop. Whatever goes wrong, the person is told
    once that nothing was recorded; only the kind of error is logged, since its text can hold what they wrote.
    """
    began = time.perf_counter()
    try:
        replies = await asyncio.to_thread(_work, work, read_turn(tracker))
    except Exception as error:  # noqa: BLE001 - the person gets an answer in any case
        reason = str(error) if isinstance(error, RecordUnavailable) else ""
        where = _where(error)
        measures.ACTION.labels("failed").observe(time.perf_counter() - began)
        logger.error("A message could not be handled: %s%s.", type(error).__name__, where)  # noqa: TRY400
        if not has_failed(tracker):
            say(dispatcher, [failure(reason)])
        return False
    measures.ACTION.labels("done").observe(time.perf_counter() - began)
    say(dispatcher, replies)
    return True


def failure(reason: str) -> Reply:
    """What to say when nothing could be recorded."""
    return failed(Settings(), reason)


def _work(work: Callable[[Assistant, Turn], list[Reply]], turn: Turn) -> list[Reply]:
    return work(assistant(), turn)


def _where(error: BaseException) -> str:
    """The place in our code where an error was raised: file and line, never values."""
    place = ""
    trace = error.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if "amends" in name or "actions" in name:
            place = f" at {name.rpartition('/')[2]}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place
