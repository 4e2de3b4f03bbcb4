"""The fields of a window that was sent: what was typed, chosen and named. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def field(payload: Mapping[str, Any], name: str) -> str:
    """What was typed into a field, or the one option that was chosen."""
    element = _element(payload, name)
    return str(element.get("value") or (element.get("selected_option") or {}).get("value") or "").strip()


def chosen(payload: Mapping[str, Any], name: str) -> list[str]:
    """The options that were chosen, or the people who were named, in that order."""
    element = _element(payload, name)
    options = [str(option["value"]) for option in element.get("selected_options") or ()]
    return options or [str(user) for user in element.get("selected_users") or ()]


def filled(payload: Mapping[str, Any], name: str, sentence: str) -> dict[str, str] | None:
    """What is wrong with a field that has to be filled, by its name; None when it is filled."""
    return None if field(payload, name) else {name: sentence}


def _element(payload: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    values = ((payload.get("view") or {}).get("state") or {}).get("values") or {}
    element: Mapping[str, Any] = (values.get(name) or {}).get("value") or {}
    return element
