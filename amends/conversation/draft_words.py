"""What a few typed words mean, once a draft was looked at: one of the buttons that stand there. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

OTHER: Final = "draft_or_report"
"""What is waited for when words after a draft may be the next one, or tell of something that happened."""

_please = r"^\W*(?:(?:yes|yep|ok|okay|please|do|i|we|you|can|could|would|like|want|to|just)\b\W*)*"
_ask = re.compile(rf"{_please}(?:ask|send)\b|^\W*yes\b", re.IGNORECASE)
_keep = re.compile(rf"{_please}(?:keep|save|store)\b", re.IGNORECASE)
_done = re.compile(
    r"^\W*(?:that'?s (?:all|it|everything|fine)|(?:i'?m |all )?(?:done|finished)|nothing)\b", re.IGNORECASE
)
_happened = re.compile(r"\b(?:happened|report|real|posted|went out)\b", re.IGNORECASE)
_check = re.compile(r"\b(?:check|draft|look|yes|too)\b", re.IGNORECASE)


def value_of(waiting: Mapping[str, Any], typed: str) -> str:
    """The button that a few typed words mean; empty for none."""
    if waiting["kind"] == OTHER:
        return "happened" if _happened.search(typed) else "check" if _check.search(typed) else ""
    if _keep.search(typed):
        return "keep"
    if waiting["roles"] and _ask.search(typed):
        return f"ask:{waiting['roles'][0]}"
    return "done" if _done.search(typed) else ""
