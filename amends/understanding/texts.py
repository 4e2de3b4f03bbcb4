"""Pieces of a message: its clauses, and what is regular in it (platforms, accounts, counts, links)."""

from __future__ import annotations

import re
import unicodedata

MOST_CHARACTERS = 4000
"""A longer message is cut before it is read; what was typed is kept whole in the record."""

PLATFORMS = {
    "Twitter / X": r"twitter|tweet(?:ed|s|ing)?|re-?tweet(?:ed|s)?|\brts?\b|\bx post\b",
    "Facebook": r"facebook|\bfb\b",
    "Instagram": r"instagram|\binsta\b|\breel\b",
    "TikTok": r"tik ?tok",
    "LinkedIn": r"linked ?in",
    "YouTube": r"you ?tube",
    "WhatsApp": r"whats ?app",
    "Snapchat": r"snap ?chat",
    "Mastodon": r"mastodon",
    "Bluesky": r"blue ?sky",
    "Reddit": r"reddit",
    "e-mail": r"e-?mail(?:ed|s)?|reply[- ]all|mailing list|\bbcc\b|\bcc\b",
    "website": r"web ?site|web ?page|\bblog\b",
}

_QUOTED = re.compile(r"\"[^\"]{3,}\"|\u201c[^\u201d]{3,}\u201d|\u2018[^\u2019]{12,}\u2019|(?<!\w)'[^']{12,}'(?!\w)")
_SPLIT = re.compile(r"[.!?;\n]+|,\s+|\s+-\s+|\s(?:and|but|because|so|then)\s", re.IGNORECASE)
_ACCOUNT = re.compile(r"(?<![\w.])@(\w{2,40})")
_LINK = re.compile(r"https?://\S+|\bwww\.\S+")
_COUNT = re.compile(
    r"\b(\d[\d,.]*k?|hundreds|thousands|dozens|loads|lots|a few|a couple|one|two|three)\s*(?:of\s+)?"
    r"(?:new |angry |nasty )?(likes?|rts?|re-?tweets?|shares?|repl(?:y|ies)|comments?|"
    r"views?|people|reposts?|messages?)\b",
    re.IGNORECASE,
)
_OWN_POST = re.compile(
    r"\b(?:we|our (?:team|agency|marketing|press office|campaign))(?:'ve| have)? (?:just |also )?(?:re-?)?"
    r"(?:posted|tweeted|shared|published|put|used|promised|called|advertised|announced|replied|said|joked)\b"
    r"|\bour (?:own )?(?:new |latest )?(?:tweet|post|ad|advert|campaign|video|reel|newsletter)s?\b",
    re.IGNORECASE,
)
_NOT_OWN = re.compile(
    r"\b(?:accident\w*|by mistake|wrong (?:account|person|people)|hack\w*|schedul\w*|\bbot\b|chat ?bot|automatic\w*|"
    r"under (?:our|one of our)|comment\w* (?:on|under)|personal|private|e-?mail\w*|someone outside|hashtag|fake)\b",
    re.IGNORECASE,
)


def clean(text: str) -> str:
    """The text without control characters, in one normal form, cut to what is read."""
    normal = unicodedata.normalize("NFKC", text)
    kept = "".join(c if c in "\n\t" or unicodedata.category(c)[0] != "C" else " " for c in normal)
    return kept[:MOST_CHARACTERS].strip()


def without_quotations(text: str) -> str:
    """The reporter's own words: what they quote is the bad post's, and is not a fact about it."""
    return _QUOTED.sub(" ", text)


def quotations(text: str) -> list[str]:
    """What somebody quotes, without the quotation marks."""
    return [quoted[1:-1] for quoted in _QUOTED.findall(text)]


def clauses(text: str) -> list[str]:
    """The parts of a message that each say one thing, after the message's own order."""
    parts = [part.strip() for part in _SPLIT.split(text)]
    return [part for part in parts if len(part) > 3]


def platforms(text: str) -> list[str]:
    """The platforms that are named."""
    return [name for name, pattern in PLATFORMS.items() if re.search(pattern, text, re.IGNORECASE)]


def accounts(text: str) -> list[str]:
    """The account names, without the @."""
    return _ACCOUNT.findall(text)


def links(text: str) -> list[str]:
    """The links."""
    return _LINK.findall(text)


def counts(text: str) -> list[tuple[int, str, str]]:
    """How many of what, and the words: '40 RTs' is (40, 'rts', '40 RTs')."""
    words = {
        "hundreds": 200,
        "thousands": 2000,
        "dozens": 30,
        "loads": 50,
        "lots": 50,
        "a few": 4,
        "a couple": 2,
    }
    words |= {"one": 1, "two": 2, "three": 3}
    found = []
    for match in _COUNT.finditer(text):
        number = match[1].lower()
        if number in words:
            count = words[number]
        else:
            digits = number.replace(",", "").rstrip(".")
            thousand = digits.endswith("k")
            try:
                count = int(float(digits.rstrip("k")) * (1000 if thousand else 1))
            except (ValueError, OverflowError):
                continue
        found.append((count, match[2].lower(), match[0]))
    return found


def own_post(text: str) -> str | None:
    """The words by which people say that the post is their organisation's own, meant to go out."""
    if _NOT_OWN.search(text):
        return None
    found = _OWN_POST.search(text)
    return found[0] if found else None


def is_english(text: str) -> bool:
    """Whether enough of the words are English ones to be read; short texts count as English."""
    words = re.findall(r"[^\W\d_]+", text.lower())
    if not words:
        return True
    latin = sum(word.isascii() for word in words) / len(words)
    if latin < 0.5:
        return False
    if len(words) < 5:
        return True
    return sum(word in _ENGLISH for word in words) / len(words) >= 0.15


_ENGLISH = frozenset(
    (
        *(
            "a",
            "about",
            "account",
            "after",
            "all",
            "am",
            "an",
            "and",
            "are",
            "as",
            "at",
            "be",
            "been",
            "but",
            "by",
        ),
        *(
            "can",
            "do",
            "for",
            "from",
            "has",
            "have",
            "he",
            "her",
            "i",
            "if",
            "in",
            "is",
            "it",
            "its",
            "just",
            "me",
        ),
        *(
            "my",
            "no",
            "not",
            "of",
            "on",
            "one",
            "our",
            "out",
            "people",
            "post",
            "posted",
            "she",
            "so",
            "some",
            "that",
        ),
        *(
            "the",
            "their",
            "them",
            "there",
            "they",
            "this",
            "to",
            "up",
            "us",
            "was",
            "we",
            "were",
            "what",
            "who",
        ),
        *(
            "with",
            "wrong",
            "you",
            "your",
            "someone",
            "somebody",
            "page",
            "tweet",
            "tweeted",
            "sent",
            "help",
            "now",
        ),
    )
)
