"""What people type in Slack, as plain text: without Slack's marks for mentions, links and special characters."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_mark = re.compile(r"<([^<>]+)>")
_person = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>")


def mentioned(text: str) -> list[str]:
    """The ids of those who are mentioned, each once."""
    return list(dict.fromkeys(_person.findall(text)))


def without(text: str, user: str) -> str:
    """A text without the mentions of somebody, such as the app itself."""
    return re.sub(rf"<@{re.escape(user)}(?:\|[^<>]*)?>[,:]?", " ", text) if user else text


def plain(text: str, names: Mapping[str, str]) -> str:
    """A text as people read it.

    A text that begins with a slash would be taken for a press, so the slash goes.

    Args:
        text: as Slack sends it.
        names: of those who are mentioned, by user id.
    """
    read = html.unescape(_mark.sub(lambda found: _read(found[1], names), text))
    return re.sub(r"[^\S\n]+", " ", read).strip().lstrip("/").strip()


def _read(mark: str, names: Mapping[str, str]) -> str:
    target, _, label = mark.partition("|")
    if target.startswith("@"):
        return names.get(target[1:]) or label or "somebody"
    if target.startswith("#"):
        return f"#{label}" if label else "a channel"
    if target.startswith("!"):
        return label or f"@{target[1:].partition('^')[0]}"
    target = target.removeprefix("mailto:")
    if not label or re.sub(r"^https?://", "", target).rstrip("/") == re.sub(r"^https?://", "", label).rstrip("/"):
        return target
    return f"{label} ({target})"
