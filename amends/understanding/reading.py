"""What a message says about the questions of a flow, by nearness to the phrases of its options."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from amends.flows import Times
from amends.understanding import texts
from amends.understanding.danger import DangerSense
from amends.understanding.times import TimeError, find_time, read_time

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from amends.flows import Flow, Question
    from amends.understanding.encoder import Encoder, Floats

Value = str | tuple[str, ...] | Times

SURE = 0.62
"""From here a clause of a first message is taken as a fact, to be confirmed."""

TELLING = 0.1
"""What a word adds that stands in the phrases of one option only; a clause says more than one thing."""

TELLING_TIMES = 2

FACT = 0.66
"""From here, telling words counted in, a clause of a first message states a fact."""

ANSWERS = 0.43
"""From here a text counts as an answer to the question that was asked."""

MARGIN = 0.02
"""The best option has to be this much nearer than the second."""

NEGATION = 0.12
"""What a negation in the text or in the phrase, and not in both, takes from their nearness."""

LEANING = 0.15
"""What a yes or no at the beginning adds to the options that say the same."""

READ_FROM_FIRST = (
    "origin",
    "issue",
    "control",
    "spread",
    "harm",
    "tragedy",
    "legal",
    "evidence",
    "mood",
    "personal_data",
)
"""The questions whose answers people give unasked."""

_UNSURE = re.compile(
    r"^(?:i'?m |i am )?(?:really )?(?:not (?:quite |really )?(?:sure|certain)|unsure|no idea|dunno|don'?t know|no clue|"
    r"i (?:really )?(?:don'?t|do not) know|can'?t (?:say|tell)|hard to (?:say|tell)|"
    r"who knows|maybe|perhaps|possibly)\b",
)
_SIDE = {"yes": True, "no": False}
_YES = re.compile(
    r"^(?:y|yes|yep|yeah|yup|yea|sure|ok(?:ay)?|correct|right|true|indeed|absolutely|definitely|of course|"
    r"confirm\w*|exactly)\b"
)
_NO = re.compile(r"^(?:n(?!/)|no|nope|nah|not at all|never|none|nothing|wrong|incorrect|false|don'?t)\b")
_SHOT = re.compile(r"\b(someone|somebody|people|they)('s| has| have)? (already )?screen ?shot\w*", re.IGNORECASE)
_NOTICED = re.compile(r"\b(?:first )?(?:noticed|spotted|saw|seen|found|realised)\b", re.IGNORECASE)
_AND = re.compile(r",|;|\band\b|\bplus\b|\balso\b|\n", re.IGNORECASE)
_NO_BUT_A_FACT = re.compile(
    r"^(?:no[ -]?one|nobody|none|nothing|never|no \w+) (?:\w+ ){0,2}(?:is|are|was|can|has|have|'?s|in|to|yet)\b"
)
_OUT = re.compile(r"\b(?:post|tweet|sent|send|shar|went out|put|publish|e-?mail|upload|up since|hit)\w*", re.IGNORECASE)
_NEGATED = re.compile(r"\b(?:not|no|nobody|none|never|nothing|without|\w+n't|cannot)\b", re.IGNORECASE)
_CORRECTING = re.compile(
    r"\b(no wait|wait|hang on|hold on|actually|correction|scrap that|i meant|i mean|sorry|oops|my mistake|update|"
    r"change (?:that|my answer|it)|i said|not .{3,40}, (?:it was|my|the))\b"
)


@dataclass(frozen=True)
class Fact:
    """An answer understood from free text: how sure, from 0 to 1, and the words it rests on."""

    value: Value
    confidence: float
    words: str


@dataclass(frozen=True)
class Reading:
    """Everything a message says."""

    facts: Mapping[str, Fact]
    platforms: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    counts: tuple[str, ...] = ()
    emergency: bool = False
    english: bool = True
    cut: bool = False


@dataclass(frozen=True)
class AnswerReading:
    """A text read as the answer to one question; `value` is None when it is no answer to it."""

    value: Value | None
    confidence: float = 0.0
    unsure: bool = False
    also: Mapping[str, Fact] = field(default_factory=dict)
    problem: str = ""
    """A sentence for a time that cannot be read or lies ahead."""


class Understanding:
    """Reads texts against one flow version. Its phrases are encoded once, through the encoder's cache."""

    def __init__(self, flow: Flow, encoder: Encoder) -> None:
        self._flow = flow
        self._encoder = encoder
        phrases: list[str] = []
        self._owners: list[tuple[str, str]] = []
        for name, question in flow.questions.items():
            for option in question.options.values():
                for phrase in (option.label, *option.says):
                    phrases.append(phrase)
                    self._owners.append((name, option.code))
        self._phrases = phrases
        self._danger = DangerSense(encoder)
        self._vectors = encoder.encode_fixed(phrases)
        self._negated = np.array([bool(_NEGATED.search(phrase)) for phrase in phrases])
        self._telling = _telling(self._owners, phrases)
        self._rows = {
            (name, code): np.array([n for n, owner in enumerate(self._owners) if owner == (name, code)])
            for name, code in dict.fromkeys(self._owners)
        }

    @property
    def questions(self) -> Mapping[str, Question]:
        """The questions that texts are read against."""
        return self._flow.questions

    def facts(self, text: str, now: datetime, zone: ZoneInfo) -> Reading:
        """What a first message, or any later one, says without having been asked.

        Args:
            text: as typed.
            now: when it was said; aware.
            zone: where people here live.
        """
        cleaned = texts.clean(text)
        own = texts.without_quotations(cleaned)
        found: dict[str, Fact] = {}
        english = texts.is_english(own)
        parts, vectors = self._encoded(own if english else "")
        if english:
            self._read_clauses(parts, vectors, found)
        counted = texts.counts(own)
        self._read_counts(counted, found)
        self._read_platform_rules(own, found)
        posted = find_time(own, now, zone)
        if posted is not None and _OUT.search(own):
            for name, question in self._flow.questions.items():
                if question.kind == "times":
                    found[name] = Fact(Times(posted=posted), 0.8, own[:80])
        return Reading(
            facts=found,
            platforms=tuple(texts.platforms(own)),
            accounts=tuple(texts.accounts(own)),
            links=tuple(texts.links(cleaned)),
            counts=tuple(words for _, _, words in counted),
            emergency=self._danger.is_danger(cleaned, vectors if own == cleaned else self._encoded(cleaned)[1]),
            english=english,
            cut=len(text) > texts.MOST_CHARACTERS,
        )

    def answer(self, question_id: str, text: str, now: datetime, zone: ZoneInfo) -> AnswerReading:
        """A text as the answer to a question: judged against its options only, the rest is kept in `also`."""
        question = self._flow.questions[question_id]
        cleaned = texts.clean(text)
        if not cleaned:
            return AnswerReading(None)
        if question.kind == "times":
            return self._times(cleaned, now, zone)
        exact = _named(question, cleaned)
        if exact is not None:
            return AnswerReading((exact,) if question.kind == "many" else exact, 1.0)
        lower = cleaned.lower().strip(" .!")
        if _UNSURE.search(lower):
            option = next((code for code in ("unsure", "unknown") if code in question.options), None)
            value: Value | None = option if question.kind != "many" or option is None else (option,)
            return AnswerReading(value, 0.9 if option else 0.0, unsure=True)
        if self.yes_no(lower) is not None and len(lower.split()) <= 3:
            plain = self._yes_or_no(question, lower)
            if plain is not None:
                return AnswerReading((plain,) if question.kind == "many" else plain, 0.9)
            if len(lower.split()) == 1:
                return AnswerReading(None)
        if question.kind == "many":
            return self._several(question, cleaned)
        counted = {} if question_id != "spread" else self._counted(cleaned)
        if question_id in counted:
            return AnswerReading(counted[question_id].value, 0.9)
        scores = self._scores(question, [cleaned, *texts.clauses(cleaned)]).max(0)
        scores = scores + self._leaning(question, lower)
        best, second = np.argsort(-scores)[:2]
        near = float(scores[best])
        also = {name: fact for name, fact in self.facts(text, now, zone).facts.items() if name != question_id}
        if near < ANSWERS or (near < SURE and near - float(scores[second]) < MARGIN):
            return AnswerReading(None, near, also=also)
        return AnswerReading(list(question.options)[best], near, also={} if near > SURE else also)

    def correction(
        self, text: str, answered: Sequence[str], now: datetime, zone: ZoneInfo
    ) -> tuple[str, AnswerReading] | None:
        """Which earlier answer a text corrects, and what it says instead; None when it fits none of them."""
        cleaned = _CORRECTING.sub(" ", texts.clean(text).lower()).strip(" ,.-")
        best: tuple[str, AnswerReading] | None = None
        for name in answered:
            if self._flow.questions[name].kind == "times":
                continue
            reading = self.answer(name, cleaned, now, zone)
            if reading.value is None or reading.unsure or reading.confidence < ANSWERS:
                continue
            if best is None or reading.confidence > best[1].confidence:
                best = (name, reading)
        return best

    @staticmethod
    def yes_no(text: str) -> bool | None:
        """Whether a short text says yes or no."""
        lower = texts.clean(text).lower().strip(" .!")
        if _NO.match(lower) and not _NO_BUT_A_FACT.match(lower):
            return False
        return True if _YES.match(lower) else None

    def _encoded(self, text: str) -> tuple[list[str], Floats]:
        """The clauses of a text, and its beginning as a whole, with their vectors."""
        parts = [part for part in [*texts.clauses(text), text[:300].strip()] if _says_something(part)]
        return parts, self._encoder.encode(parts) if parts else self._vectors[:0]

    def _read_clauses(self, parts: Sequence[str], vectors: Floats, found: dict[str, Fact]) -> None:
        if not parts:
            return
        many: dict[str, list[tuple[str, float, str]]] = {}
        for name in READ_FROM_FIRST:
            question = self._flow.questions.get(name)
            if question is None or not question.options:
                continue
            scores = self._similar(question, parts, vectors) + TELLING * self._telling_words(question, parts)
            codes = list(question.options)
            for row, part in enumerate(parts):
                order = np.argsort(-scores[row])
                best = float(scores[row][order[0]])
                second = float(scores[row][order[1]])
                code = codes[order[0]]
                if best < FACT or best - second < MARGIN or code in ("unsure", "unknown", "none"):
                    continue
                if _NEGATED.search(part) and not _NEGATED.search(self._nearest_phrase(name, code, vectors[row])):
                    continue
                if question.kind == "many":
                    many.setdefault(name, []).append((code, best, part))
                elif name not in found or found[name].confidence < best:
                    found[name] = Fact(code, min(best, 0.99), part)
        for name, hits in many.items():
            codes_ = tuple(c for c in self._flow.questions[name].options if c in {hit[0] for hit in hits})
            found[name] = Fact(codes_, min(hit[1] for hit in hits), hits[0][2])

    def _read_counts(self, counted: Sequence[tuple[int, str, str]], found: dict[str, Fact]) -> None:
        for count, what, words in counted:
            if "spread" in self._flow.questions and "spread" not in found and count > 0:
                shared = count >= 10 or what.startswith(("rt", "retweet", "re-tweet", "share", "repost"))
                found["spread"] = Fact("shared" if shared else "few", 0.8, words)

    def _read_platform_rules(self, text: str, found: dict[str, Fact]) -> None:
        """What is regular: a screenshot by somebody else means that it is shared."""
        shot = _SHOT.search(text)
        origin = self._flow.questions.get("origin")
        if "origin" not in found and origin and "own_post" in origin.options and (ours := texts.own_post(text)):
            found["origin"] = Fact("own_post", 0.7, ours)
        if shot and "spread" in self._flow.questions:
            found["spread"] = Fact("shared", 0.85, shot[0])
            found.pop("evidence", None)

    def _counted(self, text: str) -> dict[str, Fact]:
        found: dict[str, Fact] = {}
        self._read_counts(texts.counts(text), found)
        return found

    def _several(self, question: Question, text: str) -> AnswerReading:
        parts = [part for part in _AND.split(text) if part.strip()]
        scores = self._scores(question, [text, *parts])
        codes = list(question.options)
        chosen: dict[str, float] = {}
        for row in scores[1:] if len(parts) > 1 else scores[:1]:
            best = int(row.argmax())
            if float(row[best]) >= ANSWERS:
                chosen[codes[best]] = max(chosen.get(codes[best], 0), float(row[best]))
        for part in parts:
            exact = _named(question, part.strip())
            if exact is not None:
                chosen[exact] = 1.0
        if len(chosen) > 1:
            alone = {code for code, bit in question.bits.items() if bit & question.alone}
            chosen = {code: score for code, score in chosen.items() if code not in alone}
        if not chosen:
            return AnswerReading(None, float(scores.max()))
        return AnswerReading(tuple(code for code in codes if code in chosen), min(chosen.values()))

    def _times(self, text: str, now: datetime, zone: ZoneInfo) -> AnswerReading:
        parts = _NOTICED.split(text, maxsplit=1)
        try:
            if len(parts) > 1 and parts[1].strip():
                noticed = read_time(parts[1], now, zone)
                posted = find_time(parts[0], now, zone)
                if posted is None and re.search(r"\d", parts[0]):
                    posted = read_time(parts[0], now, zone)
                if posted is not None and noticed < posted:
                    problem = "It cannot have been noticed before it was posted. When was each?"
                    return AnswerReading(None, problem=problem)
                return AnswerReading(Times(posted, noticed), 0.8)
            time = read_time(text, now, zone)
        except TimeError as error:
            return AnswerReading(None, problem=str(error))
        return AnswerReading(Times(time, time), 0.8)

    def _yes_or_no(self, question: Question, lower: str) -> str | None:
        """A short yes or no, for a question with one option that says just that."""
        word = "yes" if self.yes_no(lower) else "no"
        exact = [c for c, o in question.options.items() if re.match(rf"{word}\b", o.label.lower())]
        if len(exact) == 1:
            return exact[0]
        return "none" if word == "no" and "none" in question.options and not exact else None

    def _telling_words(self, question: Question, parts: Sequence[str]) -> Floats:
        """For each part and option: whether the part has a word that only this option's phrases have, twice or more."""
        codes = list(question.options)
        result = np.zeros((len(parts), len(codes)), dtype=np.float32)
        for row, part in enumerate(parts):
            for stem in texts.stems(part):
                code = self._telling.get((question.id, stem))
                if code is not None:
                    result[row, codes.index(code)] = 1
        return result

    def _leaning(self, question: Question, lower: str) -> Floats:
        """A text that begins with yes or no, where the options do: those that begin with the other word are out."""
        said = self.yes_no(lower)
        sides = [_SIDE.get(option.label.lower()[:3].strip(" ,-")) for option in question.options.values()]
        if said is None or not {True, False} <= set(sides):
            return np.zeros(len(sides), dtype=np.float32)
        return np.array(
            [0.0 if side is None else LEANING if side == said else -1.0 for side in sides], dtype=np.float32
        )

    def _nearest_phrase(self, name: str, code: str, vector: Floats) -> str:
        rows = self._rows[name, code]
        nearest = int(rows[int((self._vectors[rows] @ vector).argmax())])
        return self._phrases[nearest]

    def _scores(self, question: Question, parts: Sequence[str]) -> Floats:
        return self._similar(question, parts, self._encoder.encode(list(parts)))

    def _similar(self, question: Question, parts: Sequence[str], vectors: Floats) -> Floats:
        """How near each part is to each option: its nearest phrase. A "not" on one side only takes it away."""
        negated = np.array([bool(_NEGATED.search(part)) for part in parts])
        columns = []
        for code in question.options:
            rows = self._rows[question.id, code]
            unlike = negated[:, None] != self._negated[rows][None, :]
            columns.append((vectors @ self._vectors[rows].T - NEGATION * unlike).max(1))
        return np.stack(columns, axis=1)


