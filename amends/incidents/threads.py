"""Work with the record beside the event loop, in a few threads at a time.

Python computes in one thread at a time. Each further thread that has something to compute is one more that the loop
waits for, several times until a message is acknowledged: with six threads that took four times as long as with three.
Whoever computes for seconds, such as the pages that prove a flow, takes `asyncio.to_thread`.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from collections.abc import Callable

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

FEW = 3

_places: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


async def in_thread(
    work: Callable[Parameters, Result], /, *args: Parameters.args, **kwargs: Parameters.kwargs
) -> Result:
    """Do something in a thread, when fewer than `FEW` others are at it; what it returns or raises."""
    async with _places.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(FEW)):
        return await asyncio.to_thread(work, *args, **kwargs)
