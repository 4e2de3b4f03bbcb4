"""Words that are a finding wherever they stand: swearing, put-downs, offers, what is held back or not finished. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from amends.drafts.finding import Mark
from amends.drafts.persons import named
from amends.drafts.sentences import spans

if TYPE_CHECKING:
    from collections.abc import Iterator

_STAR = r"[*#@$!%_\u2022-]"
_MASKED = (
    *("fuck", "fucks", "fucked", "fucker", "fucking", "shit", "shits", "shitty", "bullshit", "cunt", "cunts"),
    *("wanker", "bastard", "bastards", "bollocks", "crap", "bitch", "arse", "twat", "piss"),
)


def _masked(word: str) -> str:
    """A pattern for a word in which signs stand for some of the letters after its first."""
    inner = "".join(f"(?:{letter}|{_STAR})" for letter in word[1:])
    return rf"(?<!\w){word[0]}(?=\w*{_STAR}){inner}(?!\w)"


_swearing = re.compile(
    r"\b(?:mother)?f+u+c+k\w*|\bfck\w*|\b(?:bull|dip)?sh[i1]+te?s?\b|\bsh[i1]t\w*|\bcunt\w*|\bwank\w*|\bbollock\w*|\btwat\w*|\bpiss(?:ed)? off\b|"
    r"\bpiss(?:ed|ing)?\b|\bbastards?\b|\barse(?:hole)?s?\b|\bass ?holes?\b|\bbloody (?!sunday|mary|assizes)\w+|\bprick\b|\bdick ?heads?\b|"
    r"\bbitch\w*|\bwhores?\b|\bdouches?\b|\b(?:wtf|stfu|ffs|lmf?ao|gtfo)\b|\bcrap(?:py)?\b|"
    + "|".join(_masked(word) for word in _MASKED),
    re.IGNORECASE,
)
_insult = re.compile(
    r"\bactually,? (?:you|they)\b|\byou(?:'re| are) (?:wrong|an? \w+ ?(?:idiot|liar|woman|man|fool)|being (?:silly|stupid|dramatic))\b|"
    r"\bas (?:we|i) (?:have )?(?:already|have) said\b|\bcalm down\b|\bget (?:over it|a life|a grip|lost)\b|\bgrow up\b|\bcry me a river\b|"
    r"\bnobody (?:asked|cares|wants your)\b|\byou clearly (?:did|do|have|can)n['\u2019]?t\b|\blearn to (?:read|spell|drive)\b|"
    r"\b(?:idiot|moron|imbecile|cretin|dimwit|muppet|numpty|clown|snowflake|loser|troll|fool)s?\b(?! (?:proof|fest))|\binbred\b|"
    r"\b(?:are|is|was|were|you|such|so|how|utterly|absolutely|being|be|that|a) (?:going to be )?(?:pathetic|stupid|clueless|thick|dumb|deluded|brainless|"
    r"useless|ignorant|hysterical)\b|\b(?:poor|sad) (?:deluded|little) \w+|\bwhing(?:e|ing|er)s?\b|\bz{5,}\b|"
    r"\b(?:back to school|nice try|well done|ok|okay|sure),? (?:genius|boomer|karen|einstein|sherlock)\b|"
    r"\b(?:ugly|fat) (?:girls?|women|woman|men|man|people|cow|pig|b\S+)|\bthe worst \w+(?: \w+)? (?:ever|this|we|i)\b",
    re.IGNORECASE,
)
_promise = re.compile(
    r"\b(?:we|i)(?:'ll| will)? (?:guarantee|promise)(?!s? (?:of|to listen|to update|to tell))\b|\b(?:is|are|be|'s) guaranteed\b|\bguaranteed\s*[!.,]|\bguaranteed (?:a|to|place)\b|"
    r"\bno (?:questions asked|exceptions|catch)\b|\bwe(?:'ll| will) (?:refund|compensate|reimburse|pay|match any|double|sack|fire|dismiss|discipline|suspend)\b|"
    r"\b(?:will be|has been|have been|is being) (?:sacked|fired|dismissed|disciplined|compensated)\b|"
    r"\b(?:lowest|cheapest|best) (?:prices?|fares?|deals?|rates?)?\s*(?:in (?:town|the \w+)|guaranteed|you will ever|you'll ever|anywhere|ever)\b|"
    r"\b(?:free|half price) \w+(?: \w+)? (?:for (?:life|ever|everyone|everybody|all)|forever)\b|\bfor life\b(?=[^.]{0,10}[!.])|"
    r"\b\d{1,3} ?(?:%|per ?cent) off (?:all|everything|every)\b",
    re.IGNORECASE,
)
_others_work = re.compile(
    r"\b(?:photo|picture|image|pic|video|clip|cartoon|meme|drawing|map|logo|text|poem|page|song|screenshot|music)s? (?:\w+ )?(?:from|off|via|nicked|borrowed|stolen|copied|found|by some)\b"
    r"(?! (?:our|us|the archive|today|this|last|a year|9|10|\d))|\b(?:found|saw|got|took|copied|borrowed|nicked|stole|grabbed|lifted|ripped|downloaded)\b[^.!?]{0,30}\b(?:on|from|off) "
    r"(?:google|the internet|the web|instagram|facebook|twitter|tiktok|pinterest|youtube|reddit|a blog|somebody|someone|another|the bbc|the \w+ website|wikipedia)\b|"
    r"\bscreenshot (?:of|from)\b|\bfull lyrics\b|\u266a|\bscanned from\b|\bcopied (?:this|it|from)\b",
    re.IGNORECASE,
)
_embargo = re.compile(
    r"\bembargo(?:ed)?\b(?! (?:on arms|on trade))|\bnot for (?:publication|release|circulation|sharing)\b|\b(?:strictly|private and|company) confidential\b|^\W{0,5}confidential\b|"
    r"\binternal(?: use)? only\b|\bfor internal use\b|\bdo(?: not|n['\u2019]t) (?:share|forward|publish|post|tell)(?: this| it)? (?:before|until|yet|with|outside|anyone)\b|"
    r"\bkeep (?:it|this) (?:to yoursel(?:f|ves)|quiet|between us)\b|\boff the record\b|\b(?:before|until) it(?:'s| is) (?:announced|official|public)\b",
    re.IGNORECASE | re.MULTILINE,
)
_leftover = re.compile(
    r"\[(?:insert|add|name|date|link|tbc|todo|your|xxx?|time|place)\b[^\]\n]{0,40}\]|\b(?:tbc|todo|tktk|xxxx+)\b|\blorem ipsum\b|\bdraft v?\d+\b|^\W{0,5}draft\b\s*[:v-]|"
    r"\b(?:another |just a |this is a )?test(?:ing)?,? (?:hello world|post|tweet|message|123|1 2 3|please ignore)\b|\banother test\b|\bhello world\b|"
    r"\bas an ai(?: language model)?\b|\bhere(?:'s| is) (?:a|the|your) (?:draft|revised|post|tweet|suggested)\b[^.]{0,30}:|\bi(?:'m| am) (?:sorry, but i|unable to (?:assist|help))\b|"
    r"___+|\{\{?\w+\}?\}|\bplease (?:ignore|do not send|don't send)\b",
    re.IGNORECASE | re.MULTILINE,
)
_accusing = re.compile(
    r"\b(?:is|are|was|were|be|been|an?|the|such|like) (?:\w+ )?(?:liar|thief|crook|fraud|fraudster|cheat|racist|rapist|paedo(?:phile)?|abuser|murderer|criminal|bully|looter|stalker|"
    r"predator|conman|sexist|nazi|fascist|drunk|addict|corrupt|guilty)s?\b|\b(?:crooks|frauds|liars|thieves|cheats|looters)\b|"
    r"\b(?:they|he|she|who|have|has|had|is|are|was|were|been|always|to)\b[^.!?]{0,12} (?:stealing|stole|stolen|lie to|lied to|lying to|lie about|cheat(?:ed|s|ing)? (?:their|his|her|on|us|the)|embezzl\w+|"
    r"brib\w+|defraud\w*|groom(?:ed|ing) (?:a|girls|boys|children)|assault(?:ed|ing)|harass(?:ed|ing)|bull(?:ied|ying)|plagiari[sz]\w+|falsif\w+|fak(?:ed|ing) (?:the|his|her|their))\b",
    re.IGNORECASE,
)
_organisation = re.compile(
    r"\b[A-Z][\w&'-]+(?: [A-Z][\w&'-]+)* (?:Lettings|Ltd|Limited|PLC|Council|University|Bank|School|College|Trust|Group|Club|Hospital|Airlines|News)\b"
)

_ALONE = {
    "swearing": _swearing,
    "insult": _insult,
    "promise": _promise,
    "others_work": _others_work,
    "embargo": _embargo,
    "leftover": _leftover,
}


def phrase_marks(text: str) -> Iterator[Mark]:
    """Phrases that are a finding alone, and accusations with somebody who is named beside them."""
    for kind, pattern in _ALONE.items():
        for match in pattern.finditer(text):
            yield Mark(kind, match.start(), match.end())
    sentences = spans(text)
    for n, (start, end) in enumerate(sentences):
        accused = _accusing.search(text, start, end)
        if not accused:
            continue
        before = sentences[max(0, n - 1)][0]
        who = _who(text, start, end) or _who(text, before, end)
        if who:
            yield Mark("accusation", min(who[0], accused.start()), max(who[1], accused.end()), f"against {who[2]}")


def _who(text: str, start: int, end: int) -> tuple[int, int, str] | None:
    """Somebody, or an organisation, that is named between two places."""
    people = named(text[start:end])
    if people:
        return start + people[0].start, start + people[0].end, people[0].name
    organisation = _organisation.search(text, start, end)
    return (organisation.start(), organisation.end(), organisation[0]) if organisation else None
