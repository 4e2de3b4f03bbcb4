"""Block Kit in small pieces that always fit: everything is clipped at word borders, escaped and without emoji.

A message is `{"text", "blocks"}`. Its text says what its blocks say, for screen readers and notifications; `message`
derives it, so that the two cannot differ.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal

from amends.slack.clipping import (
    ELLIPSIS,
    bold,
    bullets,
    clip,
    cut_escaped,
    escape,
    escaped,
    one_line,
    paragraphs,
    quoted,
)
from amends.slack.spoken import LONGEST_TEXT, spoken, told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

Block = dict[str, Any]
Message = dict[str, Any]
View = dict[str, Any]
Style = Literal["plain", "primary", "danger"]

MOST_BLOCKS = 50
MOST_IN_A_VIEW = 100
LONGEST = 10_000
"""Of all strings in the blocks of a message. Slack's limit is not published and lies between 11,000 and 13,000."""
LONGEST_SECTION = 2_900
LONGEST_VALUE = 2_000
LONGEST_LABEL = 75
MOST_BOXES = 10
MOST_OPTIONS = 100

_rooms = (LONGEST_SECTION, 1_400, 700, 350, 180, 90, 45)


def plain(text: str, most: int) -> dict[str, Any]:
    """A plain text object; codes such as :smile: stay what they are."""
    return {"type": "plain_text", "text": clip(text, most) or ELLIPSIS, "emoji": False}


def markup(text: str, most: int = LONGEST_SECTION) -> dict[str, Any]:
    """A text object of markup that is escaped already. Names and addresses in it become no links by themselves."""
    return {"type": "mrkdwn", "text": cut_escaped(text.strip(), most) or ELLIPSIS, "verbatim": True}


def header(text: str) -> Block:
    """A line in large letters."""
    return {"type": "header", "text": plain(one_line(text), 150)}


def section(title: str = "", text: str = "", accessory: Block | None = None, most: int = LONGEST_SECTION) -> Block:
    """A paragraph under a bold line. Both are raw and become escaped; `most` is for the text."""
    return marked_section("\n".join(part for part in (bold(title), escaped(text, most)) if part), accessory)


def marked_section(text: str, accessory: Block | None = None) -> Block:
    """A paragraph of markup that is escaped already."""
    block: Block = {"type": "section", "text": markup(text)}
    if accessory is not None:
        block["accessory"] = accessory
    return block


def context(*lines: str, most: int = 1_000) -> Block:
    """Small print; raw lines become escaped."""
    text = "\n".join(escaped(line, most) for line in lines if line.strip())
    return {"type": "context", "elements": [markup(text)]}


def marked_context(text: str) -> Block:
    """Small print that is escaped already."""
    return {"type": "context", "elements": [markup(text)]}


def link(address: str, label: str) -> str:
    """A link, as markup."""
    return f"<{escape(address)}|{escape(one_line(label))}>"


def divider() -> Block:
    """A line across."""
    return {"type": "divider"}


def value(**what: Any) -> str:
    """What a button carries."""
    return json.dumps(what, ensure_ascii=False)


def button(label: str, action_id: str, carries: str, style: Style = "plain", spoken: str = "") -> Block:
    """A button. `spoken` is what a screen reader says where the label alone is not enough."""
    drawn: Block = {"type": "button", "text": plain(one_line(label), LONGEST_LABEL), "action_id": action_id}
    drawn["value"] = carries
    if style != "plain":
        drawn["style"] = style
    if spoken or len(label) > LONGEST_LABEL:
        drawn["accessibility_label"] = clip(one_line(spoken or label), LONGEST_LABEL)
    return drawn


