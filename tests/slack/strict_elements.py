"""Slack's rules for buttons, menus, boxes, pickers and fields."""

from __future__ import annotations

import re
from typing import Any

from tests.slack.strict_parts import confirmation, fields_of, flag, number_of, refuse, string, style, text_object

INPUTS = frozenset(
    ("checkboxes", "datepicker", "datetimepicker", "multi_static_select", "multi_users_select", "plain_text_input")
) | {"radio_buttons", "static_select", "users_select", "conversations_select", "channels_select", "timepicker"}

_PICKERS = {
    "users_select": {"initial_user"},
    "multi_users_select": {"initial_users", "max_selected_items"},
    "conversations_select": {"initial_conversation", "default_to_current_conversation", "filter"},
    "channels_select": {"initial_channel"},
    "datepicker": {"initial_date"},
    "timepicker": {"initial_time", "timezone"},
}


def element_of(value: Any, pointer: str, allowed: frozenset[str], surface: str) -> None:
    """One element, of a type that its block takes."""
    if not isinstance(value, dict):
        refuse(pointer, "has to be an element")
    kind = value.get("type")
    if kind not in allowed:
        refuse(f"{pointer}/type", f"{kind!r} cannot be here")
    if kind == "image":
        image_of(value, pointer, set())
        return
    string(value.get("action_id", "-"), f"{pointer}/action_id", 255)
    if "confirm" in value:
        if kind == "plain_text_input":
            refuse(f"{pointer}/confirm", "a text field has no confirmation")
        confirmation(value["confirm"], f"{pointer}/confirm", surface)
    if "focus_on_load" in value:
        if kind in ("button", "overflow"):
            refuse(f"{pointer}/focus_on_load", "there is no such field here")
        flag(value["focus_on_load"], f"{pointer}/focus_on_load")
    if "placeholder" in value:
        text_object(value["placeholder"], f"{pointer}/placeholder", 150, plain=True)
    _ELEMENTS.get(kind, _picker)(value, pointer)


def image_of(value: dict[str, Any], pointer: str, more: set[str]) -> None:
    """An image; its alternative text is required."""
    fields_of(
        value, pointer, required={"type", "alt_text"}, allowed={"type", "alt_text", "image_url", "slack_file"} | more
    )
    string(value["alt_text"], f"{pointer}/alt_text", 2000)
    if ("image_url" in value) == ("slack_file" in value):
        refuse(pointer, "an image needs either image_url or slack_file")
    string(value.get("image_url", "-"), f"{pointer}/image_url", 3000)


def _button(value: dict[str, Any], pointer: str) -> None:
    allowed = {"type", "text", "action_id", "url", "value", "style", "confirm", "accessibility_label"}
    fields_of(value, pointer, required={"type", "text"}, allowed=allowed)
    text_object(value["text"], f"{pointer}/text", 75, plain=True)
    string(value.get("url", "-"), f"{pointer}/url", 3000)
    string(value.get("value", "-"), f"{pointer}/value", 2000)
    string(value.get("accessibility_label", "-"), f"{pointer}/accessibility_label", 75)
    style(value, pointer)


def _option(value: Any, pointer: str, *, plain: bool, url: bool = False) -> None:
    allowed = {"text", "value", "description"} | ({"url"} if url else set())
    fields_of(value, pointer, required={"text", "value"}, allowed=allowed)
    text_object(value["text"], f"{pointer}/text", 75, plain=plain)
    string(value["value"], f"{pointer}/value", 150)
    if "description" in value:
        text_object(value["description"], f"{pointer}/description", 75, plain=plain)
    string(value.get("url", "-"), f"{pointer}/url", 3000)


def _options(value: dict[str, Any], pointer: str, most: int, *, plain: bool, url: bool = False) -> list[Any]:
    number_of(value["options"], f"{pointer}/options", most)
    for n, option in enumerate(value["options"]):
        _option(option, f"{pointer}/options/{n}", plain=plain, url=url)
    values = [option["value"] for option in value["options"]]
    for n, one in enumerate(values):
        if one in values[:n]:
            refuse(f"{pointer}/options/{n}/value", f"'{one}' is there twice")
    return list(value["options"])


