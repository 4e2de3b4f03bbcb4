"""A turn is whole, or it did not happen.

When an action cannot be called, Rasa writes a line into its log, takes the action for done and goes on with the next
one. Where one of several action servers dies, the next action may well answer: somebody would be asked a question, and
what they had just said would stand nowhere. So a turn in which a call failed is noticed here: its tracker is not kept,
and of what was said only that it failed is passed on. Whoever sent the message takes that for not handled, and sends it
again under the same key, under which nothing is done twice.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from rasa.core.actions.action import ActionExecutionRejection, RemoteAction

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_failed: ContextVar[list[str] | None] = ContextVar("failed", default=None)
_run: Callable[..., Awaitable[Any]] = RemoteAction.run


def begin() -> None:
    """A message comes in: nothing has failed in its turn yet."""
    _failed.set([])


def failed() -> str:
    """The first action of this turn that could not be called; empty when there is none."""
    return next(iter(_failed.get() or ()), "")


async def _watched(action: RemoteAction, *given: Any, **named: Any) -> Any:
    try:
        return await _run(action, *given, **named)
    except ActionExecutionRejection:
        raise
    except Exception:
        names = _failed.get()
        if names is not None:
            names.append(action.name())
        raise


def watch() -> None:
    """Notice from now on when an action cannot be called."""
    RemoteAction.run = _watched


__all__ = ["begin", "failed", "watch"]
