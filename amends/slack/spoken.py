"""What blocks say, as text: for screen readers, notifications, and where Slack does not take the blocks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from amends.slack.clipping import cut_escaped, escape

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LONGEST_TEXT = 3_900
"""`chat.update` refuses a text of more than 4,000 characters."""

_bold = re.compile(r"^\*(.+)\*$", re.MULTILINE)
_link = re.compile(r"<(https?://[^|>]+)\|([^>]+)>")


def spoken(blocks: Sequence[dict[str, Any]], most: int = LONGEST_TEXT) -> str:
    """What blocks say, as text: their lines in order, then what can be pressed, where there is room for it."""
    text = told(blocks)
    presses = dict.fromkeys(press for block in blocks for press in _presses(block))
    with_presses = f"{text}\nYou can press: {'; '.join(presses)}." if presses else text
    return with_presses.strip() if len(with_presses) <= most else cut_escaped(text, most)


def told(blocks: Sequence[dict[str, Any]]) -> str:
    """The lines of blocks, without what can be pressed."""
    lines = [_link.sub(r"\2: <\1>", line) for block in blocks for line in _lines(block)]
    return "\n".join(_bold.sub(r"\1", line) for line in lines)


def _lines(block: dict[str, Any]) -> Iterator[str]:
    texts = [block.get("text"), *(block["elements"] if block["type"] == "context" else ())]
    for text in texts:
        if text:
            yield _marked(text)


def _marked(text: dict[str, Any]) -> str:
    return escape(text["text"]) if text["type"] == "plain_text" else str(text["text"])


def _presses(block: dict[str, Any]) -> Iterator[str]:
    elements = block["elements"] if block["type"] == "actions" else [block.get("accessory")]
    for element in elements:
        if not element:
            continue
        if element["type"] == "button":
            yield escape(element.get("accessibility_label") or element["text"]["text"])
        for one in element.get("options", ()):
            rest = f" {one['description']['text']}" if "description" in one else ""
            yield escape(f"{one['text']['text']}{rest}")
