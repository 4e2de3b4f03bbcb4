"""What a message says about the questions of a flow: a classifier for each, and rules for what is regular."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from amends.flows import Times
from amends.understanding import texts
from amends.understanding.classify import SILENT, Classifier, Example, Features, kept, trained
from amends.understanding.danger import EMERGENCY, WORRYING, DangerSense
from amends.understanding.messages import MOST_PARTS, WHOLE, MessageReader, parts_of
from amends.understanding.numbers import number_in
from amends.understanding.times import TimeError, find_time, read_time

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from amends.flows import Flow, Question
    from amends.understanding.encoder import Encoder, Floats
    from amends.understanding.examples import Examples

Value = str | tuple[str, ...] | Times

SURE = 0.62
"""From here an answer is sure; docs/understanding.md counts the wrong ones among these."""

ANSWERS = 0.05
"""How likely an option must be for a text to count as an answer to the question that was asked."""

AHEAD = 0.4
"""And the share that it must have of what all options get."""

ALSO = 0.3
"""The share from which a part of a text names an option of its own, where several can be picked."""

UNASKED = 0.2
"""What texts that are about something else weigh beside the answers to a question."""

NEAR = 0.3
"""How likely a message must say something of a question for that to be asked before others."""

_FRESH = 32
"""Readings that are kept: a turn asks for its own before the transaction and again inside."""

_NOT_TAUGHT = 30.0
"""How far from likely an option is that nothing was learnt of."""

_UNSURE = re.compile(
    r"^(?:i'?m |i am )?(?:really )?(?:not (?:quite |really )?(?:sure|certain)|unsure|no idea|dunno|don'?t know|no clue|"
    r"i (?:really )?(?:don'?t|do not) know|can'?t (?:say|tell)|hard to (?:say|tell)|"
    r"who knows|maybe|perhaps|possibly)\b",
)
_SAYS_NOTHING = frozenset(("none", "absent", "unsure", "unknown"))
"""Options whose answers say little of the question they answer: 'no, nothing like that'."""
_SIDE = {"yes": True, "no": False}
_YES = re.compile(
    r"^(?:y|yes|yep|yeah|yup|yea|sure|ok(?:ay)?|correct|right|true|indeed|absolutely|definitely|of course|"
    r"confirm\w*|exactly)\b"
)
_NO = re.compile(r"^(?:n(?!/)|no|nope|nah|not at all|never|none|nothing|wrong|incorrect|false|don'?t)\b")
_SHOT = re.compile(r"\b(someone|somebody|people|they)('s| has| have)? (already )?screen ?shot\w*", re.IGNORECASE)
_DELETING = re.compile(
    r"\b(?:deleting|removing|taking (?:it|this|that) down)(?: (?:it|this|that))? (?:right )?now\b", re.IGNORECASE
)
_NOTICED = re.compile(
    r"\b(?:first )?(?:noticed|spotted|saw|seen|found|realised|heard|flagged|told us|pointed out)\b", re.IGNORECASE
)
_AND = re.compile(r",|;|\band\b|\bplus\b|\balso\b|\n", re.IGNORECASE)
_NO_BUT_A_FACT = re.compile(
    r"^(?:no[ -]?one|nobody|none|nothing|never|no \w+) (?:\w+ ){0,2}(?:is|are|was|can|has|have|'?s|in|to|yet)\b"
)
_OUT = re.compile(r"\b(?:post|tweet|sent|send|shar|went out|put|publish|e-?mail|upload|up since|hit)\w*", re.IGNORECASE)
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
    near: tuple[str, ...] = ()
    """Questions of which it seems to say something, but not surely: asked first, the nearest first."""
    platforms: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    counts: tuple[str, ...] = ()
    danger: float = 0.0
    """How likely somebody's life or body is in danger."""
    english: bool = True
    cut: bool = False

    @property
    def emergency(self) -> bool:
        """Whether it is taken for an emergency."""
        return self.danger >= EMERGENCY

    @property
    def worrying(self) -> bool:
        """Whether it is near enough to danger for a word about it."""
        return WORRYING <= self.danger < EMERGENCY


@dataclass(frozen=True)
class AnswerReading:
    """A text read as the answer to one question; `value` is None when it is no answer to it."""

    value: Value | None
    confidence: float = 0.0
    unsure: bool = False
    problem: str = ""
    """A sentence for a time that cannot be read or lies ahead."""


