"""Which flow an incident goes by: chosen by the first message, asked for when that is not sure, or named in words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from amends.conversation import wording
from amends.incidents.trail import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from amends.conversation.case import Case
    from amends.conversation.talk import Talk
    from amends.flows import Flow

FEW = 3
"""Words of an answer that may be a number or a title, and is no further report."""

_about_another = re.compile(
    r"\b(?:(?:this|that|it)(?:'s| is| was)?(?: really| actually| all)?(?: about)?|about) something (?:else|different)\b"
    r"|\b(?:wrong|another|different|other) (?:kind|sort|type) of (?:thing|case|problem|incident|matter)\b"
    r"|\b(?:wrong (?:questions|topic|subject))\b|\bnot what (?:this|it|that)(?:'s| is) about\b"
    r"|\b(?:these|those|the|your) questions (?:do not|don'?t|are not|aren'?t) (?:fit|for|about|relevant|right)\b"
    r"|\b(?:this|that|it) is(?: not|n'?t) (?:really )?about (?:a|our|any) posts?\b",
    re.IGNORECASE,
)


def among(case: Case) -> list[Flow]:
    """The flows that an incident can go by; only its own when there is nothing to choose, as in a drill."""
    if case.incident.drill:
        return [case.flow]
    return list(case.look.tools.shelf.beginnings().values())


def chosen(talk: Talk, text: str) -> tuple[Flow, tuple[str, ...]]:
    """The flow that a first message is for, and the flows to ask about when that is not sure, the likeliest first."""
    shelf = talk.tools.shelf
    found = shelf.chooser().choose(text)
    flow = shelf.beginnings().get(found.flow) or shelf.flow()
    return flow, () if found.sure else tuple(found.likely)


def is_wanted(talk: Talk) -> bool:
    """Whether somebody says that the incident is about something else."""
    return talk.case is not None and len(among(talk.case)) > 1 and bool(_about_another.search(talk.turn.words))


def ask(talk: Talk) -> None:
    """Ask what the incident is about, the likeliest first; the flow that it goes by now comes last."""
    case = talk.case
    assert case is not None
    likely = list(talk.tools.shelf.chooser().choose(f"{first_words(case)} {talk.turn.words}").likely)
    likely.sort(key=lambda id_: id_ == case.flow.id)
    talk.wait_for("which_flow", flows=likely, changing=True, text=talk.turn.words)


def first_words(case: Case) -> str:
    """What was reported; nothing when it was erased."""
    reported = case.last_entry(Kind.REPORTED)
    return str((reported.payload or {}).get("text", "")) if reported else ""


def named(flows: Sequence[Flow], words: str) -> str:
    """The flow whose title, or number in the list, was typed; empty for none."""
    plain = words.strip(" .!").casefold()
    if plain.isdecimal() and 1 <= int(plain) <= len(flows):
        return flows[int(plain) - 1].id
    return next((flow.id for flow in flows if plain == flow.title.casefold()), "")


def meant(talk: Talk, words: str) -> str:
    """Another flow that words which fit no answer speak of, surely; empty for none."""
    case = talk.case
    if case is None or len(among(case)) < 2 or len(words.split()) < FEW:
        return ""
    found = talk.tools.shelf.chooser().choose(words)
    return found.flow if found.sure and found.flow != case.flow.id else ""


def taken_for(case: Case) -> str:
    """What the incident is taken to be about, for the card of the first steps; nothing when there is no choice."""
    return wording.taken_for(case.flow.title) if len(among(case)) > 1 else ""
