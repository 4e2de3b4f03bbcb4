"""The fields of a window that was sent: what was typed, chosen and named. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from amends.slack.parts import map_of, maps_of, text_of, texts_of

if TYPE_CHECKING:
    from collections.abc import Mapping


def values_of(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """The fields of the window, by their names."""
    return map_of(map_of(map_of(payload, "view"), "state"), "values")


def field(payload: Mapping[str, Any], name: str) -> str:
    """What was typed into a field, or the one option that was chosen."""
    element = _element(payload, name)
    return (text_of(element, "value") or text_of(map_of(element, "selected_option"), "value")).strip()


def chosen(payload: Mapping[str, Any], name: str) -> list[str]:
    """The options that were chosen, or the people who were named, in that order."""
    element = _element(payload, name)
    options = [text_of(option, "value") for option in maps_of(element, "selected_options")]
    return options or texts_of(element, "selected_users")


def filled(payload: Mapping[str, Any], name: str, sentence: str) -> dict[str, str] | None:
    """What is wrong with a field that has to be filled, by its name; None when it is filled."""
    return None if field(payload, name) else {name: sentence}


def _element(payload: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    return map_of(map_of(values_of(payload), name), "value")
