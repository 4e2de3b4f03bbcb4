"""What the time makes of words: tragedy beside jokes or offers, anniversaries, elections, what is held back. Pure."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING

from amends.drafts.finding import Mark

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from amends.drafts.kinds import Organisation

NEAR = timedelta(days=3)
"""How close to an anniversary words are held against it; our own choice."""

_terrible = re.compile(
    r"\b(?:terror(?:ist)?s?(?: attacks?)?|massacre|shooting|stabb(?:ed|ing)|murder(?:ed|s)?|bomb(?:ed|ing|ings|s)?|riots?|war in|invasion|earthquake|tsunami|hurricane|"
    r"famine|genocide|plane crash|car crash|road crash|crash(?:es)? (?:site|victims?)|died|dies|dead|deaths?|killed|fatal|victims?|rip|rest in peace|passed away|grie(?:f|ving)|thoughts and prayers|"
    r"suicide|in hospital|bodies|missiles?|pearl harbor|hillsborough|grenfell|holocaust|auschwitz|9/11|aberfan|"
    r"domestic (?:abuse|violence)|abuse survivors?|missing (?:child|person|girl|boy))\b|"
    r"#(?:rip\w*|prayfor\w*|\w*attack|crash|metoo|blacklivesmatter|mentalhealth\w*|\w*election|gaza|ukraine|israel|iran\w*|syria|\w*shooting)\b",
    re.IGNORECASE,
)
_light = re.compile(
    r"\b(?:lol|lmao|rofl|haha+|hehe+|just kidding|jk|party|yay|woo+p?|fun|whoops|oops)\b|"
    r"[\U0001F600-\U0001F606\U0001F609-\U0001F60E\U0001F61B-\U0001F61D\U0001F602\U0001F923\U0001F389\U0001F973]|\[gif\]",
    re.IGNORECASE,
)
_selling = re.compile(
    r"\b(?:sale|\d+ ?% off|discount|offer(?:s)? (?:ends|on)|use code|gift card|win an? |to win|prize|shop (?:now|the|our)|buy (?:now|yours|one)|order (?:yours|now|today)|get (?:your )?tickets|"
    r"(?:is|are)? ?now (?:online|in shops|in store|available)|new (?:\w+ )?(?:collection|range|menu)|join our|for free|deals?\b)",
    re.IGNORECASE,
)
_fiction = re.compile(
    r"\b(?:fiction|novel\w*|film|play|theatre|mystery|exhibition|memorial|museum|lecture|seminar|studies|training|prevention|history|archive|course on|blood donation|deadline|dead (?:heat|line))\b",
    re.IGNORECASE,
)
_hurting = re.compile(
    r"\b(?:explo(?:sive|de[sd]?)|bombs?|bombshell|blow(?:n|s)? (?:up|away)|killer|to die for|slash(?:ed|ing)?|massacre|bloodbath|on fire|fire sale|hot deals|crush(?:ed|ing)?|shoot(?:ing|s)?|"
    r"target(?:s|ed)?|war on|nuke|carnage|armageddon|party|celebrat\w+|cheers|blitz|survive[ds]?)\b",
    re.IGNORECASE,
)
_PARTY = (
    r"(?:labour(?!ers)|tor(?:y|ies)|conservatives?(?! estimates?| treatment)|lib ?dems?|liberal democrats?|reform uk|ukip|snp|plaid cymru|green party|the greens|democrats?|republicans?|"
    r"farage|starmer|badenoch|sunak|johnson|truss|corbyn|trump|biden|harris|the government|brexit(?:eers?)?)"
)
_side = re.compile(
    rf"\bvote (?:for )?(?:green|{_PARTY}|them out|him out|her out|leave|remain)\b|\bvote (?:\w+ ){{0,2}}out\b|\bvot(?:e|ed|ing) for {_PARTY}|"
    rf"\b(?:get|kick|throw|chuck) (?:the )?{_PARTY}\b[^.!?]{{0,12}}\bout\b|\b(?:we|i) (?:back|support|endorse|stand with|trust)\b[^.!?]{{0,20}}\b{_PARTY}|"
    rf"\b{_PARTY}(?:['\u2019]s)?\b[^.!?]{{0,40}}\b(?:has our support|has done more|(?:is|are) (?:lying|useless|wrong|right|evil|corrupt|a disgrace|liars)|lied|lies|conned|ruined|destroyed|failed us|"
    rf"lose their|can'?t be trusted|deserves? your)\b|\b(?:conned|lied to|betrayed) by {_PARTY}|\bhope (?:the )?{_PARTY} (?:win|lose)|\b(?:than|unlike) the {_PARTY} ever\b|"
    r"#(?:\w*vote(?!r?s? ?reg)\w*(?:out|labour|tory|conservative|green|leave|remain)\w*|\w+out\b(?<!checkout)(?<!workout)(?<!lookout)(?<!shoutout)(?<!burnout)(?<!sellout)|rejoin\w*|maga|\w*brexit\w*|resist\b)|"
    r"\bmy ballot paper\b",
    re.IGNORECASE,
)
_campaign = re.compile(
    rf"\b{_PARTY}\b|\b(?:candidates?|manifesto|campaign trail|mp|prime minister|minister|councillor|mayor|policy|poll)\b",
    re.IGNORECASE,
)
_how_to_vote = re.compile(
    r"\bregister(?:ed)? to vote\b|\bpolling station\b|\bpostal vote\b|\ball parties\b|\bvoter id\b", re.IGNORECASE
)


def moment_marks(text: str, organisation: Organisation, now: datetime) -> Iterator[Mark]:
    """What the calendar and the news make of the words; `now` has a time zone."""
    terrible = list(_terrible.finditer(text))
    if terrible and not _fiction.search(text):
        beside = _light.search(text) or _selling.search(text)
        if beside:
            yield Mark("tragedy", terrible[0].start(), terrible[0].end(), f"beside {beside[0].strip()!r}")
    yield from _anniversaries(text, organisation, now.date())
    yield from _politics(text, organisation, now.date())
    for embargo in organisation.embargoes:
        until = embargo.until if embargo.until.tzinfo else embargo.until.replace(tzinfo=now.tzinfo)
        if now < until:
            for words in embargo.words:
                for match in re.finditer(rf"(?<!\w){re.escape(words)}(?!\w)", text, re.IGNORECASE):
                    yield Mark(
                        "embargo", match.start(), match.end(), f"held back until {until:%d %B, %H:%M}: {embargo.name}"
                    )


def _anniversaries(text: str, organisation: Organisation, today: date) -> Iterator[Mark]:
    for anniversary in organisation.anniversaries:
        month, day = (int(part) for part in anniversary.day.split("-"))
        if month == 2 and day == 29:
            day = 28
        if not any(
            abs(date(year, month, day) - today) <= NEAR for year in (today.year - 1, today.year, today.year + 1)
        ):
            continue
        for match in _hurting.finditer(text):
            yield Mark("anniversary", match.start(), match.end(), f"near {anniversary.name}")


def _politics(text: str, organisation: Organisation, today: date) -> Iterator[Mark]:
    for match in _side.finditer(text):
        yield Mark("political", match.start(), match.end())
    period = next((each for each in organisation.elections if each.from_ <= today <= each.to), None)
    if period and not _how_to_vote.search(text):
        for match in _campaign.finditer(text):
            yield Mark("election", match.start(), match.end(), period.name)
