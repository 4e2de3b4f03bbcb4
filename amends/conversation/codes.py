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
    "preserve": (
        r"screen ?shots?|screenshotted|screengrab\w*|preserv\w+|evidence",
        r"sav(e|ed|ing) (it|a copy|the|that)|a copy",
    ),
    "take_down": (
        r"t(ake|aken|ook|aking) (it|that|the \w+|this|them)? ?(all )?(down|offline)|take ?down",
        r"delet\w+|remov\w+|hid(e|den|ing)?|unpublish\w*|recall\w*|pull(ed|ing)? (it|the)|it'?s (gone|down)",
    ),
    "apologise": (r"apolog\w+|sorry",),
    "make_light": (r"jok\w+|funny|humou?r\w*|light[- ]?hearted|make light|laugh\w*|banter|meme",),
    "hold": (
        r"ignor\w+|say(ing)? nothing|do(ing)? nothing|keep quiet|stay(ing)? (quiet|silent)|hold",
        r"wait(ing)?|leave it( up| alone)?",
    ),
    "respond": (
        r"respon\w+|repl(y|ied|ying)|answer(ed|ing)? (them|people|it)|statement|correct(ed|ion)|explain\w*",
        r"post(ed)? (a|the) (reply|response|correction|statement)",
    ),
    "legal": (r"legal|lawyers?|solicitors?|counsel",),
    "dpo": (r"dpo|data protection( officer)?|privacy( officer)?|information governance",),
    "security": (r"security|it team|infosec|cyber( security)?",),
    "safeguarding": (r"safeguarding",),
    "hr": (r"hr|human resources|personnel|people team",),
    "report_platform": (
        r"platform|the host|twitter support|support team",
        r"report(ed)? (it )?to (twitter|x|facebook|instagram|tiktok|linkedin|youtube|meta|the)",
    ),
    "comms": (r"comm?s|communications|press office|pr( team)?|media team|marketing",),
}
_compiled = {code: re.compile(rf"\b(?:{'|'.join(words)})\b", re.IGNORECASE) for code, words in _said.items()}


def said(text: str, codes: Mapping[str, Code]) -> tuple[str, ...]:
    """The codes that a text speaks of, in the order in which it does."""
    return _in_order(text, {code: _compiled.get(code) or _word(one.label) for code, one in codes.items()})


def roles_said(text: str, roles: Iterable[str]) -> tuple[str, ...]:
    """The roles that a text speaks of, in the order in which it does."""
    return _in_order(text, {role: _compiled[role] for role in roles})


def _in_order(text: str, patterns: Mapping[str, re.Pattern[str]]) -> tuple[str, ...]:
    places = {code: match.start() for code, pattern in patterns.items() if (match := pattern.search(text))}
    return tuple(sorted(places, key=places.__getitem__))


def _word(label: str) -> re.Pattern[str]:
    return re.compile(rf"\b{re.escape(label)}\b", re.IGNORECASE)
