"""The Web API's methods: who may call each, with which arguments."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.slack.fake.core import Core

Work = Callable[["Core", dict[str, Any]], Awaitable[dict[str, Any]]]


@dataclass(frozen=True)
class Method:
    name: str
    work: Work
    required: frozenset[str]
    optional: frozenset[str]
    scope: str = ""
    app_token: bool = False


METHODS: dict[str, Method] = {}


def method(
    name: str, required: str = "", optional: str = "", *, scope: str = "", app_token: bool = False
) -> Callable[[Work], Work]:
    """Registers a method; arguments are named with spaces between."""

    def register(work: Work) -> Work:
        named = frozenset(required.split()), frozenset(optional.split()) | {"token", "team_id"}
        METHODS[name] = Method(name, work, *named, scope, app_token)
        return work

    return register


def number(args: dict[str, Any], name: str, usual: int) -> int:
    return int(args.get(name) or usual)


def truth(args: dict[str, Any], name: str) -> bool:
    """Booleans come as JSON, or as 1, true in forms."""
    return str(args.get(name, "")).casefold() in {"1", "true"}
