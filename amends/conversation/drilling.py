"""Somebody wants to practise: the list of drills, the start of one, and the ways out of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from amends.conversation import choosing, closing, drill_words, practising, reporting
from amends.conversation.replies import Button, TextReply, press
from amends.drills import practice
from amends.drills.library import GRADES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from amends.conversation.replies import Reply
    from amends.conversation.talk import Talk
    from amends.drills.library import Drill, Drills

AS_TEAM = "@team"
"""Stands behind the name of a drill that is begun as a team."""

_number = re.compile(r"\b(?:drill|number|no\.|practi[sc]e)\s*(\d{1,2})\b", re.IGNORECASE)
_says_real = re.compile(
    r"\W*(?:(?:no|wait|stop|sorry|but|help)\W+)*(?:"
    r"(?:this|that|it)(?:['\u2019]?s| is)(?: actually| really| now)? (?:for )?real\b"
    r"|(?:(?:this|that|it)(?:['\u2019]?s| is) )?(?:no|not a|not part of the) (?:drill|practice|exercise)\b)",
    re.IGNORECASE,
)
_grades = {
    "easy": re.compile(r"\b(eas(y|ier|iest)|simple|beginners?)\b", re.IGNORECASE),
    "medium": re.compile(r"\b(medium|middling)\b", re.IGNORECASE),
    "hard": re.compile(r"\b(hard(er|est)?|difficult|tough(er)?|serious)\b", re.IGNORECASE),
}


def practise(talk: Talk) -> list[Reply]:
    """What was said or pressed about practice."""
    about = talk.turn.entities.get("about", "") if talk.turn.pressed else ""
    if about == practising.REAL:
        return real(talk)
    if about == practising.END:
        return _end(talk)
    if talk.case is not None and not talk.case.incident.drill:
        return [TextReply(text=drill_words.REAL_IS_OPEN.format(reference=talk.case.incident.reference))]
    drills = practising.there_are()
    if drills is None:
        return [TextReply(text=drill_words.UNREADABLE)]
    if go := practising.under_way(talk):
        drill = drills.drills.get(go.drill)
        text = drill_words.UNDER_WAY.format(title=drill.title) if drill else drill_words.GONE
        return [TextReply(text=text, buttons=_ways_out())]
    done = frozenset(one.drill for one in practice.mine(talk.session, talk.turn.actor_id) if one.outcome)
    name, _, team = about.partition("@")
    drill = drills.find(name) or _meant(name or talk.turn.words, drills, done)
    if drill is None:
        return [_list(drills, done)]
    return _begin(talk, drills, drill, team=bool(team) or talk.shared)


def _begin(talk: Talk, drills: Drills, drill: Drill, *, team: bool) -> list[Reply]:
    practice.begin(talk.session, drill.id, talk.conversation.id, talk.turn.actor_id, talk.at, team=team)
    return [TextReply(text=drill_words.begins(drill, drills.number(drill), team=team), buttons=_ways_out())]


def _list(drills: Drills, done: frozenset[str]) -> TextReply:
    """All drills, the next one that this person has not done first in sight."""
    suggested = next((each.id for each in drills.drills.values() if each.id not in done), "")
    buttons = tuple(
        Button(
            label=f"{n}. {each.title}",
            send=press("practise", about=each.id),
            style="primary" if each.id == suggested else "plain",
        )
        for n, each in enumerate(drills.drills.values(), start=1)
    )
    return TextReply(text=drill_words.listed(drills.drills.values(), done), buttons=buttons)


def _meant(words: str, drills: Drills, done: frozenset[str]) -> Drill | None:
    """The drill that words name: by its number or title; or the next one of a grade that was not done yet."""
    if number := _number.search(words):
        return drills.find(number[1])
    said = words.casefold()
    if named := next((each for each in drills.drills.values() if each.title.casefold() in said), None):
        return named
    wanted = [grade for grade in GRADES if _grades[grade].search(words)]
    if not wanted:
        return None
    of_grade = [each for each in drills.drills.values() if each.grade == wanted[-1]]
    return next((each for each in of_grade if each.id not in done), of_grade[0] if of_grade else None)


def real(talk: Talk, told: str = "") -> list[Reply]:
    """Something real has happened: the drill ends, and what was told is real from now on.

    Args:
        told: what has happened; without it, what was reported in the drill.
    """
    case = talk.case
    if case is not None and not case.incident.drill:
        return closing.where(talk)
    if case is not None:
        told = told or choosing.first_words(case)
        if go := practice.of_incident(talk.session, case.incident):
            practice.end(go, talk.at)  # first, so that there is no look back
        closing.abandon(talk, case)
    elif go := practising.under_way(talk):
        practice.end(go, talk.at)
    if told:
        return [TextReply(text=drill_words.LEFT), *reporting.open_report(talk, told)]
    return [TextReply(text=drill_words.NOW_REAL)]


def is_real(talk: Talk) -> bool:
    """Whether somebody says in a drill that this is none."""
    practises = talk.case.incident.drill if talk.case is not None else practising.told(talk) is not None
    return talk.pending is None and bool(practises and _says_real.match(talk.turn.words))


def real_in_words(talk: Talk) -> list[Reply]:
    """Somebody says that this is real; what they say of it after that is what is reported."""
    found = _says_real.match(talk.turn.words)
    after = talk.turn.words[found.end() :].strip(" ,.:;-\n") if found else ""
    return real(talk, after if len(after.split()) >= practising.REPORT_WORDS else "")


def _end(talk: Talk) -> list[Reply]:
    if talk.case is not None and talk.case.incident.drill:
        return closing.abandon(talk, talk.case)
    return practising.left(talk) or closing.where(talk)


def _ways_out() -> tuple[Button, ...]:
    return tuple(_both())


def _both() -> Iterator[Button]:
    yield Button(label=drill_words.LABEL_END, send=press("practise", about=practising.END))
    yield practising.real_button()