class Understanding:
    """Reads texts against one flow version.

    Args:
        flow: its questions, options and phrases.
        encoder: turns texts into vectors.
        examples: what there is to learn from beside the flow's own phrases.
        cache: where trained classifiers are kept; with what is kept there, a start costs next to nothing.
        meanwhile: reads the questions whose classifiers are not in the cache, so that nothing is trained now. An
            option that it does not know has to be named; a question whose options are others is not read unasked.
    """

    def __init__(
        self,
        flow: Flow,
        encoder: Encoder,
        examples: Examples,
        cache: Path | None = None,
        meanwhile: Understanding | None = None,
    ) -> None:
        self._flow = flow
        self._features = Features(encoder)
        self._danger = DangerSense(self._features, examples, cache)
        self._classifiers: dict[str, Classifier] = {}
        self._readers: dict[str, MessageReader] = {}
        self._facts = lru_cache(_FRESH)(self._read)
        self.trained = True
        """Whether every question is read by what was learnt for this very flow."""
        for question in flow.questions.values():
            if question.options:
                self._learn(question, examples, cache, meanwhile)

    @property
    def questions(self) -> Mapping[str, Question]:
        """The questions that texts are read against."""
        return self._flow.questions

    @property
    def flow_id(self) -> str:
        """The flow whose they are."""
        return self._flow.id

    def facts(self, text: str, now: datetime, zone: ZoneInfo) -> Reading:
        """What a first message, or any later one, says without having been asked.

        Args:
            text: as typed.
            now: when it was said; aware.
            zone: where people here live.
        """
        return self._facts(text, now, zone)

    def _read(self, text: str, now: datetime, zone: ZoneInfo) -> Reading:
        cleaned = texts.clean(text)
        own = texts.without_quotations(cleaned)
        found: dict[str, Fact] = {}
        english = texts.is_english(own)
        parts = parts_of(cleaned)
        features = self._features.of(parts)
        near: tuple[str, ...] = ()
        if english and _says_something(own):
            near = self._read_parts(parts, features, found)
        if own != cleaned:  # what is quoted is no fact about the post, but may be a cry for help
            features = self._features.of([*texts.clauses(cleaned)[:MOST_PARTS], cleaned[:WHOLE]])
        danger = self._danger.likely(cleaned, features)
        counted = texts.counts(own)
        self._read_counts(counted, found)
        self._read_platform_rules(own, found)
        posted = find_time(own, now, zone)
        if posted is not None and _OUT.search(own):
            for name, question in self._flow.questions.items():
                if question.kind == "times":
                    found[name] = Fact(Times(posted=posted), 0.8, own[:80])
        return Reading(
            facts=MappingProxyType(found),
            near=tuple(name for name in near if name not in found),
            platforms=tuple(texts.platforms(own)),
            accounts=tuple(texts.accounts(own)),
            links=tuple(texts.links(cleaned)),
            counts=tuple(words for _, _, words in counted),
            danger=danger,
            english=english,
            cut=len(text) > texts.MOST_CHARACTERS,
        )

    def answer(self, question_id: str, text: str, now: datetime, zone: ZoneInfo) -> AnswerReading:
        """A text as the answer to a question: judged against its options only."""
        question = self._flow.questions[question_id]
        cleaned = texts.clean(text)
        if not cleaned or not texts.is_english(cleaned):
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
        counted_as = _by_number(question, cleaned)
        if counted_as is not None:
            return AnswerReading(counted_as, 0.9)
        if question.kind == "many":
            return self._several(question, cleaned)
        counted = {} if question_id != "spread" else self._counted(cleaned)
        if question_id in counted:
            return AnswerReading(counted[question_id].value, 0.9)
        likely, silent = self._likely(question, [cleaned])
        likely = likely[0] * self._possible(question, lower)
        best = int(likely.argmax())
        share = float(likely[best] / max(1 - silent[0], likely.sum(), 1e-9))
        if float(likely[best]) < ANSWERS or share < AHEAD:
            return AnswerReading(None, share if likely[best] >= ANSWERS else 0.0)
        return AnswerReading(list(question.options)[best], share)

    def correction(
        self, text: str, answered: Sequence[str], now: datetime, zone: ZoneInfo
    ) -> tuple[str, AnswerReading] | None:
        """Which earlier answer a text corrects, and what it says instead; None when it fits none of them."""
        cleaned = _CORRECTING.sub(" ", texts.clean(text).lower()).strip(" ,.-")
        if _UNSURE.match(cleaned):  # it fits every question that has a 'not sure', and so says of none that it is wrong
            return None
        best: tuple[str, AnswerReading] | None = None
        for name in answered:
            if self._flow.questions[name].kind == "times":
                continue
            reading = self.answer(name, cleaned, now, zone)
            if reading.value is None or reading.unsure:
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

    def _learn(
        self, question: Question, examples: Examples, cache: Path | None, meanwhile: Understanding | None
    ) -> None:
        phrases = [repr((o.code, o.label, o.says)) for o in question.options.values()]
        others = _answers_to_others(self._flow, question, examples)
        learnt_from = [self._features.version, examples.digest, question.id, *phrases, repr(others)]
        if meanwhile is None or kept(learnt_from, cache) is not None:
            own = trained(learnt_from, lambda: _to_learn(question, others, examples), self._features.of_fixed, cache)
            self._classifiers[question.id] = own
            self._readers[question.id] = MessageReader(self._flow.id, question, own, examples, self._features, cache)
            return
        self.trained = False
        classes = [*question.options, SILENT]
        other = meanwhile._classifiers.get(question.id)  # noqa: SLF001 - another of our own
        if other is None:
            untaught = np.array([-_NOT_TAUGHT] * len(question.options) + [0.0], dtype=np.float32)
            width = self._features.of([""]).shape[1]
            other = Classifier(tuple(classes), np.zeros((width, len(classes)), dtype=np.float32), untaught)
        self._classifiers[question.id] = other.speaking_of(classes)
        same = meanwhile.questions.get(question.id)
        if same is not None and (same.kind, list(same.options)) == (question.kind, list(question.options)):
            self._readers[question.id] = meanwhile._readers[question.id]  # noqa: SLF001 - another of our own

    def _read_parts(self, parts: Sequence[str], features: Floats, found: dict[str, Fact]) -> tuple[str, ...]:
        """Read what a message states into `found`; returns the questions it comes near to, the nearest first."""
        near: dict[str, float] = {}
        for name, reader in self._readers.items():
            question = self._flow.questions[name]
            heard = reader.heard(parts, features)
            stated = {code: why for code, why in heard.items() if why[0] >= reader.least}
            likeliest = max((sure for sure, _ in heard.values()), default=0.0)
            if not stated and likeliest >= NEAR:
                near[name] = likeliest
            alone = {code for code, bit in question.bits.items() if bit & question.alone}
            if question.kind == "many" and len(stated) > 1:
                stated = {code: why for code, why in stated.items() if code not in alone} or stated
            if stated and question.kind == "many":
                codes = tuple(code for code in question.options if code in stated)
                found[name] = Fact(codes, min(stated[code][0] for code in codes), stated[codes[0]][1])
            elif stated:
                code = max(stated, key=lambda one: stated[one][0])
                found[name] = Fact(code, *stated[code])
        return tuple(sorted(near, key=near.__getitem__, reverse=True))

    def _read_counts(self, counted: Sequence[tuple[int, str, str]], found: dict[str, Fact]) -> None:
        asks = any(option.up_to is not None for q in self._flow.questions.values() for option in q.options.values())
        for count, what, words in counted:
            if asks and what == "people":  # they are those of that question, and not those who have seen it
                continue
            if "spread" in self._flow.questions and "spread" not in found and count > 0:
                shared = count >= 10 or what.startswith(("rt", "retweet", "re-tweet", "share", "repost"))
                found["spread"] = Fact("shared" if shared else "few", 0.8, words)

    def _read_platform_rules(self, text: str, found: dict[str, Fact]) -> None:
        """What is regular: a screenshot by somebody else means that it is shared."""
        shot = _SHOT.search(text)
        origin = self._flow.questions.get("origin")
        if "origin" not in found and origin and "own_post" in origin.options and (ours := texts.own_post(text)):
            found["origin"] = Fact("own_post", 0.7, ours)
        deleting = _DELETING.search(text)
        if deleting and "control" not in found and "control" in self._flow.questions:
            found["control"] = Fact("can_remove", 0.75, deleting[0])
        if shot and "spread" in self._flow.questions:
            found["spread"] = Fact("shared", 0.85, shot[0])
            found.pop("evidence", None)

    def _counted(self, text: str) -> dict[str, Fact]:
        found: dict[str, Fact] = {}
        self._read_counts(texts.counts(text), found)
        return found

    def _several(self, question: Question, text: str) -> AnswerReading:
        parts = [part.strip() for part in _AND.split(text) if part.strip()]
        likely, silent = self._likely(question, [text, *parts])
        codes = list(question.options)
        shares = likely / np.maximum(1 - silent, 1e-9)[:, None]
        chosen: dict[str, float] = {}
        for row, part in enumerate([text, *parts]):
            best = int(shares[row].argmax())
            exact = _named(question, part)
            if exact is not None:
                chosen[exact] = 1.0
                continue
            least = ALSO if row and len(parts) > 1 else 2 * ANSWERS
            if float(likely[row, best]) >= least and shares[row, best] >= AHEAD:
                chosen[codes[best]] = max(chosen.get(codes[best], 0), float(shares[row, best]))
        if len(chosen) > 1:
            alone = {code for code, bit in question.bits.items() if bit & question.alone}
            chosen = {code: share for code, share in chosen.items() if code not in alone}
        if not chosen:
            return AnswerReading(None)
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

    def _likely(self, question: Question, parts: Sequence[str]) -> tuple[Floats, Floats]:
        """How likely each option is for each part, and how likely that the part says nothing of the question."""
        classifier = self._classifiers[question.id]
        likely = classifier.probabilities(self._features.of(parts))
        columns = [classifier.classes.index(code) for code in question.options]
        return likely[:, columns], likely[:, classifier.classes.index(SILENT)]

    def _possible(self, question: Question, lower: str) -> Floats:
        """A text that begins with yes or no, where the options do: those that begin with the other word are out."""
        said = self.yes_no(lower)
        sides = [_SIDE.get(option.label.lower()[:3].strip(" ,-")) for option in question.options.values()]
        if said is None or not {True, False} <= set(sides):
            return np.ones(len(sides), dtype=np.float32)
        return np.array([0.0 if side is (not said) else 1.0 for side in sides], dtype=np.float32)


