"""Whether somebody's life or body is in danger: what is regular by rule, the rest by a classifier."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from amends.flows.names import USUAL
from amends.understanding.classify import Example, trained

if TYPE_CHECKING:
    from pathlib import Path

    from amends.understanding.classify import Features
    from amends.understanding.encoder import Floats
    from amends.understanding.examples import Examples

_MYSELF = r"(?:my|him|her|them|your|it)sel(?:f|ves)|theirself|meself"
_RULES = re.compile(
    rf"\b(?:kil+(?:ing)?|hang(?:ing)?|drown(?:ing)?|shoot(?:ing)?|harm(?:ing)?|hurt(?:ing)?|cut(?:ting)?"
    rf"|poison(?:ing)?"
    rf"|stab(?:bing)?) (?:{_MYSELF})\b"
    r"|\b(?:end|ending|take|taking|took) (?:my|his|her|their) (?:own )?li(?:fe|ves)\b"
    r"|\bsuicidal\b|\b(?:commit|attempt|make|do|think\w* (?:of|about))(?:ing|ted|ed)? suicide\b"
    r"|\bsuicide (?:note|attempt)\b"
    r"|\b(?:wants?|wanna|going|threat\w*|plans?|wish(?:es)? (?:i|to)) (?:to )?die\b"
    r"|\bnot? (?:want(?: to)?|wish to) (?:live|be alive)\b|n'?t (?:really )?want to (?:live|be alive|be here any ?more)\b"
    r"|\bbetter off (?:dead|without me)\b|\b(?:keep|go on|point (?:in|of)) living\b"
    r"|\b(?:took|taken|take|swallowed|about to) (?:an? )?overdos\w*|\b(?:slit|cut|slashed) (?:her|his|my"
    r"|their) (?:wrists?|arms?)\b"
    r"|\bjump(?:ing)? (?:off|from) (?:the|a) \w+|\bon (?:the|a) (?:bridge|roof|ledge)\b.{0,30}\bjump"
    r"|\b(?:bomb|death) threats?\b|\bthreat\w* (?:to |of )?(?:kill|murder|stab|shoot|bomb|rape|acid|attack)\w*"
    r"|\b(?:will|gonna|going to|coming to|plans? to|wants? to|says? he'?s going to|'ll) "
    r"(?:kill|murder|stab|shoot|rape|bomb|blow up) (?:his|her|my|them|him|me|someone|somebody|people|us"
    r"|you all|everyone|a |the )"
    r"|\b(?:with|has|has got|got|carrying|holding) an? (?:\w+ )?(?:gun|knife|machete|axe|bomb|rifle|sword)\b"
    r"|\b(?:is|isn'?t|not|stopped|has stopped) (?:unconscious|breathing|not breathing)\b|\bunconscious\b"
    r"|\b(?:immediate|mortal|real) danger\b|\blife (?:is )?(?:in|at) (?:danger|risk)\b"
    r"|\bbleeding (?:badly|heavily|out|to death)\b"
    r"|\b(?:end it (?:all|tonight|today|now)|end things tonight)\b|\bnoose\b|\b(?:got|have|bought"
    r"|with) (?:a|the|some) rope\b"
    r"|\b(?:taken|took|swallowed|swallow|drank|drunk) (?:all|too many|a (?:load|lot|bottle|packet"
    r"|handful) of|loads of|the whole)"
    r" (?:of )?(?:my |his |her |the |your )?(?:tablets|pills|painkillers|medication|medicine|paracetamol)"
    r"|\b(?:swallowed|drank|drunk|drinking) (?:bleach|acid|poison|cleaning)|(?<![\d ] )(?<!\d)\bkms\b"
    r"|\b(?:better|happier|easier) (?:off )?(?:if|when) (?:i|he|she) (?:was|were|am|is|wasn'?t"
    r"|weren'?t)(?:n'?t| not)? (?:gone|dead|here|around|alive)"
    r"|\bsomething (?:stupid|silly|terrible|drastic) to (?:myself|himself|herself)\b|\bno(?:body|-one"
    r"| one)(?: will|'ll) miss (?:me|him|her)\b"
    r"|\bthreat\w* to\b.{0,40}\b(?:kill|stab|shoot|attack|murder|throw acid)\b|\b(?:shoot|kill|stab"
    r"|bomb) (?:the lot|all) of (?:you|us)\b"
    r"|\b(?:been|being|was|is|got) (?:a )?(?:stabb(?:ed|ing)|shot (?:at|by|in)|shooting|attacked by"
    r"|beaten up|held hostage)\b.{0,30}\b(?:now|here|outside)\b"
    r"|\b(?:collapsed|isn'?t|not|stopped) (?:and )?(?:isn'?t |not )?breathing\b|\b(?:had"
    r"|having) a (?:heart attack|stroke|seizure|fit)\b"
    r"|\bfire in (?:the|our) (?:building|office|hall|school|library)\b|\b(?:trapped"
    r"|holding .{0,12}hostage|beating (?:me|her|him|them))\b"
    r"|\b(?:man|men|someone|somebody|people|ex) (?:is |are )?(?:waiting )?outside (?:my|his|her"
    r"|their) (?:house|home|door|flat)\b"
    r"|\bself[- ]?harm(?:ing|ed|s)?\b|\bon (?:his|her|their) way to (?:kill|murder|hurt|get) (?:me|us|her"
    r"|him)\b"
    r"|\b(?:find and|and) (?:kill|murder) (?:me|her|him|them)\b|\bbeing (?:attacked|assaulted|stabbed"
    r"|raped)\b.{0,30}\b(?:now|outside)\b"
    r"|\bplanted (?:a|an) (?:bomb|explosive)|\bset(?:ting)? (?:himself|herself|themselves|myself) on fire\b",
    re.IGNORECASE,
)
_NOT_MEANT = re.compile(
    r"\b(?:not|never|isn'?t|aren'?t|wasn'?t|don'?t|nobody|no one|no|didn'?t)\b[^.,;!?]{0,25}"
    r"(?:suicidal|kill myself|hurt myself|threats?|going to die|want to die of|danger|overdose)"
    r"|\b(?:boss|manager|head|dean|wife|husband|mum|mother|dad|editor|director)\b[^.,;]{0,12}"
    r"\b(?:is going to|will|gonna|'ll)? ?(?:kill|murder|shoot|strangle) (?:me|us)"
    r"|\b(?:die|dying|died) (?:of|from|with) (?:shame|embarrassment|laughing|laughter|boredom|cringe)"
    r"|\b(?:career|political|commercial|brand|social) suicide\b|\bsuicide (?:prevention|awareness|squad"
    r"|reporting|helpline)\b"
    r"|\b(?:nearly|almost) (?:had|died|killed|collapsed)\b[^.,;]{0,20}|\b(?:film|movie|novel|podcast"
    r"|musical|play about|game)\b",
    re.IGNORECASE,
)
_ABOUT = re.compile(r"\b(?:practi[cs]e|rehears\w*|scenario|drill|polic(?:y|ies)|guidance|guidelines)\b", re.IGNORECASE)
"""Danger is only the subject of these."""
EMERGENCY = 0.5
"""From here it is taken for an emergency; measured in docs/understanding.md."""
WORRYING = 0.2
"""From here one sentence says what to do if anyone is in danger."""

_DANGER, _HARMLESS = "danger", "harmless"


class DangerSense:
    """Tells danger from figures of speech: by rule, and by a classifier for what no rule foresees."""

    def __init__(self, features: Features, examples: Examples, cache: Path | None) -> None:
        learnt_from = [features.version, examples.digest, "danger"]
        self._classifier = trained(learnt_from, lambda: _to_learn(examples), features.of_fixed, cache)

    def likely(self, text: str, features: Floats) -> float:
        """How likely a text speaks of danger; 1 where a rule says so, 0 where one says that it does not.

        Args:
            text: what was typed.
            features: those of its parts.
        """
        if _ABOUT.search(text):
            return 0.0
        rest = _NOT_MEANT.sub(" ", text)
        if _RULES.search(rest):
            return 1.0
        if rest != text or not len(features):
            return 0.0
        column = self._classifier.classes.index(_DANGER)
        return float(self._classifier.probabilities(features)[:, column].max())


def _to_learn(examples: Examples) -> list[Example]:
    harmless = [*examples.harmless, *examples.silent, *(message.text for message in examples.told_in.get(USUAL, ()))]
    harmless += [text for by_option in examples.answers.values() for said in by_option.values() for text in said]
    learn = {text: Example(text, _HARMLESS) for text in harmless}
    learn |= {text: Example(text, _DANGER) for text in examples.danger}
    return list(learn.values())
