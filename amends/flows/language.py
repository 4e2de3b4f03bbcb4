"""Whether people can read a flow's words, tell its options apart, and press its buttons."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from amends.flows.problems import Problem
from amends.flows.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from amends.flows.model import Flow, Question

BUTTON_CHARACTERS = 75
"""The longest text of a Slack button (Slack's Block Kit reference)."""
HIGHEST_GRADE = 9.0
"""The school year (US) above which a question is called hard to read: about fourteen years of age."""
FEWEST_WORDS = 5
"""Below this the formula for the reading level says nothing."""


@dataclass(frozen=True)
class Language:
    """What is wrong with the words: `mistakes` have to be put right, `notes` should be looked at."""

    mistakes: tuple[Problem, ...]
    notes: tuple[Problem, ...]


def check_language(flow: Flow, file: str) -> Language:
    """Look at the words of every question.

    Args:
        flow: a loaded flow.
        file: its name, for messages.
    """
    source = Source(flow.source, file)
    mistakes: list[Problem] = []
    notes: list[Problem] = []
    for question in flow.questions.values():
        path = ("questions", question.id)
        for code, n, message in _alike(question):
            mistakes.append(Problem(file, *source.place((*path, "options", code, "says", n)), message))
        for option in question.options.values():
            if len(option.label) > BUTTON_CHARACTERS:
                message = (
                    f"The label of {option.code} has {len(option.label)} characters; "
                    f"a Slack button shows {BUTTON_CHARACTERS}."
                )
                notes.append(Problem(file, *source.place((*path, "options", option.code)), message))
        grade = reading_grade(question.ask)
        if grade > HIGHEST_GRADE:
            message = f"{question.id} is hard to read (school year {grade:.0f}): use shorter words or sentences."
            notes.append(Problem(file, *source.place((*path, "ask")), message))
    return Language(tuple(sorted(mistakes)), tuple(sorted(notes)))


def reading_grade(text: str) -> float:
    """The school year in which a text can be read; 0 for a few words.

    Automated Readability Index: 4.71 x characters per word + 0.5 x words per sentence - 21.43 (Smith and
    Senter, AMRL-TR-66-220, 1967). It counts letters, not syllables, so that it needs no dictionary.
    """
    words = re.findall(r"[\w'\u2019]+", text)
    if len(words) < FEWEST_WORDS:
        return 0.0
    sentences = max(1, len(re.findall(r"[.!?]+(?:\s|$)", text)))
    characters = sum(len(word) for word in words)
    return 4.71 * characters / len(words) + 0.5 * len(words) / sentences - 21.43


def _alike(question: Question) -> Iterator[tuple[str, int, str]]:
    """Phrases that stand in an earlier option too, but for case, accents and punctuation."""
    seen: dict[str, str] = {}
    for option in question.options.values():
        for n, phrase in enumerate(option.says):
            key = normal(phrase)
            other = seen.setdefault(key, option.code)
            if other != option.code:
                yield option.code, n, f"'{phrase}' is said for {other} too. The assistant could not tell them apart."


def normal(phrase: str) -> str:
    """A phrase without case, accents and punctuation."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", phrase.casefold()) if not unicodedata.combining(c))
    return " ".join(re.findall(r"\w+", re.sub(r"['\u2019]", "", plain)))
