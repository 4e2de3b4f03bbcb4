"""Finds what a person sees, and chooses in it as the person could."""

from __future__ import annotations

import copy
import html
import re
import secrets
import time
from dataclasses import dataclass
from typing import Any

from tests.slack.fake.seen import NotPossible, elements_of, labels, options_of

ONE = {"static_select": "selected_option", "radio_buttons": "selected_option", "overflow": "selected_option"}
MANY = {"checkboxes": "selected_options", "multi_static_select": "selected_options"}
PLAIN = {
    "plain_text_input": ("value", "initial_value"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "users_select": ("selected_user", "initial_user"),
    "multi_users_select": ("selected_users", "initial_users"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "channels_select": ("selected_channel", "initial_channel"),
}
FORMS = {"datetimepicker": int, "datepicker": r"\d{4}-\d\d-\d\d", "timepicker": r"\d\d:\d\d"}
STATELESS = {"button", "overflow", "image"}


@dataclass
class Found:
    block: dict[str, Any]
    element: dict[str, Any]
    option: dict[str, Any] | None = None

    @property
    def fires(self) -> bool:
        """Whether choosing in it sends block_actions at once."""
        return self.block["type"] != "input" or bool(self.block.get("dispatch_action"))


def named(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Slack gives ids to the blocks and elements that have none."""
    for block in blocks:
        block.setdefault("block_id", secrets.token_hex(3))
        for element in elements_of(block):
            element.setdefault("action_id", secrets.token_hex(3))
    return blocks


def _text(of: dict[str, Any] | None) -> str:
    return html.unescape(str((of or {}).get("text", "")))


def find(blocks: list[dict[str, Any]], what: str, nth: int | None = None) -> Found:
    """The element with this action id, label or option.

    Raises:
        NotPossible: it is not there, or there are several and `nth` does not say which.
    """
    all_of = [Found(block, element) for block in blocks for element in elements_of(block)]
    by_id = [each for each in all_of if each.element.get("action_id") == what]
    by_label = [
        each
        for each in all_of
        if each.element["type"] == "button"
        and what in {_text(each.element["text"]), each.element.get("accessibility_label")}
    ]
    by_option = [
        Found(each.block, each.element, option)
        for each in all_of
        for option in options_of(each.element)
        if what == _text(option["text"])
    ]
    found = by_id or by_label or by_option
    if not found:
        raise NotPossible(f"There is no '{what}' here, only: {labels(blocks)}")
    if nth is None and len(found) > 1:
        raise NotPossible(f"There are {len(found)} of '{what}' here; say which with nth.")
    if (nth or 0) >= len(found):
        raise NotPossible(f"There are only {len(found)} of '{what}' here.")
    return found[nth or 0]


def field(blocks: list[dict[str, Any]], name: str) -> Found:
    """The element that holds a value: by block id, action id, or the label of its input block."""
    all_of = [Found(block, element) for block in blocks for element in elements_of(block)]
    holding = [each for each in all_of if each.element["type"] not in STATELESS]
    for same in (
        lambda each: each.block["block_id"] == name,
        lambda each: str(each.block["block_id"]).startswith(f"{name}|"),
        lambda each: each.element["action_id"] == name,
        lambda each: _text(each.block.get("label")) == name,
    ):
        found = [each for each in holding if same(each)]
        if len(found) == 1:
            return found[0]
        if found:
            raise NotPossible(f"There are {len(found)} fields '{name}' here.")
    there = [(each.block["block_id"], each.element["action_id"]) for each in holding]
    raise NotPossible(f"There is no field '{name}' here, only: {there}")


def chosen(element: dict[str, Any], choice: Any) -> dict[str, Any]:
    """The state of an element after a person's choice, as in `state.values`."""
    kind = element["type"]
    if kind in ONE:
        return {"type": kind, ONE[kind]: None if choice is None else _option(element, choice)}
    if kind in MANY:
        options = [_option(element, each) for each in ([choice] if isinstance(choice, str) else choice)]
        if len(options) > element.get("max_selected_items", len(options)):
            raise NotPossible("That is more than may be chosen.")
        return {"type": kind, MANY[kind]: options}
    if kind not in PLAIN:
        raise NotPossible(f"Nothing can be chosen in a {kind}.")
    _formed(element, choice)
    return {"type": kind, PLAIN[kind][0]: choice}


def _formed(element: dict[str, Any], choice: Any) -> None:
    """Slack's own window lets nobody type too much, or choose a date that is none."""
    kind = element["type"]
    if choice is None:
        return
    form = FORMS.get(kind)
    if form is int and not isinstance(choice, int):
        raise NotPossible("A time is a number of seconds.")
    if isinstance(form, str) and not re.fullmatch(form, choice):
        raise NotPossible(f"{choice} is no value for a {kind}.")
    if kind == "plain_text_input":
        least, most = element.get("min_length", 0), element.get("max_length", 3000)
        if not least <= len(choice) <= most:
            raise NotPossible(f"The field takes {least} to {most} characters, not {len(choice)}.")
        if "\n" in choice and not element.get("multiline"):
            raise NotPossible("The field takes one line.")


def _option(element: dict[str, Any], choice: str) -> dict[str, Any]:
    for option in options_of(element):
        if choice in {option.get("value"), _text(option["text"])}:
            return copy.deepcopy(option)
    raise NotPossible(f"There is no option '{choice}', only: {[_text(each['text']) for each in options_of(element)]}")


def initial(element: dict[str, Any]) -> dict[str, Any]:
    """The state of an element that nobody has touched."""
    kind = element["type"]
    if kind in ONE:
        return {"type": kind, ONE[kind]: copy.deepcopy(element.get("initial_option"))}
    if kind in MANY:
        return {"type": kind, MANY[kind]: copy.deepcopy(element.get("initial_options", []))}
    now, before = PLAIN[kind]
    return {"type": kind, now: copy.deepcopy(element.get(before, [] if now.endswith("s") else None))}


def state(blocks: list[dict[str, Any]], choices: dict[str, Any]) -> dict[str, Any]:
    """`state.values`: every field that is there, with what is chosen in it."""
    values: dict[str, Any] = {}
    for block in blocks:
        for element in elements_of(block):
            if element["type"] not in STATELESS:
                there = choices.get(block["block_id"], {}).get(element["action_id"])
                same = there is not None and there["type"] == element["type"]
                values.setdefault(block["block_id"], {})[element["action_id"]] = there if same else initial(element)
    return values


def action(found: Found, choice: Any = None) -> dict[str, Any]:
    """The entry of `actions` for pressing or choosing."""
    element = found.element
    made = {"type": element["type"], "action_id": element["action_id"], "block_id": found.block["block_id"]}
    if element["type"] == "button":
        made |= {key: copy.deepcopy(element[key]) for key in ("text", "value", "style") if key in element}
    else:
        made |= chosen(element, choice if choice is not None else chosen_by_press(found))
    for key in ("placeholder", "confirm"):
        if key in element:
            made[key] = copy.deepcopy(element[key])
    return made | {"action_ts": f"{time.time():.6f}"}


def chosen_by_press(found: Found) -> Any:
    if found.option is None:
        raise NotPossible(f"What is to be chosen in '{found.element['action_id']}'?")
    option = found.option.get("value")
    return [option] if found.element["type"] in MANY else option


def missing(blocks: list[dict[str, Any]], values: dict[str, Any]) -> list[str]:
    """Labels of fields that have to be filled before Slack's window submits."""
    empty = []
    for block in blocks:
        if block["type"] == "input" and not block.get("optional"):
            value = values[block["block_id"]][block["element"]["action_id"]]
            if not any(each for key, each in value.items() if key != "type"):
                empty.append(_text(block["label"]))
    return empty