def _select(value: dict[str, Any], pointer: str) -> None:
    many = value["type"] == "multi_static_select"
    own = {"initial_options", "max_selected_items"} if many else {"initial_option"}
    allowed = {"type", "action_id", "placeholder", "options", "option_groups", "confirm", "focus_on_load"}
    fields_of(value, pointer, required={"type"}, allowed=allowed | own)
    if ("options" in value) == ("option_groups" in value):
        refuse(pointer, "a menu needs either options or option_groups")
    there = []
    if "options" in value:
        there = _options(value, pointer, 100, plain=True)
    else:
        number_of(value["option_groups"], f"{pointer}/option_groups", 100)
        for n, group in enumerate(value["option_groups"]):
            here = f"{pointer}/option_groups/{n}"
            fields_of(group, here, required={"label", "options"}, allowed={"label", "options"})
            text_object(group["label"], f"{here}/label", 75, plain=True)
            there += _options(group, here, 100, plain=True)
    _initial(value, pointer, there)


def _overflow(value: dict[str, Any], pointer: str) -> None:
    fields_of(value, pointer, required={"type", "options"}, allowed={"type", "action_id", "options", "confirm"})
    _options(value, pointer, 5, plain=True, url=True)


def _boxes(value: dict[str, Any], pointer: str) -> None:
    own = "initial_options" if value["type"] == "checkboxes" else "initial_option"
    allowed = {"type", "action_id", "options", "confirm", "focus_on_load", own}
    fields_of(value, pointer, required={"type", "options"}, allowed=allowed)
    _initial(value, pointer, _options(value, pointer, 10, plain=False))


def _initial(value: dict[str, Any], pointer: str, there: list[Any]) -> None:
    """What is chosen at first has to be one of the options, exactly."""
    if "initial_option" in value and value["initial_option"] not in there:
        refuse(f"{pointer}/initial_option", "is none of the options")
    if "initial_options" in value:
        number_of(value["initial_options"], f"{pointer}/initial_options", len(there))
        for n, one in enumerate(value["initial_options"]):
            if one not in there:
                refuse(f"{pointer}/initial_options/{n}", "is none of the options")


def _datetime(value: dict[str, Any], pointer: str) -> None:
    fields_of(
        value,
        pointer,
        required={"type"},
        allowed={"type", "action_id", "initial_date_time", "confirm", "focus_on_load"},
    )
    start = value.get("initial_date_time", 10**9)
    if not isinstance(start, int) or isinstance(start, bool) or len(str(start)) != 10:
        refuse(f"{pointer}/initial_date_time", "has to be a Unix time of 10 digits")


def _text_field(value: dict[str, Any], pointer: str) -> None:
    allowed = {"type", "action_id", "placeholder", "initial_value", "multiline", "min_length", "max_length"}
    allowed |= {"dispatch_action_config", "focus_on_load"}
    fields_of(value, pointer, required={"type"}, allowed=allowed)
    for name, least in (("min_length", 0), ("max_length", 1)):
        there = value.get(name, 1)
        if not isinstance(there, int) or isinstance(there, bool) or not least <= there <= 3000:
            refuse(f"{pointer}/{name}", f"has to be a number from {least} to 3000")
    string(value.get("initial_value", ""), f"{pointer}/initial_value", value.get("max_length", 3000), least=0)
    flag(value.get("multiline", False), f"{pointer}/multiline")


def _picker(value: dict[str, Any], pointer: str) -> None:
    kind = value["type"]
    allowed = {"type", "action_id", "placeholder", "confirm", "focus_on_load"} | _PICKERS[kind]
    fields_of(value, pointer, required={"type"}, allowed=allowed)
    most = value.get("max_selected_items", 1)
    if not isinstance(most, int) or most < 1:
        refuse(f"{pointer}/max_selected_items", "has to be at least 1")
    if "initial_date" in value and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", str(value["initial_date"])):
        refuse(f"{pointer}/initial_date", "has to be YYYY-MM-DD")
    if "initial_time" in value and not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", str(value["initial_time"])):
        refuse(f"{pointer}/initial_time", "has to be HH:mm")


_ELEMENTS = {
    "button": _button,
    "static_select": _select,
    "multi_static_select": _select,
    "overflow": _overflow,
    "checkboxes": _boxes,
    "radio_buttons": _boxes,
    "datetimepicker": _datetime,
    "plain_text_input": _text_field,
}
