"""Words about groups of people: slurs, and what is said of all of a group. Pure.

To name a group is no finding ('LGBT+ History Month', 'women in engineering'); to speak of all of it, or down on it, is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from amends.drafts.finding import Mark

if TYPE_CHECKING:
    from collections.abc import Iterator

_GROUP = (
    r"(?:women|men|girls|boys|ladies|females|males|blondes|mums|housewives|gays|lesbians|trans people|queers|old people|"
    r"the elderly|pensioners|young people|millennials|boomers|black people|white people|asians|"
    r"(?:asian|african|chinese|indian|polish|foreign) (?:names|accents)|africans|indians|pakistanis|the chinese|the french|the germans|the irish|the polish|poles|romanians|mexicans|arabs|"
    r"immigrants|migrants|foreigners|refugees|asylum seekers|muslims|jews|christians|catholics|hindus|sikhs|atheists|"
    r"disabled people|the disabled|the blind|the deaf|autistic people|fat people|poor people|the homeless|single mothers|"
    r"pregnant women|gypsies|travellers)"
)
_slur = re.compile(
    r"\b(?:retard(?:s|ed)?|spastic|spaz|mong|cripples?|midget|tranny|trannies|faggots?|fags?\b|poofs?|dykes?|queers\b|nigg\w+|"
    r"paki(?:s|es)?\b|chinks?|gypp(?:o|ies)s?|pikeys?|wogs?|coons?|kikes?|yids?|illegals|half[- ]caste|coloured people|"
    r"loony ?bin|loon(?:y|ies)|nutters?|psychos?|schizos?|mental (?:case|patients?)|so gay|that'?s gay|man up|"
    r"like a girl|throws like|go (?:back )?home to|back to the kitchen|calm down,? (?:dear|love)|libtards?)\b",
    re.IGNORECASE,
)
_of_all = re.compile(
    rf"\b{_GROUP}\b(?:,? who)?(?: (?:just|really|all|always|simply|still|are|is|should|will|need))? (?:just )?(?:cannot|can['\u2019]?t|can never|never|should (?:not|stop|stay|be)|"
    rf"are (?:all |so |too |just |always )?(?:the same|confusing|stupid|lazy|dirty|smelly|ignorant|bad|weak|greedy|violent|thieves|criminals|terrorists|dangerous|useless|emotional|hysterical|"
    rf"taking|ruining|stealing)|need not apply|go home|all look|look (?:all )?the same|only want|don['\u2019]?t (?:know|belong|understand|get))|"
    rf"\ball {_GROUP} (?:are|want|look|think)\b|\b(?:don['\u2019]?t want|no|hate|ban|sick of|tired of|get rid of|typical|keep out)\s+(?:any |these |more )?{_GROUP}\b|"
    rf"\bfor (?:the )?{_GROUP} who (?:can['\u2019]?t|cannot)\b|\b(?:you|these) (?:people|guys|lot) (?:all )?(?:are all the same|(?:all )?look the same)\b|"
    rf"\b(?:ugly|stupid|silly|fat|dumb|hysterical|bossy) (?:girls?|women|woman|ladies)\b",
    re.IGNORECASE,
)


def group_marks(text: str) -> Iterator[Mark]:
    """Slurs, and sentences about all of a group."""
    for pattern, what in ((_slur, "a word that puts people down"), (_of_all, "said of a whole group")):
        for match in pattern.finditer(text):
            yield Mark("protected", match.start(), match.end(), what)
