"""Random answers to the shipped questions: whole and partial, bent so that every row is reached."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ORIGINS = [
    "own_post",
    "wrong_account",
    "insider",
    "automation",
    "misdirected",
    "staff_personal",
    "hijack",
    "third_party",
    "on_our_page",
    "event",
    "unknown",
]
ISSUES = [
    "slip",
    "wrong_fact",
    "bad_joke",
    "insensitive_timing",
    "insult",
    "profanity",
    "sexual_or_graphic",
    "discriminatory",
    "personal_data",
    "confidential",
    "allegation",
    "copyright",
    "commitment",
    "political",
    "misleading_claim",
    "service_failure",
    "conduct",
    "campaign_backfire",
    "false_rumour",
    "safety_misinfo",
    "fraud_or_malware",
    "ai_content",
    "criticism",
]
LIGHT_ISSUES = ["slip", "wrong_fact", "profanity", "service_failure", "campaign_backfire", "false_rumour", "criticism"]
LEGAL = [
    "complaint_letter",
    "court_case",
    "police",
    "info_request",
    "legal_hold",
    "election",
    "embargo_market",
    "safeguarding",
    "regulator",
    "unsure",
]

# The calmer options are likelier: otherwise the first rows and gates would catch nearly everything.
CHOICES: dict[str, dict[str, int]] = {
    "origin": dict.fromkeys(ORIGINS, 2) | {"third_party": 5},
    "personal_data": {"none": 12, "ordinary": 1, "sensitive": 1, "unsure": 1},
    "harm": {"none": 4, "annoyance": 5, "upset": 4, "serious": 1, "death": 1},
    "tragedy": {"absent": 10, "present": 1, "unsure": 1},
    "protected": {"absent": 8, "present": 1, "unsure": 1},
    "control": {"can_remove": 5, "cannot_remove": 3, "already_gone": 2, "not_a_post": 1},
    "evidence": {"saved": 1, "not_saved": 1},
    "spread": {"unseen": 2, "few": 2, "shared": 2, "press": 1},
    "truth": dict.fromkeys(("accurate", "inaccurate", "opinion", "mixed", "unknown", "na"), 1) | {"inaccurate": 3},
    "fault": dict.fromkeys(("not_ours", "ours_accident", "ours_avoidable", "disputed"), 1),
    "history": {"clean": 6, "repeat": 2, "unsure": 1},
    "target": {"us": 3, "nobody": 2, "person": 1, "group": 1, "customers": 1, "other_org": 1},
    "mood": {"quiet": 1, "amused": 3, "mixed": 2, "angry": 1, "distressed": 1},
}

# The last rows and the humour test are only reached when nothing weighs.
HARMLESS: dict[str, str | list[str]] = {
    "personal_data": "none",
    "tragedy": "absent",
    "protected": "absent",
    "legal": ["none"],
}


def random_answers(count: int, seed: int) -> Iterator[dict[str, str | list[str]]]:
    """`count` answer sets, the same for the same seed: about half of them whole, the others partial."""
    rng = random.Random(seed)
    for _ in range(count):
        answers: dict[str, str | list[str]] = {
            question: rng.choices(list(options), weights=list(options.values()))[0]
            for question, options in CHOICES.items()
        }
        answers["issue"] = some(rng, ISSUES, (8, 6, 3, 1))
        answers["legal"] = ["none"] if rng.random() < 0.65 else some(rng, LEGAL, (8, 3, 1))
        if rng.random() < 0.25:
            answers |= HARMLESS | {"issue": some(rng, LIGHT_ISSUES, (6, 4, 1))}
        if rng.random() < 0.5:
            # A few or many are missing, so that each provisional reading is met beside each answer.
            share = rng.choice((0.1, 0.3, 0.7))
            answers = {question: answer for question, answer in answers.items() if rng.random() >= share}
        yield answers


def random_inferred(answers: dict[str, str | list[str]], seed: int) -> frozenset[str]:
    """Some of the answered questions, none in half of the cases."""
    rng = random.Random(seed)
    if rng.random() < 0.5:
        return frozenset()
    return frozenset(question for question in sorted(answers) if rng.random() < 0.3)


def some(rng: random.Random, options: list[str], sizes: tuple[int, ...]) -> list[str]:
    """One option or a few, in the order of the question; `sizes` weighs 1, 2, 3..."""
    size = rng.choices(range(1, len(sizes) + 1), weights=sizes)[0]
    picked = rng.sample(options, size)
    return [option for option in options if option in picked]