def _answers_to_others(flow: Flow, question: Question, examples: Examples) -> list[str]:
    """What people say in answer to the other questions of a flow; of those that are taught nothing, their phrases."""
    found: list[str] = []
    for name, other in flow.questions.items():
        taught = examples.answers.get(name) or {code: option.says for code, option in other.options.items()}
        if name != question.id:
            found += (text for code, said in taught.items() if code not in _SAYS_NOTHING for text in said)
    return found


def _to_learn(question: Question, others: Sequence[str], examples: Examples) -> list[Example]:
    """What a question's classifier learns from: answers, messages, and texts that are about something else."""
    learn: dict[str, Example] = {}
    taught = examples.answers.get(question.id, {})
    for code, option in question.options.items():
        for text in (option.label, *option.says, *taught.get(code, ())):
            learn.setdefault(text.lower(), Example(text, code))
    for text in examples.dodges.get(question.id, ()):
        learn.setdefault(text.lower(), Example(text, SILENT))
    for text in (*others, *examples.silent):
        learn.setdefault(text.lower(), Example(text, SILENT, UNASKED))
    return list(learn.values())


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


def _by_number(question: Question, text: str) -> str | None:
    """The option of a question for a number that a text names by its number."""
    asks = any(option.up_to is not None for option in question.options.values())
    number = number_in(text) if asks else None
    if number is None:
        return None
    fits = (code for code, option in question.options.items() if option.up_to is not None and number <= option.up_to)
    return next(fits, list(question.options)[-1])


def _says_something(part: str) -> bool:
    """Whether a text can state a fact by itself.

    A bare yes or no is an answer, to whatever was asked; a single run of characters that is no word is none.
    """
    words = part.split()
    if len(words) == 1 and not part.strip(" .,!?").isalpha():
        return False
    return len(part) > 3 and not (len(words) <= 2 and (_YES.match(part.lower()) or _NO.match(part.lower())))
