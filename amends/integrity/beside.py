"""The check of the whole record in a process of its own: with a million entries it computes for a minute."""

from __future__ import annotations

import asyncio
import os
from datetime import timedelta
from multiprocessing import get_context
from typing import TYPE_CHECKING

from amends.incidents.database import Database, RecordUnavailable
from amends.incidents.keys import NoKey
from amends.integrity import whole

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from amends.incidents.keys import Keys
    from amends.integrity.anchors import AnchorFile
    from amends.integrity.whole import Whole

LONGEST = timedelta(hours=6)
"""A check that did not end by then is given up; one that was begun so long ago is taken for one whose desk died."""

# A new interpreter: this one has threads, and a copy of it could stand still for ever.
_NEW = get_context("spawn")


class CheckBroken(Exception):  # noqa: N818 - it reads as what it says
    """The check came to no end. The message says why, in a few words that hold nothing of the record."""


async def check(database: Database, file: AnchorFile) -> Whole:
    """What the check finds. Its process gives way to others, and ends with this one, also in the middle.

    Raises:
        CheckBroken: it found something that it cannot read, was killed, or took too long.
    """
    url = database.engine.url.render_as_string(hide_password=False)
    receive, send = _NEW.Pipe(duplex=False)
    process = _NEW.Process(target=work, args=(send, url, database.keys(), file), daemon=True)
    process.start()
    send.close()
    loop, said = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(receive.fileno(), said.set)
    try:
        async with asyncio.timeout(LONGEST.total_seconds()):
            await said.wait()
        found: Whole | str = await asyncio.to_thread(receive.recv)
    except EOFError:
        raise CheckBroken("its process was ended from outside") from None
    except TimeoutError:
        raise CheckBroken("it took too long") from None
    finally:
        loop.remove_reader(receive.fileno())
        process.terminate()
        process.join(1)
        receive.close()
    if isinstance(found, str):
        raise CheckBroken(found)
    return found


def work(send: Connection, url: str, keys: Keys, file: AnchorFile) -> None:
    """Check, and send what was found, or why nothing was: in the other process."""
    os.nice(10)
    try:
        database = Database(url, keys)
        try:
            with database.read(still=True) as session:
                send.send(whole.check(session, keys, file))
        finally:
            database.dispose()
    except Exception as error:  # noqa: BLE001 - it is told where the leads see it
        send.send(why(error))


def why(error: Exception) -> str:
    """Why a check broke off. An error's own words could hold what somebody wrote."""
    ours = isinstance(error, CheckBroken | RecordUnavailable | NoKey)
    return str(error).rstrip(".") if ours else type(error).__name__
