"""What is typed to search: words, "exact phrases", -words to leave out. Nothing else has a meaning."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

MOST_WORDS = 12

_typed = re.compile(r'(-?)(?:"([^"]*)"?|([^\s"]+))')
_word = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Sought:
    """A word, or words that stand beside each other."""

    words: tuple[str, ...]
    left_out: bool = False


def fold(text: str) -> str:
    """A text as its words alone: without accents, in small letters, and nothing between them but a space."""
    plain = unicodedata.normalize("NFKD", text)
    return " ".join(_word.findall("".join(c for c in plain if not unicodedata.combining(c)).lower()))


def sought(text: str) -> tuple[Sought, ...]:
    """What a search asks for; signs that are no words are passed over, and so is what comes after `MOST_WORDS`."""
    found: list[Sought] = []
    left = MOST_WORDS
    for minus, phrase, word in _typed.findall(text):
        words = tuple(fold(phrase or word).split())[:left]
        left -= len(words)
        if words:
            found.append(Sought(words, left_out=bool(minus)))
    return tuple(found)


def for_sqlite(parts: tuple[Sought, ...]) -> tuple[list[str], list[str]]:
    """What has to be there and what must not, each in the language of FTS5."""
    wanted = [_fts5(part) for part in parts if not part.left_out]
    return wanted, [_fts5(part) for part in parts if part.left_out]


def for_postgresql(parts: tuple[Sought, ...]) -> str:
    """The same as a `tsquery`."""
    return " & ".join(("!" if part.left_out else "") + _tsquery(part) for part in parts)


def _fts5(part: Sought) -> str:
    return f'"{" ".join(part.words)}"'


def _tsquery(part: Sought) -> str:
    return "(" + " <-> ".join(f"'{word}'" for word in part.words) + ")"
