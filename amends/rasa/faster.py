"""What Rasa 3.6.21 does around every turn, done with less: each a method of Rasa's, replaced if it is as it was read.

A method is replaced only while its source is, letter for letter, the one that ours was written for. Otherwise Rasa's
own stays, which is slower and right, and the log says so; a test says it before. Loaded by the channel, so it is not
there when Rasa trains.
"""

from __future__ import annotations

import asyncio
import hashlib
import inspect
import logging
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import rasa
from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction
from rasa.engine.exceptions import GraphRunError
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.constants import DOCS_BASE_URL
from rasa.shared.core.trackers import EventVerbosity
from rasa.utils.endpoints import EndpointConfig

if TYPE_CHECKING:
    from collections.abc import Callable

    import aiohttp
    from rasa.shared.core.domain import Domain
    from rasa.shared.core.trackers import DialogueStateTracker

logger = logging.getLogger(__name__)


def replace(owner: type, name: str, digest: str, ours: Callable[..., Any]) -> bool:
    """Put a function in the place of a method, if that is still the one with this digest of its source."""
    method = getattr(owner, name, None)
    try:
        source = inspect.getsource(method) if method is not None else ""
    except (OSError, TypeError):
        source = ""
    if hashlib.sha256(source.encode()).hexdigest()[:16] != digest:
        logger.warning("Rasa's %s.%s is another one now; it is left as it is.", owner.__name__, name)
        return False
    setattr(owner, name, ours)
    return True


class _Kept:
    """A session that stays open when whoever borrowed it is done."""

    def __init__(self, session: aiohttp.ClientSession, loop: asyncio.AbstractEventLoop) -> None:
        self.session = session
        self.loop = loop

    async def __aenter__(self) -> aiohttp.ClientSession:
        return self.session

    async def __aexit__(self, *_error: object) -> None:
        return None


_new_session = EndpointConfig.session


def kept_session(endpoint: EndpointConfig) -> _Kept:
    """`EndpointConfig.session`, kept: the next action goes over the connection of the one before.

    aiohttp lets go of a connection after 15 seconds without a message, long before the action server would.
    """
    loop = asyncio.get_running_loop()
    kept: _Kept | None = endpoint.__dict__.get("_amends_kept")
    if kept is None or kept.session.closed or kept.loop is not loop:
        kept = endpoint.__dict__["_amends_kept"] = _Kept(_new_session(endpoint), loop)
    return kept


def action_call(action: RemoteAction, tracker: DialogueStateTracker, _domain: Domain) -> dict[str, Any]:
    """`RemoteAction._action_call_format` without the domain, which none of our actions looks at.

    It is there and empty: rasa-sdk 3.21 refuses calls that say nothing of a domain.
    """
    return {
        "next_action": action.name(),
        "sender_id": tracker.sender_id,
        "tracker": tracker.current_state(EventVerbosity.ALL),
        "version": rasa.__version__,
        "domain": {},
    }


@lru_cache(maxsize=1)
def _validator() -> Any:
    schema = RemoteAction.action_response_format_spec()
    kind = validator_for(schema)
    kind.check_schema(schema)
    return kind(schema)


def validate_action_result(_action: RemoteAction, result: dict[str, Any]) -> bool:
    """What `RemoteAction._validate_action_result` does, with its constant schema compiled once.

    Rasa 3.6.21 checks the schema itself again for every answer, which is most of the time of a turn. Beyond
    that nothing differs: the same schema, the same error.
    """
    for error in _validator().iter_errors(result):
        error.message += (
            ". Failed to validate Action server response from API, make sure your response from the Action "
            f"endpoint is valid. For more information about the format visit {DOCS_BASE_URL}/custom-actions"
        )
        raise error
    return True


def run_graph(
    runner: DaskGraphRunner, inputs: dict[str, Any] | None = None, targets: list[str] | None = None
) -> dict[str, Any]:
    """`DaskGraphRunner.run`, one node after the other; Dask plans the same few nodes anew for every message."""
    plan, wanted = _plan(runner, targets)
    done: dict[str, Any] = {}
    for name, value in (inputs or {}).items():
        if isinstance(value, str) and value in plan:
            raise GraphRunError(f"Input value '{value}' clashes with a node name.")
        done[name] = (name, value)
    for name, needs in plan.items():
        done[name] = runner._instantiated_nodes[name](*(done.get(need, need) for need in needs))  # noqa: SLF001
    return dict(done[name] for name in wanted)


def _plan(runner: DaskGraphRunner, targets: list[str] | None) -> tuple[dict[str, tuple[str, ...]], tuple[str, ...]]:
    """The nodes that lead to the targets and what each needs, in an order in which they can run; and the targets."""
    wanted = tuple(targets or runner._graph_schema.target_names)  # noqa: SLF001
    plans = runner.__dict__.setdefault("_amends_plans", {})
    if wanted not in plans:
        nodes = runner._graph_schema.minimal_graph_schema(list(wanted)).nodes  # noqa: SLF001
        left = {name: tuple(node.needs.values()) for name, node in nodes.items()}
        plan: dict[str, tuple[str, ...]] = {}
        while left:
            ready = [name for name, needs in left.items() if not any(need in left for need in needs)]
            if not ready:
                raise GraphRunError("The nodes of the model wait for each other.")
            plan |= {name: left.pop(name) for name in ready}
        plans[wanted] = plan
    return plans[wanted], wanted


REPLACED = (
    (EndpointConfig, "session", "e55aa13d9d4fb4bc", kept_session),
    (RemoteAction, "_action_call_format", "428795b944f22edb", action_call),
    (RemoteAction, "_validate_action_result", "f8cdb4be68123961", validate_action_result),
    (DaskGraphRunner, "run", "45f0f52f574f3aa9", run_graph),
)


def speed_up() -> dict[str, bool]:
    """Replace what can be replaced; for each, whether it was."""
    return {f"{owner.__name__}.{name}": replace(owner, name, digest, ours) for owner, name, digest, ours in REPLACED}


__all__ = ["REPLACED", "replace", "speed_up"]
