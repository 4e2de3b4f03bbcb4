"""What Slack refuses: messages and views held against its rules, with a pointer to what is wrong.

The rules are Slack's published limits, those of slack_sdk, and those that slack_sdk does not know: ids that are
there twice, more than 50 blocks, unknown types and fields, long options, an eleventh checkbox. Where Slack's own
limit is not published (the size of a whole message) the lower of the observed values holds.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block

from tests.slack.strict_elements import INPUTS, element_of, image_of
from tests.slack.strict_parts import Refused, fields_of, flag, number_of, refuse, string, strings_in, text_object

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_BLOCKS = {"message": 50, "modal": 100, "home": 100}
LONGEST_TEXT = 40_000
LONGEST_UPDATE = 4_000
"""`chat.update` refuses a longer text with `msg_too_long` (from memory of its documentation)."""
LONGEST_MESSAGE = 12_000
"""Of all strings in the blocks; `msg_blocks_too_long` was met at about 13,200."""
LARGEST_VIEW = 250_000

IN_SECTIONS = frozenset(
    ("button", "checkboxes", "datepicker", "image", "overflow", "radio_buttons", "static_select")
) | {"multi_static_select", "multi_users_select", "users_select", "timepicker"}
IN_ACTIONS = frozenset(
    ("button", "checkboxes", "datepicker", "datetimepicker", "overflow", "radio_buttons", "static_select")
) | {"users_select", "conversations_select", "channels_select", "timepicker"}


def check_message(args: Mapping[str, Any], *, update: bool = False) -> None:
    """Refuse what `chat.postMessage`, `chat.update`, `chat.postEphemeral` and a response_url refuse.

    Args:
        args: the arguments; `blocks` may be a list or its JSON.
        update: `chat.update`, which takes a shorter text.

    Raises:
        Refused: with Slack's error, a JSON pointer and the reason.
    """
    text = args.get("text")
    blocks = _list(args.get("blocks"), "/blocks", "invalid_blocks_format")
    if text is not None and not isinstance(text, str):
        refuse("/text", "has to be a text", "invalid_arguments")
    if not blocks and not args.get("attachments") and not (text or "").strip():
        refuse("/text", "a message needs text or blocks", "no_text")
    if text and len(text) > (LONGEST_UPDATE if update else LONGEST_TEXT):
        refuse("/text", f"has {len(text)} characters", "msg_too_long")
    if blocks:
        check_blocks(blocks, "message")
        size = sum(len(one) for one in strings_in(blocks))
        if size > LONGEST_MESSAGE:
            refuse("/blocks", f"all texts have {size} characters, at most {LONGEST_MESSAGE}", "msg_blocks_too_long")


def check_view(view: Mapping[str, Any] | str, kind: str) -> None:
    """Refuse what `views.open`, `views.push`, `views.update` (modal) and `views.publish` (home) refuse.

    Raises:
        Refused: with Slack's error, a JSON pointer and the reason.
    """
    view = json.loads(view) if isinstance(view, str) else view
    allowed = {"type", "blocks", "private_metadata", "callback_id", "external_id"}
    if kind == "modal":
        allowed |= {"title", "submit", "close", "clear_on_close", "notify_on_close", "submit_disabled"}
    try:
        fields_of(
            view, "/view", required={"type", "blocks"} | ({"title"} if kind == "modal" else set()), allowed=allowed
        )
        if view["type"] != kind:
            refuse("/view/type", f"is '{view['type']}', not '{kind}'")
        for name in ("title", "submit", "close"):
            if name in view:
                text_object(view[name], f"/view/{name}", 24, plain=True)
        string(view.get("private_metadata", ""), "/view/private_metadata", 3000, least=0)
        string(view.get("callback_id", "-"), "/view/callback_id", 255)
        string(view.get("external_id", "-"), "/view/external_id", 255)
        for name in ("clear_on_close", "notify_on_close", "submit_disabled"):
            flag(view.get(name, False), f"/view/{name}")
        blocks = _list(view["blocks"], "/view/blocks", "invalid_arguments")
        check_blocks(blocks, kind, "/view/blocks")
        if kind == "modal" and "submit" not in view and any(block["type"] == "input" for block in blocks):
            refuse("/view/submit", "is required when there is an input block")
    except Refused as error:
        raise Refused(error.pointer, error.reason, "invalid_arguments") from error
    if len(json.dumps(view).encode()) > LARGEST_VIEW:
        refuse("/view", "is larger than 250 kB", "view_too_large")


def check_blocks(blocks: list[Any], surface: str, pointer: str = "/blocks") -> None:
    """Refuse blocks that this surface ('message', 'modal' or 'home') does not take."""
    if not blocks:
        refuse(pointer, "there are no blocks")
    if len(blocks) > MOST_BLOCKS[surface]:
        refuse(pointer, f"has {len(blocks)} blocks, at most {MOST_BLOCKS[surface]}")
    seen: set[str] = set()
    focused = 0
    for n, block in enumerate(blocks):
        here = f"{pointer}/{n}"
        _block(block, here, surface)
        if "block_id" in block:
            if block["block_id"] in seen:
                refuse(f"{here}/block_id", f"'{block['block_id']}' is there twice")
            seen.add(block["block_id"])
        focused += json.dumps(block).count('"focus_on_load": true')
        if focused > 1:
            refuse(here, "only one element can have focus_on_load")
        _as_the_sdk(block, here)


def _block(block: Any, pointer: str, surface: str) -> None:
    if not isinstance(block, dict):
        refuse(pointer, "a block has to be an object")
    kind = block.get("type")
    check = _BLOCKS.get(kind) if isinstance(kind, str) else None
    if check is None:
        refuse(f"{pointer}/type", f"there is no block of type {kind!r}")
    string(block.get("block_id", "-"), f"{pointer}/block_id", 255)
    check(block, pointer, surface)


def _section(block: dict[str, Any], pointer: str, surface: str) -> None:
    fields_of(block, pointer, required={"type"}, allowed={"type", "block_id", "text", "fields", "accessory", "expand"})
    if "text" not in block and "fields" not in block:
        refuse(pointer, "a section needs text or fields")
    if "text" in block:
        text_object(block["text"], f"{pointer}/text", 3000)
    if "fields" in block:
        number_of(block["fields"], f"{pointer}/fields", 10)
        for n, one in enumerate(block["fields"]):
            text_object(one, f"{pointer}/fields/{n}", 2000)
    flag(block.get("expand", False), f"{pointer}/expand")
    if "accessory" in block:
        element_of(block["accessory"], f"{pointer}/accessory", IN_SECTIONS, surface)


def _header(block: dict[str, Any], pointer: str, surface: str) -> None:
    del surface
    fields_of(block, pointer, required={"type", "text"}, allowed={"type", "block_id", "text"})
    text_object(block["text"], f"{pointer}/text", 150, plain=True)


def _divider(block: dict[str, Any], pointer: str, surface: str) -> None:
    del surface
    fields_of(block, pointer, required={"type"}, allowed={"type", "block_id"})


def _context(block: dict[str, Any], pointer: str, surface: str) -> None:
    fields_of(block, pointer, required={"type", "elements"}, allowed={"type", "block_id", "elements"})
    number_of(block["elements"], f"{pointer}/elements", 10)
    for n, one in enumerate(block["elements"]):
        here = f"{pointer}/elements/{n}"
        if isinstance(one, dict) and one.get("type") == "image":
            element_of(one, here, frozenset(["image"]), surface)
        else:
            text_object(one, here, 3000)


def _actions(block: dict[str, Any], pointer: str, surface: str) -> None:
    fields_of(block, pointer, required={"type", "elements"}, allowed={"type", "block_id", "elements"})
    number_of(block["elements"], f"{pointer}/elements", 25)
    seen: set[str] = set()
    for n, one in enumerate(block["elements"]):
        here = f"{pointer}/elements/{n}"
        element_of(one, here, IN_ACTIONS, surface)
        if "action_id" in one:
            if one["action_id"] in seen:
                refuse(f"{here}/action_id", f"'{one['action_id']}' is there twice in its block")
            seen.add(one["action_id"])


def _image(block: dict[str, Any], pointer: str, surface: str) -> None:
    del surface
    image_of(block, pointer, {"block_id", "title"})
    if "title" in block:
        text_object(block["title"], f"{pointer}/title", 2000, plain=True)


def _input(block: dict[str, Any], pointer: str, surface: str) -> None:
    allowed = {"type", "block_id", "label", "element", "hint", "optional", "dispatch_action"}
    fields_of(block, pointer, required={"type", "label", "element"}, allowed=allowed)
    text_object(block["label"], f"{pointer}/label", 2000, plain=True)
    if "hint" in block:
        text_object(block["hint"], f"{pointer}/hint", 2000, plain=True)
    flag(block.get("optional", False), f"{pointer}/optional")
    flag(block.get("dispatch_action", False), f"{pointer}/dispatch_action")
    element_of(block["element"], f"{pointer}/element", INPUTS, surface)


def _markdown(block: dict[str, Any], pointer: str, surface: str) -> None:
    if surface != "message":
        refuse(f"{pointer}/type", "a markdown block can only be in a message")
    fields_of(block, pointer, required={"type", "text"}, allowed={"type", "block_id", "text"})
    string(block["text"], f"{pointer}/text", 12_000)


_BLOCKS = {
    "section": _section,
    "header": _header,
    "divider": _divider,
    "context": _context,
    "actions": _actions,
    "image": _image,
    "input": _input,
    "markdown": _markdown,
}


def _as_the_sdk(block: dict[str, Any], pointer: str) -> None:
    """The same block once more as slack_sdk reads it, in case it knows a rule that is not here."""
    try:
        parsed = Block.parse(block)
        if parsed is None:
            refuse(pointer, "slack_sdk does not know this block")
        parsed.to_dict()
    except SlackObjectFormationError as error:
        raise Refused(pointer, str(error), "invalid_blocks") from error


def _list(value: Any, pointer: str, error: str) -> list[Any]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            refuse(pointer, "is not JSON", error)
    if value is None:
        return []
    if not isinstance(value, list):
        refuse(pointer, "has to be a list", error)
    return value


__all__ = ["LONGEST_MESSAGE", "Refused", "check_blocks", "check_message", "check_view"]
