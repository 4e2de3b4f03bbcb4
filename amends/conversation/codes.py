"""Which step or role people mean: 'I've deleted it', 'why can't we joke about it', 'get me legal'. Pure.

The codes are the flow's; the words are how people speak of those of the shipped flows. Each code is found by its label,
too, as is one that a policy owner adds.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from amends.flows.model import Code

_GONE = (
    r"t(ake|aken|ook|aking) (it|that|the \w+|this|them)? ?(all )?(down|offline)|take ?down",
    r"delet\w+|remov\w+|hid(e|den|ing)?|unpublish\w*|recall\w*|pull(ed|ing)? (it|the)|it'?s (gone|down)",
)
_SOMEBODY = (
    r"(him|her|them|the (author|blogger|customer|man|parent|person|poster|reviewer|student|woman|writer)|everybody)"
)

_CONCERNED = (
    r"(people|patients|students|staff|clients|customers|members|families|parents|tenants|those|everybody|everyone)"
)

_said = {
    "preserve": (
        r"screen ?shots?|screenshotted|screengrab\w*|preserv\w+|evidence",
        r"sav(e|ed|ing) (it|a copy|the|that)|a copy",
    ),
    "take_down": _GONE,
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
    "student_services": (r"student (services|support|affairs|wellbeing)",),
    "whistleblowing": (r"whistle ?blow\w*|speak[- ]up",),
    # somebody outside
    "fix_cause": (r"(fix|mend)(ed|ing)? (it|the|what)|put (it|that|things) right|the cause",),
    "ask_poster": (rf"(ask|contact|messag|phon|dm'?)(e?d)? {_SOMEBODY}|(w?rote|written|rang) (to )?{_SOMEBODY}",),
    "streisand_check": (r"streisand|(whether|if) (it|that|a step) would spread",),
    "notify_operator": (
        r"notice (of \w+ )?to (the|its) (host|operator|site|website)|notif\w+ the (operator|host|site)",
    ),
    "legal_letter": (r"(lawyer|solicitor|legal|counsel)('?s)? letter|letter from (a|our|the) \w+|cease and desist",),
    "court": (r"court|injunction|su(e|ed|ing)",),
    # somebody's own account
    "support": (r"support\w*|look(ed|ing)? after",),
    "block": (r"block\w*|mut(e|ed|ing)",),
    "raise": (r"(formal|official) complaint|complain\w*|grievance",),
    "stop_posting": (r"stop(ped)? (posting|answering|replying)|post(ing|ed)? nothing",),
    "hide_own": _GONE,
    "talk": (rf"(talk|speak|spoke)(ed|n|ing)? (to|with) {_SOMEBODY}",),
    "ask_remove": (rf"ask(ed|ing)? {_SOMEBODY} to (take|remove|delete|hide)",),
    # a breach
    "contain": (
        rf"{_GONE[0]}|recall\w*|(stop|contain)(ped|ed)? (it|the)|clos(e|ed) the (access|folder|link|account)",
        r"(access|link|folder|account) is closed|wip(e|ed) (it|the)|asked them to delete",
    ),
    "protect_people": (
        r"(call|warn|phon|protect)(ed|e)? (those|the people|the w\w+|her|him|them)|made (her|him|them) safe",
    ),
    "tell_ico": (r"ico|information commissioner('?s office)?",),
    "update_ico": (r"ico|information commissioner('?s office)?",),
    "tell_people": (rf"(told|inform(ed)?|notif(y|ied)|wr[io]te to|written to|letters? to) (all )?(the )?{_CONCERNED}",),
    "record": (r"(record|enter|logg?)(ed)? (it|the breach|this)|breach register|register of breaches",),
}
_compiled = {code: re.compile(rf"\b(?:{'|'.join(words)})\b", re.IGNORECASE) for code, words in _said.items()}


def said(text: str, codes: Mapping[str, Code]) -> tuple[str, ...]:
    """The codes that a text speaks of, in the order in which it does."""
    return _in_order(text, {code: _patterns(code, one.label) for code, one in codes.items()})


def roles_said(text: str, roles: Iterable[str]) -> tuple[str, ...]:
    """The roles that a text speaks of, in the order in which it does."""
    return _in_order(text, {role: (_compiled[role],) for role in roles})


def _in_order(text: str, patterns: Mapping[str, tuple[re.Pattern[str], ...]]) -> tuple[str, ...]:
    found = {code: [match.start() for one in those if (match := one.search(text))] for code, those in patterns.items()}
    places = {code: min(starts) for code, starts in found.items() if starts}
    return tuple(sorted(places, key=places.__getitem__))


def _patterns(code: str, label: str) -> tuple[re.Pattern[str], ...]:
    own = re.compile(rf"\b{re.escape(label)}\b", re.IGNORECASE)
    return (_compiled[code], own) if code in _compiled else (own,)
