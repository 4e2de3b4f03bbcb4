"""The 30 rows' conditions in a well-known rule library (rule-engine), to compare the time of a decision with.

Only the first matching row is found here: no gates, floors, offers, never-rules, level, deadlines or trace, and
each condition is given its facts ready-made. It does a small part of what `decide` does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import rule_engine

if TYPE_CHECKING:
    from collections.abc import Mapping

HARM = ("none", "annoyance", "upset", "serious", "death")
SPREAD = ("unseen", "few", "shared", "press")


def _set(options: str) -> str:
    return "{" + ", ".join(f'"{option}"' for option in options.split()) + "}"


def has(options: str, question: str = "issue") -> str:
    """At least one of these is picked."""
    return f"(not ({question} & {_set(options)}).is_empty)"


def only(options: str) -> str:
    """Every issue picked is one of these."""
    return f"((issue & {_set(options)}) == issue)"


OURS = (
    f"(origin in {_set('own_post wrong_account insider automation misdirected')}"
    ' or (origin == "unknown" and control in {"can_remove", "already_gone"}))'
)
DATA = f'(personal_data != "none" or {has("personal_data")})'
FAULT_IS_OURS = '(fault in {"ours_accident", "ours_avoidable"})'
SLIGHT, UPSET = "(harm <= 1)", "(harm >= 2)"
INSIDER_NOT = has("personal_data discriminatory sexual_or_graphic allegation copyright")
REACTIONS = "insult bad_joke insensitive_timing misleading_claim ai_content confidential campaign_backfire"

ROWS = {
    "P01": 'origin == "hijack"',
    "P01b": f'origin == "insider" and not {INSIDER_NOT}',
    "P02": f"{OURS} and {DATA}",
    "P03": f'({OURS} or origin == "event") and {has("safety_misinfo")}',
    "P04": f"{OURS} and {has('court_case police', 'legal')} and {has('allegation confidential')}",
    "P05": f'{OURS} and {has("allegation")} and truth != "accurate"',
    "P06": f"{OURS} and {has('copyright')}",
    "P07": f"{OURS} and {has('commitment')}",
    "P08a": f'origin == "own_post" and {has("criticism")} and {SLIGHT}'
    f' and fault in {{"not_ours", "disputed"}} and not {has("election", "legal")}',
    "P08": f"{OURS} and ({has('political')} or {has('election', 'legal')})",
    "P09": f"{OURS} and {has('discriminatory sexual_or_graphic fraud_or_malware')}",
    "P10": f'{OURS} and tragedy != "absent" and not ({only("slip wrong_fact")} and {SLIGHT})',
    "P13a": f'{has("campaign_backfire")} and {has("criticism")} and origin != "automation"',
    "P11": f"{OURS} and {UPSET} and {has(REACTIONS)}",
    "P12": f'{OURS} and protected != "absent"',
    "P13b": has("campaign_backfire"),
    "P20": f'origin == "misdirected" and {SLIGHT} and {only("slip wrong_fact")}',
    "P14": f"{OURS} and {SLIGHT} and {only('slip wrong_fact profanity ai_content service_failure')}",
    "P15": f'origin == "event" and {UPSET}',
    "P16": 'origin == "event"',
    "P17a": f'origin == "staff_personal" and spread >= 2 and {UPSET}',
    "P17b": 'origin == "staff_personal" and spread >= 2',
    "P17c": 'origin == "staff_personal"',
    "P18a": f'origin == "third_party" and {FAULT_IS_OURS} and harm >= 1',
    "P18": f'origin == "third_party" and (spread >= 2 or {UPSET})',
    "P18z": 'origin == "third_party"',
    "P19a": f'origin == "on_our_page" and {FAULT_IS_OURS}',
    "P19": 'origin == "on_our_page"',
    "P11b": OURS,
    "P21": "true",
}
_RULES = [(row, rule_engine.Rule(condition)) for row, condition in ROWS.items()]


def prepared(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Answers as the rules read them: sets, and places on the scales."""
    ready: dict[str, Any] = {name: set(v) if isinstance(v, list) else v for name, v in facts.items()}
    return ready | {"harm": HARM.index(facts["harm"]), "spread": SPREAD.index(facts["spread"])}


def first_row(ready: Mapping[str, Any]) -> str:
    """The first row that matches."""
    return next(row for row, rule in _RULES if rule.matches(ready))
