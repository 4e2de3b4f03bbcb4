"""Help with the words of a reply: frames to begin from, and what is wrong with it, sentence by sentence. Pure.

The rules are those of the decision model (N5, N10 to N14) and its drafting aids. A frame is a list of points;
nothing here writes a reply, and nothing sends one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from amends.drafts.finding import Mark
from amends.drafts.personal import personal_marks
from amends.drafts.sentences import spans

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MOST_WORDS = 60
READABLE = 50.0
"""Flesch reading ease from which a text counts as plain English ("fairly difficult" ends at 50)."""

FRAMES = {
    "hold": "We have seen this. We know ___. We do not yet know ___. We are doing ___. Next update at __:__. If you "
    "are affected: ___.",
    "respond": "The fact: ___. What we are doing about it: ___. Next update at __:__, or where to turn: ___.",
    "take_down": "We removed a post sent at __:__ because ___. It should not have gone out.",
    "apologise": "We did ___ / we got this wrong. It hurt ___. We have done ___ (by __:__). It happened because ___ "
    "(one clause). From now on ___.",
    "make_light": "The plain fact first: ___. Then one light line about ourselves, once: ___.",
}
"""Points to fill in, by response; the holding line is CERC's, the order of an apology Lewicki's."""


@dataclass(frozen=True)
class Flaw:
    """What is wrong with one sentence, and what to write instead. `rule` is the rule's short name."""

    sentence: str
    problem: str
    instead: str
    rule: str


_words = re.compile(r"[A-Za-z][A-Za-z'\u2019-]*")

_hedges = (
    (r"(?<=\bsorry )if\b|\bif\b(?=.{0,60}\b(offen[cds]|upset|hurt|anyone|anybody|someone|you|caused|felt)\b)", "if"),
    (r"\b(any|whatever)\s+(offen[cs]e|upset|hurt|distress|confusion|inconvenience)\b", "any offence caused"),
    (r"\b(seem(s|ed)?|appear(s|ed)? to|may have|might have|perceived)\b", "seemed"),
    (
        r"\b(mis(understood|understanding|interpret\w*|construed)|taken (out of context|the wrong way))\b",
        "misunderstood",
    ),
    (r"\b(for|to) (those|anyone|anybody|everyone) who\b", "for those who"),
    (
        (
            r"\b(sorry|apologise|apologies|regret)\b.{0,40}"
            r"\b(you|people|some|they) (feel|felt|were|are) (offended|upset|hurt)\b"
        ),
        "sorry you feel",
    ),
)
_passive = re.compile(
    r"\b(?:was|were|been|is|are|be|being|got)\s+(?:\w+ly\s+)?"
    r"(made|posted|sent|shared|done|published|taken|given|written|released|issued|handled|used|said|caused|\w{3,}ed)\b"
    r"(?!\s+by\s+(us|our|the university|the team)\b)",
    re.IGNORECASE,
)
_adjectives = frozenset(
    (
        *("affected", "appalled", "ashamed", "committed", "concerned", "dedicated", "determined", "interested"),
        *("limited", "needed", "offended", "related", "saddened", "supposed", "used", "worried"),
    )
)
_actors = re.compile(r"\b(we|our team|i|us)\b", re.IGNORECASE)
_blame = re.compile(
    r"\b(intern|interns|agency|rogue|hacked|hacker|junior|trainee|apprentice|temp|contractor|supplier|"
    r"former employee|ex-employee|a member of (our )?staff|an individual|a student)\b",
    re.IGNORECASE,
)
_promise = re.compile(
    r"\b(will be|has been|have been|is being) (sacked|fired|dismissed|suspended|disciplined|compensated|refunded)\b|"
    r"\bwe will (compensate|refund|sack|fire|dismiss|discipline|suspend|pay)\b",
    re.IGNORECASE,
)
_sorry = re.compile(r"\b(sorry|apolog\w*)\b", re.IGNORECASE)
_regret = re.compile(r"\b(sorry|apolog\w*|regret\w*)\b", re.IGNORECASE)
_hidden_actor = re.compile(
    r"\b(mistakes were made|taken (out of context|the wrong way)|never our intention)\b", re.IGNORECASE
)
_forgive = re.compile(r"\b(forgive(ness)?|accept our apolog|hope you (can|will) understand)\b", re.IGNORECASE)
_argue = re.compile(
    r"\b(actually,? (you|they)|you are wrong|you're wrong|as we (already|have) said|calm down|get over it|grow up)\b",
    re.IGNORECASE,
)


