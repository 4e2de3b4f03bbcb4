"""What the OpenAPI description says beside the addresses themselves: tokens, and what an answer can be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import FastAPI

from amends.console.api.problems import MEDIA_TYPE, Problem, body_of

if TYPE_CHECKING:
    from collections.abc import Mapping

ABOUT = (
    "Everything that the pages of Amends show, for programs. A token acts as a person: it sees what they may see, and "
    "restricted incidents only where they may. Times are in UTC. Lists are read a page at a time: `next` of one page "
    "is `cursor` of the following one. Looking at an incident, searching and taking something out stand in the audit."
)
_SAID: Mapping[int, tuple[str, str, str]] = {
    400: ("A parameter cannot be read.", "bad-request", "There is no state gone. There are: open, confirming, asking."),
    401: ("No good token was sent.", "no-token", "Send a token: Authorization: Bearer amends_..."),
    403: (
        "The token does not reach this, or the person may not see it.",
        "no-scope",
        "This token does not reach audit.",
    ),
    404: ("There is no such thing, or none that may be seen.", "not-found", "There is no incident INC-2026-0042."),
    409: ("What is stored is not what was kept.", "changed", "What is stored is not what was kept."),
    429: ("Too many calls.", "too-often", "That was too often in a short time. Wait 3 seconds, then try again."),
    500: ("A mistake of ours.", "broken", "Something broke here. It is our mistake, not yours."),
    503: ("Not now; try again.", "not-now", "The record cannot be reached. Try again in a moment."),
}
_HEADERS: Mapping[int, Mapping[str, Any]] = {
    401: {"WWW-Authenticate": {"schema": {"type": "string"}, "description": "As RFC 6750 has it."}},
    429: {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds to wait."}},
    503: {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds to wait."}},
}


class Described(FastAPI):
    """An application whose description names the shape of problems and the way to send a token."""

    def openapi(self) -> dict[str, Any]:
        """The description, as OpenAPI 3.1."""
        described = super().openapi()
        components = described.setdefault("components", {})
        components.setdefault("schemas", {})["Problem"] = Problem.model_json_schema()
        components["securitySchemes"] = {
            "token": {
                "type": "http",
                "scheme": "bearer",
                "description": "From 'amends access token create', or from an administrator. Its scopes are named "
                "beside each address.",
            }
        }
        return described


def answers(gives: str, *, is_open: bool) -> dict[int | str, dict[str, Any]]:
    """What an address can answer beside what it gives.

    Args:
        gives: the media type of what it gives, where that is not JSON.
        is_open: whether it asks for no token.
    """
    found: dict[int | str, dict[str, Any]] = {}
    if gives:
        found[200] = {"description": "The file.", "content": {gives: {"schema": {}}}}
    for status in (500,) if is_open else _SAID:
        found[status] = _answer(status)
    return found


def _answer(status: int) -> dict[str, Any]:
    words, kind, detail = _SAID[status]
    shape = {"$ref": "#/components/schemas/Problem"}
    content = {MEDIA_TYPE: {"schema": shape, "example": body_of(status, kind, detail)}}
    return {"description": words, "content": content, "headers": dict(_HEADERS.get(status, {}))}
