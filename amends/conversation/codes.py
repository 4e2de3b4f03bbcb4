"""Which step or role people mean: 'I've deleted it', 'why can't we joke about it', 'get me legal'. Pure.

The codes are the flow's; the words are how people speak of the shipped ones. A code that a policy owner adds
is found by its label.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from amends.flows.model import Code

_said = {
    "preserve": r"screen ?shots?|screenshotted|screengrab\w*|preserv\w+|evidence|sav(e|ed|ing) (it|a copy|the|that)|a copy",
    "take_down": r"t(ake|aken|ook|aking) (it|that|the \w+|this|them)? ?(all )?(down|offline)|delet\w+|remov\w+|hid(e|den|ing)?|"
    r"unpublish\w*|recall\w*|pull(ed|ing)? (it|the)|it'?s (gone|down)|take ?down",
    "apologise": r"apolog\w+|say(ing)? sorry|said sorry|sorry",
    "make_light": r"jok\w+|funny|humou?r\w*|light[- ]?hearted|make light|laugh\w*|banter|meme",
    "hold": r"ignor\w+|say(ing)? nothing|do(ing)? nothing|keep quiet|stay(ing)? (quiet|silent)|wait(ing)?|leave it( up| alone)?|hold",
    "respond": r"respon\w+|repl(y|ied|ying)|answer(ed|ing)? (them|people|it)|statement|correct(ed|ion)|explain\w*|post(ed)? (a|the) "
    r"(reply|response|correction|statement)",
    "legal": r"legal|lawyers?|solicitors?|general counsel|counsel",
    "dpo": r"dpo|data protection( officer)?|privacy( officer)?|information governance",
    "security": r"security|it team|infosec|cyber( security)?",
    "safeguarding": r"safeguarding",
    "hr": r"hr|human resources|personnel|people team",
    "report_platform": r"platform|the host|report(ed)? (it )?to (twitter|x|facebook|instagram|tiktok|linkedin|youtube|meta|the)|"
    r"twitter support|support team",
    "comms": r"comm?s|communications|press office|pr( team)?|media team|marketing",
}
_compiled = {code: re.compile(rf"\b(?:{words})\b", re.IGNORECASE) for code, words in _said.items()}


def said(text: str, codes: Mapping[str, Code] | Iterable[str]) -> tuple[str, ...]:
    """The codes among `codes` that a text speaks of, in the order in which it does."""
    found: list[tuple[int, str]] = []
    for code in codes:
        match = _compiled[code].search(text) if code in _compiled else None
        if match is None and not isinstance(codes, (list, tuple, set, frozenset)):
            label = getattr(codes[code], "label", code) if hasattr(codes, "__getitem__") else code
            match = re.search(rf"\b{re.escape(label)}\b", text, re.IGNORECASE)
        if match is not None:
            found.append((match.start(), code))
    return tuple(code for _, code in sorted(found))