def check_reply(draft: str, *, apology: bool, repeated: Sequence[str] = ()) -> tuple[Flaw, ...]:
    """What is wrong with a reply, in the order of its sentences; what concerns the whole comes last.

    Args:
        draft: the words as they would go out.
        apology: whether an apology is advised, so that its own rules apply (N11).
        repeated: words that must not be repeated: the allegation, the data, the slur (N12).
    """
    flaws: list[Flaw] = []
    sentences = _sentences_of(draft)
    for sentence in sentences:
        flaws += _sentence_flaws(
            sentence, apology or bool(re.search(r"\b(sorry|apolog)", sentence, re.IGNORECASE)), repeated
        )
    flaws += _whole_flaws(draft, sentences, apology=apology)
    return tuple(flaws)


def apology_marks(text: str) -> Iterator[Mark]:
    """Words by which an apology, or what stands for one, is none (N10, N11), with their place in the text."""
    for start, end in spans(text):
        if not _regret.search(text, start, end):
            continue
        for pattern, _ in _hedges:
            hedge = re.compile(pattern, re.IGNORECASE).search(text, start, end)
            if hedge:
                yield Mark("apology", hedge.start(), hedge.end(), "it takes the apology back")
                break
    if _regret.search(text):
        for match in chain(_blame.finditer(text), _hidden_actor.finditer(text)):
            yield Mark("apology", match.start(), match.end(), "it puts it on somebody else, or on nobody")


def _sentence_flaws(sentence: str, apology: bool, repeated: Sequence[str]) -> list[Flaw]:  # noqa: C901 - one rule a line
    flaws = []

    def add(problem: str, instead: str, rule: str) -> None:
        flaws.append(Flaw(sentence, problem, instead, rule))

    if apology:
        for pattern, name in _hedges:
            if re.search(pattern, sentence, re.IGNORECASE):
                add(
                    f"It hedges ('{name}'), so it does not own what happened.",
                    "Say what you did and whom it hurt, without a condition.",
                    "N11",
                )
                break
    passive = _passive.search(sentence)
    if passive and not _actors.search(sentence[: passive.start()]) and passive[1].lower() not in _adjectives:
        add(f"'{passive[0]}' hides who did it.", "Begin with 'We'.", "passive")
    blamed = _blame.search(sentence)
    if blamed:
        add(f"'{blamed[0]}' points at somebody else.", "Say 'we'. Inside, find out; outside, own it.", "N10")
    if _promise.search(sentence):
        add(
            "It promises an outcome, or speaks about somebody's job.",
            "Say what you are looking into and when you will report back.",
            "N16",
        )
    if _forgive.search(sentence):
        add("It asks for forgiveness.", "Leave it out; say what changes.", "apology")
    if _argue.search(sentence):
        add("It argues with the person.", "Answer once, with the fact and where to turn.", "N14")
    personal = next(personal_marks(sentence), None)
    if personal:
        add(f"It shows {personal.what}.", "Take it out; send such things in private.", "N12")
    for words in repeated:
        if words and re.search(rf"(?<!\w){re.escape(words)}(?!\w)", sentence, re.IGNORECASE):
            add(
                "It repeats what must not be repeated.",
                "Leave those words out: 'a post that should not have gone out'.",
                "N12",
            )
            break
    return flaws


def _whole_flaws(draft: str, sentences: Sequence[str], *, apology: bool) -> list[Flaw]:
    count = len(_words.findall(draft))
    flaws = []
    if count > MOST_WORDS:
        flaws.append(
            Flaw("", f"It has {count} words.", f"Keep it to {MOST_WORDS}: people read the first two lines.", "length")
        )
    ease = reading_ease(draft)
    if count >= 10 and ease < READABLE:
        flaws.append(
            Flaw(
                "",
                f"It is hard to read (reading ease {ease:.0f}; plain English begins at {READABLE:.0f}).",
                "Use shorter sentences and everyday words.",
                "reading",
            )
        )
    if apology and sentences and not _sorry.search(draft):
        flaws.append(
            Flaw("", "An apology is advised, and there is none in it.", "Say 'We are sorry' and for what.", "apology")
        )
    return flaws


def _sentences_of(text: str) -> list[str]:
    return [text[start:end].strip() for start, end in spans(text)]


def reading_ease(text: str) -> float:
    """Flesch reading ease: 206.835 - 1.015 * words per sentence - 84.6 * syllables per word (Flesch 1948).

    From about 0 (very hard) to 100 (very easy); a text without words counts as easy.
    """
    words = _words.findall(text)
    if not words:
        return 100.0
    sentences = max(1, len(_sentences_of(text)))
    syllables = sum(_syllables(word) for word in words)
    return 206.835 - 1.015 * len(words) / sentences - 84.6 * syllables / len(words)


def _syllables(word: str) -> int:
    """About how many syllables a word has: its groups of vowels, without a silent e."""
    word = re.sub(r"[^a-z]", "", word.lower())
    groups = len(re.findall(r"[aeiouy]+", word))
    if word.endswith("e") and not word.endswith(("le", "ee")) and groups > 1:
        groups -= 1
    if re.search(r"[^td]ed$", word) and groups > 1:
        groups -= 1
    return max(1, groups)