def option(label: str, code: str, most: int = 2 * LONGEST_LABEL) -> dict[str, Any]:
    """One option; what does not fit its label stands in its description, if there is room for that."""
    label = one_line(label)
    if len(label) <= LONGEST_LABEL or most < 2 * LONGEST_LABEL:
        return {"text": plain(label, min(LONGEST_LABEL, most)), "value": code}
    border = label.rfind(" ", 0, LONGEST_LABEL + 1)
    cut = border if border > 0 else LONGEST_LABEL
    return {
        "text": plain(label[:cut], LONGEST_LABEL),
        "value": code,
        "description": plain(label[cut:], LONGEST_LABEL),
    }


def boxes(action_id: str, options: Sequence[dict[str, Any]], chosen: Sequence[str] = ()) -> Block:
    """Boxes to tick, at most ten."""
    drawn: Block = {"type": "checkboxes", "action_id": action_id, "options": list(options)}
    ticked = [one for one in options if one["value"] in chosen]
    if ticked:
        drawn["initial_options"] = ticked
    return drawn


def actions(elements: Sequence[Block], block_id: str = "") -> Block:
    """Buttons, a menu, boxes or pickers, at most 25."""
    block: Block = {"type": "actions", "elements": list(elements)}
    if block_id:
        block["block_id"] = block_id
    return block


def rows_of(elements: Sequence[Block], most: int = 25) -> list[Block]:
    """Buttons in as many actions blocks as they need; none for none."""
    return [actions(elements[n : n + most]) for n in range(0, len(elements), most)]


def size(blocks: Sequence[Block]) -> int:
    """The characters of all strings in blocks."""
    return sum(len(one) for one in _strings(list(blocks)))


def fitted(draw: Callable[[int], list[Block]]) -> list[Block]:
    """Blocks that one message takes: drawn again with less room for each text until they do.

    Args:
        draw: draws with at most so many characters for each text.
    """
    blocks: list[Block] = []
    for room in _rooms:
        blocks = draw(room)
        if len(blocks) <= MOST_BLOCKS and size(blocks) <= LONGEST:
            return blocks
    kept = blocks[: MOST_BLOCKS - 1]
    while size(kept) > LONGEST - 100:
        kept.pop()
    return [*kept, context("There is more, which does not fit here; it is in the record.")]


def drawn(draw: Callable[[int], list[Block]], in_words: Callable[[int], list[Block]] | None = None) -> Message:
    """A message that fits, with the text that says the same: where there is no room, each part of it is shortened.

    Args:
        draw: draws with at most so many characters for each text.
        in_words: draws what the text is made of, if that is to be shortened in another way.
    """
    said = (in_words or draw)(_rooms[0])
    for room in _rooms:
        if len(told(said)) <= LONGEST_TEXT:
            break
        said = (in_words or draw)(room)
    return {"text": spoken(said), "blocks": fitted(draw)}


def message(blocks: Sequence[Block], most: int = LONGEST_TEXT) -> Message:
    """A message of these blocks, with the text that says the same.

    Args:
        most: characters of the text; more only for a message that is never updated.
    """
    return {"text": spoken(blocks, most), "blocks": list(blocks)}


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)
    elif isinstance(value, dict):
        for one in value.values():
            yield from _strings(one)


__all__ = [
    "ELLIPSIS",
    "LONGEST",
    "LONGEST_LABEL",
    "LONGEST_SECTION",
    "LONGEST_TEXT",
    "LONGEST_VALUE",
    "MOST_BLOCKS",
    "MOST_BOXES",
    "MOST_IN_A_VIEW",
    "MOST_OPTIONS",
    "Block",
    "Message",
    "Style",
    "View",
    "actions",
    "bold",
    "boxes",
    "bullets",
    "button",
    "clip",
    "context",
    "divider",
    "drawn",
    "escape",
    "escaped",
    "fitted",
    "header",
    "link",
    "marked_context",
    "marked_section",
    "markup",
    "message",
    "one_line",
    "option",
    "paragraphs",
    "plain",
    "quoted",
    "rows_of",
    "section",
    "size",
    "spoken",
    "value",
]