def _telling(owners: Sequence[tuple[str, str]], phrases: Sequence[str]) -> dict[tuple[str, str], str]:
    """The stems that tell an option: (question, stem) to the one option in whose phrases it stands at least twice."""
    seen: dict[tuple[str, str], Counter[str]] = {}
    for (name, code), phrase in zip(owners, phrases, strict=True):
        for stem in texts.stems(phrase):
            seen.setdefault((name, stem), Counter())[code] += 1
    return {
        key: code
        for key, counts in seen.items()
        for code, n in counts.items()
        if len(counts) == 1 and n >= TELLING_TIMES
    }


def _named(question: Question, text: str) -> str | None:
    """The option whose label, code or number was typed."""
    lower = text.lower().strip(" .!")
    if lower.isdigit() and 1 <= int(lower) <= len(question.options):
        return list(question.options)[int(lower) - 1]
    for code, option in question.options.items():
        label = option.label.lower()
        if lower in (label, code, code.replace("_", " ")) or (len(lower) > 8 and label.startswith(lower)):
            return code
    return None


def _says_something(part: str) -> bool:
    """Whether a clause can be a fact by itself: a bare yes or no is an answer, to whatever was asked."""
    return len(part) > 3 and not (len(part.split()) <= 2 and (_YES.match(part.lower()) or _NO.match(part.lower())))
