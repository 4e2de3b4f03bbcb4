"""People who are named in a text, by the shape of names. Pure.

Two or more words with capitals that are not a place or an organisation, or one after a title or a word such as
'colleague'. docs/drafts.md has the lists of first names and the model that were measured beside it, and what each costs. A name alone
is never a finding; it is one with something that is said of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_WORD = r"(?:Mc|Mac|O['\u2019]|[Dd]['\u2019])?[A-Z\u00c0-\u00de][a-z\u00df-\u017f]+(?:[-'\u2019][A-Z\u00c0-\u00de][a-z\u00df-\u017f]+)?"
_LINK = r"(?:van der|van|von|de la|de|del|di|da|al|bin|ibn|le|la)"
_TITLE = (
    r"(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor|Sir|Dame|Lord|Lady|Baroness|Judge|Councillor|Cllr|Rev|Reverend|Father|"
    r"Sister|Imam|Rabbi|Captain|Major|PC|Sergeant|Nurse|President|Chancellor)\.?"
)
_RELATION = (
    r"(?:colleague|student|pupil|patient|nurse|lecturer|teacher|tenant|resident|customer|neighbour|treasurer|manager|"
    r"director|graduate|apprentice|player|driver|officer|staff member|member|named|called|about|with)"
)
_titled = re.compile(rf"\b{_TITLE}\s+((?:{_WORD}|[A-Z]\.?)(?:\s+(?:{_LINK}\s+)?{_WORD}){{0,3}})")
_related = re.compile(
    rf"\b(?:[Oo]ur|[Mm]y|[Tt]he|[Aa]|[Oo]n)\s+(?:former\s+|late\s+|new\s+)?{_RELATION},?\s+({_WORD}(?:\s+{_WORD})*)"
)
_pair = re.compile(rf"\b(?:{_WORD}|[A-Z]\.)(?:\s+(?:{_LINK}\s+)?(?:{_WORD}|[A-Z]\.(?=\s+[A-Z])))+")
_handle = re.compile(r"(?<![\w.@/])@(\w{2,40})")

_NO_PERSON = frozenset(
    re.findall(
        r"\S+",
        """
         academy african airport alliance american anglo animals annual arena arts asian association authority
        autumn award awards bank bay black bridge british building campus cancer cathedral centre chapel
        charity chinese christian christmas church city clinic close club college committee company conference
        conservative conservatives council county court crescent day days december department district east
        easter english european exhibition faculty farm february festival field fire forum foundation french
        friday garden gardens gate german good government great green group hall happy hill history hospital
        hotel house institute irish island isle january jewish july kingdom labour lane lettings library
        limited lodge london lounge ltd ma mall marathon march market memorial merry midlands ministry monday
        month moor motivation museum muslim new north november october office olympics palace panto park party
        pearl place plaza police post primary prize project quad railway river road room royal saturday scheme
        scholarship school sciences scottish september service services show sikh society south square stadium
        station street studies studio sunday team theatre thursday tower town trust tuesday twitter union
        united university valley village walk war way wednesday week welsh west winter wood works world year
        zone
        """,
    )
)
"""Words that stand in names of places, days and organisations, and hardly in those of people."""
_OPENING = frozenset(
    re.findall(
        r"\S+",
        """
        a again an and as ask at back because but by call choose colleague congrats congratulations dear
        delighted do for from graduate hello here hi how if in it join listen meet my no not of on or order
        our patient pay please read see shame so sorry staff student students text thank thanks that the these
        this those to use visit watch we welcome well what when where who why with yes you your
        """,
    )
)
"""Words that a sentence begins with and that are no part of the name behind them."""


@dataclass(frozen=True)
class Named:
    """Somebody who is named: characters `start` to `end`. `sure`: by a title, a role or a handle, not by shape alone."""

    start: int
    end: int
    name: str
    sure: bool


def named(text: str) -> tuple[Named, ...]:
    """Those who are named in a text, in its order; each place once."""
    found: dict[int, Named] = {}
    for match in _titled.finditer(text):
        found[match.start(1)] = Named(match.start(), match.end(), match[0], sure=True)
    for pattern, group in ((_related, 1), (_handle, 0)):
        for match in pattern.finditer(text):
            found.setdefault(match.start(group), Named(match.start(group), match.end(group), match[group], sure=True))
    for match in _pair.finditer(text):
        each = _trimmed(text, match.start(), match.end())
        if each and not any(other.start <= each.start < other.end for other in found.values()):
            found[each.start] = each
    return tuple(sorted(found.values(), key=lambda each: each.start))


def _trimmed(text: str, start: int, end: int) -> Named | None:
    """The name in words with capitals, without what the sentence opens with; None if it is no person's."""
    words = [(start + match.start(), match[0]) for match in re.finditer(r"\S+", text[start:end])]
    while words and words[0][1].lower() in _OPENING:
        words.pop(0)
    if len(words) < 2 or any(word.lower().rstrip(".") in _NO_PERSON for _, word in words):
        return None
    return Named(words[0][0], end, text[words[0][0] : end], sure=False)
